//! Calls that take too long.

use std::time::Duration;

use cometapi::ErrorKind;

use crate::support::cases;
use crate::support::stub_server::StubServer;

const FOREVER: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

async fn slow() -> StubServer {
    let response = cases::success("list_catalog_models").set_delay(FOREVER);
    StubServer::expecting("GET", "/api/models", response).await
}

#[tokio::test]
async fn a_call_can_have_its_own_timeout() {
    let scene = slow().await;
    let client = scene.client();
    let call = client.list_catalog_models().with_timeout(SHORT);
    let error = call.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_timeout() && error.request_may_have_been_sent());
    assert!(error.message().contains("50ms"), "{error}");
}

#[tokio::test]
async fn a_client_has_one_for_all_calls() {
    let scene = slow().await;
    let client = scene.builder().timeout(SHORT).build().unwrap();
    let error = client.list_catalog_models().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_call_may_take_longer_than_its_client() {
    let response = cases::success("list_catalog_models").set_delay(3 * SHORT);
    let scene = StubServer::expecting("GET", "/api/models", response).await;
    let client = scene.builder().timeout(SHORT).build().unwrap();
    let call = client.list_catalog_models().with_timeout(FOREVER);
    call.send().await.unwrap();
}
