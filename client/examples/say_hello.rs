//! Asks a model to say hello, as `curl` does on the page about models.
//!
//!     COMETAPI_KEY=sk-... cargo run --example say_hello -- MODEL
//!
//! Without a key a mock in this process responses.

use cometapi::{ChatMessage, Client};
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

    let reply = client
        .create_chat_completion()
        .model(model.as_deref().unwrap_or("your-model-id"))
        .messages([ChatMessage::user("Say hello.")])
        .send()
        .await?;
    println!("{}", reply.text().unwrap_or_default());
    Ok(())
}
