//! Made-up changes of the bookshop's contract, each with what it does by the rules of HTTP, JSON and Rust.
//!
//! `pairs.yaml` has them. What is expected was written down before the comparison was asked.

mod callers;

use std::collections::BTreeSet;
use std::path::Path;

use cometapi_contract::Contract;
use cometapi_contract::diff::{Direction, Level, RULES, WireClass, compare};
use serde_json::{Map, Value};

use super::assessment::{Assessment, Side};
use crate::generate;

const BOOKSHOP: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../contract-tests/fixture/contract.yaml"
);

/// Rules of schemas that are about one direction.
const ONE_WAY: [&str; 3] = [
    "required-property-added",
    "request-property-became-required",
    "property-became-required",
];

fn pairs() -> Vec<Value> {
    let text = include_str!("pairs.yaml").to_owned();
    let pairs = Contract::parse(Path::new("pairs.yaml"), text).unwrap();
    pairs.root().value().as_array().unwrap().clone()
}

/// `/S/Book` for a schema, `/P/orders` for a path.
fn pointer(short: &str) -> String {
    let paths = short.strip_prefix("/P").map(|rest| format!("/paths{rest}"));
    let schemas = short
        .strip_prefix("/S/")
        .map(|rest| format!("/components/schemas/{rest}"));
    paths.or(schemas).unwrap_or_else(|| short.to_owned())
}

fn at<'v>(root: &'v mut Value, pointer: &str) -> (&'v mut Value, String) {
    let (parent, key) = pointer.rsplit_once('/').expect(pointer);
    let key = key.replace("~1", "/").replace("~0", "~");
    (root.pointer_mut(parent).expect(pointer), key)
}

fn set(root: &mut Value, values: &Value) {
    for (short, value) in values.as_object().iter().flat_map(|set| set.iter()) {
        let (parent, key) = at(root, &pointer(short));
        match parent {
            Value::Array(items) if key == "-" => items.push(value.clone()),
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key.as_str()] = value.clone(),
        }
    }
}

/// The contract with what a pair changes.
fn edited(root: &Value, pair: &Value) -> Value {
    let mut root = root.clone();
    set(&mut root, &pair["set"]);
    for short in pair["remove"].as_array().into_iter().flatten() {
        let (parent, key) = at(&mut root, &pointer(short.as_str().unwrap()));
        match parent {
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            parent => drop(
                parent
                    .as_object_mut()
                    .unwrap()
                    .shift_remove(&key)
                    .expect(&key),
            ),
        }
    }
    for (short, name) in pair["rename"]
        .as_object()
        .iter()
        .flat_map(|renames| renames.iter())
    {
        let (parent, key) = at(&mut root, &pointer(short));
        let value = parent
            .as_object_mut()
            .unwrap()
            .shift_remove(&key)
            .expect(&key);
        parent[name.as_str().unwrap()] = value;
    }
    root
}

fn side(contract: Contract) -> Side {
    Side {
        label: "contract".to_owned(),
        generated: generate::client_files(&contract).ok(),
        contract,
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Patch => "patch",
        Level::Minor => "minor",
        Level::Major => "major",
    }
}

#[test]
fn each_pair_does_what_was_expected_of_it() {
    let bookshop = Contract::read(Path::new(BOOKSHOP)).unwrap();
    let bookshop_code = side(Contract::read(Path::new(BOOKSHOP)).unwrap()).generated;
    let mut failures = Vec::new();
    let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let pairs = pairs();
    for pair in &pairs {
        let title = pair["name"].as_str().unwrap();
        assert!(names.insert(title.to_owned()), "{title} stands twice");
        let mut root = bookshop.root().value().clone();
        set(&mut root, &pair["start"]);
        let new = side(bookshop.with_root(edited(&root, pair)));
        let started = match pair["start"] {
            Value::Null => Side {
                contract: bookshop.with_root(root),
                generated: bookshop_code.clone(),
                label: "contract".to_owned(),
            },
            _ => side(bookshop.with_root(root)),
        };
        let (old, new) = match pair["reverse"] == true {
            true => (new, started),
            false => (started, new),
        };
        let assessment = Assessment::of(&old, &new).unwrap();
        let changes = assessment.changes.iter().map(|it| &it.change);
        let found: BTreeSet<String> = changes
            .clone()
            .map(|change| {
                let direction = match change.direction {
                    Direction::Both => String::new(),
                    direction => format!(" {}", direction.as_str()),
                };
                format!("{}{direction} {}", change.rule.id, change.wire.as_str())
            })
            .collect();
        seen.extend(changes.map(|change| (change.rule.id, change.direction)));
        let expected = pair["changes"].as_array().unwrap().iter();
        let expected: BTreeSet<String> =
            expected.map(|it| it.as_str().unwrap().to_owned()).collect();
        let items = assessment.changes.iter().flat_map(|it| &it.items);
        let rust = match (&old.generated, &new.generated) {
            (None, _) | (_, None) => "not generated",
            _ => {
                let levels = items.chain(&assessment.other_items).map(|item| item.level);
                name(levels.max().unwrap_or(Level::None))
            }
        };
        let version = name(assessment.level());
        if found != expected || pair["rust"] != rust || pair["version"] != version {
            let wanted = (&pair["rust"], &pair["version"]);
            failures.push(format!(
                "{title}: expected {expected:#?} rust, version {wanted:?}\n  found {found:#?} {rust} {version}"
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        pairs.len(),
        failures.join("\n")
    );
    assert!(pairs.len() >= 120, "{} pairs", pairs.len());
    let of_schemas = RULES.iter().position(|rule| rule.id == "type-changed");
    for (index, rule) in RULES.iter().enumerate() {
        let directions = seen.iter().filter(|(id, _)| *id == rule.id).count();
        let is_two_way = Some(index) >= of_schemas && !ONE_WAY.contains(&rule.id);
        let wanted = if is_two_way { 2 } else { 1 };
        assert!(
            directions >= wanted,
            "{} is tested in {directions} of {wanted} directions",
            rule.id
        );
    }
}

/// Follows every reference, and sorts every object by its keys.
fn inlined(root: &Value, value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|target| target.strip_prefix('#'));
            if let (Some(target), true) = (target, depth < 3) {
                let mut whole = inlined(root, root.pointer(target).unwrap(), depth + 1);
                for (key, value) in object.iter().filter(|(key, _)| *key != "$ref") {
                    whole[key] = value.clone();
                }
                return whole;
            }
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by(|one, other| other.0.cmp(one.0));
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), inlined(root, value, depth)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| inlined(root, item, depth))
            .collect(),
        value => value.clone(),
    }
}

#[test]
fn order_and_layout_make_no_difference() {
    let bundled = Contract::bundled().unwrap();
    let root = bundled.root().value().clone();
    let json = Contract::parse(Path::new("x.json"), serde_json::to_string(&root).unwrap()).unwrap();
    let mut sorted = root.clone();
    sort(&mut sorted);
    let sorted = bundled.with_root(sorted);
    for other in [&json, &sorted] {
        let changes = compare(&bundled, other).unwrap();
        assert!(changes.is_empty(), "{changes:#?}");
    }
}

/// Reverses the keys of objects, and the lists that stand for sets.
fn sort(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(sort);
            for key in ["required", "enum"] {
                if let Some(Value::Array(items)) = object.get_mut(key) {
                    items.reverse();
                }
            }
            let mut entries: Vec<_> = std::mem::take(object).into_iter().collect();
            entries.sort_by(|one, other| other.0.cmp(&one.0));
            object.extend(entries);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

#[test]
fn anchors_and_quotes_make_no_difference() {
    let contract = |text: &str| Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
    let plain = contract(
        "{openapi: 3.0.3, paths: {/x: {get: {operationId: x, responses: {'200': {description: It., content:
         {application/json: {schema: {type: object, properties: {one: {type: string}, two: {type: string}}}}}}}}}}}",
    );
    let anchored = contract(
        "openapi: '3.0.3'\npaths:\n  \"/x\":\n    get:\n      operationId: 'x'\n      responses:\n        '200':\n          \
         description: 'It.'\n          content:\n            application/json:\n              schema:\n                type: object\n                \
         properties:\n                  one: &text {type: string}\n                  two: *text\n",
    );
    let changes = compare(&plain, &anchored).unwrap();
    assert!(changes.is_empty(), "{changes:#?}");
}

#[test]
fn references_and_what_they_lead_to_are_the_same() {
    // References within a component that contains itself stay.
    for contract in [
        Contract::bundled().unwrap(),
        Contract::read(Path::new(BOOKSHOP)).unwrap(),
    ] {
        let root = contract.root().value();
        let mut whole = inlined(root, root, 0);
        whole["components"] = root["components"].clone();
        let whole = contract.with_root(whole);
        for (old, new) in [(&contract, &whole), (&whole, &contract)] {
            let changes = compare(old, new).unwrap();
            assert!(changes.is_empty(), "{changes:#?}");
        }
    }
}

#[test]
fn comparing_nothing_is_an_error() {
    let contract = Contract::bundled().unwrap();
    let mut root = contract.root().value().clone();
    root["paths"] = Value::Object(Map::new());
    let empty = contract.with_root(root);
    assert!(compare(&contract, &empty).is_err());
    assert!(compare(&empty, &contract).is_err());
}

#[test]
fn a_shared_part_is_one_change_of_all_its_operations() {
    let old = Contract::read(Path::new(BOOKSHOP)).unwrap();
    let mut root = old.root().value().clone();
    root.pointer_mut("/components/schemas/Book/properties")
        .and_then(Value::as_object_mut)
        .and_then(|properties| properties.shift_remove("pages"));
    let changes = compare(&old, &old.with_root(root)).unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].wire, WireClass::Degraded);
    let operations: Vec<&str> = changes[0].operations.iter().map(String::as_str).collect();
    assert_eq!(operations, ["create_order", "get_book", "list_books"]);
}
