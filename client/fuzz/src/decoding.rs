use std::fmt::Debug;

use cometapi::runtime::fuzzing::{DecodeFailure, decode_detecting_errors, decode_with_path};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Both ways to decode a body agree with each other and with a reading as a bare JSON value, and
/// what was understood is understood again after it was written.
pub fn assert_decoders_agree<T>(body: &[u8]) -> Option<T>
where
    T: Debug + PartialEq + Serialize + DeserializeOwned,
{
    let decoded = decode_detecting_errors::<T>(body);
    let with_path = decode_with_path::<T>(body);
    match &decoded {
        Ok(value) => {
            assert_eq!(with_path.as_ref(), Ok(value));
            // In a field that no one requests, anything that looks like a string or a number will do.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!is_error_object(&fields), "{fields}");
            }
            let text = serde_json::to_string(value).unwrap();
            assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
            let fields = serde_json::to_value(value).unwrap();
            assert_eq!(&T::deserialize(&fields).unwrap(), value, "{fields}");
        }
        Err(DecodeFailure::ErrorObject) => {
            // Of a field that is there twice, a value has only the last.
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(fields.get("error").or(fields.get("success")).is_some());
            }
        }
        Err(DecodeFailure::Invalid) => {
            let message = with_path.unwrap_err();
            assert!(!message.trim().is_empty());
            if let Ok(fields) = serde_json::from_slice::<Value>(body) {
                assert!(!is_error_object(&fields), "{fields}");
            }
        }
    }
    decoded.ok()
}

/// Whether the outermost object says that it is an error: by anything but nothing in `error`.
fn is_error_object(fields: &Value) -> bool {
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
