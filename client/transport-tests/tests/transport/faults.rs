//! The fault matrix of the contract suite, with every feature of the transport.

use cometapi_contract::Contract;
use contract_tests::faults;

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_has_the_outcome_of_the_table() {
    let contract = Contract::bundled().unwrap();
    let matrix = faults::run(&contract, faults::table()).await.unwrap();
    let misses = matrix.misses();
    assert!(misses.is_empty(), "{misses:#?}");
    assert!(matrix.cases() > 2000, "{}", matrix.cases());
}
