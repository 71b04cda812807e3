//! Nothing of a documented answer is lost in the client's types.

use cometapi::Error;
use cometapi::dispatch::DECODERS;
use cometapi_contract::Operation;
use serde_json::Value;

use crate::support::cases;
use crate::support::essence::essence;

#[test]
fn every_documented_success_comes_back_equal() {
    let mut compared = 0;
    for operation in cases::operations() {
        let Some(decoder) = decoder(&operation) else {
            continue;
        };
        let answers = cases::answers_of(&operation).into_iter();
        for answer in answers.filter(|answer| answer.status() < 300) {
            let bytes = answer.example.bytes().unwrap();
            let documented: Value = serde_json::from_slice(&bytes).unwrap();
            if documented["success"] == false {
                continue;
            }
            let decoded = decoder(&bytes).expect(&answer.name);
            assert_eq!(essence(&decoded), essence(&documented), "{}", answer.name);
            compared += 1;
        }
    }
    assert!(compared > 15, "only {compared} examples were compared");
}

type Decoder = fn(&[u8]) -> Result<Value, Error>;

/// What decodes the JSON of an operation's success.
fn decoder(operation: &Operation<'_>) -> Option<Decoder> {
    let success = operation.success()?;
    let media_types = success.media_types();
    let json = media_types
        .iter()
        .find(|found| found.name == "application/json")?;
    let schema = json.schema()?;
    let name = schema.reference_name()?;
    let (_, decoder) = DECODERS.iter().find(|(known, _)| *known == name)?;
    Some(*decoder)
}
