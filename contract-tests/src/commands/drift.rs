//! `cargo contract drift`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::drift::{Difference, Service, differences, saved};
use contract_tests::minimal_requests::MinimalRequest;
use contract_tests::report::{Colours, Finding, Format, Report};
use lexopt::{Arg, Parser, ValueExt};
use serde_json::{Value, json};

use super::{one_of, print, runtime};
use crate::CommandError;

const USAGE: &str = "\
Holds responses of the live service against the contract, and says what has changed.

Usage: cargo contract drift [OPTIONS]

  --base-url URL         the service; COMETAPI_BASE_URL, else the API's public address
  --operations ID,...    only these
  --paid                 also what costs money: the smallest request to each operation
  --model OPERATION=ID   the model to ask for; a paid operation without one is left out
  --format F             text (default), json, junit, github or markdown
  --save DIR             keep each response, without its content, as a file that `replay` reads

The key comes from COMETAPI_KEY, else COMETAPI_API_KEY; without one only what needs none is asked.
Values of responses are never shown, except names that look like values of an enum.
Exits with 0 if every response is as the contract says, 1 if not, 2 for bad arguments, 4 if the service
can't be reached, refuses the key or responses a documented error, or nothing could be compared.
";

struct Options {
    base_url: Option<String>,
    operations: Vec<String>,
    paid: bool,
    models: BTreeMap<String, String>,
    save: Option<PathBuf>,
    format: Format,
}

/// What came of the probes.
#[derive(Default)]
struct Tally {
    compared: usize,
    changed: usize,
    unreachable: usize,
    report: Report,
}

pub(crate) fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let Some(options) = Options::parse(arguments)? else {
        print(USAGE);
        return Ok(ExitCode::SUCCESS);
    };
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    for id in options.operations.iter().chain(options.models.keys()) {
        if contract.operation(id).is_none() {
            return Err(CommandError(format!(
                "the contract has no operation {id:?}"
            )));
        }
    }
    let address = contract.pointer("/servers/0/url");
    let address = address.as_ref().and_then(|url| url.value().as_str());
    let variable = |name| {
        std::env::var(name)
            .ok()
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    };
    let base_url = options
        .base_url
        .clone()
        .or_else(|| variable("COMETAPI_BASE_URL"));
    let base_url = base_url.as_deref().or(address).unwrap_or_default();
    let key = variable("COMETAPI_KEY").or_else(|| variable("COMETAPI_API_KEY"));
    let service = Service::new(base_url, key).map_err(CommandError)?;
    if let Some(folder) = &options.save {
        std::fs::create_dir_all(folder)
            .map_err(|error| CommandError(format!("{}: {error}", folder.display())))?;
    }
    let runtime = runtime()?;
    let tally = runtime.block_on(probe_all(&contract, &service, &options))?;
    print(&tally.report.render(options.format, Colours::of_output()));
    Ok(match tally {
        Tally { changed: 1.., .. } => ExitCode::from(1),
        Tally {
            unreachable: 1.., ..
        }
        | Tally { compared: 0, .. } => ExitCode::from(4),
        _ => ExitCode::SUCCESS,
    })
}

async fn probe_all(
    contract: &Contract,
    service: &Service,
    options: &Options,
) -> Result<Tally, CommandError> {
    let mut tally = Tally::default();
    for operation in contract.operations() {
        let id = operation.id();
        if !options.operations.is_empty() && !options.operations.iter().any(|wanted| wanted == id) {
            continue;
        }
        if let Some(reason) = left_out(&operation, service, options) {
            tally.line(format!("{id}: left out, {reason}"));
            continue;
        }
        let probes =
            MinimalRequest::all(&operation).map_err(|error| CommandError(error.to_string()))?;
        for mut probe in probes {
            if let Some(model) = options.models.get(id) {
                probe.request["body"]["model"] = json!(model);
            }
            ask(&probe, service, options, &mut tally).await?;
        }
    }
    tally.conclude();
    Ok(tally)
}

/// Why an operation isn't asked.
fn left_out(
    operation: &cometapi_contract::Operation<'_>,
    service: &Service,
    options: &Options,
) -> Option<&'static str> {
    let is_free = operation.node().bool("x-idempotent");
    match (is_free, operation.requires_auth()) {
        (_, true) if !service.has_api_key() => Some("there is no key"),
        (false, _) if !options.paid => Some("it costs money; --paid asks it anyway"),
        (false, _) if !options.models.contains_key(operation.id()) => {
            Some("no model is given; --model OPERATION=ID does")
        }
        _ => None,
    }
}

async fn ask(
    probe: &MinimalRequest<'_>,
    service: &Service,
    options: &Options,
    tally: &mut Tally,
) -> Result<(), CommandError> {
    let name = probe.name();
    let response = match service.send(&probe.operation, &probe.request).await {
        Ok(response) => response,
        Err(reason) => {
            tally.unreachable += 1;
            tally.line(format!("{name}: no response, {reason}"));
            return Ok(());
        }
    };
    if let Some(folder) = &options.save {
        let file = folder.join(format!("{name}.http"));
        std::fs::write(&file, saved(service, &response))
            .map_err(|error| CommandError(format!("{}: {error}", file.display())))?;
    }
    if response.status == 401 {
        tally.unreachable += 1;
        tally.line(format!("{name}: 401, the key is refused"));
        return Ok(());
    }
    let differences = differences(probe, &response);
    tally.line(format!(
        "{name}: {} {}",
        response.status,
        response.media_type()
    ));
    if differences.is_empty() && !(200..300).contains(&response.status) {
        // A documented error says nothing about the response that was to be compared.
        tally.unreachable += 1;
        return Ok(());
    }
    tally.compared += 1;
    tally.changed += usize::from(!differences.is_empty());
    if differences.is_empty() {
        tally.report.passed.push(name);
        return Ok(());
    }
    let findings = differences
        .iter()
        .map(|difference| finding(&name, difference));
    tally.report.findings.extend(findings);
    Ok(())
}

fn finding(name: &str, difference: &Difference) -> Finding {
    let Difference {
        rule,
        pointer,
        seen,
        proposal,
        times,
        ..
    } = difference;
    let often = if *times > 1 {
        format!(", {times} times")
    } else {
        String::new()
    };
    let proposal = if proposal.is_empty() {
        String::new()
    } else {
        format!("; {proposal}")
    };
    Finding {
        rule: (*rule).to_owned(),
        subject: format!("{name} at {pointer:?}"),
        message: format!("{seen}{often}{proposal}"),
        place: None,
    }
}

impl Tally {
    fn line(&mut self, line: String) {
        self.report.table.push(line);
    }

    fn conclude(&mut self) {
        let Self {
            compared,
            changed,
            report,
            ..
        } = self;
        report.command = "drift".to_owned();
        report.summary = match compared {
            0 => "nothing was compared".to_owned(),
            _ => {
                format!("{compared} responses compared, {changed} of them not as the contract says")
            }
        };
        let findings: Vec<Value> = report.findings.iter().map(Finding::json).collect();
        for (name, value) in [
            ("compared", json!(compared)),
            ("changed", json!(changed)),
            ("findings", json!(findings)),
        ] {
            report.fields.insert(name.to_owned(), value);
        }
    }
}

impl Options {
    fn parse(mut arguments: Parser) -> Result<Option<Self>, CommandError> {
        let mut options = Self {
            base_url: None,
            operations: Vec::new(),
            paid: false,
            models: BTreeMap::new(),
            save: None,
            format: Format::Text,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("base-url") => options.base_url = Some(arguments.value()?.string()?),
                Arg::Long("operations") => {
                    let ids = arguments.value()?.string()?;
                    options.operations.extend(ids.split(',').map(str::to_owned));
                }
                Arg::Long("paid") => options.paid = true,
                Arg::Long("model") => {
                    let pair = arguments.value()?.string()?;
                    let Some((id, model)) = pair.split_once('=') else {
                        return Err(CommandError(format!(
                            "--model takes OPERATION=ID, not {pair:?}"
                        )));
                    };
                    options.models.insert(id.to_owned(), model.to_owned());
                }
                Arg::Long("format") => {
                    let given = arguments.value()?.string()?;
                    options.format = one_of("format", &given, &Format::NAMES)?;
                }
                Arg::Long("save") => options.save = Some(arguments.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }
}
