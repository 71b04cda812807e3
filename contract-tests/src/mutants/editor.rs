//! A contract in the making, whose examples follow its schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use cometapi_contract::{Contract, Example, Node};
use serde_json::{Map, Value, json};

use crate::request::EVENT_STREAM;
use crate::schema::{self, walk};

const MISSING: &str = "sites come from the contract";

/// A copy of a contract that can be changed.
#[derive(Debug)]
pub(super) struct ContractEditor<'c> {
    pub(super) contract: &'c Contract,
    samples: &'c Examples<'c>,
    root: Value,
}

/// The examples of a contract that are made of JSON, by their pointers.
#[derive(Debug)]
pub(super) struct Examples<'c> {
    samples: BTreeMap<String, TypedExample<'c>>,
}

#[derive(Debug)]
struct TypedExample<'c> {
    schema: Node<'c>,
    body: Body,
    /// The pointers of the schemas that are in it.
    made_of: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Body {
    Json(Value),
    /// Line by line; what isn't JSON stays as it is.
    Events(String),
}

impl<'c> Examples<'c> {
    pub(super) fn of(contract: &'c Contract) -> io::Result<Self> {
        let mut samples = BTreeMap::new();
        for operation in contract.operations() {
            for body in operation.request_bodies() {
                for example in body.examples("") {
                    add(&mut samples, body.schema(), &example)?;
                }
            }
            for response in operation.responses() {
                for media_type in response.media_types() {
                    for example in media_type.examples(response.status) {
                        let schema = schema::of_body(&response, media_type.name, |selector| {
                            selector.variant_for(&example).cloned()
                        });
                        add(&mut samples, schema, &example)?;
                    }
                }
            }
        }
        Ok(Self { samples })
    }
}

fn add<'c>(
    samples: &mut BTreeMap<String, TypedExample<'c>>,
    schema: Option<Node<'c>>,
    example: &Example<'c>,
) -> io::Result<()> {
    let pointer = example.node.pointer().to_owned();
    let (Some(schema), false) = (schema, samples.contains_key(&pointer)) else {
        return Ok(());
    };
    let bytes = example.bytes()?;
    let body = match example.media_type == EVENT_STREAM {
        true => Body::Events(String::from_utf8_lossy(&bytes).into_owned()),
        false => match serde_json::from_slice(&bytes) {
            Ok(value) => Body::Json(value),
            Err(_) => return Ok(()),
        },
    };
    let mut made_of = BTreeSet::new();
    body.clone().edit(&schema, &mut |schema, _| {
        made_of.insert(schema.pointer().to_owned());
    });
    let sample = TypedExample {
        schema,
        body,
        made_of,
    };
    samples.insert(pointer, sample);
    Ok(())
}

impl Body {
    fn edit(&mut self, schema: &Node<'_>, edit: &mut dyn FnMut(&Node<'_>, &mut Value)) {
        match self {
            Self::Json(value) => walk(schema, value, edit),
            Self::Events(stream) => {
                let line = |line: &str| {
                    let data = line.strip_prefix("data:")?;
                    let mut event = serde_json::from_str(data).ok()?;
                    walk(schema, &mut event, edit);
                    Some(format!("data: {event}\n"))
                };
                *stream = mapped(stream, line);
            }
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Json(value) => value,
            Self::Events(stream) => Value::from(stream),
        }
    }
}

/// The lines of a stream, each with its line break, some replaced.
fn mapped(stream: &str, mut line: impl FnMut(&str) -> Option<String>) -> String {
    let lines = stream.split_inclusive('\n');
    lines
        .map(|old| line(old).unwrap_or_else(|| old.to_owned()))
        .collect()
}

impl<'c> ContractEditor<'c> {
    pub(super) fn new(contract: &'c Contract, samples: &'c Examples<'c>) -> Self {
        Self {
            contract,
            samples,
            root: contract.root().value().clone(),
        }
    }

    pub(super) fn into_contract(self) -> Contract {
        self.contract.with_root(self.root)
    }

    /// A value of the contract as it was.
    pub(super) fn before(&self, pointer: &str) -> Node<'c> {
        self.contract.pointer(pointer).expect(MISSING)
    }

    /// A value of the contract as it becomes.
    pub(super) fn at(&mut self, pointer: &str) -> &mut Value {
        self.root.pointer_mut(pointer).expect(MISSING)
    }

    pub(super) fn object(&mut self, pointer: &str) -> &mut Map<String, Value> {
        self.at(pointer).as_object_mut().expect(MISSING)
    }

    /// Gives an entry of an object another name, in its place.
    pub(super) fn rename(&mut self, pointer: &str, old: &str, new: &str) {
        let entries = std::mem::take(self.object(pointer));
        let renamed = entries.into_iter().map(|(name, value)| match name == old {
            true => (new.to_owned(), value),
            false => (name, value),
        });
        *self.object(pointer) = renamed.collect();
    }

    /// Changes all values of a schema in the contract's examples.
    pub(super) fn remake(&mut self, schema: &str, edit: &dyn Fn(&mut Value)) {
        let samples = self.samples;
        for (pointer, sample) in &samples.samples {
            if sample.made_of.contains(schema) {
                let mut body = sample.body.clone();
                body.edit(&sample.schema, &mut |found, value| {
                    if found.pointer() == schema {
                        edit(value);
                    }
                });
                self.replace(pointer, body.into_value());
            }
        }
    }

    /// Changes the data of an event stream's last event in its examples.
    pub(super) fn remark(&mut self, media_type: &str, old: &str, new: &str) {
        let samples = self.samples;
        for (pointer, sample) in &samples.samples {
            if let (Body::Events(stream), true) = (&sample.body, pointer.starts_with(media_type)) {
                let marked = mapped(stream, |line| {
                    line.contains(old).then(|| line.replace(old, new))
                });
                self.replace(pointer, Value::from(marked));
            }
        }
    }

    fn replace(&mut self, example: &str, value: Value) {
        *self.at(example) = json!({ "summary": "Follows its schema.", "value": value });
    }
}
