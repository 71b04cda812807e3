//! `cometapi chat`

use std::io::{IsTerminal, stdin};

use cometapi::types::{ChatCompletion, ChatMessage, FinishReason};
use cometapi::{ChatCompletionAccumulator, Client};
use tokio::io::AsyncReadExt;

use crate::args::Chat;
use crate::error::CliError;
use crate::output;

pub async fn run(client: &Client, arguments: Chat) -> Result<(), CliError> {
    let prompt = prompt(&arguments.prompt).await?;
    let system = arguments.system.map(ChatMessage::system);
    let messages = system.into_iter().chain([ChatMessage::user(prompt)]);
    let request = client.create_chat_completion();
    let request = request.model(arguments.model).messages(messages);
    if arguments.json {
        let reply = request.send().await?;
        output::print_lines(reply.raw())?;
        tell_ending(&reply);
        return Ok(());
    }

    let mut reply = request.stream().await?;
    let mut fold = ChatCompletionAccumulator::new();
    let mut is_line_open = false;
    let mut outcome = Ok(());
    while let Some(chunk) = reply.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(error) => {
                outcome = Err(error);
                break;
            }
        };
        let deltas = chunk
            .choices
            .iter()
            .filter_map(|choice| choice.delta.as_ref());
        for text in deltas.filter_map(|delta| delta.content.as_deref()) {
            output::print(text)?;
            is_line_open = text
                .chars()
                .last()
                .map_or(is_line_open, |last| last != '\n');
        }
        fold.push(chunk);
    }
    if is_line_open {
        output::print("\n")?;
    }
    outcome?;
    tell_ending(&fold.finish());
    Ok(())
}

/// The arguments, then standard input unless that is a terminal.
async fn prompt(words: &[String]) -> Result<String, CliError> {
    let mut parts = vec![words.join(" ")];
    if !stdin().is_terminal() {
        let mut material = String::new();
        let read = tokio::io::stdin().read_to_string(&mut material).await;
        read.map_err(|problem| CliError::File(format!("standard input can't be read: {problem}")))?;
        parts.push(material.trim_end().to_owned());
    }
    parts.retain(|part| !part.trim().is_empty());
    if parts.is_empty() {
        let message = "no prompt after the model: give one as argument or on standard input";
        return Err(CliError::Usage(message.to_owned()));
    }
    Ok(parts.join("\n\n"))
}

/// Says what the text doesn't show: a refusal, and an end before the model was done.
fn tell_ending(reply: &ChatCompletion) {
    for choice in &reply.choices {
        if let Some(refusal) = &choice.message.refusal {
            output::note(&format!("the model refused: {refusal}"));
        }
        match &choice.finish_reason {
            None | Some(FinishReason::Stop) => {}
            Some(reason) if reason.as_str().is_empty() => {}
            Some(reason) => output::note(&format!("the reply ended with: {reason}")),
        }
    }
}
