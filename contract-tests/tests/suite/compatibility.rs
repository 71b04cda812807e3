//! Client and service of different contracts.

use cometapi_contract::Contract;
use contract_tests::compatibility::Compatibility;
use contract_tests::report::{ColorChoice, Format};
use serde_json::{Value, json};

/// This client against the service of a changed contract.
async fn against(change: impl FnOnce(&mut Value)) -> (Vec<String>, String) {
    let client = Contract::bundled().unwrap();
    let mut root = client.root().value().clone();
    change(&mut root);
    let service = client.with_root(root);
    let report = Compatibility::of(&client, &service).await.unwrap().report();
    let findings = report.findings.iter().map(ToString::to_string).collect();
    (findings, report.render(Format::Text, ColorChoice::Never))
}

fn rename(object: &mut Value, old: &str, new: &str) {
    let object = object.as_object_mut().unwrap();
    let value = object.shift_remove(old).unwrap();
    object.insert(new.to_owned(), value);
}

#[tokio::test]
async fn a_client_gets_on_with_a_service_of_its_own_contract() {
    let (findings, text) = against(|_| {}).await;
    assert_eq!(findings, Vec::<String>::new());
    assert!(text.contains("0 fail and 0 deviate; 0 claims"), "{text}");
    assert!(text.contains("create_speech"), "{text}");
}

#[tokio::test]
async fn what_the_comparison_claims_to_break_breaks() {
    let (findings, text) = against(|root| {
        rename(&mut root["paths"], "/v1/models", "/v2/models");
    })
    .await;
    assert_eq!(findings, Vec::<String>::new());
    let row = text
        .lines()
        .find(|line| line.starts_with("list_models"))
        .unwrap();
    assert!(row.matches("broken").count() == 2, "{text}");
    assert!(text.contains("list_models.200.documented: fails"), "{text}");
}

#[tokio::test]
async fn a_claim_that_no_case_shows_is_told() {
    // Its examples still have the property.
    let (findings, text) = against(|root| {
        rename(
            &mut root["components"]["schemas"]["Model"]["properties"],
            "created",
            "made",
        );
    })
    .await;
    assert_eq!(findings, Vec::<String>::new());
    assert!(
        text.contains("list_models: degraded by the comparison, and no case shows it"),
        "{text}"
    );
}

#[tokio::test]
async fn a_lost_value_degrades_and_a_wrong_claim_is_a_finding() {
    // The schema stays as it is, so the comparison expects nothing of it.
    let (findings, text) = against(|root| {
        let examples =
            "/paths/~1v1~1models/get/responses/200/content/application~1json/examples/documented";
        let example = root.pointer_mut(examples).unwrap();
        *example = json!({"summary": "A wrong type.", "value": {"object": "list", "data": [
            {"id": "your-model-id", "object": "model", "created": true, "owned_by": "x"},
        ]}});
    })
    .await;
    assert_eq!(
        findings,
        ["class: list_models: is degraded by its cases, and unaffected by the comparison"]
    );
    assert!(
        text.contains("list_models.200.documented: deviates"),
        "{text}"
    );
}
