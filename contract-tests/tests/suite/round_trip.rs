//! Nothing of a documented response is lost in the client's types.

use cometapi::Error;
use contract_tests::dispatch::DECODERS;
use serde_json::Value;

use crate::support::cases::{self, ExampleResponse};
use contract_tests::normalize::normalize;

#[test]
fn every_documented_success_comes_back_equal() {
    let mut compared = 0;
    for operation in cases::operations() {
        let responses = cases::responses_of(&operation).into_iter();
        let successes =
            responses.filter(|response| response.status() < 300 && response.example.is_json());
        for response in successes {
            let documented: Value = serde_json::from_slice(&response.bytes()).unwrap();
            if documented["success"] == false {
                continue;
            }
            let decoder = decoder(&response).expect(&response.name);
            let decoded = decoder(&response.bytes()).expect(&response.name);
            assert_eq!(
                normalize(&decoded),
                normalize(&documented),
                "{}",
                response.name
            );
            compared += 1;
        }
    }
    assert!(compared > 25, "only {compared} examples were compared");
}

type Decoder = fn(&[u8]) -> Result<Value, Error>;

/// What decodes the JSON of this response.
fn decoder(response: &ExampleResponse) -> Option<Decoder> {
    let schema = response.schema.as_ref()?;
    let name = schema.reference_name()?;
    let (_, decoder) = DECODERS.iter().find(|(known, _)| *known == name)?;
    Some(*decoder)
}
