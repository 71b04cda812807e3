//! A server that knows what it will be asked, and fails the test if it is asked anything else.

use std::sync::{Arc, Mutex};

use cometapi::{Client, ClientBuilder, RetryPolicy};
use cometapi_mock::suggest_route;
use wiremock::matchers::{self, any, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::KEY;

/// Below wiremock's default of 5, where the expectations stand.
const LAST: u8 = u8::MAX;

/// A server with its expectations. They are checked when it is dropped.
pub(crate) struct StubServer {
    server: MockServer,
    expected: Mutex<Vec<(String, String)>>,
    unexpected: Arc<Mutex<Vec<(String, String)>>>,
}

impl StubServer {
    /// A server that expects nothing.
    pub(crate) async fn new() -> Self {
        let server = MockServer::start().await;
        let unexpected = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&unexpected);
        // wiremock's own response to what it doesn't know is a 404, which a test of 404s would take
        // for the real thing. Nothing expects this status.
        Mock::given(any())
            .respond_with(move |request: &Request| {
                let line = (request.method.to_string(), request.url.path().to_owned());
                record.lock().unwrap().push(line);
                ResponseTemplate::new(599)
            })
            .with_priority(LAST)
            .mount(&server)
            .await;
        Self {
            server,
            expected: Mutex::default(),
            unexpected,
        }
    }

    /// A server that expects one request.
    pub(crate) async fn expecting(method: &str, at: &str, response: ResponseTemplate) -> Self {
        Self::expecting_many(method, at, 1, response).await
    }

    /// A server that expects this many requests of the same kind.
    pub(crate) async fn expecting_many(
        method: &str,
        at: &str,
        times: u64,
        response: ResponseTemplate,
    ) -> Self {
        let scene = Self::new().await;
        scene.expect(method, at, times, response).await;
        scene
    }

    /// Expects this many requests of this method and path, and responds them.
    pub(crate) async fn expect(
        &self,
        method: &str,
        at: &str,
        times: u64,
        response: ResponseTemplate,
    ) {
        let line = (method.to_owned(), at.to_owned());
        self.expected.lock().unwrap().push(line);
        Mock::given(matchers::method(method))
            .and(path(at))
            .respond_with(response)
            // One request more is one that nothing expects.
            .up_to_n_times(times)
            .expect(times)
            .named(format!("{method} {at}"))
            .mount(&self.server)
            .await;
    }

    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    /// A client of this server, with a key.
    pub(crate) fn client(&self) -> Client {
        self.builder().api_key(KEY).build().unwrap()
    }

    /// A client of this server to which anything else can be added.
    pub(crate) fn builder(&self) -> ClientBuilder {
        // Each response is looked at as it comes.
        let builder = Client::builder().base_url(self.url());
        builder.retry_policy(RetryPolicy::never())
    }

    /// What was requested so far.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// What came that nothing expected.
    fn complaint(&self) -> Option<String> {
        let unexpected = self.unexpected.lock().unwrap();
        let (method, at) = unexpected.first()?;
        let expected = self.expected.lock().unwrap();
        Some(match suggest_route(&expected, method, at) {
            Some((near, path)) if (near, path) == (method, at) => {
                format!("{method} {at} came more often than expected")
            }
            Some((near, path)) => {
                format!("unexpected {method} {at}; the nearest expectation is {near} {path}")
            }
            None => format!("unexpected {method} {at}; nothing was expected"),
        })
    }
}

impl Drop for StubServer {
    fn drop(&mut self) {
        match self.complaint() {
            // The reason for the failure that is being reported already.
            Some(complaint) if std::thread::panicking() => eprintln!("{complaint}"),
            Some(complaint) => panic!("{complaint}"),
            None => {}
        }
    }
}

mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::StubServer;
    use wiremock::ResponseTemplate;

    fn complaint(scene: StubServer) -> String {
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(scene)));
        let panic = dropped.expect_err("the scene is content");
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[tokio::test]
    async fn an_unexpected_request_is_told_the_nearest_expectation() {
        let scene = StubServer::new().await;
        let good = || ResponseTemplate::new(200).set_body_string("{\"success\":true,\"data\":[]}");
        scene.expect("GET", "/api/model", 1, good()).await;
        scene
            .expect("POST", "/v1/chat/completions", 1, good())
            .await;
        let error = scene
            .client()
            .list_catalog_models()
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.status().unwrap(), 599);
        let complaint = complaint(scene);
        let expected = "unexpected GET /api/models; the nearest expectation is GET /api/model";
        assert_eq!(complaint, expected);
    }

    #[tokio::test]
    async fn a_request_more_than_expected_is_a_failure() {
        let response = ResponseTemplate::new(404);
        let scene = StubServer::expecting("GET", "/api/models", response).await;
        let client = scene.client();
        for status in [404, 599] {
            let error = client.list_catalog_models().send().await.unwrap_err();
            assert_eq!(error.status().unwrap(), status);
        }
        let complaint = complaint(scene);
        assert_eq!(complaint, "GET /api/models came more often than expected");
    }

    #[tokio::test]
    async fn an_expectation_that_is_not_met_is_a_failure() {
        let scene = StubServer::expecting("GET", "/api/models", ResponseTemplate::new(200)).await;
        let complaint = complaint(scene);
        assert!(complaint.contains("GET /api/models"), "{complaint}");
    }
}
