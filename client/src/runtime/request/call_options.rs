//! The options that every call builder has.

/// Implements the call options of a generated builder, which holds its call in the field `call`.
macro_rules! call_options {
    ($builder:ident) => {
        /// Options of the call.
        impl<C> $builder<C> {
            /// Adds a header to this call. It replaces the client's default header of that name.
            ///
            /// `authorization` is rejected when the call is sent: the API key is configured on the client.
            pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.call.with_header(name.as_ref(), value.as_ref());
                self
            }

            /// Sets the timeout of this call over all its attempts, in place of the client's.
            pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call.with_timeout(timeout);
                self
            }

            /// Sets the time by which this call must be complete, so that several calls can share it. The
            /// timeout still applies if it ends sooner. Unlike the timeout, the deadline also limits
            /// reading a stream or a download, which then fails with a timeout.
            pub fn with_deadline(mut self, deadline: std::time::Instant) -> Self {
                self.call.with_deadline(deadline);
                self
            }

            /// Sets the retry policy of this call, in place of the client's.
            pub fn with_retry_policy(
                mut self,
                policy: $crate::runtime::codegen::RetryPolicy,
            ) -> Self {
                self.call.with_retry_policy(policy);
                self
            }
        }
    };
}

pub(crate) use call_options;
