use std::fmt::Debug;

use cometapi::runtime::fuzzing::{DecodeFailure, decode_detecting_errors, decode_with_path};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Decodes a body with both decoders. Checks that they agree with each other and with the body as a plain
/// JSON value, and that an encoded value decodes to the same value.
pub fn assert_consistent_decoding<T>(body: &[u8]) -> Option<T>
where
    T: Debug + PartialEq + Serialize + DeserializeOwned,
{
    let decoded = decode_detecting_errors::<T>(body);
    let with_path = decode_with_path::<T>(body);
    match &decoded {
        Ok(value) => {
            assert_eq!(with_path.as_ref(), Ok(value));
            // Fields that the type ignores are checked less strictly, so the body may be invalid JSON.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!indicates_error(&fields), "{fields}");
            }
            let text = serde_json::to_string(value).unwrap();
            assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
            let fields = serde_json::to_value(value).unwrap();
            assert_eq!(&T::deserialize(&fields).unwrap(), value, "{fields}");
        }
        Err(DecodeFailure::ErrorObject) => {
            // If a field is repeated, the JSON value contains only the last one.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(fields.get("error").or(fields.get("success")).is_some());
            }
        }
        Err(DecodeFailure::Invalid) => {
            let message = with_path.unwrap_err();
            assert!(!message.trim().is_empty());
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!indicates_error(&fields), "{fields}");
            }
        }
    }
    decoded.ok()
}

/// Returns whether the outermost object is an error object: `error` is not empty, or `success` is false.
fn indicates_error(fields: &Value) -> bool {
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
