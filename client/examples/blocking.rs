//! A reply, whole and word by word, and speech in `speech.mp3`, without async.
//!
//!     COMETAPI_KEY=sk-... cargo run --features blocking --example blocking -- MODEL SPEAKER
//!
//! Without a key a mock in this process responses.

use std::io::Write;

use cometapi::ChatMessage;
use cometapi::blocking::Client;
use cometapi_mock::Mock;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut client = Client::from_env()?;
    let mock;
    if !client.has_api_key() {
        // Only its start is async.
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        mock = runtime.block_on(Mock::start())?;
        client = Client::builder()
            .base_url(mock.url())
            .api_key("any")
            .build()?;
    }
    let mut models = std::env::args().skip(1);
    let model = models.next().unwrap_or_else(|| "your-model-id".to_owned());
    let speaker = models
        .next()
        .unwrap_or_else(|| "your-audio-model-id".to_owned());

    let question = client
        .create_chat_completion()
        .model(model)
        .messages([ChatMessage::user("Say hello.")]);
    let reply = question.clone().send()?;
    println!("{}", reply.text().unwrap_or_default());

    for chunk in question.stream()?.into_text_deltas() {
        print!("{}", chunk?);
        std::io::stdout().flush()?;
    }
    println!();

    let speech = client
        .create_speech()
        .model(speaker)
        .input("Welcome to CometAPI.")
        .voice("alloy")
        .send()?;
    let length = speech.save("speech.mp3")?;
    println!("{length} bytes of speech, saved here as speech.mp3");
    Ok(())
}
