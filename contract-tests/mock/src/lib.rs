//! A server that answers from CometAPI's contract.
//!
//! It knows the contract and no client: each operation answers an example of its success, one that
//! asks for a key answers its documented 401 without one, and a request that the contract doesn't
//! know is told which operation is nearest.
//!
//! ```no_run
//! # async fn run() -> Result<(), cometapi_mock::Unusable> {
//! let mock = cometapi_mock::Mock::start().await?;
//! println!("answering on {}", mock.url());
//! # Ok(())
//! # }
//! ```

mod answer;
mod nearest;
mod route;

use std::fmt;

use cometapi_contract::Contract;
use wiremock::{MockServer, Request, ResponseTemplate};

pub use nearest::nearest;

use route::Route;

/// Below wiremock's default of 5, where the contract's operations stand.
const LAST: u8 = u8::MAX;

/// A running mock; dropping it stops it.
#[derive(Debug)]
pub struct Mock {
    server: MockServer,
}

/// A contract that can't be played: it can't be read, or lacks an answer.
#[derive(Debug)]
pub struct Unusable {
    message: String,
}

impl Mock {
    /// Plays this repository's contract on a free port of the loopback interface.
    pub async fn start() -> Result<Self, Unusable> {
        let contract = Contract::shipped().map_err(|error| Unusable::new(error.to_string()))?;
        Self::serving(&contract).await
    }

    /// Plays any contract on a free port of the loopback interface.
    pub async fn serving(contract: &Contract) -> Result<Self, Unusable> {
        let routes = contract.operations();
        let routes: Vec<Route> = routes.iter().map(Route::new).collect::<Result<_, _>>()?;
        // What it was asked is nobody's to read here, and would grow for as long as it runs.
        let server = MockServer::builder().disable_request_recording().start();
        let server = server.await;
        let documented: Vec<_> = routes.iter().map(Route::line).collect();
        for route in routes {
            let answer = route.answer.clone();
            wiremock::Mock::given(route)
                .respond_with(move |request: &Request| answer.to(request))
                .mount(&server)
                .await;
        }
        wiremock::Mock::given(wiremock::matchers::any())
            .respond_with(move |request: &Request| unknown(request, &documented))
            .with_priority(LAST)
            .mount(&server)
            .await;
        Ok(Self { server })
    }

    /// Its address, without a path: what a client takes as its base URL.
    pub fn url(&self) -> String {
        self.server.uri()
    }
}

fn unknown(request: &Request, documented: &[(String, String)]) -> ResponseTemplate {
    let (method, path) = (request.method.as_str(), request.url.path());
    let mut message = format!("the contract has no {method} {path}");
    if let Some((method, path)) = nearest(documented, method, path) {
        message.push_str(&format!("; the nearest it has is {method} {path}"));
    }
    let error = serde_json::json!({
        "error": { "message": message, "type": "mock_error", "code": "no_such_operation" },
    });
    ResponseTemplate::new(404).set_body_json(error)
}

impl Unusable {
    fn new(message: String) -> Self {
        Self { message }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mock can't play this contract: {}", self.message)
    }
}

impl std::error::Error for Unusable {}
