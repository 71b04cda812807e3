//! Prints the catalog as the service wrote it, as `curl` does on the pages about models and audio.
//!
//!     cargo run --example catalog_json
//!
//! Without COMETAPI_KEY a mock in this process responses, though the real catalog needs no key.

use std::io::{Write, stdout};

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

    let catalog = client.list_catalog_models().send().await?;
    stdout().write_all(catalog.raw())?;
    Ok(())
}
