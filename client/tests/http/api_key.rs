//! The operations with which the API key is sent.

use crate::server::{http_response, start};
use crate::{CREATE, KEY, READ, builder, call};
use cometapi::Client;

#[tokio::test]
async fn the_key_is_sent_only_with_operations_that_require_it() {
    for (operation, is_sent) in [(&CREATE, true), (&READ, false)] {
        let server = start(&http_response("200 OK", "{}")).await;
        let client = builder(&server.address).build().unwrap();
        call(&client, operation).await.unwrap();
        let request = server.request().await;
        assert_eq!(
            request.contains(&format!("authorization: Bearer {KEY}\r\n")),
            is_sent,
            "{request}"
        );
        assert_eq!(request.contains(KEY), is_sent, "{request}");
    }
}

#[test]
fn a_client_knows_whether_it_has_a_key() {
    let client = Client::builder().base_url("https://test.example");
    assert!(!client.clone().build().unwrap().has_api_key());
    assert!(client.api_key(KEY).build().unwrap().has_api_key());
}
