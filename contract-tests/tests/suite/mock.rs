//! The client and the contract's mock know nothing of each other, and get along.

use cometapi::{Client, Kind, dispatch};
use cometapi_mock::Mock;

use crate::support::{KEY, arguments, cases};

#[tokio::test]
async fn every_operation_succeeds() {
    let mock = Mock::start().await.unwrap();
    let client = Client::builder()
        .base_url(mock.url())
        .key(KEY)
        .build()
        .unwrap();
    for operation in cases::operations() {
        let outcome = dispatch::call(&client, operation.id(), &arguments(&operation)).await;
        assert!(outcome.unwrap().is_ok(), "{}", operation.id());
    }
}

#[tokio::test]
async fn a_wrong_path_is_told_the_right_one() {
    let mock = Mock::start().await.unwrap();
    let url = format!("{}/wrong", mock.url());
    let client = Client::builder().base_url(url).key(KEY).build().unwrap();
    let error = client.list_models().send().await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let message = "the contract has no GET /wrong/v1/models; the nearest it has is GET /v1/models";
    assert_eq!(error.message(), message);
}
