//! Truncated responses.

use cometapi::ErrorKind;

use crate::server::{Step, send};
use crate::{CREATE, READ, call_error};

/// A response whose body is shorter than its declared length.
fn truncated(headers: &str, body: &str) -> [Step; 1] {
    [send(format!(
        "HTTP/1.1 {headers}\r\ncontent-length: 1000\r\n\r\n{body}"
    ))]
}

#[tokio::test]
async fn a_truncated_error_body_is_kept_with_its_status() {
    let script = truncated("502 Bad Gateway\r\nx-request-id: r1", r#"{"error":{"mess"#);
    let error = call_error(&CREATE, &script).await;
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Gateway, 502)
    );
    assert_eq!(&error.body().unwrap()[..], br#"{"error":{"mess"#);
    assert_eq!(error.request_id(), Some("r1"));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("the response body is incomplete"),
        "{source}"
    );
}

#[tokio::test]
async fn a_truncated_success_body_is_an_error_that_keeps_it() {
    for (operation, retryable) in [(&CREATE, false), (&READ, true)] {
        let error = call_error(
            operation,
            &truncated("200 OK\r\nx-request-id: r1", r#"{"id":"#),
        )
        .await;
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert_eq!(error.request_id(), Some("r1"));
        assert_eq!(&error.body().unwrap()[..], br#"{"id":"#);
        assert_eq!(error.is_retryable(), retryable);
    }
}

#[tokio::test]
async fn a_response_that_ends_within_its_headers_has_no_status() {
    for script in [
        &[][..],
        &[send("HTTP/1.1 200 OK\r\ncontent-")],
        &[send("not HTTP at all\r\n\r\n")],
    ] {
        for (operation, retryable) in [(&CREATE, false), (&READ, true)] {
            let error = call_error(operation, script).await;
            assert_eq!(
                (error.kind(), error.status()),
                (ErrorKind::ConnectionClosed, None),
                "{script:?}"
            );
            assert_eq!(error.is_retryable(), retryable);
            assert!(error.request_may_have_been_sent() && error.body().is_none());
        }
    }
}
