//! Validation of JSON values against a schema, and the message about the first violation.

use cometapi_contract::{EnumMode, Node, json_schema};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::StartError;

pub(crate) const MISSING: &str = "required, but missing";

/// Number of characters that a message keeps at its start and at its end; those between are left out.
const KEPT: usize = 100;

/// Validator of one schema. Open enums accept any string.
#[derive(Debug)]
pub(crate) struct SchemaValidator(Validator);

/// A difference between a request and the contract.
#[derive(Debug)]
pub(crate) struct Violation {
    location: String,
    reason: String,
    /// The field of the body or the query parameter it is in.
    pub(crate) field: Option<String>,
}

impl SchemaValidator {
    pub(crate) fn new(schema: &Node<'_>) -> Result<Self, StartError> {
        let json = json_schema(schema, EnumMode::Open);
        let validator = jsonschema::draft4::options().build(&json);
        validator
            .map(Self)
            .map_err(|error| StartError::contract(format!("{}: {error}", schema.pointer())))
    }

    /// The first violation in a value of the body.
    pub(crate) fn violation(&self, value: &Value) -> Option<Violation> {
        let error = self.0.iter_errors(value).next()?;
        Some(Violation::from_error(most_specific(&error)))
    }
}

impl Violation {
    /// A violation at a JSON pointer into the body.
    pub(crate) fn at(pointer: &str, reason: impl Into<String>) -> Self {
        let field = pointer.split('/').nth(1);
        let location = match pointer {
            "" => "the body",
            pointer => pointer,
        };
        Self {
            location: location.to_owned(),
            reason: reason.into(),
            field: field.map(|field| field.replace("~1", "/").replace("~0", "~")),
        }
    }

    /// The same violation in a query parameter.
    pub(crate) fn in_query_parameter(self, name: &str) -> Self {
        Self {
            location: format!("query parameter {name}"),
            reason: self.reason,
            field: Some(name.to_owned()),
        }
    }

    pub(crate) fn message(&self) -> String {
        format!("{}: {}", self.location, self.reason)
    }

    fn from_error(error: &ValidationError<'_>) -> Self {
        let pointer = error.instance_path().as_str();
        if let ValidationErrorKind::Required { property } = error.kind() {
            let name = property.as_str().unwrap_or_default();
            let name = name.replace('~', "~0").replace('/', "~1");
            return Self::at(&format!("{pointer}/{name}"), MISSING);
        }
        let mut reason = error.to_string();
        // Most of it may be the value.
        let characters: Vec<char> = reason.chars().collect();
        if characters.len() > 2 * KEPT {
            let start = characters[..KEPT].iter();
            let end = characters[characters.len() - KEPT..].iter();
            reason = start.chain(&[' ', '…', ' ']).chain(end).collect();
        }
        Self::at(pointer, reason)
    }
}

/// Of a union without a matching variant, the error in the intended variant, if there is one.
fn most_specific<'e>(error: &'e ValidationError<'_>) -> &'e ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let union = depth(error);
    let intended = context
        .iter()
        .filter(|errors| !errors.iter().any(|error| is_other_variant(error, union)))
        .max_by_key(|errors| errors.iter().map(depth).max());
    intended
        .and_then(|errors| errors.first())
        .map_or(error, most_specific)
}

/// Whether the error shows that another variant of the union at that depth was intended: the value has
/// another type or another discriminator.
fn is_other_variant(error: &ValidationError<'_>, union: usize) -> bool {
    match error.kind() {
        ValidationErrorKind::Type { .. } => depth(error) == union,
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Not { .. } => {
            depth(error) == union + 1
        }
        _ => false,
    }
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}
