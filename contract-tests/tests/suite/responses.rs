//! What a caller gets for each response that the contract documents.

use contract_tests::dispatch;
use contract_tests::outcome_json::Outcome;

use crate::support::cases::{self, ExampleResponse};
use crate::support::snapshot::check_all;
use crate::support::stub_server::StubServer;
use contract_tests::outcome_json::call_snapshot;

#[tokio::test]
async fn every_documented_response() {
    let mut got = Vec::new();
    for operation in cases::operations() {
        let scene = StubServer::new().await;
        let client = scene.client();
        for case in cases::responses_of(&operation) {
            let template = case.template().insert_header("x-suite", "kept");
            let path = cases::path(&operation);
            scene.expect(operation.method(), &path, 1, template).await;
            let outcome = dispatch::call(&client, operation.id(), &case.arguments()).await;
            let outcome = outcome.unwrap();
            assert_nothing_is_lost(&case, &outcome);
            got.push((case.name, call_snapshot(operation.id(), &outcome)));
        }
    }
    assert!(got.len() > 150, "the contract has lost its examples");
    check_all(&got);
}

/// Status, headers and body are there, whatever else was made of them.
#[track_caller]
fn assert_nothing_is_lost(case: &ExampleResponse, outcome: &Outcome) {
    let (status, headers, body) = match &outcome {
        Ok(response) => (response.status(), response.headers(), response.raw()),
        Err(error) => (
            error.status().expect("a status"),
            error.headers().expect("headers"),
            error.body().expect("a body"),
        ),
    };
    let name = &case.name;
    assert_eq!(status.as_u16(), case.status(), "{name}");
    assert_eq!(headers["x-suite"], "kept", "{name}");
    assert_eq!(headers["content-type"], case.example.media_type, "{name}");
    let documented = case.bytes();
    assert_eq!(body.as_ref(), &*documented, "{name}");
}
