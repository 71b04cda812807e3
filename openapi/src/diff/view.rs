//! A schema, however it is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Node;

/// A schema with its `$ref` followed, its `allOf` joined, and `null` told apart from its types.
#[derive(Clone)]
pub(super) struct View<'c> {
    /// The component, if it is one.
    pub(super) name: Option<&'c str>,
    /// Where it stands.
    pub(super) node: Node<'c>,
    /// Whether null is allowed.
    pub(super) nullable: bool,
    /// The schemas that it has to match, itself first. A key is taken from the first that has it.
    parts: Vec<Node<'c>>,
}

/// The alternatives of a union.
pub(super) struct Union<'c> {
    pub(super) keyword: &'static str,
    pub(super) variants: Vec<Node<'c>>,
}

impl<'c> View<'c> {
    pub(super) fn of(node: &Node<'c>) -> Self {
        let resolved = node.resolved();
        let mut view = Self {
            name: node.reference_name(),
            node: resolved,
            nullable: false,
            parts: Vec::new(),
        };
        view.add(node, 0);
        view
    }

    /// Adds a schema, and those that it consists of. One that contains itself ends at some depth.
    fn add(&mut self, node: &Node<'c>, depth: usize) {
        if depth > 16 {
            return;
        }
        self.nullable |= node.bool("nullable") || is_null(node) || lists_null(node);
        self.parts.push(node.clone());
        if node.reference().is_some() {
            self.add(&node.resolved(), depth + 1);
        }
        if let Some(members) = node.get("allOf") {
            for member in members.items() {
                self.add(&member, depth + 1);
            }
        }
        // An alternative of null and one schema is that schema, nullable.
        for keyword in ["oneOf", "anyOf"] {
            let Some(list) = node.get(keyword) else {
                continue;
            };
            let all = list.items();
            let some: Vec<&Node<'c>> = all.iter().filter(|variant| !is_null(variant)).collect();
            self.nullable |= some.len() < all.len();
            if let ([only], true) = (some.as_slice(), node.get("discriminator").is_none()) {
                self.name = self.name.or(only.reference_name());
                self.add(only, depth + 1);
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Node<'c>> {
        self.parts.iter().find_map(|part| part.get(key))
    }

    pub(super) fn value(&self, key: &str) -> Option<&'c Value> {
        self.get(key).map(|node| node.value())
    }

    pub(super) fn bool(&self, key: &str) -> bool {
        self.parts.iter().any(|part| part.bool(key))
    }

    pub(super) fn str(&self, key: &str) -> Option<&'c str> {
        self.parts.iter().find_map(|part| part.str(key))
    }

    /// All keys that it has.
    pub(super) fn keys(&self) -> BTreeSet<&'c str> {
        let entries = self.parts.iter().flat_map(Node::entries);
        entries.map(|(key, _)| key).collect()
    }

    /// Its types without null; none stands for any.
    pub(super) fn types(&self) -> BTreeSet<&'c str> {
        let declared = self.get("type");
        let mut types: BTreeSet<&str> = match declared.as_ref().map(Node::value) {
            Some(Value::String(name)) => BTreeSet::from([name.as_str()]),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => BTreeSet::new(),
        };
        types.remove("null");
        if types.is_empty() && declared.is_none() {
            let implied = match self {
                _ if self.get("properties").is_some() => Some("object"),
                _ if self.get("additionalProperties").is_some() => Some("object"),
                _ if self.get("items").is_some() => Some("array"),
                _ => self.values().and_then(|values| {
                    let is_text = |value: &&Value| value.is_string();
                    values.iter().all(is_text).then_some("string")
                }),
            };
            types.extend(implied);
        }
        types
    }

    /// The values of an enumeration without null.
    pub(super) fn values(&self) -> Option<Vec<&'c Value>> {
        if let Some(constant) = self.get("const") {
            return Some(vec![constant.value()]);
        }
        let values = self.get("enum")?;
        let values = values.items().into_iter().map(|value| value.value());
        Some(values.filter(|value| !value.is_null()).collect())
    }

    /// Whether values may be added to its enumeration at any time, so that a client takes any.
    pub(super) fn is_open_enum(&self) -> bool {
        self.name.is_some() && !self.bool("x-closed-enum")
    }

    pub(super) fn union(&self) -> Option<Union<'c>> {
        for keyword in ["oneOf", "anyOf"] {
            if let Some(list) = self.get(keyword) {
                let variants = list.items().into_iter();
                let variants: Vec<_> = variants.filter(|variant| !is_null(variant)).collect();
                if variants.len() > 1 || self.get("discriminator").is_some() {
                    return Some(Union { keyword, variants });
                }
            }
        }
        None
    }

    pub(super) fn properties(&self) -> BTreeMap<&'c str, Node<'c>> {
        let mut properties = BTreeMap::new();
        for part in &self.parts {
            for (name, node) in part.get("properties").iter().flat_map(Node::entries) {
                properties.entry(name).or_insert(node);
            }
        }
        properties
    }

    pub(super) fn required(&self) -> BTreeSet<&'c str> {
        let lists = self.parts.iter().filter_map(|part| part.get("required"));
        let names = lists.flat_map(|list| list.items());
        names.filter_map(|name| name.value().as_str()).collect()
    }

    /// The value of the discriminator that stands for a variant.
    pub(super) fn tag_of(&self, variant: &Node<'c>) -> Option<&'c str> {
        let discriminator = self.get("discriminator")?;
        let target = variant.str("$ref");
        let mapping = discriminator.get("mapping");
        let mut mapping = mapping.iter().flat_map(Node::entries);
        let mapped = mapping.find(|(_, to)| target.is_some() && to.value().as_str() == target);
        if let Some((value, _)) = mapped {
            return Some(value);
        }
        let tag = View::of(variant)
            .properties()
            .remove(discriminator.str("propertyName")?)?;
        let only = View::of(&tag).values()?;
        only.first().and_then(|value| value.as_str())
    }

    /// Whether two schemas have the same component or the same types.
    pub(super) fn is_same_kind(&self, other: &View<'_>) -> bool {
        let is_plain = self.union().is_none() && other.union().is_none();
        match (self.name, other.name) {
            (Some(old), Some(new)) => old == new,
            _ => is_plain && !self.types().is_empty() && self.types() == other.types(),
        }
    }

    /// Whether it forbids properties that it doesn't list.
    pub(super) fn is_closed(&self) -> bool {
        self.value("additionalProperties") == Some(&Value::Bool(false))
    }

    /// Whether there is an empty value of a schema: a list, a map, or an object that requires only such.
    pub(super) fn can_be_empty(&self, depth: usize) -> bool {
        let types = self.types();
        if depth > 8 || self.union().is_some() {
            return false;
        }
        if types.contains("array") {
            return true;
        }
        let properties = self.properties();
        let required = self.required();
        types.contains("object")
            && required.iter().all(|name| {
                let property = properties.get(name);
                property.is_some_and(|property| View::of(property).can_be_empty(depth + 1))
            })
    }

    /// A schema in a few words.
    pub(super) fn describe(&self) -> String {
        if let Some(name) = self.name {
            return name.to_owned();
        }
        if let Some(union) = self.union() {
            let variants: Vec<String> = union
                .variants
                .iter()
                .map(|variant| View::of(variant).describe())
                .collect();
            return variants.join(" or ");
        }
        let types: Vec<&str> = self.types().into_iter().collect();
        match (types.as_slice(), self.str("title")) {
            (["array"], _) => match self.get("items") {
                Some(items) => format!("list of {}", View::of(&items).describe()),
                None => "list".to_owned(),
            },
            (["object"], Some(title)) => title.to_owned(),
            ([], _) => "any value".to_owned(),
            (types, _) => types.join(" or "),
        }
    }
}

fn is_null(node: &Node<'_>) -> bool {
    node.str("type") == Some("null")
}

fn lists_null(node: &Node<'_>) -> bool {
    let has_null = |key: &str, null: &Value| {
        let list = node.get(key).and_then(|list| list.value().as_array());
        list.is_some_and(|list| list.contains(null))
    };
    has_null("type", &Value::from("null")) || has_null("enum", &Value::Null)
}
