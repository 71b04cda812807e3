//! Where the key goes.

use crate::server::{http_response, start};
use crate::{KEY, MAKE, READ, builder, call};

#[tokio::test]
async fn the_key_is_sent_where_the_contract_asks_for_it_and_nowhere_else() {
    for (operation, sent) in [(&MAKE, true), (&READ, false)] {
        let server = start(&http_response("200 OK", "{}")).await;
        let client = builder(&server.address).build().unwrap();
        call(&client, operation).await.unwrap();
        let request = server.request().await;
        assert_eq!(
            request.contains(&format!("authorization: Bearer {KEY}\r\n")),
            sent,
            "{request}"
        );
        assert_eq!(request.contains(KEY), sent, "{request}");
    }
}
