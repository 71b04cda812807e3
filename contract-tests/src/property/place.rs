//! The places in a schema at which something can be done to its values.

use cometapi_contract::Node;

use crate::schema::{Shape, is_required};

/// The way from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Property(String),
    /// The first item of a list.
    Item,
    /// One of a union's variants; the value stays.
    Variant(usize),
}

/// A value somewhere inside the values of a schema.
#[derive(Clone, Debug)]
pub(super) struct Place<'c> {
    pub(super) steps: Vec<Step>,
    pub(super) schema: Node<'c>,
    /// A property that may be absent.
    pub(super) is_optional: bool,
    /// A tag, by which the union around it tells its variants apart.
    pub(super) is_tag: bool,
}

impl<'c> Place<'c> {
    /// Every place in a schema, itself first.
    pub(super) fn all(schema: &Node<'c>) -> Vec<Self> {
        let mut places = Vec::new();
        let root = Self {
            steps: Vec::new(),
            schema: schema.clone(),
            is_optional: false,
            is_tag: false,
        };
        root.walk(None, &mut places);
        places
    }

    fn walk(self, tag: Option<&str>, places: &mut Vec<Self>) {
        places.push(self.clone());
        match Shape::of(&self.schema) {
            Shape::Object(properties) => {
                for (name, property) in properties {
                    let mut inner = self.inside(Step::Property(name.to_owned()), property);
                    inner.is_optional = !is_required(&self.schema, name);
                    inner.is_tag = tag == Some(name);
                    inner.walk(None, places);
                }
            }
            Shape::List(items) => self.inside(Step::Item, items).walk(None, places),
            Shape::Union(variants, tag) => {
                for (index, variant) in variants.into_iter().enumerate() {
                    self.inside(Step::Variant(index), variant).walk(tag, places);
                }
            }
            _ => {}
        }
    }

    fn inside(&self, step: Step, schema: Node<'c>) -> Self {
        Self {
            steps: [self.steps.as_slice(), &[step]].concat(),
            schema,
            is_optional: false,
            is_tag: false,
        }
    }

    /// Where it is in a value, as JSON pointer.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.steps {
            match step {
                Step::Property(name) => pointer.push_str(&format!("/{name}")),
                Step::Item => pointer.push_str("/0"),
                Step::Variant(_) => {}
            }
        }
        pointer
    }

    /// How an error names it. Of what is inside a union only the union has a name: serde has read it
    /// as a whole before it tries the variants.
    pub(super) fn path(&self) -> String {
        path(&self.steps)
    }

    /// How an error names the object around it.
    pub(super) fn path_around(&self) -> String {
        path(&self.steps[..self.steps.len().saturating_sub(1)])
    }

    /// Whether an error can name it itself.
    pub(super) fn is_named(&self) -> bool {
        !self
            .steps
            .iter()
            .any(|step| matches!(step, Step::Variant(_)))
    }
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Property(name) if path.is_empty() => path.push_str(name),
            Step::Property(name) => path.push_str(&format!(".{name}")),
            Step::Item => path.push_str("[0]"),
            Step::Variant(_) => break,
        }
    }
    path
}
