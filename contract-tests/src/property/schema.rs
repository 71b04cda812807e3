//! Schemas of the contract as the generator sees them, and the places in them.

use serde_json::{Map, Value};

/// A schema behind its references.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'c> {
    root: &'c Value,
    value: &'c Value,
    is_nullable: bool,
}

/// What values of a schema look like.
pub(super) enum Shape<'c> {
    /// With the listed values, of an enum.
    Text {
        listed: &'c [Value],
    },
    Integer,
    Number,
    Boolean,
    List(Schema<'c>),
    Object(&'c Map<String, Value>),
    Map(Schema<'c>),
    /// The tag's name and listed values, if one tells the variants apart.
    Union(Vec<Schema<'c>>, Option<Tag<'c>>),
    Untyped,
}

#[derive(Clone, Copy)]
pub(super) struct Tag<'c> {
    pub(super) name: &'c str,
    pub(super) mapping: &'c Map<String, Value>,
}

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
    pub(super) schema: Schema<'c>,
    /// A property that may be absent.
    pub(super) is_optional: bool,
    /// A tag, by which the union around it tells its variants apart.
    pub(super) is_tag: bool,
}

impl<'c> Schema<'c> {
    /// A component of the contract.
    pub(super) fn component(root: &'c Value, name: &str) -> Option<Self> {
        let value = root.pointer(&format!("/components/schemas/{name}"))?;
        Some(Self::new(root, value))
    }

    /// Whether a component is a variant of a union that a tag distinguishes.
    pub(super) fn is_tagged_variant(root: &Value, name: &str) -> bool {
        let target = format!("#/components/schemas/{name}");
        let components = root["components"]["schemas"].as_object();
        let unions = components.into_iter().flat_map(Map::values);
        let mut variants = unions
            .filter_map(|union| union["discriminator"]["mapping"].as_object())
            .flat_map(Map::values);
        variants.any(|variant| *variant == target)
    }

    fn new(root: &'c Value, value: &'c Value) -> Self {
        // `nullable` beside a `$ref` belongs to the property.
        let mut schema = Self {
            root,
            value,
            is_nullable: false,
        };
        loop {
            schema.is_nullable |= schema.value["nullable"] == true;
            let target = schema.value["$ref"].as_str();
            match target.and_then(|target| root.pointer(target.strip_prefix('#')?)) {
                Some(value) => schema.value = value,
                None => return schema,
            }
        }
    }

    fn inner(&self, value: &'c Value) -> Self {
        Self::new(self.root, value)
    }

    pub(super) fn is_nullable(&self) -> bool {
        self.is_nullable
    }

    pub(super) fn limit(&self, key: &str) -> Option<f64> {
        self.value[key].as_f64()
    }

    pub(super) fn is_binary(&self) -> bool {
        self.value["format"] == "binary"
    }

    pub(super) fn shape(&self) -> Shape<'c> {
        if let Some(variants) = self.value["oneOf"].as_array() {
            let variants = variants.iter().map(|variant| self.inner(variant)).collect();
            return Shape::Union(variants, self.tag());
        }
        match self.value["type"].as_str() {
            Some("string") => {
                let listed = self.value["enum"].as_array().map_or(&[][..], Vec::as_slice);
                Shape::Text { listed }
            }
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            Some("array") => Shape::List(self.inner(&self.value["items"])),
            Some("object") => match (
                self.value["properties"].as_object(),
                &self.value["additionalProperties"],
            ) {
                (None, entry) if !entry.is_null() => Shape::Map(self.inner(entry)),
                (Some(properties), _) => Shape::Object(properties),
                (None, _) => Shape::Untyped,
            },
            _ => Shape::Untyped,
        }
    }

    pub(super) fn property(&self, name: &str) -> Option<Self> {
        self.value["properties"]
            .get(name)
            .map(|value| self.inner(value))
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        let required = self.value["required"].as_array();
        required.is_some_and(|required| required.iter().any(|one| one == name))
    }

    /// Whether properties that the contract doesn't list are kept.
    pub(super) fn keeps_unknown(&self) -> bool {
        self.value["x-keep-unknown"] == true
    }

    fn tag(&self) -> Option<Tag<'c>> {
        let discriminator = &self.value["discriminator"];
        Some(Tag {
            name: discriminator["propertyName"].as_str()?,
            mapping: discriminator["mapping"].as_object()?,
        })
    }

    /// The variant of a tagged union that a value claims to be.
    pub(super) fn claimed(&self, tag: Tag<'c>, value: &Value) -> Option<Self> {
        let target = tag.mapping.get(value[tag.name].as_str()?)?.as_str()?;
        let target = self.root.pointer(target.strip_prefix('#')?)?;
        Some(self.inner(target))
    }

    /// Every place in it, itself first.
    pub(super) fn places(self) -> Vec<Place<'c>> {
        let mut places = Vec::new();
        let place = Place {
            steps: Vec::new(),
            schema: self,
            is_optional: false,
            is_tag: false,
        };
        place.walk(None, &mut places);
        places
    }
}

impl<'c> Place<'c> {
    fn walk(self, tag: Option<&str>, places: &mut Vec<Self>) {
        let schema = self.schema;
        places.push(self.clone());
        match schema.shape() {
            Shape::Object(properties) => {
                for name in properties.keys() {
                    let Some(property) = schema.property(name) else {
                        continue;
                    };
                    let mut inner = self.inside(Step::Property(name.clone()), property);
                    inner.is_optional = !schema.requires(name);
                    inner.is_tag = tag == Some(name);
                    inner.walk(None, places);
                }
            }
            Shape::List(items) => self.inside(Step::Item, items).walk(None, places),
            Shape::Union(variants, tag) => {
                for (index, variant) in variants.into_iter().enumerate() {
                    let inner = self.inside(Step::Variant(index), variant);
                    inner.walk(tag.map(|tag| tag.name), places);
                }
            }
            _ => {}
        }
    }

    fn inside(&self, step: Step, schema: Schema<'c>) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self {
            steps,
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
