//! Bodies generated from the contract's schemas, valid and not, for the client's decoders.
//!
//! A JSON Schema validator says whether a body is valid, never the client. A valid one has to decode and to
//! come back equal; an invalid one has to be rejected with an error that names the field, or to be taken as
//! `leniency.rs` says. Proves, beyond `coverage`, that decoders and schemas agree on values that no example
//! has. Can't prove anything about statuses, headers or streams.
//!
//! In reading order: `place.rs` (places in a schema), `corruption.rs` (what is done at a place),
//! `generate.rs`, `leniency.rs`, `requests.rs` (bodies that are sent to
//! the mock), `tolerance.rs` (the same question to the
//! tolerant client), `report.rs`.

mod corruption;
mod generate;
mod leniency;
mod place;
mod report;
mod requests;
mod tolerance;

use std::collections::{BTreeMap, BTreeSet};

use crate::dispatch::{DECODERS, Decoder};
use cometapi_contract::{Contract, EnumMode, Node, json_schema};
use jsonschema::Validator;
use serde_json::Value;

use crate::random::Random;
use crate::schema::{tag, variants};
use corruption::{OPERATORS, Operator};
use leniency::{Leniency, normalize};
use place::Place;

pub use report::report;
pub use requests::{Sent, send};
pub use tolerance::{Replacements, replace_all};

/// What came of all bodies.
#[derive(Debug, Default)]
pub struct Tally {
    /// By schema and operator.
    rows: BTreeMap<(String, &'static str), Row>,
    /// What no one can explain.
    pub findings: Vec<Finding>,
    /// Places that have had each operator that applies to them, and all such pairs.
    pub covered: (usize, usize),
    /// Valid and invalid bodies.
    pub bodies: (usize, usize),
}

#[derive(Clone, Debug, Default)]
struct Row {
    applied: usize,
    valid: usize,
    refused: usize,
    lenient: BTreeMap<&'static str, usize>,
}

/// A body that the client got wrong.
#[derive(Debug)]
pub struct Finding {
    /// The schema.
    pub schema: String,
    /// What was done to the body.
    pub operator: &'static str,
    /// Where.
    pub pointer: String,
    /// What is wrong.
    pub problem: String,
    /// The body, as text.
    pub body: String,
}

/// Something that is done at a place of a schema.
struct Pair<'c> {
    subject: usize,
    place: Place<'c>,
    operator: Operator,
}

/// A type of the client with its schema.
struct Subject<'c> {
    name: &'static str,
    schema: Node<'c>,
    validator: Validator,
    decoder: Decoder,
}

/// Makes `cases` valid bodies and as many invalid ones.
///
/// Each operator comes at each place at least once if there are enough cases; the rest is shared
/// equally among the operators. The error says why the contract can't be used.
pub fn run(contract: &Contract, cases: usize, seed: u64) -> Result<Tally, String> {
    let subjects = subjects(contract)?;
    let mut random = Random::new(seed);
    let mut pairs = pairs(&subjects);
    shuffle(&mut pairs, &mut random);
    let mut tally = Tally::default();
    tally.covered.1 = pairs.len();
    let (mut valid, mut invalid) = (Vec::new(), Vec::new());
    for pair in pairs {
        // More than can be used.
        if valid.len() >= cases && invalid.len() >= cases {
            break;
        }
        let subject = &subjects[pair.subject];
        let body = pair
            .operator
            .body(&subject.schema, &pair.place, &mut random);
        match subject.is_valid(&body) {
            true => valid.push(pair),
            false => invalid.push(pair),
        }
    }
    for pairs in [valid, invalid] {
        let order = shared(&pairs, cases, &mut random);
        tally.covered.0 += BTreeSet::from_iter(&order).len();
        for index in order {
            let pair = &pairs[index];
            let subject = &subjects[pair.subject];
            let body = pair
                .operator
                .body(&subject.schema, &pair.place, &mut random);
            tally.judge(subject, pair, &body);
        }
    }
    Ok(tally)
}

/// Variants of a tagged union are left to the union: their types don't hold the tag.
fn subjects(contract: &Contract) -> Result<Vec<Subject<'_>>, String> {
    let schemas = contract.pointer("/components/schemas");
    let schemas = schemas.iter().flat_map(Node::entries);
    let unions = schemas.filter(|(_, schema)| tag(schema).is_some());
    let tagged = unions.flat_map(|(_, union)| variants(&union));
    let tagged: BTreeSet<String> = tagged
        .map(|variant| variant.resolved().pointer().to_owned())
        .collect();
    let mut subjects = Vec::new();
    for (name, decoder) in DECODERS {
        let pointer = format!("/components/schemas/{name}");
        if tagged.contains(&pointer) {
            continue;
        }
        let node = contract.pointer(&pointer);
        let node = node.ok_or_else(|| format!("the contract has no {pointer}"))?;
        let validator = jsonschema::draft4::options().build(&json_schema(&node, EnumMode::Open));
        subjects.push(Subject {
            name,
            schema: node,
            validator: validator.map_err(|error| format!("{pointer}: {error}"))?,
            decoder: *decoder,
        });
    }
    Ok(subjects)
}

/// Every operator at every place that it applies to.
fn pairs<'c>(subjects: &[Subject<'c>]) -> Vec<Pair<'c>> {
    let mut pairs = Vec::new();
    for (subject, place) in subjects.iter().enumerate().flat_map(|(index, subject)| {
        let places = Place::all(&subject.schema).into_iter();
        places.map(move |place| (index, place))
    }) {
        let applying = OPERATORS.into_iter().filter(|one| one.applies(&place));
        pairs.extend(applying.map(|operator| Pair {
            subject,
            place: place.clone(),
            operator,
        }));
    }
    pairs
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for end in (1..items.len()).rev() {
        items.swap(end, random.below(end + 1));
    }
}

/// So many indices of `pairs`: each one, if there are enough, and then the operators in turn.
fn shared(pairs: &[Pair<'_>], count: usize, random: &mut Random) -> Vec<usize> {
    let mut by_operator: BTreeMap<Operator, Vec<usize>> = BTreeMap::new();
    for (index, pair) in pairs.iter().enumerate() {
        by_operator.entry(pair.operator).or_default().push(index);
    }
    let mut order: Vec<usize> = match count >= pairs.len() {
        true => (0..pairs.len()).collect(),
        false => Vec::new(),
    };
    let starts: Vec<usize> = by_operator
        .values()
        .map(|own| random.below(own.len()))
        .collect();
    let mut round = 0;
    while order.len() < count && !pairs.is_empty() {
        let turn = by_operator.values().zip(&starts);
        order.extend(turn.map(|(own, start)| own[(start + round) % own.len()]));
        round += 1;
    }
    order.truncate(count);
    order
}

impl Subject<'_> {
    fn is_valid(&self, body: &[u8]) -> bool {
        let value = serde_json::from_slice(body);
        value.is_ok_and(|value: Value| self.validator.is_valid(&value))
    }
}

impl Tally {
    fn judge(&mut self, subject: &Subject<'_>, pair: &Pair<'_>, body: &[u8]) {
        let key = (subject.name.to_owned(), pair.operator.name());
        let row = self.rows.entry(key).or_default();
        row.applied += 1;
        let is_valid = subject.is_valid(body);
        match is_valid {
            true => self.bodies.0 += 1,
            false => self.bodies.1 += 1,
        }
        let problem = match ((subject.decoder)(body), is_valid) {
            (Ok(decoded), true) => {
                row.valid += 1;
                let body = serde_json::from_slice(body).unwrap_or_default();
                difference(&subject.schema, &body, &decoded)
            }
            (Err(error), true) => Some(format!("a valid body is refused: {error}")),
            (Err(error), false) => {
                row.refused += 1;
                unclear(pair, &error.to_string())
            }
            (Ok(decoded), false) => match Leniency::of(pair.operator, &pair.place) {
                Some(leniency) => {
                    *row.lenient.entry(leniency.name).or_default() += 1;
                    let body = serde_json::from_slice(body).unwrap_or_default();
                    difference(
                        &subject.schema,
                        &leniency.meant(body, &pair.place),
                        &decoded,
                    )
                }
                None => Some(format!("an invalid body is taken for {decoded}")),
            },
        };
        if let Some(problem) = problem {
            self.findings.push(Finding {
                schema: subject.name.to_owned(),
                operator: pair.operator.name(),
                pointer: pair.place.pointer(),
                problem,
                body: String::from_utf8_lossy(body).into_owned(),
            });
        }
    }
}

/// Why what came back isn't what was sent.
fn difference(schema: &Node<'_>, sent: &Value, decoded: &Value) -> Option<String> {
    let (sent, decoded) = (normalize(schema, sent), normalize(schema, decoded));
    (sent != decoded).then(|| format!("{sent} came back as {decoded}"))
}

/// Why an error doesn't help to find what is wrong.
fn unclear(pair: &Pair<'_>, message: &str) -> Option<String> {
    let missing = |expected: &str| {
        let is_said = message.contains(expected);
        (!is_said).then(|| format!("the error doesn't say {expected}: {message}"))
    };
    let place = &pair.place;
    match pair.operator {
        Operator::Cut => missing("is truncated"),
        Operator::Remove if place.is_named() => {
            let pointer = place.pointer();
            let field = pointer.rsplit('/').next().unwrap_or_default();
            missing(&format!("missing field `{field}`"))
                .or_else(|| missing(&name(&place.path_around(), place)))
        }
        _ => missing(&name(&place.path(), place)),
    }
}

/// How an error begins to name a place.
fn name(path: &str, place: &Place<'_>) -> String {
    match (path, place.is_named()) {
        ("", _) => "response body".to_owned(),
        (path, true) => format!("`{path}`"),
        (path, false) => format!("`{path}"),
    }
}
