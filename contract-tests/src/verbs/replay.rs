//! `cargo contract replay`.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cometapi_contract::{Contract, Operation};
use contract_tests::replay::{self, Failure, Recording};
use contract_tests::report::report;
use contract_tests::request;
use lexopt::{Arg, Parser, ValueExt};

use super::print;
use crate::CouldNotRun;

const USAGE: &str = "\
Plays a saved response to the generated client and tells what a caller gets.

Usage: cargo contract replay OPERATION FILE [--format json|text]

  OPERATION   the contract's operationId, for example create_chat_completion
  FILE        a raw HTTP response as `curl -i` saves it; `-` is standard input
  --format    json (default): one object on one line; text: for people

Of several heads in FILE (100 Continue, a proxy's, redirects) the last counts. Headers about the
body that it doesn't bear out are dropped; a Content-Length larger than the body is played as a
connection that breaks off. Nothing leaves this machine.

Exits with 0 if the client takes the response, 1 if the caller gets an error, 2 if FILE or the
arguments are unusable.
";

enum Format {
    Json,
    Text,
}

struct Options {
    operation: String,
    file: PathBuf,
    format: Format,
}

pub(crate) fn run(arguments: Parser) -> Result<ExitCode, CouldNotRun> {
    let Some(options) = Options::parse(arguments)? else {
        print(USAGE);
        return Ok(ExitCode::SUCCESS);
    };
    let contract = Contract::shipped().map_err(|error| CouldNotRun(error.to_string()))?;
    let operation = known(&contract, &options.operation)?;
    let recording = read(&options.file)?;
    let request = request::minimal(&operation)
        .map_err(|error| CouldNotRun(format!("{}: {error}", operation.id())))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| CouldNotRun(error.to_string()))?;
    let outcome = runtime.block_on(replay::play(operation.id(), &request, &recording));
    let outcome = outcome.map_err(|failure| match failure {
        Failure::NoSuchOperation => CouldNotRun(not_yet(&operation)),
        Failure::Setup(reason) => CouldNotRun(reason),
    })?;
    match options.format {
        Format::Json => print(&format!("{}\n", report(operation.id(), &outcome))),
        Format::Text => print(&replay::text(operation.id(), &recording, &outcome)),
    }
    Ok(ExitCode::from(u8::from(outcome.is_err())))
}

impl Options {
    /// None if help is asked for.
    fn parse(mut arguments: Parser) -> Result<Option<Self>, CouldNotRun> {
        let mut format = Format::Json;
        let mut values = Vec::new();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("format") => {
                    format = match arguments.value()?.string()?.as_str() {
                        "json" => Format::Json,
                        "text" => Format::Text,
                        other => {
                            let reason = format!("no format {other:?}; there are: json, text");
                            return Err(CouldNotRun(reason));
                        }
                    }
                }
                Arg::Value(value) if values.len() < 2 => values.push(value),
                other => return Err(other.unexpected().into()),
            }
        }
        let [operation, file] = <[OsString; 2]>::try_from(values)
            .map_err(|_| CouldNotRun(format!("OPERATION and FILE are needed\n\n{USAGE}")))?;
        Ok(Some(Self {
            operation: operation.string()?,
            file: file.into(),
            format,
        }))
    }
}

fn known<'c>(contract: &'c Contract, id: &str) -> Result<Operation<'c>, CouldNotRun> {
    contract.operation(id).ok_or_else(|| {
        let operations = contract.operations();
        let known: Vec<&str> = operations.iter().map(Operation::id).collect();
        CouldNotRun(format!(
            "no operation {id:?}; there are: {}",
            known.join(", ")
        ))
    })
}

fn not_yet(operation: &Operation<'_>) -> String {
    let media_types = |types: Vec<cometapi_contract::MediaType<'_>>| {
        let names: Vec<&str> = types.iter().map(|media_type| media_type.name).collect();
        names.join(", ")
    };
    let taken = media_types(operation.request_bodies());
    let success = operation.success();
    let answered = success.map(|success| media_types(success.media_types()));
    format!(
        "{} is in the contract, but this client doesn't have it yet: it takes {taken} and answers {}",
        operation.id(),
        answered.unwrap_or_default(),
    )
}

fn read(file: &Path) -> Result<Recording, CouldNotRun> {
    let from_input = file.as_os_str() == "-";
    let unusable = |reason: &dyn Display| match from_input {
        true => CouldNotRun(format!("standard input can't be replayed: {reason}")),
        false => CouldNotRun(format!("{} can't be replayed: {reason}", file.display())),
    };
    let mut bytes = Vec::new();
    let read = match from_input {
        true => io::stdin().lock().read_to_end(&mut bytes),
        false => File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| unusable(&error))?;
    Recording::parse(&bytes).map_err(|error| unusable(&error))
}
