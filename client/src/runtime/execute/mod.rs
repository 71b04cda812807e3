//! Execution of a call: `Accept` header, span, attempts, and the conversion of the response.

mod attempts;

use std::borrow::Cow;
use std::future::Future;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::execute::attempts::{RetryExecutor, TokioEnv};
use crate::runtime::http::media_type;
use crate::runtime::request::call::Call;
use crate::runtime::response::download::Download;
use crate::runtime::response::selected::SelectedResponse;
use crate::runtime::response::{Response, decode};
use crate::runtime::stream::completion::StreamEvent;
use crate::runtime::stream::typed::EventStream;
use crate::runtime::telemetry::CallSpan;
use crate::runtime::tolerance::schema::Described;
use crate::runtime::transport::{self, BufferedResponse, RawResponse};

impl Call {
    /// Executes the call and decodes the JSON body of its response.
    pub async fn send_json<T: DeserializeOwned + Described>(self) -> Result<Response<T>, Error> {
        let accept = json_accept(self.operation);
        self.execute_buffered(&accept, decode::json).await
    }

    /// Executes a call whose success has no body. A body is ignored unless it is an error object or HTML.
    pub async fn send_empty(self) -> Result<Response<()>, Error> {
        let accept = json_accept(self.operation);
        self.execute_buffered(&accept, decode::empty).await
    }

    /// Executes the call and decodes its response by the requested format, whatever its body looks like. An extra
    /// field that overrides the selecting field also overrides `requested`.
    pub async fn send_selected<T: SelectedResponse>(
        self,
        requested: &str,
    ) -> Result<Response<T>, Error> {
        let variant = T::variant(&match self.extra.get(T::FIELD) {
            None => Cow::Borrowed(requested),
            Some(Value::Null) => T::DEFAULT.into(),
            Some(Value::String(text)) => text.into(),
            Some(other) => other.to_string().into(),
        });
        let accept = match variant.media_type {
            Some(media_type) => media_type.into(),
            None => accept_header(self.operation, |_| true),
        };
        self.execute_buffered(&accept, variant.decode).await
    }

    /// Executes the call and returns the events of its response as they arrive.
    pub async fn send_streaming<T: StreamEvent>(self) -> Result<EventStream<T>, Error> {
        let mut span = CallSpan::start(&self).mark_streaming();
        let accept = media_type::EVENT_STREAM;
        let stream = self.execute(&mut span, accept, EventStream::open).await?;
        Ok(stream.with_span(span))
    }

    /// Executes the call and returns the bytes of its response as they arrive.
    pub async fn send_download(self) -> Result<Download, Error> {
        let accept = accept_header(self.operation, is_binary);
        let mut span = CallSpan::start(&self);
        let download = self.execute(&mut span, &accept, Download::open).await?;
        Ok(download.with_span(span))
    }

    /// Executes the call and decodes the complete response.
    async fn execute_buffered<T>(
        &self,
        accept: &str,
        decode: impl Fn(&'static Operation, BufferedResponse) -> Result<Response<T>, Error>,
    ) -> Result<Response<T>, Error> {
        let limit = self.client.config().max_json_bytes;
        let decode = &decode;
        let mut span = CallSpan::start(self);
        let finish = move |response: RawResponse| async move {
            decode(self.operation, response.buffer(limit).await?)
        };
        let response = self.execute(&mut span, accept, finish).await?;
        span.record_response(response.status(), response.request_id());
        span.record_payload(response.raw());
        span.record_deviations(response.deviations());
        self.client.report_deviations(response.deviations());
        Ok(response)
    }

    /// Makes attempts until `finish` succeeds with the response of one.
    async fn execute<T, F: Future<Output = Result<T, Error>>>(
        &self,
        span: &mut CallSpan,
        accept: &str,
        finish: impl Fn(RawResponse) -> F,
    ) -> Result<T, Error> {
        let (deadline, reading) = (self.deadline(), self.reading_deadline());
        let policy = self.retry_policy.as_ref();
        let executor = RetryExecutor {
            client: &self.client,
            operation: self.operation,
            policy: policy.unwrap_or(&self.client.config().retry_policy),
            is_replayable: self.is_replayable(),
            deadline,
        };
        let finish = &finish;
        let attempt = move || async move {
            finish(transport::send(self, accept, deadline, reading).await?).await
        };
        let outcome = span.instrument(executor.execute(&TokioEnv, attempt)).await;
        outcome.inspect_err(|error| span.close_with_error(error))
    }
}

/// The `Accept` header for JSON, where the operation also offers something else, such as an event stream.
fn json_accept(operation: &Operation) -> Cow<'static, str> {
    accept_header(operation, media_type::is_json)
}

fn is_binary(media_type: &str) -> bool {
    !media_type::is_json(media_type) && !media_type::is_event_stream(media_type)
}

/// The wanted media types, if the operation offers any of them, or else all that it offers.
fn accept_header(operation: &Operation, is_wanted: fn(&str) -> bool) -> Cow<'static, str> {
    let offered = operation.media_types;
    let wanted: Vec<&'static str> = offered
        .iter()
        .copied()
        .filter(|media_type| is_wanted(media_type))
        .collect();
    match (&wanted[..], offered) {
        ([one], _) | ([], [one]) => Cow::Borrowed(*one),
        ([], []) => Cow::Borrowed("*/*"),
        ([], all) | (all, _) => Cow::Owned(all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::runtime::test_support::{CREATE_THING, LIST_THINGS, client, operation};

    #[test]
    fn accept_contains_only_the_media_types_that_the_call_can_decode() {
        assert_eq!(json_accept(&CREATE_THING), "application/json");
        let json = |media_types| {
            json_accept(&Operation {
                media_types,
                ..operation("", "", false)
            })
        };
        assert_eq!(
            json(&["audio/mpeg", "text/plain"]),
            "audio/mpeg, text/plain"
        );
        assert_eq!(
            json(&["application/error+json", "a/b"]),
            "application/error+json"
        );
        assert_eq!(json(&[]), "*/*");
        let binary = |media_types| {
            let operation = Operation {
                media_types,
                ..operation("", "", false)
            };
            accept_header(&operation, is_binary)
        };
        assert_eq!(binary(&["application/json", "audio/mpeg"]), "audio/mpeg");
        assert_eq!(binary(&["text/event-stream", "audio/wav"]), "audio/wav");
        assert_eq!(binary(&["application/json"]), "application/json");
    }

    #[test]
    fn a_call_can_be_spawned() {
        fn assert_send<T: Send>(_: T) {}
        let client = client();
        assert_send(Call::new(&client, &LIST_THINGS).send_json::<Value>());
        assert_send(Call::new(&client, &LIST_THINGS).send_empty());
    }
}
