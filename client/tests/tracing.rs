//! The events of the feature `tracing`.

#![cfg(feature = "tracing")]

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cometapi::{Client, Retries};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down each event of the client in a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cometapi")
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(event.metadata().level().to_string());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_attempt_is_an_event() {
    let lines = Lines::default();
    let _inside = tracing::subscriber::set_default(lines.clone());
    let none = Duration::ZERO;
    let client = Client::builder()
        .key("sk-secret")
        .base_url("http://127.0.0.1:1")
        .retries(Retries::default().with_attempts(2).with_backoff(none, none))
        .build()
        .unwrap();
    client.list_models().send().await.unwrap_err();
    let mock = cometapi_mock::Mock::start().await.unwrap();
    let client = Client::builder().key("sk-secret").base_url(mock.url());
    client.build().unwrap().list_models().send().await.unwrap();
    let lines = lines.0.lock().unwrap();
    let [again, last, success] = &lines[..] else {
        panic!("{lines:#?}")
    };
    for (line, level, parts) in [
        (
            again,
            "INFO",
            ["attempt=1", "kind=\"connect\"", "retry_in=0ns"],
        ),
        (last, "WARN", ["attempt=2", "kind=\"connect\"", "giving up"]),
        (success, "DEBUG", ["attempt=1", "elapsed=", "succeeded"]),
    ] {
        assert!(line.starts_with(level), "{line}");
        assert!(line.contains("operation=\"list_models\""), "{line}");
        for part in parts {
            assert!(line.contains(part), "{part} is missing in {line}");
        }
        assert!(!line.contains("sk-secret"), "{line}");
    }
}
