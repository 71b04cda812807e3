//! The spans and events of the feature `tracing`.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cometapi::{ChatMessage, Client, EventStream, RetryPolicy, Upload, types};
use cometapi_mock::Mock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

const KEY: &str = "sk-secret";
const QUESTION: &str = "Who are you, privately?";

/// Writes down what the client tells.
#[derive(Clone)]
struct Recorder {
    up_to: Level,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    spans: Vec<Span>,
    /// The indices of the spans that were entered.
    entered: Vec<usize>,
    events: Vec<String>,
}

#[derive(Debug)]
struct Span {
    fields: Fields,
    handles: usize,
    events: Vec<String>,
}

#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Recorder {
    /// Listens to the client on this thread, as long as the guard lives.
    fn listen(up_to: Level) -> (Self, DefaultGuard) {
        let notes = Arc::default();
        let recorder = Self { up_to, notes };
        let guard = tracing::subscriber::set_default(recorder.clone());
        (recorder, guard)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Notes) -> T) -> T {
        look(&mut self.notes.lock().unwrap())
    }

    /// The fields of the only span so far, but for address and request id, and whether it is over.
    fn span(&self) -> (String, bool) {
        self.with(|notes| {
            let [span] = &notes.spans[..] else {
                panic!("{notes:#?}")
            };
            let mut lines = String::new();
            for (name, value) in &span.fields.0 {
                if !matches!(*name, "server.address" | "server.port" | "request_id") {
                    writeln!(lines, "{name}={value}").unwrap();
                }
            }
            (lines, span.handles == 0)
        })
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cometapi") && *metadata.level() <= self.up_to
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        self.with(|notes| {
            notes.spans.push(Span {
                fields,
                handles: 1,
                events: Vec::new(),
            });
            Id::from_u64(notes.spans.len() as u64)
        })
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.with(|notes| values.record(&mut notes.spans[index(id)].fields));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = format!("{} {:?}", event.metadata().level(), fields.0);
        self.with(|notes| {
            if let Some(index) = notes.entered.last() {
                notes.spans[*index].events.push(line.clone());
            }
            notes.events.push(line);
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.with(|notes| notes.spans[index(id)].handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.with(|notes| {
            let span = &mut notes.spans[index(&id)];
            span.handles -= 1;
            span.handles == 0
        })
    }

    fn enter(&self, id: &Id) {
        self.with(|notes| notes.entered.push(index(id)));
    }

    fn exit(&self, _: &Id) {
        self.with(|notes| notes.entered.pop());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
}

fn index(id: &Id) -> usize {
    id.into_u64() as usize - 1
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

async fn mock() -> (Mock, Client) {
    let mock = Mock::builder().pause(Duration::ZERO).start().await.unwrap();
    let builder = Client::builder().api_key(KEY).base_url(mock.url());
    let client = builder.retry_policy(RetryPolicy::never()).build().unwrap();
    (mock, client)
}

fn question(client: &Client, example: &str) -> cometapi::operations::CreateChatCompletion {
    let call = client.create_chat_completion().model("requested-model");
    let call = call.messages([ChatMessage::user(QUESTION)]);
    call.with_header("prefer", format!("example={example}"))
}

async fn stream(client: &Client) -> EventStream<types::ChatCompletionChunk> {
    question(client, "usage").stream().await.unwrap()
}

#[tokio::test]
async fn each_attempt_is_an_event_inside_the_span() {
    let (recorder, _listening) = Recorder::listen(Level::TRACE);
    let none = Duration::ZERO;
    let client = Client::builder()
        .api_key(KEY)
        .base_url("http://127.0.0.1:1")
        .retry_policy(
            RetryPolicy::default()
                .with_max_attempts(2)
                .with_backoff(none, none),
        )
        .build()
        .unwrap();
    client.list_models().send().await.unwrap_err();
    let (_mock, client) = mock().await;
    client.list_models().send().await.unwrap();
    recorder.with(|notes| {
        let [refused, responded] = &notes.spans[..] else {
            panic!("{notes:#?}")
        };
        let [again, last] = &refused.events[..] else {
            panic!("{notes:#?}")
        };
        let [success] = &responded.events[..] else {
            panic!("{notes:#?}")
        };
        assert_eq!(notes.events.len(), 3);
        for (line, level, parts) in [
            (
                again,
                "INFO",
                [
                    r#""attempt": "1""#,
                    r#""kind": "connect""#,
                    r#""retry_in": "0ns""#,
                ],
            ),
            (
                last,
                "WARN",
                [r#""attempt": "2""#, r#""kind": "connect""#, "not retried"],
            ),
            (
                success,
                "DEBUG",
                [r#""attempt": "1""#, r#""elapsed": "#, "succeeded"],
            ),
        ] {
            assert!(line.starts_with(level), "{line}");
            assert!(line.contains(r#""operation": "list_models""#), "{line}");
            for part in parts {
                assert!(line.contains(part), "{part} is missing in {line}");
            }
        }
        let no_generation = |fields: &Fields| fields.0.keys().all(|name| !name.contains("gen_ai"));
        assert!(no_generation(&responded.fields), "{responded:#?}");
        assert_eq!(responded.fields.0["otel.name"], "GET /v1/models");
        assert_eq!(refused.fields.0["error.type"], "connect");
        assert_eq!(refused.fields.0["server.address"], "127.0.0.1");
        assert_eq!(refused.fields.0["server.port"], "1");
    });
}

/// The address of a server whose response to one request ends after these events.
async fn broken_stream(events: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            connection.read_buf(&mut request).await.unwrap();
        }
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n";
        // Some services send back what they were sent.
        let response = format!("{head}x-request-id: of {KEY}\r\n\r\n{events}");
        connection.write_all(response.as_bytes()).await.unwrap();
    });
    address
}

/// What both forms of the example say of themselves.
const RESPONSE_FIELDS: &str = "\
gen_ai.response.finish_reasons=[\"stop\"]
gen_ai.response.id=chatcmpl-usage
gen_ai.response.model=your-model-id-2026-01-15
gen_ai.usage.input_tokens=2006
gen_ai.usage.output_tokens=300
";
const CHAT: &str = "\
gen_ai.operation.name=chat
gen_ai.provider.name=cometapi
gen_ai.request.model=requested-model
";
const END: &str = "\
http.response.status_code=200
operation=create_chat_completion
otel.kind=client
otel.name=chat requested-model
";

#[tokio::test]
async fn a_span_is_filled_from_request_and_response() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    question(&client, "usage").send().await.unwrap();
    assert_eq!(
        recorder.span(),
        (format!("{CHAT}{RESPONSE_FIELDS}{END}"), true)
    );
}

#[tokio::test]
async fn a_span_of_a_stream_ends_with_it() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let mut chunks = stream(&client).await;
    while let Some(chunk) = chunks.next().await {
        assert!(!recorder.span().1);
        chunk.unwrap();
    }
    let streamed = "gen_ai.request.stream=true\n";
    let expected = format!("{CHAT}{streamed}{RESPONSE_FIELDS}{END}");
    assert_eq!(recorder.span(), (expected, true));
    assert!(chunks.end().is_some());
}

#[tokio::test]
async fn a_span_of_a_stream_that_is_dropped_has_what_came() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let mut chunks = stream(&client).await;
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    let (fields, is_over) = recorder.span();
    assert!(fields.contains("gen_ai.response.id=chatcmpl-usage\n") && is_over);
    assert!(!fields.contains("usage.input_tokens") && !fields.contains("error"));
}

#[tokio::test]
async fn a_span_tells_of_a_failure() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let call = question(&client, "usage").with_header("prefer", "code=429");
    let error = call.send().await.unwrap_err();
    let (fields, is_over) = recorder.span();
    let expected = "\
error.type=rate_limited
gen_ai.operation.name=chat
gen_ai.provider.name=cometapi
gen_ai.request.model=requested-model
http.response.status_code=429
operation=create_chat_completion
otel.kind=client
otel.name=chat requested-model
otel.status_code=ERROR
";
    assert_eq!((fields.as_str(), is_over), (expected, true));
    recorder.with(|notes| {
        let request_id = notes.spans[0]
            .fields
            .0
            .get("request_id")
            .map(String::as_str);
        assert!(request_id.is_some() && request_id == error.request_id());
    });
}

#[tokio::test]
async fn a_span_tells_of_a_stream_that_breaks() {
    let server = broken_stream("data: {\"id\":\"a\",\"choices\":[]}\n\n").await;
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let client = Client::builder()
        .api_key(KEY)
        .base_url(server)
        .build()
        .unwrap();
    let mut chunks = question(&client, "usage").stream().await.unwrap();
    assert!(chunks.next().await.unwrap().is_ok());
    assert!(chunks.next().await.unwrap().is_err());
    let (fields, is_over) = recorder.span();
    assert!(
        fields.contains("error.type=incomplete_stream\n"),
        "{fields}"
    );
    assert!(fields.contains("gen_ai.response.id=a\n") && is_over);
}

#[tokio::test]
async fn forms_and_downloads_have_spans() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let speech = client.create_speech().model("speaker").input(QUESTION);
    let mut speech = speech.voice("nova").send().await.unwrap();
    while let Some(chunk) = speech.next().await {
        assert!(!recorder.span().1);
        chunk.unwrap();
    }
    let (fields, is_over) = recorder.span();
    assert!(fields.contains("otel.name=text_to_speech speaker\n") && is_over);

    recorder.with(|notes| notes.spans.clear());
    let file = Upload::bytes("speech.mp3", "sound");
    let call = client.create_transcription().file(file).model("listener");
    call.with_header("prefer", "example=json_with_usage")
        .send()
        .await
        .unwrap();
    let (fields, is_over) = recorder.span();
    assert!(fields.contains("otel.name=transcription listener\n") && is_over);
    assert!(fields.contains("gen_ai.usage.output_tokens="), "{fields}");
}

#[tokio::test]
async fn an_extra_may_be_the_model() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let call = question(&client, "usage").extra("model", "other");
    call.send().await.unwrap();
    assert!(recorder.span().0.contains("otel.name=chat other\n"));
}

#[tokio::test]
async fn neither_key_nor_content_is_recorded() {
    let (recorder, _listening) = Recorder::listen(Level::TRACE);
    let (_mock, client) = mock().await;
    let text = question(&client, "usage").send().await.unwrap();
    let text = text.text().unwrap().into_owned();
    let mut chunks = stream(&client).await;
    while chunks.next().await.is_some() {}
    let call = question(&client, "usage").with_header("prefer", "code=401");
    call.send().await.unwrap_err();
    recorder.with(|notes| {
        let notes = format!("{notes:?}");
        for hidden in [KEY, QUESTION, &text] {
            assert!(!notes.contains(hidden), "{hidden} in {notes}");
        }
    });
}

#[tokio::test]
async fn a_key_is_not_recorded_when_it_is_echoed_or_used_as_a_model() {
    let server = broken_stream(
        "data: {\"id\":\"sk-secret\",\"model\":\"of sk-secret\",\
         \"choices\":[{\"finish_reason\":\"sk-secret\"}]}\n\n",
    )
    .await;
    let (recorder, _listening) = Recorder::listen(Level::TRACE);
    let client = Client::builder()
        .api_key(KEY)
        .base_url(server)
        .build()
        .unwrap();
    let call = question(&client, "usage").model(KEY);
    let mut chunks = call.stream().await.unwrap();
    while chunks.next().await.is_some() {}
    let (fields, _) = recorder.span();
    for field in [
        "gen_ai.request.model=[key]\n",
        "gen_ai.response.finish_reasons=[\"[key]\"]\n",
        "gen_ai.response.id=[key]\n",
        "gen_ai.response.model=of [key]\n",
        "otel.name=chat [key]\n",
    ] {
        assert!(fields.contains(field), "{field} is missing in {fields}");
    }
    recorder.with(|notes| {
        assert_eq!(notes.spans[0].fields.0["request_id"], "of [key]");
        let notes = format!("{notes:?}");
        assert!(!notes.contains(KEY), "{notes}");
    });
}

#[tokio::test]
async fn what_a_span_shows_is_short_and_one_line() {
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let (_mock, client) = mock().await;
    let model = format!("a\nINFO forged {}", "x".repeat(10_000));
    let call = question(&client, "usage").model(&model);
    call.send().await.unwrap();
    recorder.with(|notes| {
        let fields = &notes.spans[0].fields.0;
        for field in ["gen_ai.request.model", "otel.name"] {
            let text = &fields[field];
            assert!(
                text.contains("a INFO forged xxx") && text.len() < 400,
                "{text}"
            );
        }
    });
}

#[tokio::test]
async fn reasons_that_come_again_and_again_do_not_fill_the_memory() {
    let event = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n";
    let server = broken_stream(event.repeat(1000).leak()).await;
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let client = Client::builder()
        .api_key(KEY)
        .base_url(server)
        .build()
        .unwrap();
    let mut chunks = question(&client, "usage").stream().await.unwrap();
    while chunks.next().await.is_some() {}
    recorder.with(|notes| {
        let reasons = &notes.spans[0].fields.0["gen_ai.response.finish_reasons"];
        assert_eq!(reasons.matches("stop").count(), 128);
    });
}

#[tokio::test]
async fn blank_values_are_not_recorded() {
    let server = broken_stream(
        "data: {\"id\":\"\",\"model\":\"\",\"choices\":[{\"finish_reason\":\"\"}]}\n\n\
         data: {\"id\":\"a\",\"model\":\"m\",\"choices\":[{\"finish_reason\":\"length\"}]}\n\n",
    )
    .await;
    let (recorder, _listening) = Recorder::listen(Level::INFO);
    let client = Client::builder()
        .api_key(KEY)
        .base_url(server)
        .build()
        .unwrap();
    let mut chunks = question(&client, "usage").stream().await.unwrap();
    while chunks.next().await.is_some() {}
    let (fields, _) = recorder.span();
    let said = "finish_reasons=[\"length\"]\ngen_ai.response.id=a\ngen_ai.response.model=m\n";
    assert!(fields.contains(said), "{fields}");
}

#[tokio::test]
async fn a_subscriber_with_a_higher_level_gets_nothing() {
    let (recorder, _listening) = Recorder::listen(Level::ERROR);
    let (_mock, client) = mock().await;
    question(&client, "usage").send().await.unwrap();
    stream(&client).await.next().await.unwrap().unwrap();
    recorder.with(|notes| assert!(notes.spans.is_empty() && notes.events.is_empty()));
}
