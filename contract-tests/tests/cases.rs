//! A test for each example of the contract, named after it: a new example is a new test.
//!
//! `cargo test --test cases create_speech.200` runs those of one response.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use contract_tests::cases::{Case, CaseRunner, Snapshots};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // The tests outlive this function as far as the compiler knows.
    let contract: &'static Contract = Box::leak(Box::new(Contract::bundled().unwrap()));
    let runtime = Runtime::new().unwrap();
    let mock = Mock::builder().contract(contract).pause(Duration::ZERO);
    let mock = runtime.block_on(mock.start()).unwrap();
    let accepted = Snapshots::read(&contract.operations()).unwrap();
    let shared = Arc::new((runtime, mock, accepted));
    let test = |case: Case<'static>| {
        let shared = Arc::clone(&shared);
        Trial::test(case.name.clone(), move || {
            let (runtime, mock, accepted) = &*shared;
            runtime.block_on(play(&case, accepted, &mock.url()))
        })
    };
    let tests = Case::all(contract).unwrap().into_iter().map(test).collect();
    libtest_mimic::run(&arguments, tests).exit_code()
}

async fn play(case: &Case<'static>, accepted: &Snapshots, server: &str) -> Result<(), Failed> {
    let stage = CaseRunner::start().await?;
    let played = stage.play(case, accepted, server).await;
    played.map(drop).map_err(|failure| {
        let (operation, name, reason) = (case.operation.id(), &case.name, failure.reason);
        let review = "if this is what should happen, approve it: cargo insta test --review";
        let again = format!("to run it alone: cargo test --test cases -- --exact {name}");
        format!("{operation}: {reason}\n{again}\n{review}").into()
    })
}
