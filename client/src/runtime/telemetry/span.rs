//! Spans and events of the feature `tracing`.
//!
//! Name and attributes of a span follow OpenTelemetry's semantic conventions for generative AI, if the contract
//! maps the operation to them. Neither spans nor events contain the API key, headers or content.

use std::future::Future;

use reqwest::{StatusCode, Url};
use serde_json::Value;
use tracing::field::{Empty, debug};
use tracing::{Instrument, Span};

use crate::runtime::api::operation::GenAiAttributes;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::error::sanitize::sanitize_for_log;
use crate::runtime::request::call::{Call, RequestBody};
use crate::runtime::retry::attempt::Attempt;
use crate::runtime::telemetry::json_path::select_paths;
use crate::runtime::tolerance::deviation::Deviation;

/// The maximum number of finish reasons in a span: 128. A stream could have one in each event.
const MAX_REASONS: usize = 128;

/// The span of a call.
#[derive(Debug)]
pub(crate) struct CallSpan(
    /// `None` if no subscriber is interested, and after the call.
    Option<Box<ActiveSpan>>,
);

#[derive(Debug)]
struct ActiveSpan {
    span: Span,
    client: Client,
    telemetry: Option<&'static GenAiAttributes>,
    response: ResponseAttributes,
}

/// The attributes of the response so far; those of a stream are spread over its events.
#[derive(Debug, Default)]
struct ResponseAttributes {
    id: Option<String>,
    model: Option<String>,
    finish_reasons: Vec<String>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl CallSpan {
    pub(crate) fn disabled() -> Self {
        Self(None)
    }

    pub(crate) fn start(call: &Call) -> Self {
        let span = tracing::info_span!(
            "call",
            operation = call.operation.id,
            otel.name = Empty,
            otel.kind = "client",
            otel.status_code = Empty,
            gen_ai.operation.name = Empty,
            gen_ai.provider.name = Empty,
            gen_ai.request.model = Empty,
            gen_ai.request.stream = Empty,
            gen_ai.response.id = Empty,
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            server.address = Empty,
            server.port = Empty,
            http.response.status_code = Empty,
            request_id = Empty,
            error.type = Empty,
        );
        if span.is_disabled() {
            return Self(None);
        }
        let active = Box::new(ActiveSpan {
            span,
            client: call.client.clone(),
            telemetry: call.operation.telemetry.as_ref(),
            response: ResponseAttributes::default(),
        });
        active.record_request(call);
        Self(Some(active))
    }

    /// Runs the future within the span.
    pub(crate) fn instrument<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        let span = self.0.as_ref().map(|active| active.span.clone());
        future.instrument(span.unwrap_or_else(Span::none))
    }

    /// Records that the response is an event stream.
    pub(crate) fn mark_streaming(self) -> Self {
        if let Some(active) = &self.0
            && active.telemetry.is_some()
        {
            active.span.record("gen_ai.request.stream", true);
        }
        self
    }

    pub(crate) fn record_response(&self, status: StatusCode, request_id: Option<&str>) {
        if let Some(active) = &self.0 {
            active.record_response(status, request_id);
        }
    }

    /// Records the attributes in the JSON of a response or an event.
    pub(crate) fn record_payload(&mut self, json: &[u8]) {
        if let Some(active) = &mut self.0
            && let Some(telemetry) = active.telemetry
        {
            active.response.record(telemetry, json);
        }
    }

    /// Emits an event for each deviation of a response from the API schema.
    pub(crate) fn record_deviations(&self, deviations: &[Deviation]) {
        let Some(active) = &self.0 else { return };
        for deviation in deviations {
            tracing::warn!(
                parent: &active.span,
                operation = deviation.operation(),
                pointer = deviation.pointer(),
                expected = deviation.expected(),
                found = deviation.found().as_str(),
                action = deviation.action().as_str(),
                count = deviation.count(),
                "response deviates from the API schema"
            );
        }
    }

    /// Ends the span with the recorded attributes.
    pub(crate) fn close(&mut self) {
        self.0 = None;
    }

    /// Ends the span with an error.
    pub(crate) fn close_with_error(&mut self, error: &Error) {
        let Some(active) = self.0.take() else { return };
        active.span.record("error.type", error.kind().as_str());
        active.span.record("otel.status_code", "ERROR");
        if let Some(status) = error.status() {
            active.record_response(status, error.request_id());
        }
    }
}

impl ActiveSpan {
    fn record_request(&self, call: &Call) {
        let Self {
            span, telemetry, ..
        } = self;
        if let Ok(url) = Url::parse(call.client.base_url()) {
            span.record("server.address", url.host_str());
            span.record("server.port", url.port_or_known_default());
        }
        let Some(telemetry) = telemetry else {
            let operation = call.operation;
            let name = format!("{} {}", operation.method, operation.path);
            span.record("otel.name", name);
            return;
        };
        let mut name = telemetry.operation.to_owned();
        if let Some(Value::String(model)) = requested_model(call, telemetry) {
            let model = self.sanitize(&model);
            span.record("gen_ai.request.model", model.as_str());
            name = format!("{name} {model}");
        }
        span.record("otel.name", name);
        span.record("gen_ai.operation.name", telemetry.operation);
        span.record("gen_ai.provider.name", call.operation.api.provider);
    }

    fn record_response(&self, status: StatusCode, request_id: Option<&str>) {
        self.span
            .record("http.response.status_code", status.as_u16());
        let request_id = request_id.map(|id| self.sanitize(id));
        self.span.record("request_id", request_id);
    }

    /// The server may echo the API key in any field or send a field of any length, and the caller may set the
    /// key as the model by mistake.
    fn sanitize(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(key) = self.client.api_key() {
            key.redact(&mut text);
        }
        sanitize_for_log(&text).into_owned()
    }
}

impl Drop for ActiveSpan {
    fn drop(&mut self) {
        let (span, response) = (&self.span, &self.response);
        for (field, text) in [
            ("gen_ai.response.id", &response.id),
            ("gen_ai.response.model", &response.model),
        ] {
            span.record(field, text.as_ref().map(|text| self.sanitize(text)));
        }
        if !response.finish_reasons.is_empty() {
            let reasons = response.finish_reasons.iter();
            let reasons: Vec<String> = reasons.map(|reason| self.sanitize(reason)).collect();
            span.record("gen_ai.response.finish_reasons", debug(reasons));
        }
        span.record("gen_ai.usage.input_tokens", response.input_tokens);
        span.record("gen_ai.usage.output_tokens", response.output_tokens);
    }
}

impl ResponseAttributes {
    fn record(&mut self, telemetry: &GenAiAttributes, json: &[u8]) {
        // Of a stream, id and model are those of the first event that has them, usage of the last.
        let [ids, models, reasons, input, output] = select_paths(
            json,
            [
                telemetry.response_id.filter(|_| self.id.is_none()),
                telemetry.response_model.filter(|_| self.model.is_none()),
                telemetry.finish_reasons,
                telemetry.input_tokens,
                telemetry.output_tokens,
            ],
        );
        let text = |values: Vec<Value>| values.into_iter().find_map(non_empty_text);
        let count = |values: Vec<Value>| values.first()?.as_u64();
        self.id = self.id.take().or_else(|| text(ids));
        self.model = self.model.take().or_else(|| text(models));
        self.input_tokens = count(input).or(self.input_tokens);
        self.output_tokens = count(output).or(self.output_tokens);
        let room = MAX_REASONS - self.finish_reasons.len();
        let reasons = reasons.into_iter().filter_map(non_empty_text).take(room);
        self.finish_reasons.extend(reasons);
    }
}

/// Some providers send every field in every event, empty if there is no value.
fn non_empty_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Returns the requested model, as it is sent.
fn requested_model(call: &Call, telemetry: &GenAiAttributes) -> Option<Value> {
    let field = telemetry.request_model?;
    match &call.body {
        RequestBody::Empty => None,
        RequestBody::Json(body) => {
            let [found] = select_paths(body, [Some(field)]);
            found.into_iter().next()
        }
        RequestBody::Multipart(fields) => fields.get(field).cloned(),
    }
}

/// Emits an event about an attempt.
pub(crate) fn attempt_event(attempt: &Attempt<'_>) {
    let (operation, number) = (attempt.operation(), attempt.number());
    let elapsed = attempt.elapsed();
    let Some(error) = attempt.error() else {
        tracing::debug!(operation, attempt = number, ?elapsed, "attempt succeeded");
        return;
    };
    let kind = error.kind().as_str();
    let status = error.status().map(|status| status.as_u16());
    let request_id = error.request_id();
    match attempt.retry_in() {
        Some(retry_in) => tracing::info!(
            operation,
            attempt = number,
            ?elapsed,
            kind,
            status,
            request_id,
            ?retry_in,
            "attempt failed, retrying"
        ),
        None => tracing::warn!(
            operation,
            attempt = number,
            ?elapsed,
            kind,
            status,
            request_id,
            "attempt failed, not retried"
        ),
    }
}
