//! Responses that break off.

use cometapi::ErrorKind;

use crate::server::{Step, send};
use crate::{MAKE, READ, play};

fn cut(head: &str, body: &str) -> [Step; 1] {
    [send(format!(
        "HTTP/1.1 {head}\r\ncontent-length: 1000\r\n\r\n{body}"
    ))]
}

#[tokio::test]
async fn a_cut_error_body_keeps_the_status_and_what_arrived() {
    let script = cut("502 Bad Gateway\r\nx-request-id: r1", r#"{"error":{"mess"#);
    let error = play(&MAKE, &script).await;
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
async fn a_cut_success_body_is_told_with_what_arrived() {
    for (operation, retryable) in [(&MAKE, false), (&READ, true)] {
        let error = play(operation, &cut("200 OK\r\nx-request-id: r1", r#"{"id":"#)).await;
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert_eq!(error.request_id(), Some("r1"));
        assert_eq!(&error.body().unwrap()[..], br#"{"id":"#);
        assert_eq!(error.is_retryable(), retryable);
    }
}

#[tokio::test]
async fn what_ends_before_the_head_is_whole_has_no_status() {
    for script in [
        &[][..],
        &[send("HTTP/1.1 200 OK\r\ncontent-")],
        &[send("not HTTP at all\r\n\r\n")],
    ] {
        for (operation, retryable) in [(&MAKE, false), (&READ, true)] {
            let error = play(operation, script).await;
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
