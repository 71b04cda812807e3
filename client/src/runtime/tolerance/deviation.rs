//! Deviations of a response from its schema, grouped by place.

use std::fmt;

use serde_json::value::RawValue;

/// The maximum number of different deviations of a response: 64. A response with more is an error.
pub const MAX_DEVIATIONS: usize = 64;

/// A place where a response differs from the API schema, and how the client read it. It never contains the value.
///
/// Places that differ only in the item of a list are one deviation: `/data/*/id`, with [`count`](Deviation::count).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Deviation {
    operation: &'static str,
    pointer: String,
    expected: &'static str,
    found: JsonType,
    action: DeviationAction,
    count: usize,
}

/// The JSON type that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// Nothing: a required property is missing.
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list.
    List,
    /// An object.
    Object,
}

/// How the client read a value that differs from the API schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviationAction {
    /// The value was converted to the expected type.
    Converted,
    /// The value was left out, or the item or object around it, which is usable only with it. The JSON pointer of
    /// what was left out.
    LeftOut(String),
    /// An empty list or object was read instead of the value, or of the object around it. The JSON pointer of what is
    /// empty.
    Emptied(String),
    /// The property is there more than once, and its last value was read.
    LastRead,
    /// What follows the JSON value was ignored.
    RestIgnored,
    /// The event was skipped.
    Skipped,
}

impl Deviation {
    /// Returns the id of the operation.
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// Returns the JSON pointer of the place, with `*` for the items of a list and the keys of a map; for a stream,
    /// within the event.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Returns what the API schema expects there, such as `a string`.
    pub fn expected(&self) -> &str {
        self.expected
    }

    /// Returns the JSON type of the value.
    pub fn found(&self) -> JsonType {
        self.found
    }

    /// Returns how the client read the value.
    pub fn action(&self) -> &DeviationAction {
        &self.action
    }

    /// Returns how many values of the response differ in this way.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Creates the deviation of a complete body or event.
    pub(crate) fn of_body(
        operation: &'static str,
        expected: &'static str,
        found: JsonType,
        action: DeviationAction,
    ) -> Self {
        Self {
            operation,
            pointer: String::new(),
            expected,
            found,
            action,
            count: 1,
        }
    }

    fn is_same_place(&self, other: &Self) -> bool {
        (&self.pointer, self.expected, self.found, &self.action)
            == (&other.pointer, other.expected, other.found, &other.action)
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            pointer,
            expected,
            found,
            action,
            count,
        } = self;
        write!(f, "{operation}: expected {expected}")?;
        if !pointer.is_empty() {
            write!(f, " at {pointer}")?;
        }
        write!(f, ", found {found}: ")?;
        match action {
            DeviationAction::Converted => f.write_str("converted")?,
            DeviationAction::LeftOut(place) if place == pointer => f.write_str("left out")?,
            DeviationAction::LeftOut(place) => write!(f, "left {place} out")?,
            DeviationAction::Emptied(place) if place == pointer => f.write_str("read as empty")?,
            DeviationAction::Emptied(place) => write!(f, "read {place} as empty")?,
            DeviationAction::LastRead => f.write_str("read the last of several")?,
            DeviationAction::RestIgnored => f.write_str("ignored what follows")?,
            DeviationAction::Skipped => f.write_str("skipped the event")?,
        }
        match count {
            1 => Ok(()),
            count => write!(f, " ({count} times)"),
        }
    }
}

impl fmt::Debug for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deviation({self})")
    }
}

impl DeviationAction {
    /// Returns the name in snake case, for logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Converted => "converted",
            Self::LeftOut(_) => "left_out",
            Self::Emptied(_) => "emptied",
            Self::LastRead => "last_read",
            Self::RestIgnored => "rest_ignored",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "nothing",
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

impl JsonType {
    /// Returns the name in snake case, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::List => "list",
            Self::Object => "object",
        }
    }

    /// Returns the type of the data of an event. What isn't JSON is text.
    pub(crate) fn of_data(data: &[u8]) -> Self {
        match serde_json::from_slice::<&RawValue>(data) {
            Ok(json) => Self::of(json.get().trim_ascii()),
            Err(_) => Self::String,
        }
    }

    /// Returns the type of a JSON text, by its first byte.
    pub(crate) fn of(json: &str) -> Self {
        match json.as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            Some(_) => Self::Number,
            None => Self::Absent,
        }
    }
}

/// There are more than [`MAX_DEVIATIONS`] different deviations.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooManyDeviations;

/// Adds the deviations of one event to those of its stream.
pub(crate) fn merge(all: &mut Vec<Deviation>, new: &[Deviation]) -> Result<(), TooManyDeviations> {
    for deviation in new {
        let known = all.iter().position(|known| known.is_same_place(deviation));
        match known {
            Some(index) => all[index].count += deviation.count,
            None if all.len() == MAX_DEVIATIONS => return Err(TooManyDeviations),
            None => all.push(deviation.clone()),
        }
    }
    Ok(())
}

/// A step of a path within a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Property(&'static str),
    /// Any item of a list, or any value of a map.
    Item,
}

/// How a place was read, with paths instead of pointers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    Converted,
    LeftOut(Vec<Segment>),
    Emptied(Vec<Segment>),
    LastRead,
}

/// The deviations found so far, counted by place. Those of a value that turns out to be unusable can be withdrawn.
#[derive(Debug, Default)]
pub(crate) struct DeviationLog {
    groups: Vec<Group>,
    /// The group of each record.
    records: Vec<usize>,
    is_full: bool,
}

#[derive(Debug)]
struct Group {
    path: Vec<Segment>,
    expected: &'static str,
    found: JsonType,
    treatment: Treatment,
    count: usize,
}

impl DeviationLog {
    pub(crate) fn record(
        &mut self,
        path: &[Segment],
        expected: &'static str,
        found: JsonType,
        treatment: Treatment,
    ) {
        let known = self.groups.iter().position(|group| {
            group.path == path
                && (group.expected, group.found) == (expected, found)
                && group.treatment == treatment
        });
        let index = match known {
            Some(index) => index,
            // Withdrawn groups count too, so that the work is bounded.
            None if self.groups.len() == 4 * MAX_DEVIATIONS => {
                self.is_full = true;
                return;
            }
            None => {
                self.groups.push(Group {
                    path: path.to_vec(),
                    expected,
                    found,
                    treatment,
                    count: 0,
                });
                self.groups.len() - 1
            }
        };
        self.groups[index].count += 1;
        self.records.push(index);
    }

    /// Returns a mark to withdraw later records by.
    pub(crate) fn mark(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn withdraw(&mut self, mark: usize) {
        for index in self.records.drain(mark..) {
            self.groups[index].count -= 1;
        }
    }

    pub(crate) fn finish(
        self,
        operation: &'static str,
    ) -> Result<Vec<Deviation>, TooManyDeviations> {
        let groups = self.groups.into_iter().filter(|group| group.count > 0);
        let deviations: Vec<_> = groups
            .map(|group| Deviation {
                operation,
                pointer: pointer(&group.path),
                expected: group.expected,
                found: group.found,
                action: match group.treatment {
                    Treatment::Converted => DeviationAction::Converted,
                    Treatment::LeftOut(path) => DeviationAction::LeftOut(pointer(&path)),
                    Treatment::Emptied(path) => DeviationAction::Emptied(pointer(&path)),
                    Treatment::LastRead => DeviationAction::LastRead,
                },
                count: group.count,
            })
            .collect();
        if self.is_full || deviations.len() > MAX_DEVIATIONS {
            return Err(TooManyDeviations);
        }
        Ok(deviations)
    }
}

fn pointer(path: &[Segment]) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Item => pointer.push('*'),
            Segment::Property(name) => {
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
        }
    }
    pointer
}
