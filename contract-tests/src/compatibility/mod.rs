//! Whether this client goes on working against a service of another contract.
//!
//! The cases of the client's contract are played against a mock of the other one: the released client meets the changed
//! service, or the new client the old one. Proves that what the comparison of the two contracts claims about running programs
//! holds for the documented examples. Can't prove more than those show, nor play a response of which the other contract has
//! no example.

mod report;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use cometapi_contract::diff::{self, Change, WireClass};
use cometapi_contract::{Contract, Example};
use cometapi_mock::Mock;

use crate::cases::{CallResult, Case, CaseKind, CaseRunner, Snapshots};

/// Client and service of different contracts, and how they got on.
#[derive(Debug)]
pub struct Compatibility {
    /// The operations of the client's contract, in its order.
    operations: Vec<String>,
    changes: Vec<Change>,
    cases: Vec<PlayedCase>,
}

#[derive(Debug)]
struct PlayedCase {
    name: String,
    operation: String,
    end: End,
}

/// How a case ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    /// As approved.
    Same,
    /// The service documents no such response.
    NotDocumented,
    /// The caller gets something else than was approved.
    Differs(String),
    /// The caller gets a result, with deviations from the schema.
    Deviates(String),
    /// The caller gets an error in place of a result, or the request is not taken.
    Fails(String),
}

impl Compatibility {
    /// Plays the cases of the client's contract against a mock of the service's.
    pub async fn of(
        client: &Contract,
        service: &Contract,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let changes = diff::compare(client, service)?;
        let accepted = Snapshots::read(&client.operations())?;
        let (strict, tolerant) = (CaseRunner::start().await?, CaseRunner::tolerant().await?);
        let mock = Mock::builder().contract(service).pause(Duration::ZERO);
        let mock = mock.start().await?;
        let mut cases = Vec::new();
        for case in Case::all(client)? {
            let operation = case.operation.id().to_owned();
            let name = case.name.clone();
            let end = match documented(&case, service) {
                None => End::NotDocumented,
                Some(case) => play(&case, &strict, &tolerant, &accepted, &mock.url()).await,
            };
            cases.push(PlayedCase {
                name,
                operation,
                end,
            });
        }
        let operations = client.operations();
        Ok(Self {
            operations: operations
                .iter()
                .map(|operation| operation.id().to_owned())
                .collect(),
            changes,
            cases,
        })
    }

    /// What the comparison says of an operation, at worst.
    fn claim(&self, operation: &str) -> WireClass {
        let concerns = |change: &&Change| {
            change.operations.is_empty() || change.operations.contains(operation)
        };
        let classes = self
            .changes
            .iter()
            .filter(concerns)
            .map(|change| change.wire);
        classes.max().unwrap_or(WireClass::Unaffected)
    }

    /// What the cases show of an operation, at worst.
    fn shown(&self, operation: &str) -> WireClass {
        let cases = self.cases.iter().filter(|case| case.operation == operation);
        let classes = cases.map(|case| case.end.class());
        classes.max().unwrap_or(WireClass::Unaffected)
    }

    fn counts(&self, operation: &str) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for case in self.cases.iter().filter(|case| case.operation == operation) {
            *counts.entry(case.end.name()).or_default() += 1;
        }
        counts
    }
}

/// The case with the service's example in place of the client's, if there is one of its name.
fn documented<'c>(case: &Case<'c>, service: &'c Contract) -> Option<Case<'c>> {
    let CaseKind::Response(example) = &case.purpose else {
        return Some(case.clone());
    };
    let is_success = |example: &Example<'_>| example.status.starts_with('2');
    let examples = service.operation(case.operation.id())?.examples();
    let theirs = examples.into_iter().find(|theirs| {
        theirs.name == example.name
            && (theirs.status == example.status || is_success(theirs) && is_success(example))
            && (theirs.media_type == example.media_type || !case.is_stream())
    })?;
    Some(Case {
        purpose: CaseKind::Response(theirs),
        ..case.clone()
    })
}

async fn play(
    case: &Case<'_>,
    strict: &CaseRunner,
    tolerant: &CaseRunner,
    accepted: &Snapshots,
    service: &str,
) -> End {
    let Err(failure) = strict.play(case, accepted, service).await else {
        return End::Same;
    };
    let observed = match tolerant.observe(case, service).await {
        Ok(observed) => observed,
        Err(reason) => return End::Fails(reason),
    };
    let was_error = accepted
        .get(&case.name)
        .is_some_and(|outcome| outcome["outcome"] == "error");
    match (&case.purpose, &observed.got) {
        (CaseKind::Unauthorized, _) => End::Differs(failure.reason),
        (CaseKind::Response(_), CallResult::Error { .. }) if was_error => {
            End::Differs(failure.reason)
        }
        (_, CallResult::Error { .. }) => {
            let shown = observed.report["display"]
                .as_str()
                .or(observed.report["message"].as_str());
            End::Fails(shown.unwrap_or(&failure.reason).to_owned())
        }
        _ => match observed.report["deviations"].as_array().map(Vec::as_slice) {
            None | Some([]) => End::Differs(failure.reason),
            Some([first, ..]) => End::Deviates(first.to_string()),
        },
    }
}

impl End {
    fn class(&self) -> WireClass {
        match self {
            Self::Same | Self::NotDocumented | Self::Differs(_) => WireClass::Unaffected,
            Self::Deviates(_) => WireClass::Degraded,
            Self::Fails(_) => WireClass::Broken,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::NotDocumented => "not documented",
            Self::Differs(_) => "differs",
            Self::Deviates(_) => "deviates",
            Self::Fails(_) => "fails",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Same | Self::NotDocumented => None,
            Self::Differs(reason) | Self::Deviates(reason) | Self::Fails(reason) => Some(reason),
        }
    }
}
