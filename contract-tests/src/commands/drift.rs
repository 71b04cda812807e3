//! `cargo contract drift`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cometapi_contract::Contract;
use contract_tests::drift::{Difference, Service, differences, reports_error, saved};
use contract_tests::report::{Check, Finding, Report};
use contract_tests::request::MinimalRequest;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use super::{Output, Result, runtime};

/// The file that findings are about.
const CONTRACT: &str = "openapi/cometapi.yaml";

/// Compare responses of the live service with the contract
///
/// The key comes from COMETAPI_KEY, else COMETAPI_API_KEY; without one only what needs none is
/// requested. Values of responses are never shown, except names that look like values of an enum.
/// Exits with 4 if the service can't be reached, refuses the key or responds with a documented error,
/// or if nothing could be compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The service; COMETAPI_BASE_URL, else the API's public address, by default
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Only these operations
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    operations: Vec<String>,
    /// Also what costs money: the smallest request to each operation
    #[arg(long)]
    paid: bool,
    /// The model to request; a paid operation without one is left out
    #[arg(long, value_name = "OPERATION=ID", value_parser = model)]
    model: Vec<(String, String)>,
    /// How long each response may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// A header for every request, such as that of a gateway; may be given again
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// Save each response, without its content, as a file that `replay` reads
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// An operation and its model.
fn model(text: &str) -> std::result::Result<(String, String), String> {
    let pair = text.split_once('=');
    let (id, model) = pair.ok_or_else(|| format!("expected OPERATION=ID, not {text:?}"))?;
    Ok((id.to_owned(), model.to_owned()))
}

/// A header as it is written in a request. Its value is in no output.
fn header(text: &str) -> std::result::Result<(HeaderName, HeaderValue), &'static str> {
    const EXPECTED: &str = "expected NAME: VALUE";
    let (name, value) = text.split_once(':').ok_or(EXPECTED)?;
    let name = name.trim().parse().map_err(|_| EXPECTED)?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| EXPECTED)?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// What came of the probes.
#[derive(Default)]
struct Tally {
    compared: usize,
    changed: usize,
    unreachable: usize,
    report: Report,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let models = self.model.iter().map(|(id, _)| id);
        for id in self.operations.iter().chain(models) {
            if contract.operation(id).is_none() {
                return Err(format!("the contract has no operation {id:?}").into());
            }
        }
        let address = contract.pointer("/servers/0/url");
        let address = address.as_ref().and_then(|url| url.value().as_str());
        let variable = |name| {
            let value = std::env::var(name).ok()?.trim().to_owned();
            Some(value).filter(|value| !value.is_empty())
        };
        let base_url = self
            .base_url
            .clone()
            .or_else(|| variable("COMETAPI_BASE_URL"));
        let base_url = base_url.as_deref().or(address).unwrap_or_default();
        let key = variable("COMETAPI_KEY").or_else(|| variable("COMETAPI_API_KEY"));
        let timeout = Duration::from_secs(self.timeout);
        let headers = self.header.iter().cloned().collect();
        let service = Service::new(base_url, key, timeout, headers)?;
        if let Some(folder) = &self.save {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let tally = runtime()?.block_on(probe_all(&contract, &service, &self))?;
        let code = self.output.print(&tally.report, tally.changed == 0);
        Ok(match tally {
            Tally { changed: 1.., .. } => code,
            Tally {
                unreachable: 1.., ..
            }
            | Tally { compared: 0, .. } => ExitCode::from(4),
            _ => code,
        })
    }

    fn model_of(&self, operation: &str) -> Option<&str> {
        let mut models = self.model.iter().rev();
        let model = models.find(|(id, _)| id == operation);
        model.map(|(_, model)| model.as_str())
    }
}

async fn probe_all(contract: &Contract, service: &Service, options: &Args) -> Result<Tally> {
    let mut tally = Tally::default();
    for operation in contract.operations() {
        let id = operation.id();
        if !options.operations.is_empty() && !options.operations.iter().any(|wanted| wanted == id) {
            continue;
        }
        if let Some(reason) = left_out(&operation, service, options) {
            tally.line(format!("{id}: left out, {reason}"));
            tally
                .report
                .skipped
                .push((Check::new("response", id), reason.to_owned()));
            continue;
        }
        for mut probe in MinimalRequest::all(&operation)? {
            if let Some(model) = options.model_of(id) {
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
    options: &Args,
) -> Option<&'static str> {
    let is_free = operation.node().bool("x-idempotent");
    match (is_free, operation.requires_auth()) {
        (_, true) if !service.has_api_key() => Some("there is no key"),
        (false, _) if !options.paid => Some("it costs money; --paid asks it anyway"),
        (false, _) if options.model_of(operation.id()).is_none() => {
            Some("no model is given; --model OPERATION=ID does")
        }
        _ => None,
    }
}

async fn ask(
    probe: &MinimalRequest<'_>,
    service: &Service,
    options: &Args,
    tally: &mut Tally,
) -> Result<()> {
    let name = probe.name();
    let response = match service.send(&probe.operation, &probe.request).await {
        Ok(response) => response,
        Err(reason) => {
            tally.not_compared(&name, format!("no response, {reason}"));
            return Ok(());
        }
    };
    if let Some(folder) = &options.save {
        let file = folder.join(format!("{name}.http"));
        std::fs::write(&file, saved(service, &response))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if response.status == 401 {
        tally.not_compared(&name, "401, the key is refused".to_owned());
        return Ok(());
    }
    if reports_error(&response) {
        let reason = "and the body reports an error; `replay` of a saved response shows it";
        tally.not_compared(&name, format!("{}, {reason}", response.status));
        return Ok(());
    }
    let differences = differences(probe, &response);
    let received = format!("{} {}", response.status, response.media_type());
    if differences.is_empty() && !response.is_success() {
        // A documented error says nothing about the response that was to be compared.
        tally.not_compared(&name, received);
        return Ok(());
    }
    tally.line(format!("{name}: {received}"));
    tally.compared += 1;
    tally.changed += usize::from(!differences.is_empty());
    if differences.is_empty() {
        tally.report.passed.push(Check::new("response", name));
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
        of,
        line,
        ..
    } = difference;
    let often = match (*times, *of) {
        (times, of) if of > 1 => format!(", {times} of {of}"),
        (1, _) => String::new(),
        (times, _) => format!(", {times} times"),
    };
    let proposal = if proposal.is_empty() {
        String::new()
    } else {
        format!("; {proposal}")
    };
    let message = format!("{seen}{often}{proposal}");
    Finding {
        location: line.map(|line| (CONTRACT.to_owned(), line)),
        check: Some(Check::new("response", name)),
        ..Finding::new(*rule, format!("{name} at {pointer:?}"), message)
    }
}

impl Tally {
    /// Notes a response that says nothing about the contract.
    fn not_compared(&mut self, name: &str, reason: String) {
        self.unreachable += 1;
        self.line(format!("{name}: {reason}"));
        self.report
            .errors
            .push((Check::new("response", name), reason));
    }

    fn line(&mut self, line: String) {
        self.report.notes.push(line);
    }

    fn conclude(&mut self) {
        let (compared, changed) = (self.compared, self.changed);
        self.report.details = json!({ "compared": compared, "changed": changed });
        let report = &mut self.report;
        report.command = "drift";
        report.summary = match compared {
            0 => "nothing was compared".to_owned(),
            _ => {
                format!("{compared} responses compared, {changed} of them not as the contract says")
            }
        };
    }
}
