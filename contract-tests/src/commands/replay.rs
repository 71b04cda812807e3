//! `cargo contract replay`.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cometapi_contract::{Contract, Operation};
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::{call_summary, stream_summary};
use contract_tests::replay::{self, Recording, ReplayError, Replayer};
use contract_tests::request;
use contract_tests::stream_text::Shape;
use lexopt::{Arg, Parser, ValueExt};
use serde_json::Value;

use super::{Format, one_of, print, runtime};
use crate::CommandError;

const USAGE: &str = "\
Plays a saved response to the generated client and tells what a caller gets.

Usage: cargo contract replay OPERATION FILE [OPTIONS]

  OPERATION       the contract's operationId, for example create_chat_completion
  FILE            a raw HTTP response as `curl -i` saves it; `-` is standard input
  --stream        call the operation for its stream of events
  --strict        a response that differs from the contract is an error
  --ask-format F  ask for the response in this format, for example srt
  --split HOW     how the body is cut into writes: whole (default), bytes, random
  --seed N        where `--split random` cuts, 0 by default
  --format        json (default): one object on one line; text: for people

Of several heads in FILE (100 Continue, a proxy's, redirects) the last counts. Headers about the
body that it doesn't bear out are dropped; a Content-Length larger than the body is played as a
connection that ends early. Nothing leaves this machine.

Exits with 0 if the client takes the response, 1 if the caller gets an error, 2 if FILE or the
arguments are unusable.
";

struct Options {
    operation: String,
    file: PathBuf,
    stream: bool,
    strict: bool,
    asked: Option<String>,
    split: Chunking,
    format: Format,
}

pub(crate) fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let Some(options) = Options::parse(arguments)? else {
        print(USAGE);
        return Ok(ExitCode::SUCCESS);
    };
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let operation = known(&contract, &options.operation)?;
    let mut request = request::minimal(&operation)
        .map_err(|error| CommandError(format!("{}: {error}", operation.id())))?;
    if let Some(asked) = &options.asked
        && !request::ask_for(&operation, &mut request, asked)
    {
        let reason = format!("{} responses in one format only", operation.id());
        return Err(CommandError(reason));
    }
    let recording = read(&options.file)?;
    let runtime = runtime()?;
    let played = match options.stream {
        false => runtime.block_on(play(&operation, &request, &recording, &options)),
        true => runtime.block_on(play_stream(&operation, &request, &recording, &options)),
    };
    let (text, code) = played.map_err(|failure| match failure {
        ReplayError::NoSuchOperation => CommandError(lacking(&operation, &options)),
        ReplayError::Setup(reason) => CommandError(reason),
    })?;
    print(&text);
    Ok(code)
}

/// What is printed and the exit code.
type Told = (String, ExitCode);

async fn play(
    operation: &Operation<'_>,
    request: &Value,
    recording: &Recording,
    options: &Options,
) -> Result<Told, ReplayError> {
    let (id, player) = (operation.id(), options.player().await?);
    let outcome = player.call(id, request, recording, options.split).await?;
    let text = match options.format {
        Format::Json => format!("{}\n", call_summary(id, &outcome)),
        Format::Text => replay::text(id, recording, &outcome),
    };
    Ok((text, code(outcome.is_ok())))
}

async fn play_stream(
    operation: &Operation<'_>,
    request: &Value,
    recording: &Recording,
    options: &Options,
) -> Result<Told, ReplayError> {
    let shape = Shape::of(operation).ok_or(ReplayError::NoSuchOperation)?;
    let (id, player) = (operation.id(), options.player().await?);
    let streamed = player.stream(id, request, recording, options.split).await?;
    let text = match options.format {
        Format::Json => format!("{}\n", stream_summary(id, &shape, &streamed)),
        Format::Text => replay::stream_text(id, recording, &shape, &streamed),
    };
    let is_whole = streamed.is_ok_and(|(drained, _)| drained.outcome.is_ok());
    Ok((text, code(is_whole)))
}

fn code(is_success: bool) -> ExitCode {
    match is_success {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

impl Options {
    async fn player(&self) -> Result<Replayer, ReplayError> {
        match self.strict {
            true => Replayer::start_strict().await,
            false => Replayer::start().await,
        }
    }

    /// None if help is requested.
    fn parse(mut arguments: Parser) -> Result<Option<Self>, CommandError> {
        let (mut format, mut stream, mut asked) = (Format::Json, false, None);
        let (mut split, mut seed, mut strict) = (Chunking::Whole, 0, false);
        let mut values = Vec::new();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("stream") => stream = true,
                Arg::Long("strict") => strict = true,
                Arg::Long("ask-format") => asked = Some(arguments.value()?.string()?),
                Arg::Long("seed") => seed = arguments.value()?.parse()?,
                Arg::Long("split") => {
                    split = one_of(
                        "split",
                        &arguments.value()?.string()?,
                        &[
                            ("whole", Chunking::Whole),
                            ("bytes", Chunking::Bytes),
                            ("random", Chunking::Random(0)),
                        ],
                    )?;
                }
                Arg::Long("format") => {
                    format = one_of("format", &arguments.value()?.string()?, &Format::NAMES)?;
                }
                Arg::Value(value) if values.len() < 2 => values.push(value),
                other => return Err(other.unexpected().into()),
            }
        }
        let [operation, file] = <[OsString; 2]>::try_from(values)
            .map_err(|_| CommandError(format!("OPERATION and FILE are needed\n\n{USAGE}")))?;
        if let Chunking::Random(chosen) = &mut split {
            *chosen = seed;
        }
        Ok(Some(Self {
            operation: operation.string()?,
            file: file.into(),
            stream,
            strict,
            asked,
            split,
            format,
        }))
    }
}

fn known<'c>(contract: &'c Contract, id: &str) -> Result<Operation<'c>, CommandError> {
    contract.operation(id).ok_or_else(|| {
        let operations = contract.operations();
        let known: Vec<&str> = operations.iter().map(Operation::id).collect();
        CommandError(format!(
            "no operation {id:?}; there are: {}",
            known.join(", ")
        ))
    })
}

/// Why there is nothing to call.
fn lacking(operation: &Operation<'_>, options: &Options) -> String {
    let success = operation.success();
    let media_types = success.map(|success| success.media_types());
    let names = media_types.iter().flatten();
    let names: Vec<&str> = names.map(|media_type| media_type.name).collect();
    let what = match options.stream {
        true => "has no event stream",
        false => "is nothing that this client can call",
    };
    let (id, names) = (operation.id(), names.join(", "));
    format!("{id} {what}: it returns {names}")
}

fn read(file: &Path) -> Result<Recording, CommandError> {
    let from_input = file.as_os_str() == "-";
    let unusable = |reason: &dyn Display| match from_input {
        true => CommandError(format!("standard input can't be replayed: {reason}")),
        false => CommandError(format!("{} can't be replayed: {reason}", file.display())),
    };
    let mut bytes = Vec::new();
    let read = match from_input {
        true => io::stdin().lock().read_to_end(&mut bytes),
        false => File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| unusable(&error))?;
    Recording::parse(&bytes).map_err(|error| unusable(&error))
}
