//! Whether values fit their schemas, and what to say if they don't.

use cometapi_contract::{EnumMode, Node, json_schema};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::StartError;

pub(crate) const MISSING: &str = "required, but missing";

/// Of more than twice that many characters, the middle is left out.
const LONG: usize = 100;

/// One schema, open sets taken as open.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
}

/// What is wrong with a request.
#[derive(Debug)]
pub(crate) struct Violation {
    place: String,
    what: String,
    /// The field or parameter it is in.
    pub(crate) field: Option<String>,
}

impl Schema {
    pub(crate) fn new(schema: &Node<'_>) -> Result<Self, StartError> {
        let json = json_schema(schema, EnumMode::Open);
        let validator = jsonschema::draft4::options().build(&json);
        let validator = validator
            .map_err(|error| StartError::contract(format!("{}: {error}", schema.pointer())))?;
        Ok(Self { validator })
    }

    pub(crate) fn objection(&self, value: &Value) -> Option<Violation> {
        let error = self.validator.iter_errors(value).next()?;
        Some(Violation::of(innermost(&error)))
    }
}

impl Violation {
    /// What is wrong at a JSON pointer into the body.
    pub(crate) fn at(pointer: &str, what: impl Into<String>) -> Self {
        let field = pointer.split('/').nth(1);
        let place = match pointer {
            "" => "the body",
            pointer => pointer,
        };
        Self {
            place: place.to_owned(),
            what: what.into(),
            field: field.map(|field| field.replace("~1", "/").replace("~0", "~")),
        }
    }

    /// The same thing, wrong with a parameter of the query.
    pub(crate) fn in_query(self, name: &str) -> Self {
        Self {
            place: format!("query parameter {name}"),
            what: self.what,
            field: Some(name.to_owned()),
        }
    }

    pub(crate) fn message(&self) -> String {
        format!("{}: {}", self.place, self.what)
    }

    fn of(error: &ValidationError<'_>) -> Self {
        let place = error.instance_path().as_str();
        if let ValidationErrorKind::Required { property } = error.kind() {
            let name = property.as_str().unwrap_or_default();
            return Self::at(&format!("{place}/{}", escaped(name)), MISSING);
        }
        let mut what = error.to_string();
        // Most of it may be the value.
        if let Some((middle, _)) = what.char_indices().nth(LONG) {
            let tail = what.char_indices().rev().nth(LONG).unwrap_or_default().0;
            what = format!("{} … {}", &what[..middle], &what[middle.max(tail)..]);
        }
        Self::at(place, what)
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Of a union that nothing fits, the fault in the variant that was meant, if there is one.
fn innermost<'e>(error: &'e ValidationError<'_>) -> &'e ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let own = depth(error);
    let meant = context
        .iter()
        .filter(|faults| !faults.iter().any(|fault| is_another_kind(fault, own)))
        .max_by_key(|faults| faults.iter().map(depth).max());
    meant
        .and_then(|faults| faults.first())
        .map_or(error, innermost)
}

/// Whether a union's value is no attempt at the variant that has this fault: it is of another type,
/// or its tag is another's.
fn is_another_kind(fault: &ValidationError<'_>, union: usize) -> bool {
    match fault.kind() {
        ValidationErrorKind::Type { .. } => depth(fault) == union,
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Not { .. } => {
            depth(fault) == union + 1
        }
        _ => false,
    }
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}
