use std::fmt::Debug;

use cometapi::runtime::fuzzing::{NoValue, tracked, watched};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Both ways to decode a body agree with each other and with a reading as a bare JSON value, and
/// what was understood is understood again after it was written.
pub fn assert_decodes_one_way<T>(body: &[u8]) -> Option<T>
where
    T: Debug + PartialEq + Serialize + DeserializeOwned,
{
    let watched = watched::<T>(body);
    let tracked = tracked::<T>(body);
    match &watched {
        Ok(value) => {
            assert_eq!(tracked.as_ref(), Ok(value));
            // In a field that no one requests, anything that looks like a string or a number will do.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!says_error(&fields), "{fields}");
            }
            let text = serde_json::to_string(value).unwrap();
            assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
            let fields = serde_json::to_value(value).unwrap();
            assert_eq!(&T::deserialize(&fields).unwrap(), value, "{fields}");
        }
        Err(NoValue::ErrorObject) => {
            // Of a field that is there twice, a value has only the last.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(fields.get("error").or(fields.get("success")).is_some());
            }
        }
        Err(NoValue::Undecodable) => {
            let message = tracked.unwrap_err();
            assert!(!message.trim().is_empty());
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!says_error(&fields), "{fields}");
            }
        }
    }
    watched.ok()
}

/// Whether the outermost object says that it is an error: by anything but nothing in `error`.
fn says_error(fields: &Value) -> bool {
    let error = match &fields["error"] {
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(is_error) => *is_error,
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Null => false,
    };
    error || fields["success"] == Value::Bool(false)
}
