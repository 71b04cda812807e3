//! `cometapi transcribe` and `cometapi translate`

use cometapi::types::{TranscriptFormat, TranscriptionResponse};
use cometapi::{Client, Upload};

use crate::args::Listen;
use crate::error::CliError;
use crate::{output, progress};

#[derive(Clone, Copy, Debug)]
pub enum Task {
    Transcribe,
    Translate,
}

pub async fn run(client: &Client, task: Task, arguments: Listen) -> Result<(), CliError> {
    let Listen {
        model,
        file,
        format,
    } = arguments;
    let upload = Upload::path(file).with_progress(progress::sending());
    let asked = format.clone().unwrap_or(TranscriptFormat::Json);
    let response = match task {
        Task::Transcribe => {
            let request = client.create_transcription().model(model).file(upload);
            let request = request.response_format(asked);
            tell(&request.warnings());
            request.send().await?
        }
        Task::Translate => {
            let request = client.create_translation().model(model).file(upload);
            let request = request.response_format(asked);
            tell(&request.warnings());
            request.send().await?
        }
    };
    match format {
        None => output::print_lines(response.text())?,
        Some(_) => output::print_lines(response.raw())?,
    }
    if says_nothing(&response) {
        return Err(CliError::EmptyTranscript);
    }
    Ok(())
}

fn tell(warnings: &[String]) {
    for warning in warnings {
        output::note(warning);
    }
}

fn says_nothing(response: &TranscriptionResponse) -> bool {
    match response {
        // Without speech there are no times, but there may be a heading.
        TranscriptionResponse::Srt(subtitles) | TranscriptionResponse::Vtt(subtitles) => {
            !subtitles.contains("-->")
        }
        response => response.text().trim().is_empty(),
    }
}
