//! What isn't read to its end isn't paid for longer than it has to: the server sees the caller go.

use std::time::Duration;

use cometapi::types::ChatMessage;
use cometapi::{Client, Error, RetryPolicy};
use contract_tests::server::{Server, Step};

use crate::support::KEY;
use crate::support::cases;

/// Long enough for any machine; reached only where the client keeps the connection.
const LIMIT: Duration = Duration::from_secs(30);

/// Sends the beginning of a response that never ends, and waits until the caller has gone.
async fn assert_seen_to_go<T>(
    media_type: &str,
    beginning: &[u8],
    call: impl AsyncFnOnce(Client) -> Result<T, Error>,
) where
    T: Sized,
{
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\n\r\n");
    let server = Server::start().await.unwrap();
    let script = server.play([
        Step::Write([head.as_bytes(), beginning].concat()),
        Step::Stall,
    ]);
    let client = Client::builder()
        .base_url(server.url())
        .api_key(KEY)
        .retry_policy(RetryPolicy::never())
        .build()
        .unwrap();
    let begun = call(client).await.unwrap();
    drop(begun);
    let left = tokio::time::timeout(LIMIT, script.ended()).await;
    left.expect("the connection stays open");
}

#[tokio::test]
async fn a_dropped_stream() {
    let operation = cases::CONTRACT.operation("create_chat_completion").unwrap();
    let stream = cases::streams_of(&operation)[0].bytes();
    let first = stream.windows(2).position(|two| two == b"\n\n").unwrap() + 2;
    assert_seen_to_go("text/event-stream", &stream[..first], async |client| {
        let call = client.create_chat_completion().model("m");
        let call = call.messages([ChatMessage::user("Say hello.")]);
        let mut stream = call.stream().await?;
        stream.next().await.unwrap()?;
        Ok(stream)
    })
    .await;
}

#[tokio::test]
async fn a_dropped_download() {
    assert_seen_to_go("audio/mpeg", b"ID3 and so on", async |client| {
        let call = client.create_speech().model("m").input("Hello.");
        let mut speech = call.voice("nova").send().await?;
        speech.next().await.unwrap()?;
        Ok(speech)
    })
    .await;
}
