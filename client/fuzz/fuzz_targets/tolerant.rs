//! The tolerant reader: it ends, and invents nothing.

#![no_main]

use cometapi::runtime::Described;
use cometapi::runtime::fuzzing::{decode_detecting_errors, read_tolerantly};
use cometapi::types::{CatalogPage, ChatCompletion, ChatCompletionChunk, VerboseTranscript};
use cometapi::{Deviation, DeviationAction};
use cometapi_fuzz::assert_all_from;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|body: &str| {
    check::<ChatCompletion>(body, false);
    check::<ChatCompletionChunk>(body, true);
    check::<CatalogPage>(body, false);
    check::<VerboseTranscript>(body, false);
});

fn check<T: DeserializeOwned + Serialize + Described>(body: &str, is_event: bool) {
    let strict = decode_detecting_errors::<T>(body.as_bytes());
    let Some((value, deviations)) = read_tolerantly::<T>(body, is_event) else {
        return;
    };
    let value = serde_json::to_value(value).unwrap();
    if let Ok(strict) = strict {
        // Strict decoding of tagged parts reads the last of several equal keys as well, and says nothing.
        let mut actions = deviations.iter().map(Deviation::action);
        assert!(
            actions.all(|action| *action == DeviationAction::LastRead),
            "{deviations:?}"
        );
        assert_eq!(serde_json::to_value(strict).unwrap(), value);
    }
    assert_all_from(body, &value);
    // What is delivered is what the schema says.
    let text = value.to_string();
    let again = serde_json::from_str::<T>(&text).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), value);
}
