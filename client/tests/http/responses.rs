//! Complete responses: decoding, error responses, redirects and size limits.

use cometapi::ErrorKind;

use crate::server::{http_response, start};
use crate::{CREATE, KEY, READ, builder, call, call_error};

#[tokio::test]
async fn a_success_response_keeps_status_headers_and_body() {
    let body = r#"{"id":"a","unknown":1}"#;
    let server = start(&http_response("200 OK\r\nx-request-id: r1", body)).await;
    let client = builder(&server.address).build().unwrap();
    let response = call(&client, &CREATE).await.unwrap();
    assert_eq!(response["id"], "a");
    assert_eq!(&response.raw()[..], body.as_bytes());
    assert_eq!(
        (response.status().as_u16(), response.request_id()),
        (200, Some("r1"))
    );
    let debug = format!("{response:?}");
    assert!(
        debug.starts_with("Response { status: 200, request_id: Some(\"r1\")"),
        "{debug}"
    );
    let (parts, value) = response.into_parts();
    assert_eq!(value["id"], "a");
    assert_eq!(
        (parts.status().as_u16(), parts.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(parts.headers()["x-request-id"], "r1");
    let request = server.request().await;
    assert!(
        request.starts_with("POST /v1/things HTTP/1.1\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn an_html_error_response_keeps_status_headers_and_body() {
    let html = "<html><head><title>502 Bad Gateway</title></head></html>";
    let error = call_error(
        &CREATE,
        &http_response("502 Bad Gateway\r\nretry-after: 2\r\ncf-ray: 8f", html),
    )
    .await;
    assert_eq!(error.kind(), ErrorKind::Gateway);
    assert_eq!(error.status().unwrap().as_u16(), 502);
    assert_eq!(&error.body().unwrap()[..], html.as_bytes());
    assert_eq!(error.headers().unwrap()["cf-ray"], "8f");
    assert_eq!(error.retry_after().unwrap().as_secs(), 2);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "create_thing: 502 Bad Gateway: an HTML response: \"502 Bad Gateway\" (request id: 8f)"
    );
}

#[tokio::test]
async fn a_redirect_is_an_error_and_not_followed() {
    let other = start(&http_response("200 OK", "{}")).await;
    let headers = format!("301 Moved Permanently\r\nlocation: {}", other.address);
    let error = call_error(&CREATE, &http_response(&headers, "")).await;
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Gateway, 301)
    );
    assert!(error.help().contains("base URL"), "{}", error.help());
}

#[tokio::test]
async fn every_2xx_status_is_a_success() {
    let server = start(&http_response("201 Created", "{}")).await;
    let client = builder(&server.address).build().unwrap();
    assert_eq!(call(&client, &CREATE).await.unwrap().status().as_u16(), 201);
}

#[tokio::test]
async fn size_limits_apply_with_and_without_a_declared_length() {
    let long = format!("\"{}\"", "x".repeat(5_000));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    for (script, kept) in [
        (http_response("200 OK", &long), 0),
        ([crate::server::send(chunked)], 100),
    ] {
        let server = start(&script).await;
        let client = builder(&server.address)
            .max_json_bytes(5_001)
            .max_error_body_bytes(100);
        let error = call(&client.build().unwrap(), &CREATE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
        assert_eq!(
            (
                error.status().unwrap().as_u16(),
                error.body().unwrap().len()
            ),
            (200, kept)
        );
        assert!(error.message().contains("5001 bytes"), "{error}");
    }
    let server = start(&http_response("200 OK", &long)).await;
    let client = builder(&server.address)
        .max_json_bytes(5_002)
        .build()
        .unwrap();
    assert!(call(&client, &CREATE).await.is_ok());

    let server = start(&http_response("502 Bad Gateway", &long)).await;
    let client = builder(&server.address)
        .max_error_body_bytes(100)
        .build()
        .unwrap();
    let error = call(&client, &CREATE).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.body().unwrap().len()),
        (ErrorKind::Gateway, 100)
    );
}

#[tokio::test]
async fn an_echoed_key_is_redacted() {
    let body = format!(r#"{{"error":{{"message":"bad key {KEY}","code":"{KEY}"}}}}"#);
    let error = call_error(&CREATE, &http_response("401 Unauthorized", &body)).await;
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Authentication, "bad key [key]")
    );
    assert_eq!(error.code(), Some("[key]"));
    assert!(!format!("{error} {error:?}").contains(KEY));
}

#[tokio::test]
async fn a_failed_connection_is_safe_to_retry() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let client = builder(&format!("http://{unused}")).build().unwrap();
    for operation in [&CREATE, &READ] {
        let error = call(&client, operation).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.is_retryable() && !error.request_may_have_been_sent());
        assert!(error.message().contains("refused"), "{error}");
        assert!(
            !format!("{error:?}").contains(&unused.to_string()),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_failed_tls_handshake_is_safe_to_retry() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let response = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, response)
            .await
            .unwrap();
    });
    let error = call(&builder(&address).build().unwrap(), &CREATE)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.is_retryable() && !error.request_may_have_been_sent());
}
