//! Values of another type than documented, in the tolerant client: `cargo contract property` shows the counts.

use contract_tests::cases::Case;
use contract_tests::property;

use crate::support::cases::CONTRACT;

#[tokio::test]
async fn each_other_type_in_each_property_of_a_response_and_of_an_event() {
    let cases = Case::all(&CONTRACT).unwrap();
    let replacements = property::replace_all(&cases).await.unwrap();
    let findings = &replacements.findings;
    assert!(
        findings.is_empty(),
        "{} such as {:#?}",
        findings.len(),
        &findings[..1]
    );
    assert!(replacements.explained["one deviation"] > 5_000);
}
