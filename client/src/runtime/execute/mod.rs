//! Performing a call: what it asks for, its attempts, and what becomes of its answer.

mod attempts;

use std::borrow::Cow;
use std::future::Future;

use serde::de::DeserializeOwned;

use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::execute::attempts::{RetryExecutor, TokioEnv};
use crate::runtime::http::media_type;
use crate::runtime::request::call::Call;
use crate::runtime::response::download::Download;
use crate::runtime::response::{Response, decode};
use crate::runtime::stream::completion::StreamEvent;
use crate::runtime::stream::typed::EventStream;
use crate::runtime::telemetry::CallSpan;
use crate::runtime::transport;
use crate::runtime::transport::{BufferedResponse, RawResponse};

impl Call {
    /// Performs the call and decodes the JSON body of its answer.
    pub async fn send_json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        self.execute_buffered(&accept(self.operation), decode::json)
            .await
    }

    /// Performs a call whose success has no body. One that comes all the same is ignored, unless it
    /// is an error object or a web page.
    pub async fn send_empty(self) -> Result<Response<()>, Error> {
        self.execute_buffered(&accept(self.operation), decode::empty)
            .await
    }

    /// Performs the call and gives the events of its answer as they arrive.
    pub async fn send_streaming<T: StreamEvent>(self) -> Result<EventStream<T>, Error> {
        let mut span = CallSpan::start(&self).mark_streaming();
        let accept = media_type::EVENT_STREAM;
        let stream = self.execute(&mut span, accept, EventStream::open).await?;
        Ok(stream.with_span(span))
    }

    /// Performs the call and gives the bytes of its answer as they arrive.
    pub async fn send_download(self) -> Result<Download, Error> {
        let accept = media_types(self.operation, is_bytes);
        let mut span = CallSpan::start(&self);
        let download = self.execute(&mut span, &accept, Download::open).await?;
        Ok(download.with_span(span))
    }

    /// Performs the call and decodes its answer, read whole.
    pub(crate) async fn execute_buffered<T>(
        &self,
        accept: &str,
        decode: impl Fn(&'static Operation, BufferedResponse) -> Result<Response<T>, Error>,
    ) -> Result<Response<T>, Error> {
        let limit = self.client.config().max_json_bytes;
        let decode = &decode;
        let mut span = CallSpan::start(self);
        let finish = move |opened: RawResponse| async move {
            decode(self.operation, opened.buffer(limit).await?)
        };
        let response = self.execute(&mut span, accept, finish).await?;
        span.record_response(response.status(), response.request_id());
        span.record_payload(response.raw());
        Ok(response)
    }

    /// Makes attempts until `finish` gets something out of one.
    async fn execute<T, F: Future<Output = Result<T, Error>>>(
        &self,
        span: &mut CallSpan,
        accept: &str,
        finish: impl Fn(RawResponse) -> F,
    ) -> Result<T, Error> {
        let deadline = self.deadline();
        let attempts = RetryExecutor {
            client: &self.client,
            operation: self.operation,
            policy: self
                .retries
                .as_ref()
                .unwrap_or(&self.client.config().retry_policy),
            is_replayable: self.is_replayable(),
            deadline,
        };
        let finish = &finish;
        let attempt =
            move || async move { finish(transport::send(self, accept, deadline).await?).await };
        let outcome = span.instrument(attempts.execute(&TokioEnv, attempt)).await;
        outcome.inspect_err(|error| span.close_with_error(error))
    }
}

/// What the caller can use: JSON where the operation also offers something else, such as events.
fn accept(operation: &Operation) -> Cow<'static, str> {
    media_types(operation, media_type::is_json)
}

fn is_bytes(media_type: &str) -> bool {
    !media_type::is_json(media_type) && !media_type::is_event_stream(media_type)
}

/// The media types wanted, if the operation offers any of them, else all that it offers.
pub(crate) fn media_types(operation: &Operation, is_wanted: fn(&str) -> bool) -> Cow<'static, str> {
    let offered = operation.media_types;
    let wanted: Vec<&'static str> = offered
        .iter()
        .copied()
        .filter(|kind| is_wanted(kind))
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
    fn json_is_asked_for_where_there_is_a_choice() {
        assert_eq!(accept(&CREATE_THING), "application/json");
        let with = |media_types| {
            accept(&Operation {
                media_types,
                ..operation("", "", false)
            })
        };
        assert_eq!(
            with(&["audio/mpeg", "text/plain"]),
            "audio/mpeg, text/plain"
        );
        assert_eq!(
            with(&["application/error+json", "a/b"]),
            "application/error+json"
        );
        assert_eq!(with(&[]), "*/*");
        let bytes = |media_types| {
            let operation = Operation {
                media_types,
                ..operation("", "", false)
            };
            super::media_types(&operation, is_bytes)
        };
        assert_eq!(bytes(&["application/json", "audio/mpeg"]), "audio/mpeg");
        assert_eq!(bytes(&["text/event-stream", "audio/wav"]), "audio/wav");
        assert_eq!(bytes(&["application/json"]), "application/json");
    }

    #[test]
    fn a_call_can_be_spawned() {
        fn assert_send<T: Send>(_: T) {}
        let client = client();
        assert_send(Call::new(&client, &LIST_THINGS).send_json::<Value>());
        assert_send(Call::new(&client, &LIST_THINGS).send_empty());
    }
}
