//! Prints the ids of the catalog's models, as the Python sample on the page about models does.
//!
//!     cargo run --example catalog_ids
//!
//! Without COMETAPI_KEY a mock in this process responses, though the real catalog needs no key.

use std::time::Duration;

use cometapi::Client;
use cometapi_mock::Mock;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut client = Client::from_env()?;
    let mock;
    if !client.has_api_key() {
        mock = Mock::start().await?;
        client = Client::builder().base_url(mock.url()).build()?;
    }

    let catalog = client
        .list_catalog_models()
        .with_timeout(Duration::from_secs(30))
        .send()
        .await?;
    for model in &catalog.data {
        println!("{}", model.id);
    }
    Ok(())
}
