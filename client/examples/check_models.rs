//! Checks the model ids of a configuration against the catalog, as a program does when it starts:
//! ids come and go.
//!
//!     cargo run --example check_models -- CHAT_MODEL SPEECH_MODEL
//!
//! Without COMETAPI_KEY a mock in this process responses, though the real catalog needs no key.

use std::process::ExitCode;

use cometapi::types::CatalogPage;
use cometapi::{Client, Support, Task};
use cometapi_mock::Mock;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut configured = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let models = [
        (configured("example-4.5"), Task::Chat),
        (configured("example-voice-1"), Task::Speech),
    ];

    let mut client = Client::from_env()?;
    let mock;
    if !client.has_api_key() {
        mock = Mock::start().await?;
        client = Client::builder().base_url(mock.url()).build()?;
    }

    let catalog = client.list_catalog_models().send().await?;
    let mut exit = ExitCode::SUCCESS;
    for (model, task) in &models {
        match check(&catalog, model, *task) {
            Ok(fit) => println!("{model} for {task:?}: {fit}"),
            Err(objection) => {
                eprintln!("{model} for {task:?}: {objection}");
                exit = ExitCode::FAILURE;
            }
        }
    }
    Ok(exit)
}

/// What the catalog says of a model that may be used, or against it.
fn check(catalog: &CatalogPage, model: &str, task: Task) -> Result<String, String> {
    let Some(row) = catalog.find(model) else {
        let closest = catalog.suggest(model);
        let closest: Vec<&str> = closest.iter().map(|row| row.id.as_str()).collect();
        let closest = match closest.as_slice() {
            [] => "none is like it".to_owned(),
            ids => format!("the closest are {}", ids.join(", ")),
        };
        return Err(format!("not in the catalog; {closest}"));
    };
    let fit = row.supports(task);
    match fit.support() {
        Support::Unsupported => Err(fit.to_string()),
        // The catalog doesn't say everything of every model.
        Support::Supported | Support::Unknown => Ok(fit.to_string()),
    }
}
