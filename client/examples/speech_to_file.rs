//! Has a text spoken into `speech.mp3`, as the Python sample on the page about audio does.
//!
//!     COMETAPI_KEY=sk-... cargo run --example speech_to_file -- MODEL
//!
//! Without a key a mock in this process responses.

use std::time::Duration;

use cometapi::Client;
use cometapi_mock::Mock;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut client = Client::from_env()?;
    let mock;
    if !client.has_api_key() {
        mock = Mock::start().await?;
        client = Client::builder()
            .base_url(mock.url())
            .api_key("any")
            .build()?;
    }
    let model = std::env::args().nth(1);

    let speech = client
        .create_speech()
        .model(model.as_deref().unwrap_or("your-audio-model-id"))
        .input("Welcome to CometAPI.")
        .voice("alloy")
        .response_format("mp3")
        .with_timeout(Duration::from_secs(60))
        .send()
        .await?;
    speech.save("speech.mp3").await?;
    Ok(())
}
