//! `cometapi models`

use std::io::{IsTerminal, stdout};

use cometapi::types::{CatalogModel, CatalogPage};
use cometapi::{Client, Response};
use console::Term;
use serde_json::Value;

use crate::args::{Filter, Models};
use crate::error::CliError;
use crate::{output, table};

const HEADING: [&str; 4] = ["ID", "TYPE", "PROVIDER", "FEATURES"];

pub async fn run(client: &Client, arguments: Models) -> Result<(), CliError> {
    let catalog = client.list_catalog_models().send().await?;
    let filter = arguments.filter;
    if arguments.json {
        if filter.takes_all() {
            return Ok(output::print_lines(catalog.raw())?);
        }
        return print_matching(&catalog, &filter);
    }

    let matching = catalog.data.iter().filter(|model| filter.takes(model));
    let (announced, current): (Vec<_>, Vec<_>) =
        matching.partition(|model| model.upcoming == Some(true));
    let rows: Vec<_> = current.into_iter().map(row).collect();
    if rows.is_empty() {
        output::note("no model matches");
    } else if stdout().is_terminal() {
        let (_, columns) = Term::stdout().size();
        let table = table::fitted(HEADING, &rows, columns.into());
        // Not `print`, which would take the colour out; the cells are harmless.
        output::print_bytes((table + "\n").as_bytes())?;
    } else {
        let lines = rows.iter().map(|row| row.join("\t") + "\n");
        output::print(lines.collect::<String>())?;
    }
    if !announced.is_empty() {
        output::note(&format!(
            "{} more only announced; --json has what is known of them",
            announced.len()
        ));
    }
    Ok(())
}

impl Filter {
    fn takes_all(&self) -> bool {
        self.model_type.is_none() && self.feature.is_none() && self.provider.is_none()
    }

    fn takes(&self, model: &CatalogModel) -> bool {
        let among = |wanted: &Option<String>, values: &[&str]| {
            let is = |wanted: &String| {
                values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case(wanted))
            };
            wanted.as_ref().is_none_or(is)
        };
        let model_type = model.model_type.as_ref().map(|kind| kind.as_str());
        let features: Vec<_> = model.features.iter().map(|one| one.as_str()).collect();
        let provider = [model.provider.as_deref(), model.provider_code.as_deref()];
        among(&self.model_type, model_type.as_slice())
            && among(&self.feature, &features)
            && among(&self.provider, &provider.map(Option::unwrap_or_default))
    }
}

/// Prints the response without the rows that don't match, with all the fields of those that do.
fn print_matching(catalog: &Response<CatalogPage>, filter: &Filter) -> Result<(), CliError> {
    let page = serde_json::from_slice(catalog.raw());
    let mut page: Value = page.map_err(|problem| CliError::Unexpected(problem.to_string()))?;
    if let Some(rows) = page["data"].as_array_mut() {
        let mut takes = catalog.data.iter().map(|model| filter.takes(model));
        rows.retain(|_| takes.next() == Some(true));
    }
    Ok(output::print_lines(format!("{page:#}"))?)
}

fn row(model: &CatalogModel) -> [String; 4] {
    let features: Vec<_> = model.features.iter().map(|one| one.as_str()).collect();
    let provider = model.provider.as_deref().or(model.provider_code.as_deref());
    let kind = model.model_type.as_ref().map(|kind| kind.as_str());
    [
        cell(&model.id),
        cell(kind.unwrap_or_default()),
        cell(provider.unwrap_or_default()),
        cell(&features.join(", ")),
    ]
}

/// On one line; a dash if there is nothing.
fn cell(text: &str) -> String {
    match text.replace(char::is_control, " ").trim() {
        "" => "-".to_owned(),
        text => text.to_owned(),
    }
}
