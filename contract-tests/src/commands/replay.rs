//! `cargo contract replay`.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use cometapi_contract::{Contract, Operation};
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::Shape;
use contract_tests::outcome_json::{call_summary, stream_summary};
use contract_tests::replay::{self, Recording, ReplayError, Replayer};
use contract_tests::request;
use serde_json::Value;

use super::{Result, print, runtime};

/// Play a saved response to the generated client and show what a caller gets
///
/// Of several heads in FILE (100 Continue, a proxy's, redirects) the last counts. Headers about the
/// body that it contradicts are dropped; a Content-Length larger than the body is played as a
/// connection that ends early. Exits with 1 if the caller gets an error. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The contract's operationId, for example create_chat_completion
    operation: String,
    /// A raw HTTP response as `curl -i` saves it; `-` is standard input
    file: PathBuf,
    /// Call the operation for its stream of events
    #[arg(long)]
    stream: bool,
    /// A response that deviates from the contract is an error
    #[arg(long)]
    strict: bool,
    /// Request the response in this format, for example srt
    #[arg(long, value_name = "FORMAT")]
    ask_format: Option<String>,
    /// How the body is split into writes
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    split: Split,
    /// Where `--split random` splits
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Format of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Split {
    #[default]
    Whole,
    Bytes,
    Random,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// One object on one line
    #[default]
    Json,
    /// For people
    Text,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let operation = find_operation(&contract, &self.operation)?;
        let request = request::minimal(&operation);
        let mut request = request.map_err(|error| format!("{}: {error}", operation.id()))?;
        if let Some(format) = &self.ask_format
            && !request::ask_for(&operation, &mut request, format)
        {
            return Err(format!("{} responds in one format only", operation.id()).into());
        }
        let recording = read(&self.file)?;
        let runtime = runtime()?;
        let played = match self.stream {
            false => runtime.block_on(self.play(&operation, &request, &recording)),
            true => runtime.block_on(self.play_stream(&operation, &request, &recording)),
        };
        let (text, is_success) = played.map_err(|failure| match failure {
            ReplayError::NoSuchOperation => unsupported_message(&operation, self.stream),
            ReplayError::Setup(reason) => reason,
        })?;
        print(&text);
        Ok(match is_success {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    /// What is printed, and whether the client takes the response.
    async fn play(
        &self,
        operation: &Operation<'_>,
        request: &Value,
        recording: &Recording,
    ) -> std::result::Result<(String, bool), ReplayError> {
        let (id, player) = (operation.id(), self.player().await?);
        let outcome = player.call(id, request, recording, self.chunking()).await?;
        let text = match self.format {
            Format::Json => format!("{}\n", call_summary(id, &outcome)),
            Format::Text => replay::text(id, recording, &outcome),
        };
        Ok((text, outcome.is_ok()))
    }

    async fn play_stream(
        &self,
        operation: &Operation<'_>,
        request: &Value,
        recording: &Recording,
    ) -> std::result::Result<(String, bool), ReplayError> {
        let shape = Shape::of(operation).ok_or(ReplayError::NoSuchOperation)?;
        let (id, player) = (operation.id(), self.player().await?);
        let streamed = player
            .stream(id, request, recording, self.chunking())
            .await?;
        let text = match self.format {
            Format::Json => format!("{}\n", stream_summary(id, &shape, &streamed)),
            Format::Text => replay::stream_text(id, recording, &shape, &streamed),
        };
        let is_complete = streamed.is_ok_and(|(summary, _)| summary.outcome.is_ok());
        Ok((text, is_complete))
    }

    async fn player(&self) -> std::result::Result<Replayer, ReplayError> {
        match self.strict {
            true => Replayer::start_strict().await,
            false => Replayer::start().await,
        }
    }

    fn chunking(&self) -> Chunking {
        match self.split {
            Split::Whole => Chunking::Whole,
            Split::Bytes => Chunking::Bytes,
            Split::Random => Chunking::Random(self.seed),
        }
    }
}

fn find_operation<'c>(contract: &'c Contract, id: &str) -> Result<Operation<'c>> {
    let operation = contract.operation(id);
    Ok(operation.ok_or_else(|| {
        let operations = contract.operations();
        let known: Vec<&str> = operations.iter().map(Operation::id).collect();
        format!("no operation {id:?}; there are: {}", known.join(", "))
    })?)
}

/// Why there is nothing to call.
fn unsupported_message(operation: &Operation<'_>, stream: bool) -> String {
    let success = operation.success();
    let media_types = success.map(|success| success.media_types());
    let names = media_types.iter().flatten();
    let names: Vec<&str> = names.map(|media_type| media_type.name).collect();
    let what = match stream {
        true => "has no event stream",
        false => "is nothing that this client can call",
    };
    let (id, names) = (operation.id(), names.join(", "));
    format!("{id} {what}: it returns {names}")
}

fn read(file: &Path) -> Result<Recording> {
    let from_input = file.as_os_str() == "-";
    let unusable = |reason: &dyn Display| match from_input {
        true => format!("standard input can't be replayed: {reason}"),
        false => format!("{} can't be replayed: {reason}", file.display()),
    };
    let mut bytes = Vec::new();
    let read = match from_input {
        true => io::stdin().lock().read_to_end(&mut bytes),
        false => File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| unusable(&error))?;
    Ok(Recording::parse(&bytes).map_err(|error| unusable(&error))?)
}
