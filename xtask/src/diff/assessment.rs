//! The changes of a contract, each with what it does to the Rust API.

use cometapi_contract::diff::{self, Change, Level, WireClass};
use cometapi_contract::{Contract, Located};

use super::public_items::{Api, ApiChange};
use crate::emit::Files;
use crate::generate;
use crate::ir::names;
use crate::{lint, output};

/// Where every revision has the generated code.
const GENERATED: &str = "client/src/generated";

/// A contract, and the code that was generated from it if it is checked in.
#[derive(Debug)]
pub struct Side {
    /// What it is called in reports.
    pub label: String,
    pub contract: Contract,
    pub generated: Option<Files>,
}

/// Two contracts, and all that differs.
#[derive(Debug)]
pub struct Assessment<'s> {
    pub old: &'s Contract,
    pub new: &'s Contract,
    pub old_label: &'s str,
    pub new_label: &'s str,
    pub changes: Vec<AssessedChange>,
    /// Items that differ although nothing in the contract says why: the generator has changed, or a type follows another.
    pub other_items: Vec<ApiChange>,
    /// Why there is no code to compare, if there is none.
    pub not_generated: Option<String>,
}

#[derive(Debug)]
pub struct AssessedChange {
    pub change: Change,
    pub items: Vec<ApiChange>,
}

impl<'s> Assessment<'s> {
    pub fn of(old: &'s Side, new: &'s Side) -> Result<Self, String> {
        let changes =
            diff::compare(&old.contract, &new.contract).map_err(|error| error.to_string())?;
        let (items, not_generated) = match (api(old), api(new)) {
            (Ok(old), Ok(new)) => (Api::changes(&old, &new), None),
            (Err(reason), _) => (Vec::new(), Some(format!("{}: {reason}", old.label))),
            (_, Err(reason)) => (Vec::new(), Some(format!("{}: {reason}", new.label))),
        };
        let mut assessed: Vec<AssessedChange> = changes
            .into_iter()
            .map(|change| AssessedChange {
                change,
                items: Vec::new(),
            })
            .collect();
        let mut other_items = Vec::new();
        for item in items {
            let matches: Vec<u8> = assessed
                .iter()
                .map(|it| relation(&it.change, &item, &new.contract))
                .collect();
            match matches.iter().max() {
                Some(best) if *best > 0 => {
                    let is_related = |(it, relation): &(&mut AssessedChange, &u8)| {
                        *relation == best && it.change.rule.level > Level::Patch
                    };
                    let is_explained = assessed
                        .iter_mut()
                        .zip(&matches)
                        .any(|pair| is_related(&pair));
                    for (it, relation) in assessed.iter_mut().zip(&matches) {
                        // A limit or a default that goes with another type is not what changes it.
                        if relation == best
                            && (it.change.rule.level > Level::Patch || !is_explained)
                        {
                            it.items.push(item.clone());
                        }
                    }
                }
                _ => other_items.push(item),
            }
        }
        Ok(Self {
            old: &old.contract,
            new: &new.contract,
            old_label: &old.label,
            new_label: &new.label,
            changes: assessed,
            other_items,
            not_generated,
        })
    }

    /// What all of it asks for.
    pub fn level(&self) -> Level {
        let changes = self.changes.iter().map(AssessedChange::level);
        let items = self.other_items.iter().map(|item| item.level);
        changes.chain(items).max().unwrap_or(Level::None)
    }

    /// The worst of what it does to running programs.
    pub fn wire(&self) -> WireClass {
        let classes = self.changes.iter().map(|it| it.change.wire);
        classes.max().unwrap_or(WireClass::Unaffected)
    }
}

impl AssessedChange {
    pub fn level(&self) -> Level {
        let items = self.items.iter().map(|item| item.level);
        items.fold(self.change.rule.level, Level::max)
    }

    /// What a program that is compiled again meets.
    pub fn rust(&self) -> Level {
        let items = self.items.iter().map(|item| item.level);
        items.max().unwrap_or(Level::None)
    }
}

impl Side {
    /// The code of a revision is that which was checked in with it.
    pub fn of(located: Located) -> Result<Self, String> {
        let generated = located.folder(GENERATED);
        Ok(Self {
            generated: generated.map(|folder| output::read(&folder)).transpose()?,
            label: located.label,
            contract: located.contract,
        })
    }
}

fn api(side: &Side) -> Result<Api, String> {
    match &side.generated {
        Some(files) => Api::of(files),
        None => Api::of(&generated(&side.contract)?),
    }
}

/// The code that a contract gives, without writing it.
pub fn generated(contract: &Contract) -> Result<Files, String> {
    let findings = lint::run(contract).into_sorted();
    if let Some(first) = findings.first() {
        return Err(format!(
            "not generated, because of {} findings of lint; the first: {first}",
            findings.len()
        ));
    }
    generate::client_files(contract)
}

/// How closely an item of the Rust API belongs to a change: 0 not at all.
fn relation(change: &Change, item: &ApiChange, contract: &Contract) -> u8 {
    if change.rule.is_text() {
        return 0;
    }
    let mut subject = change.subject.split('.');
    let root = subject.next().unwrap_or_default().trim_end_matches("[]");
    let property = subject.next().map(|name| name.trim_end_matches("[]"));
    let owner = item.path.owner.split('<').next().unwrap_or_default();
    let member = item.path.member.as_deref();
    let member = member.map(|name| name.trim_end_matches("()"));
    let is_named = |name: &str| {
        let value = change.after.as_deref().or(change.before.as_deref());
        member.is_some()
            && (member == Some(&names::field(name))
                || value.is_some_and(|value| member == Some(&names::variant(value))))
    };
    if owner == root || owner == names::variant(root) {
        return match property {
            Some(property) if is_named(property) => 4,
            None if is_named("") => 4,
            _ => 2,
        };
    }
    // An operation's builder has the fields of its body.
    let operations = change.operations.iter();
    let builds = operations.clone().any(|id| owner == names::variant(id));
    if builds && property.is_some_and(is_named) {
        return 3;
    }
    if builds && (change.operations.len() == 1) && contract.operation(root).is_some() {
        return 2;
    }
    let starts = |id: &String| owner.ends_with("Client") && member == Some(&names::field(id));
    if operations.clone().any(starts) && contract.operation(root).is_some() {
        return 3;
    }
    // A type that comes or goes with the only thing that mentions it.
    let mentions = [&change.before, &change.after].into_iter().flatten();
    u8::from(
        mentions
            .into_iter()
            .any(|text| text.split(' ').any(|word| word == owner)),
    )
}
