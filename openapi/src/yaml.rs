//! YAML into JSON values, with the line each value stands on.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Number, Value};

/// Why a text is no contract.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Lines by JSON pointer.
pub(crate) type Lines = HashMap<String, usize>;

pub(crate) fn parse(text: &str) -> Result<(Value, Lines), Unreadable> {
    let documents = MarkedYaml::load_from_str(text).map_err(|error| Unreadable {
        line: error.marker().line(),
        message: error.info().to_owned(),
    })?;
    let [document] = documents.as_slice() else {
        return Err(Unreadable {
            line: 1,
            message: format!("one YAML document expected, {} found", documents.len()),
        });
    };
    let mut lines = Lines::new();
    let value = convert(document, "", document.span.start.line(), &mut lines)?;
    Ok((value, lines))
}

/// `line` is the line of the key, for a value that has one: that is where a reader looks.
fn convert(
    node: &MarkedYaml<'_>,
    pointer: &str,
    line: usize,
    lines: &mut Lines,
) -> Result<Value, Unreadable> {
    lines.insert(pointer.to_owned(), line);
    let unreadable = |message: &str| Unreadable {
        line: node.span.start.line(),
        message: message.to_owned(),
    };
    Ok(match &node.data {
        YamlData::Value(scalar) => convert_scalar(scalar, &unreadable)?,
        YamlData::Sequence(items) => {
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let line = item.span.start.line();
                array.push(convert(item, &format!("{pointer}/{index}"), line, lines)?);
            }
            Value::Array(array)
        }
        YamlData::Mapping(entries) => {
            let mut object = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let name = key_name(key).ok_or_else(|| unreadable("a key is no plain scalar"))?;
                let pointer = format!("{pointer}/{}", escape(&name));
                let line = key.span.start.line();
                object.insert(name, convert(value, &pointer, line, lines)?);
            }
            Value::Object(object)
        }
        YamlData::Tagged(..) => return Err(unreadable("YAML tags are not understood here")),
        _ => return Err(unreadable("this YAML construct is not understood here")),
    })
}

fn convert_scalar(
    scalar: &Scalar<'_>,
    unreadable: &dyn Fn(&str) -> Unreadable,
) -> Result<Value, Unreadable> {
    Ok(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => Number::from_f64(**value)
            .map(Value::Number)
            .ok_or_else(|| unreadable("JSON has no such number"))?,
        Scalar::String(text) => Value::from(text.as_ref()),
    })
}

/// Statuses are keys that people write without quotes.
fn key_name(key: &MarkedYaml<'_>) -> Option<String> {
    match &key.data {
        YamlData::Value(Scalar::String(text)) => Some(text.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Some(number.to_string()),
        YamlData::Value(Scalar::Boolean(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::Null) => Some("null".to_owned()),
        _ => None,
    }
}

/// A key as a JSON pointer's segment.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
