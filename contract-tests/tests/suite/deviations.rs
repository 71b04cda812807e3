//! Values of another type than documented, in the tolerant client: every third example. `cargo contract property` plays all.

use contract_tests::cases::{Case, CaseKind};
use contract_tests::property;

use crate::support::cases::CONTRACT;

#[tokio::test]
async fn each_other_type_in_each_property_of_a_response_and_of_an_event() {
    let mut cases = Case::all(&CONTRACT).unwrap();
    cases.retain(
        |case| matches!(&case.purpose, CaseKind::Response(example) if example.status == "200"),
    );
    let cases: Vec<_> = cases.into_iter().step_by(3).collect();
    let replacements = property::replace_all(&cases).await.unwrap();
    let findings: Vec<_> = replacements.findings.iter().take(3).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(replacements.explained["one deviation"] > 2_000);
}
