//! A test for each example of the contract, named after it: a new example is a new test.
//!
//! `cargo test --test cases create_speech.200` runs those of one response. What a caller gets for a response and what is
//! sent for a request is compared with its snapshot.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use contract_tests::cases::{Case, CaseKind, CaseRunner, request_snapshot};
use contract_tests::test_client::KEY;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // The tests outlive this function as far as the compiler knows.
    let contract: &'static Contract = Box::leak(Box::new(Contract::bundled().unwrap()));
    let runtime = Runtime::new().unwrap();
    let mock = Mock::builder().contract(contract).pause(Duration::ZERO);
    let mock = runtime.block_on(mock.start()).unwrap();
    let shared = Arc::new((runtime, mock));
    let test = |case: Case<'static>| {
        let shared = Arc::clone(&shared);
        Trial::test(case.name.clone(), move || {
            let (runtime, mock) = &*shared;
            runtime.block_on(play(&case, &mock.url()))
        })
    };
    let tests = Case::all(contract).unwrap().into_iter().map(test).collect();
    libtest_mimic::run(&arguments, tests).exit_code()
}

async fn play(case: &Case<'static>, server: &str) -> Result<(), Failed> {
    let observed = CaseRunner::start().await?.observe(case, server).await;
    let checked = observed.and_then(|observation| {
        let snapshot = match &case.purpose {
            CaseKind::Response(_) => Some(observation.report.clone()),
            CaseKind::Request => Some(request_snapshot(&observation.exchange, KEY)),
            CaseKind::Unauthorized => None,
        };
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path("suite/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        if let Some(snapshot) = snapshot {
            settings.bind(|| insta::assert_json_snapshot!(case.name.as_str(), snapshot));
        }
        observation.check(case)
    });
    checked.map_err(|reason| {
        let (operation, name) = (case.operation.id(), &case.name);
        let again = format!("to run it alone: cargo test --test cases -- --exact {name}");
        format!("{operation}: {reason}\n{again}").into()
    })
}
