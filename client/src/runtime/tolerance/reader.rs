//! The tolerant reader: rewrites JSON so that it matches a schema.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::runtime::serde::lenient;
use crate::runtime::serde::object::JsonKey;
use crate::runtime::tolerance::deviation::{Deviation, DeviationLog, JsonType, Segment, Treatment};
use crate::runtime::tolerance::raw::{
    entries, has_property, is_blank_text, is_finite, is_one_of, json_in_text, push_entry,
};
use crate::runtime::tolerance::schema::{Described, Presence, Property, Schema};
use crate::runtime::tolerance::text_parts;

/// What a body is, which decides what it can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// A response. Its required properties have to be usable.
    Response,
    /// An event of a stream. Any property of the schema makes it usable.
    Event,
}

/// The outcome of the tolerant reader.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    Value(T, Vec<Deviation>),
    /// An event without any usable property of the schema.
    Unrelated(JsonType),
    /// There are more deviations than allowed.
    TooMany,
    /// The body is not JSON, or lacks what it can't do without.
    Unusable,
}

/// Reads a body that the strict decoder has rejected.
pub(crate) fn read<T: DeserializeOwned + Described>(
    operation: &'static str,
    body: &str,
    root: Root,
) -> Outcome<T> {
    let Ok(json) = serde_json::from_str::<&RawValue>(body) else {
        return Outcome::Unusable;
    };
    let json = json.get().trim_ascii();
    let schema = T::SCHEMA;
    // An error that can't be read is no reason to skip the event.
    let can_be_skipped = root == Root::Event && !has_property(json, |key| key == "error");
    if can_be_skipped && !has_known_property(schema, json) {
        return Outcome::Unrelated(JsonType::of(json));
    }
    let mut reader = Reader {
        path: Vec::new(),
        log: DeviationLog::default(),
        root,
    };
    let rewritten = match reader.value(schema, json) {
        Rewritten::Unchanged => Cow::Borrowed(json),
        Rewritten::Changed(json) => Cow::Owned(json),
        Rewritten::Unusable(_) if can_be_skipped => {
            return Outcome::Unrelated(JsonType::of(json));
        }
        Rewritten::Unusable(_) => return Outcome::Unusable,
    };
    let Ok(deviations) = reader.log.finish(operation) else {
        return Outcome::TooMany;
    };
    match serde_json::from_str(&rewritten) {
        Ok(value) => Outcome::Value(value, deviations),
        Err(_) => Outcome::Unusable,
    }
}

fn has_known_property(schema: &Schema, json: &str) -> bool {
    match schema {
        Schema::Object(properties) => has_property(json, |key| {
            properties.iter().any(|property| property.name == key)
        }),
        _ => JsonType::of(json) != JsonType::Null,
    }
}

/// A value after it was compared with its schema.
#[derive(Debug)]
enum Rewritten {
    Unchanged,
    Changed(String),
    Unusable(Misfit),
}

/// The place that makes a value unusable.
#[derive(Debug)]
struct Misfit {
    path: Vec<Segment>,
    expected: &'static str,
    found: JsonType,
}

struct Reader {
    path: Vec<Segment>,
    log: DeviationLog,
    root: Root,
}

impl Reader {
    fn value(&mut self, schema: &'static Schema, json: &str) -> Rewritten {
        match schema {
            Schema::Any => Rewritten::Unchanged,
            Schema::String | Schema::TextParts(_) => self.string(schema, json),
            Schema::Enum(values) => match self.string(schema, json) {
                Rewritten::Unchanged if is_one_of(values, json) => Rewritten::Unchanged,
                Rewritten::Changed(text) if is_one_of(values, &text) => Rewritten::Changed(text),
                _ => self.misfit(schema, json),
            },
            Schema::Integer { min, max } => self.integer(schema, json, *min..=*max),
            Schema::Number => self.number(schema, json),
            Schema::Boolean => self.boolean(schema, json),
            Schema::List(item) => self.list(schema, item, json),
            Schema::Map(values) => self.map(schema, values, json),
            Schema::Object(properties) => self.object(schema, properties, json),
            Schema::Tagged { tag, variants } => match variant(tag, variants, json) {
                Some(variant) => self.value(variant, json),
                None => Rewritten::Unchanged,
            },
            Schema::Untagged(alternatives) => {
                let is_list = |schema: &&&'static Schema| matches!(schema, Schema::List(_));
                match alternatives.iter().find(is_list) {
                    Some(list) if JsonType::of(json) == JsonType::List => self.value(list, json),
                    _ => Rewritten::Unchanged,
                }
            }
        }
    }

    fn string(&mut self, schema: &'static Schema, json: &str) -> Rewritten {
        match JsonType::of(json) {
            // An escape of half a surrogate pair is JSON, but no text.
            JsonType::String if serde_json::from_str::<JsonKey<'_>>(json).is_ok() => {
                Rewritten::Unchanged
            }
            JsonType::Number | JsonType::Boolean | JsonType::List | JsonType::Object => {
                match serde_json::to_string(json) {
                    Ok(text) => self.converted(schema, json, text),
                    Err(_) => self.misfit(schema, json),
                }
            }
            JsonType::String | JsonType::Null | JsonType::Absent => self.misfit(schema, json),
        }
    }

    fn integer(
        &mut self,
        schema: &'static Schema,
        json: &str,
        range: std::ops::RangeInclusive<i128>,
    ) -> Rewritten {
        let number = match JsonType::of(json) {
            JsonType::Number => Cow::Borrowed(json),
            JsonType::String => match serde_json::from_str::<String>(json) {
                Ok(text) => Cow::Owned(text.trim().to_owned()),
                Err(_) => return self.misfit(schema, json),
            },
            _ => return self.misfit(schema, json),
        };
        match lenient::truncated_integer(&number) {
            Some(integer) if range.contains(&integer) => match integer.to_string() {
                text if text == json => Rewritten::Unchanged,
                text => self.converted(schema, json, text),
            },
            _ => self.misfit(schema, json),
        }
    }

    fn number(&mut self, schema: &'static Schema, json: &str) -> Rewritten {
        match JsonType::of(json) {
            JsonType::Number if is_finite(json) => Rewritten::Unchanged,
            JsonType::String => {
                let text = serde_json::from_str::<String>(json).unwrap_or_default();
                let text = text.trim();
                // A text such as `.5` or `inf` is no JSON number.
                match serde_json::from_str::<&RawValue>(text) {
                    Ok(_) if JsonType::of(text) == JsonType::Number && is_finite(text) => {
                        self.converted(schema, json, text.to_owned())
                    }
                    _ => self.misfit(schema, json),
                }
            }
            _ => self.misfit(schema, json),
        }
    }

    fn boolean(&mut self, schema: &'static Schema, json: &str) -> Rewritten {
        match json {
            "true" | "false" => Rewritten::Unchanged,
            r#""true""# => self.converted(schema, json, "true".to_owned()),
            r#""false""# => self.converted(schema, json, "false".to_owned()),
            _ => self.misfit(schema, json),
        }
    }

    fn list(&mut self, schema: &'static Schema, item: &'static Schema, json: &str) -> Rewritten {
        match JsonType::of(json) {
            JsonType::List => self.items(schema, item, json),
            JsonType::Null | JsonType::Absent => self.misfit(schema, json),
            JsonType::String => match json_in_text(json, '[') {
                Some(inner) => self.reread(schema, json, &inner),
                None if is_blank_text(json) => self.misfit(schema, json),
                None => self.only_item(schema, item, json),
            },
            _ => self.only_item(schema, item, json),
        }
    }

    fn items(&mut self, schema: &'static Schema, item: &'static Schema, json: &str) -> Rewritten {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) else {
            return self.misfit(schema, json);
        };
        let start = self.log.mark();
        let mut text = String::from("[");
        let mut is_changed = false;
        let mut first_misfit = None;
        self.path.push(Segment::Item);
        for raw in &items {
            let raw = raw.get();
            let mark = self.log.mark();
            let kept = match self.value(item, raw) {
                Rewritten::Unchanged => Cow::Borrowed(raw),
                Rewritten::Changed(json) => Cow::Owned(json),
                Rewritten::Unusable(misfit) => {
                    self.log.withdraw(mark);
                    self.left_out(&misfit);
                    first_misfit.get_or_insert(misfit);
                    is_changed = true;
                    continue;
                }
            };
            is_changed |= matches!(kept, Cow::Owned(_));
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&kept);
        }
        self.path.pop();
        match first_misfit {
            Some(misfit) if text.len() == 1 => {
                self.log.withdraw(start);
                Rewritten::Unusable(misfit)
            }
            _ if is_changed => Rewritten::Changed(text + "]"),
            _ => Rewritten::Unchanged,
        }
    }

    /// Reads one item where a list is expected.
    fn only_item(
        &mut self,
        schema: &'static Schema,
        item: &'static Schema,
        json: &str,
    ) -> Rewritten {
        let is_object = matches!(item, Schema::Object(_));
        if is_object && !has_known_property(item, json) {
            return self.misfit(schema, json);
        }
        let mark = self.log.mark();
        self.path.push(Segment::Item);
        let rewritten = self.value(item, json);
        self.path.pop();
        let item = match rewritten {
            Rewritten::Unchanged => json.to_owned(),
            Rewritten::Changed(text) => text,
            Rewritten::Unusable(_) => return self.misfit(schema, json),
        };
        if !is_object {
            // It is one conversion, of the item and to a list.
            self.log.withdraw(mark);
        }
        self.converted(schema, json, format!("[{item}]"))
    }

    fn map(&mut self, schema: &'static Schema, values: &'static Schema, json: &str) -> Rewritten {
        if let Some(inner) = json_in_text(json, '{') {
            return self.reread(schema, json, &inner);
        }
        let Some(entries) = entries(json) else {
            return self.misfit(schema, json);
        };
        let mut text = String::from("{");
        let mut is_changed = false;
        self.path.push(Segment::Item);
        for (key, raw) in &entries {
            let mark = self.log.mark();
            match self.value(values, raw) {
                Rewritten::Unchanged => push_entry(&mut text, key, raw),
                Rewritten::Changed(value) => {
                    is_changed = true;
                    push_entry(&mut text, key, &value);
                }
                Rewritten::Unusable(misfit) => {
                    is_changed = true;
                    self.log.withdraw(mark);
                    self.left_out(&misfit);
                }
            }
        }
        self.path.pop();
        if is_changed {
            Rewritten::Changed(text + "}")
        } else {
            Rewritten::Unchanged
        }
    }

    fn object(
        &mut self,
        schema: &'static Schema,
        properties: &'static [Property],
        json: &str,
    ) -> Rewritten {
        if let Some(inner) = json_in_text(json, '{') {
            return self.reread(schema, json, &inner);
        }
        let Some(entries) = entries(json) else {
            return self.misfit(schema, json);
        };
        if let Some(joined) = self.joined_text(properties, &entries) {
            return match self.object(schema, properties, &joined) {
                Rewritten::Unchanged => Rewritten::Changed(joined),
                rewritten => rewritten,
            };
        }
        let start = self.log.mark();
        // What replaces each entry; the outer `None` keeps it, the inner one leaves it out.
        let mut changes: Vec<Option<Option<String>>> = vec![None; entries.len()];
        let mut added = Vec::new();
        let mut first_loss = None;
        let mut is_usable = false;
        for property in properties {
            let last = entries.iter().rposition(|(key, _)| *key == property.name);
            let raw = last.map_or("", |last| entries[last].1);
            self.path.push(Segment::Property(property.name));
            let mut is_repeated = false;
            for (index, (key, _)) in entries.iter().enumerate() {
                if Some(index) != last && *key == property.name {
                    changes[index] = Some(None);
                    is_repeated = true;
                }
            }
            if is_repeated {
                let (expected, found) = (property.schema.describe(), JsonType::of(raw));
                self.log
                    .record(&self.path, expected, found, Treatment::LastRead);
            }
            match self.property(property, raw) {
                PropertyChange::Keep => is_usable |= last.is_some() && raw != "null",
                PropertyChange::LeaveOut(misfit) => {
                    first_loss.get_or_insert(misfit);
                    if let Some(last) = last {
                        changes[last] = Some(None);
                    }
                }
                PropertyChange::Convert(value) => {
                    is_usable = true;
                    if let Some(last) = last {
                        changes[last] = Some(Some(value));
                    }
                }
                PropertyChange::Empty(value, misfit) => {
                    first_loss.get_or_insert(misfit);
                    match last {
                        Some(last) => changes[last] = Some(Some(value)),
                        None => added.push((property.name, value)),
                    }
                }
                PropertyChange::Unusable(misfit) => {
                    self.path.pop();
                    self.log.withdraw(start);
                    return Rewritten::Unusable(misfit);
                }
            }
            self.path.pop();
        }
        if let Some(misfit) = first_loss.filter(|_| !is_usable) {
            self.log.withdraw(start);
            return Rewritten::Unusable(misfit);
        }
        if added.is_empty() && changes.iter().all(Option::is_none) {
            return Rewritten::Unchanged;
        }
        let mut text = String::from("{");
        for ((key, raw), change) in entries.iter().zip(&changes) {
            match change {
                None => push_entry(&mut text, key, raw),
                Some(Some(value)) => push_entry(&mut text, key, value),
                Some(None) => {}
            }
        }
        for (key, value) in added {
            push_entry(&mut text, key, &value);
        }
        Rewritten::Changed(text + "}")
    }

    /// Returns the object with text in place of a list of parts, if a property came as one.
    fn joined_text(
        &mut self,
        properties: &'static [Property],
        entries: &[(Cow<'_, str>, &str)],
    ) -> Option<String> {
        let (property, joined) = properties
            .iter()
            .find_map(|property| match property.schema {
                Schema::TextParts(types) => {
                    Some((property, text_parts::join(property.name, types, entries)?))
                }
                _ => None,
            })?;
        let expected = property.schema.describe();
        self.path.push(Segment::Property(property.name));
        self.log
            .record(&self.path, expected, JsonType::List, Treatment::Converted);
        self.path.push(Segment::Item);
        for found in joined.others {
            let at = Treatment::LeftOut(self.path.clone());
            self.log.record(&self.path, expected, found, at);
        }
        self.path.truncate(self.path.len() - 2);
        Some(joined.json)
    }

    /// Reads the property that the path ends in. An absent one is blank.
    fn property(&mut self, property: &Property, json: &str) -> PropertyChange {
        let found = JsonType::of(json);
        let is_missing = matches!(found, JsonType::Absent | JsonType::Null);
        if property.presence == Presence::Optional {
            // The decoder also takes a number in a string, and a blank one as absent.
            if is_missing || is_lenient_number(property.schema, json) {
                return PropertyChange::Keep;
            }
        } else if matches!(property.schema, Schema::Any) && found != JsonType::Absent {
            return PropertyChange::Keep;
        }
        let misfit = match is_missing {
            true => Misfit {
                path: self.path.clone(),
                expected: property.schema.describe(),
                found,
            },
            false => {
                let mark = self.log.mark();
                match self.value(property.schema, json) {
                    Rewritten::Unchanged => return PropertyChange::Keep,
                    Rewritten::Changed(value) => return PropertyChange::Convert(value),
                    Rewritten::Unusable(misfit) => {
                        self.log.withdraw(mark);
                        misfit
                    }
                }
            }
        };
        let at = self.path.clone();
        if property.presence == Presence::Optional {
            self.record(&misfit, Treatment::LeftOut(at));
            return PropertyChange::LeaveOut(misfit);
        }
        let is_of_response = self.path.len() == 1 && self.root == Root::Response;
        let means_empty = property.presence == Presence::NullIsEmpty && found == JsonType::Null;
        match property.schema.empty() {
            Some(empty) if means_empty => {
                self.record(&misfit, Treatment::Emptied(at));
                PropertyChange::Convert(empty)
            }
            Some(empty) if !is_of_response => {
                self.record(&misfit, Treatment::Emptied(at));
                PropertyChange::Empty(empty, misfit)
            }
            _ => PropertyChange::Unusable(misfit),
        }
    }

    /// Reads JSON that was sent as text.
    fn reread(&mut self, schema: &'static Schema, json: &str, inner: &str) -> Rewritten {
        let mark = self.log.mark();
        let rewritten = match self.value(schema, inner) {
            Rewritten::Unchanged => inner.to_owned(),
            Rewritten::Changed(text) => text,
            Rewritten::Unusable(misfit) => {
                self.log.withdraw(mark);
                return Rewritten::Unusable(misfit);
            }
        };
        self.converted(schema, json, rewritten)
    }

    fn converted(&mut self, schema: &'static Schema, json: &str, text: String) -> Rewritten {
        let (expected, found) = (schema.describe(), JsonType::of(json));
        self.log
            .record(&self.path, expected, found, Treatment::Converted);
        Rewritten::Changed(text)
    }

    fn left_out(&mut self, misfit: &Misfit) {
        self.record(misfit, Treatment::LeftOut(self.path.clone()));
    }

    fn record(&mut self, misfit: &Misfit, treatment: Treatment) {
        self.log
            .record(&misfit.path, misfit.expected, misfit.found, treatment);
    }

    fn misfit(&self, schema: &Schema, json: &str) -> Rewritten {
        Rewritten::Unusable(Misfit {
            path: self.path.clone(),
            expected: schema.describe(),
            found: JsonType::of(json),
        })
    }
}

/// Returns whether the decoder of an optional number takes this JSON.
fn is_lenient_number(schema: &Schema, json: &str) -> bool {
    let mut json = serde_json::Deserializer::from_str(json);
    match schema {
        Schema::Integer { min, max } => match lenient::integer::<_, i128>(&mut json) {
            Ok(number) => number.is_none_or(|number| (*min..=*max).contains(&number)),
            Err(_) => false,
        },
        Schema::Number => lenient::number(&mut json).is_ok(),
        _ => false,
    }
}

/// What becomes of a property of an object.
enum PropertyChange {
    Keep,
    LeaveOut(Misfit),
    Convert(String),
    /// The property is read as empty, which makes nothing usable.
    Empty(String, Misfit),
    Unusable(Misfit),
}

/// Returns the schema that the tag of an object selects.
fn variant(tag: &str, variants: &[(&str, &'static Schema)], json: &str) -> Option<&'static Schema> {
    let entries = entries(json)?;
    let (_, value) = entries.iter().rev().find(|(key, _)| key == tag)?;
    let value: String = serde_json::from_str(value).ok()?;
    let (_, schema) = variants.iter().find(|(known, _)| *known == value)?;
    Some(schema)
}
