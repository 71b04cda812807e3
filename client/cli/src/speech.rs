//! `cometapi speak`

use std::io::{IsTerminal, stdout};
use std::path::Path;

use cometapi::types::SpeechFormat;
use cometapi::{Client, Download};

use crate::args::{SPEECH_FORMATS, Speak, Target};
use crate::error::CliError;
use crate::{output, progress};

pub async fn run(client: &Client, arguments: Speak) -> Result<(), CliError> {
    let target = arguments.output;
    check(&target)?;
    let request = client.create_speech().model(arguments.model);
    let mut request = request.input(arguments.text).voice(arguments.voice);
    if let Some(format) = arguments.format.or_else(|| by_extension(&target)) {
        request = request.response_format(format);
    }
    let speech = request.send().await?;
    let media_type = speech.content_type().to_owned();
    let speech = speech.with_progress(progress::receiving());
    let Target::File(path) = target else {
        return print(speech).await;
    };
    let bytes = speech.save(&path).await?;
    let path = path.display();
    output::note(&format!("{bytes} bytes of {media_type} in {path}"));
    Ok(())
}

/// What would fail after the call, which costs, is found before it.
fn check(target: &Target) -> Result<(), CliError> {
    let Target::File(path) = target else {
        if stdout().is_terminal() {
            let message = "a terminal can't play audio: give -o a file, or pipe it to a player";
            return Err(CliError::Usage(message.to_owned()));
        }
        return Ok(());
    };
    if path.is_dir() {
        let message = format!("{} is a directory", path.display());
        return Err(CliError::File(message));
    }
    match path.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => {
            let message = format!("there is no directory {}", parent.display());
            Err(CliError::File(message))
        }
        _ => Ok(()),
    }
}

fn by_extension(target: &Target) -> Option<SpeechFormat> {
    let Target::File(path) = target else {
        return None;
    };
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let known = SPEECH_FORMATS.contains(&extension.as_str());
    known.then(|| SpeechFormat::from(extension))
}

async fn print(mut speech: Download) -> Result<(), CliError> {
    while let Some(bytes) = speech.next().await {
        output::print_bytes(&bytes?)?;
    }
    Ok(())
}
