//! Base URLs as users paste them, and where the requests then go.

use crate::support::stub_server::StubServer;
use crate::support::{KEY, cases};

async fn assert_reached(pasted: &str, prefix: &str) {
    let scene = StubServer::new().await;
    for (id, path) in [
        ("list_catalog_models", "/api/models"),
        ("list_models", "/v1/models"),
    ] {
        scene
            .expect("GET", &format!("{prefix}{path}"), 1, cases::success(id))
            .await;
    }
    let url = pasted.replace("URL", &scene.url());
    let client = cometapi::Client::builder()
        .base_url(&url)
        .api_key(KEY)
        .build()
        .unwrap();
    client.list_catalog_models().send().await.expect(&url);
    client.list_models().send().await.expect(&url);
}

#[tokio::test]
async fn with_and_without_version_and_slash() {
    for pasted in ["URL", "URL/", "URL/v1", "URL/v1/", " URL/v1 \n"] {
        assert_reached(pasted, "").await;
    }
}

#[tokio::test]
async fn a_path_before_the_version_stays() {
    for pasted in [
        "URL/gateway",
        "URL/gateway/",
        "URL/gateway/v1",
        "URL/gateway/v1/",
    ] {
        assert_reached(pasted, "/gateway").await;
    }
}
