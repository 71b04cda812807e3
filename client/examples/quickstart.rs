//! Shows the model catalog and asks a chat model to say hello.
//!
//!     cargo run --example quickstart
//!     COMETAPI_KEY=sk-... cargo run --example quickstart -- [MODEL] --paid
//!
//! Without a key everything comes from a mock in this process, and costs nothing.

use std::error::Error;
use std::process::ExitCode;

use cometapi::Client;
use cometapi::types::{CatalogModel, ChatMessage, ModelType};
use cometapi_mock::Mock;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            explain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse()?;

    // The key comes from COMETAPI_KEY or COMETAPI_API_KEY.
    let mut client = Client::from_env()?;
    let live = client.has_key();
    let mock;
    if !live {
        mock = Mock::start().await?;
        client = Client::builder().base_url(mock.url()).key("any").build()?;
    }

    let catalog = client.list_catalog_models().send().await?;
    print_table(&catalog.data);

    let model = arguments.model.or_else(|| first_chat_model(&catalog.data));
    let model = model.ok_or("the catalog has no chat model; give one as argument")?;
    if live && !arguments.paid {
        println!("\nWith --paid it would also ask {model} to say hello, which costs a little.");
        return Ok(());
    }
    if live {
        println!("\nAsking {model}, which costs a little.");
    }

    let reply = client
        .create_chat_completion()
        .model(&model)
        .messages([ChatMessage::user("Say hello.")])
        .send()
        .await?;
    println!("\n{model} says: {}", reply.text().unwrap_or_default());

    if !live {
        println!("\nThis was the mock. To go live, set COMETAPI_KEY and add `-- --paid`.");
    }
    Ok(())
}

/// The first model that can be talked to today.
fn first_chat_model(models: &[CatalogModel]) -> Option<String> {
    let chats = |model: &&CatalogModel| {
        matches!(
            model.model_type,
            Some(ModelType::Text | ModelType::Chat | ModelType::Llm)
        ) && model.upcoming != Some(true)
    };
    models.iter().find(chats).map(|model| model.id.clone())
}

const ROWS: usize = 20;

fn print_table(models: &[CatalogModel]) {
    print_row("MODEL", "TYPE", "PROVIDER", "FEATURES");
    for model in models.iter().take(ROWS) {
        let model_type = model.model_type.as_ref().map(ToString::to_string);
        let features: Vec<String> = model.features.iter().map(ToString::to_string).collect();
        print_row(
            &model.id,
            model_type.as_deref().unwrap_or("-"),
            model.provider.as_deref().unwrap_or("-"),
            &features.join(" "),
        );
    }
    if models.len() > ROWS {
        println!("... and {} more", models.len() - ROWS);
    }
}

fn print_row(model: &str, model_type: &str, provider: &str, features: &str) {
    let line = format!(
        "{:<28} {:<6} {:<16} {}",
        fitted(model, 28),
        fitted(model_type, 6),
        fitted(provider, 16),
        fitted(features, 27),
    );
    println!("{}", line.trim_end());
}

/// The text, cut so that its column stays aligned.
fn fitted(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// What went wrong, and for the API's errors what to do about it.
fn explain(error: &(dyn Error + 'static)) {
    eprintln!("error: {error}");
    if let Some(error) = error.downcast_ref::<cometapi::Error>() {
        eprintln!("  {}", error.advice());
        if let Some(page) = error.documentation() {
            eprintln!("  {page}");
        }
    }
}

#[derive(Default)]
struct Arguments {
    model: Option<String>,
    paid: bool,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        let mut arguments = Self::default();
        for argument in std::env::args().skip(1) {
            match argument.as_str() {
                "--paid" => arguments.paid = true,
                option if option.starts_with('-') => {
                    return Err(format!(
                        "unknown option {option}; there are: [MODEL] [--paid]"
                    ));
                }
                _ => arguments.model = Some(argument),
            }
        }
        Ok(arguments)
    }
}
