//! Shows the model catalog, asks a chat model to say hello, whole and word by word, has that spoken
//! into `speech.mp3`, and has the file written down again.
//!
//!     cargo run --example quickstart
//!     COMETAPI_KEY=sk-... cargo run --example quickstart -- [MODEL] --paid
//!
//! Without a key everything comes from a mock in this process, and costs nothing.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use cometapi::types::{CatalogModel, CatalogPage, ChatCompletionChunk, ChatMessage};
use cometapi::{Client, EventStream};
use cometapi_mock::Mock;

/// In the current folder.
const SPEECH: &str = "speech.mp3";

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
    let live = client.has_api_key();
    let mock;
    if !live {
        mock = Mock::start().await?;
        client = Client::builder()
            .base_url(mock.url())
            .api_key("any")
            .build()?;
    }

    let catalog = client.list_catalog_models().send().await?;
    print_table(&catalog.data);
    let models = client.list_models().send().await?;
    println!("\nThis key may use {} models.", models.data.len());

    let model = arguments.model.or_else(|| first_chat_model(&catalog));
    let model = model.ok_or("the catalog has no chat model; give one as argument")?;
    if live && !arguments.paid {
        println!("With --paid it would also ask {model} to say hello, have that spoken and");
        println!("written down again, which costs a little.");
        return Ok(());
    }
    if live {
        println!("\nAsking {model}, which costs a little.");
    }

    let question = [ChatMessage::user("Say hello.")];
    let request = client.create_chat_completion();
    let request = request.model(&model).messages(question);
    let reply = request.clone().send().await?;
    println!("\n{model} says: {}", reply.text().unwrap_or_default());
    print!("Word by word: ");
    let text = print_stream(request.stream().await?).await?;

    let speaker = first_with("text-to-speech", &catalog);
    let listener = first_with("speech-to-text", &catalog);
    match (speaker, listener) {
        (Some(speaker), Some(listener)) => speak(&client, &text, &speaker, &listener).await?,
        _ => println!("\nThe catalog has no models that speak and listen."),
    }

    if !live {
        println!("\nThis was the mock. To go live, set COMETAPI_KEY and add `-- --paid`.");
    }
    Ok(())
}

/// Prints a reply as it comes.
async fn print_stream(reply: EventStream<ChatCompletionChunk>) -> Result<String, Box<dyn Error>> {
    let mut chunks = reply.into_text_deltas();
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        print!("{chunk}");
        stdout().flush()?;
        text.push_str(&chunk);
    }
    println!();
    Ok(text)
}

/// Turns a text into speech, and the speech into text again.
async fn speak(
    client: &Client,
    text: &str,
    speaker: &str,
    listener: &str,
) -> Result<(), cometapi::Error> {
    let speech = client.create_speech();
    let speech = speech.model(speaker).input(text).voice("nova");
    let bytes = speech.send().await?.save(SPEECH).await?;
    println!("\n{speaker} speaks: {bytes} bytes, saved here as {SPEECH}");

    let transcription = client.create_transcription().model(listener);
    let transcript = transcription.file(Path::new(SPEECH)).send().await?;
    println!("{listener} hears: {}", transcript.text());

    let translation = client.create_translation().model(listener);
    let english = translation.file(Path::new(SPEECH)).send().await?;
    println!("{listener} says in English: {}", english.text());
    Ok(())
}

/// The first model that can be talked to today.
fn first_chat_model(catalog: &CatalogPage) -> Option<String> {
    let chats = |model: &&CatalogModel| {
        ["text", "chat", "llm"]
            .iter()
            .any(|kind| model.has_type(*kind))
    };
    let model = catalog.available().find(chats);
    model.map(|model| model.id.clone())
}

/// The first model of today that can do this.
fn first_with(feature: &str, catalog: &CatalogPage) -> Option<String> {
    let model = catalog.available().find(|model| model.has_feature(feature));
    model.map(|model| model.id.clone())
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
        eprintln!("  {}", error.help());
        if let Some(page) = error.docs_url() {
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
