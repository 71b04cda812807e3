//! Performing a call: what it asks for, its attempts, and what becomes of its answer.

use std::borrow::Cow;
use std::future::Future;

use serde::de::DeserializeOwned;

use super::attempts::{Attempts, Wall};
use super::trace::Trace;
use super::transport::{self, Answer, Opened};
use super::{Call, Download, Error, EventStream, Operation, Response, StreamEvent, decode};

impl Call<'_> {
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
        let mut trace = Trace::of(&self).streamed();
        let accept = "text/event-stream";
        let stream = self.execute(&mut trace, accept, EventStream::open).await?;
        Ok(stream.with_trace(trace))
    }

    /// Performs the call and gives the bytes of its answer as they arrive.
    pub async fn send_download(self) -> Result<Download, Error> {
        let accept = media_types(self.operation, is_bytes);
        let mut trace = Trace::of(&self);
        let download = self.execute(&mut trace, &accept, Download::open).await?;
        Ok(download.with_trace(trace))
    }

    /// Performs the call and decodes its answer, read whole.
    pub(super) async fn execute_buffered<T>(
        &self,
        accept: &str,
        decode: impl Fn(&'static Operation, Answer) -> Result<Response<T>, Error>,
    ) -> Result<Response<T>, Error> {
        let limit = self.client.settings().max_json_bytes;
        let decode = &decode;
        let mut trace = Trace::of(self);
        let finish = move |opened: Opened| async move {
            decode(self.operation, opened.into_answer(limit).await?)
        };
        let response = self.execute(&mut trace, accept, finish).await?;
        trace.answered(response.status(), response.request_id());
        trace.said(response.raw());
        Ok(response)
    }

    /// Makes attempts until `finish` gets something out of one.
    async fn execute<T, F: Future<Output = Result<T, Error>>>(
        &self,
        trace: &mut Trace,
        accept: &str,
        finish: impl Fn(Opened) -> F,
    ) -> Result<T, Error> {
        let deadline = self.deadline();
        let attempts = Attempts {
            client: self.client,
            operation: self.operation,
            retries: self
                .retries
                .as_ref()
                .unwrap_or(&self.client.settings().retry_policy),
            is_replayable: self.is_replayable(),
            deadline,
        };
        let finish = &finish;
        let attempt =
            move || async move { finish(transport::open(self, accept, deadline).await?).await };
        let outcome = trace.around(attempts.run(&Wall, attempt)).await;
        outcome.inspect_err(|error| trace.fail(error))
    }
}

/// What the caller can use: JSON where the operation also offers something else, such as events.
fn accept(operation: &Operation) -> Cow<'static, str> {
    media_types(operation, decode::is_json)
}

fn is_bytes(media_type: &str) -> bool {
    !decode::is_json(media_type) && media_type != "text/event-stream"
}

/// The media types wanted, if the operation offers any of them, else all that it offers.
pub(super) fn media_types(operation: &Operation, is_wanted: fn(&str) -> bool) -> Cow<'static, str> {
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
    use crate::runtime::specimens::{LIST, MAKE, client, operation};

    #[test]
    fn json_is_asked_for_where_there_is_a_choice() {
        assert_eq!(accept(&MAKE), "application/json");
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
            with(&["application/problem+json", "a/b"]),
            "application/problem+json"
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
        assert_send(Call::new(&client, &LIST).send_json::<Value>());
        assert_send(Call::new(&client, &LIST).send_empty());
    }
}
