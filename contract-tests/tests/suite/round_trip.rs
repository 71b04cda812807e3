//! Nothing of a documented answer is lost in the client's types.

use cometapi::Error;
use cometapi_contract::Operation;
use contract_tests::dispatch::DECODERS;
use serde_json::Value;

use crate::support::cases::{self, Answer};
use contract_tests::essence::essence;

#[test]
fn every_documented_success_comes_back_equal() {
    let mut compared = 0;
    for operation in cases::operations() {
        let answers = cases::answers_of(&operation).into_iter();
        let successes = answers.filter(|answer| answer.status() < 300 && answer.example.is_json());
        for answer in successes {
            let documented: Value = serde_json::from_slice(&answer.bytes()).unwrap();
            if documented["success"] == false {
                continue;
            }
            let decoder = decoder(&operation, &answer).expect(&answer.name);
            let decoded = decoder(&answer.bytes()).expect(&answer.name);
            assert_eq!(essence(&decoded), essence(&documented), "{}", answer.name);
            compared += 1;
        }
    }
    assert!(compared > 25, "only {compared} examples were compared");
}

type Decoder = fn(&[u8]) -> Result<Value, Error>;

/// What decodes the JSON of this answer.
fn decoder(operation: &Operation<'_>, answer: &Answer) -> Option<Decoder> {
    let success = operation.success()?;
    let choice = success.response_selector();
    let chosen = choice.and_then(|choice| choice.variant_for(&answer.example)?.schema.clone());
    let media_types = success.media_types();
    let json = media_types
        .iter()
        .find(|media_type| media_type.name == answer.example.media_type)?;
    let schema = chosen.or_else(|| json.schema())?;
    let name = schema.reference_name()?;
    let (_, decoder) = DECODERS.iter().find(|(known, _)| *known == name)?;
    Some(*decoder)
}
