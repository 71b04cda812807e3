//! Responses that follow a JSON Schema.

use serde_json::Value;

use crate::types::{JsonSchemaDefinition, JsonSchemaFormat, ResponseFormat};

impl ResponseFormat {
    /// JSON that has to follow this schema exactly, under a name of your choice.
    ///
    /// What strict schemas may say differs between providers: OpenAI wants every property required
    /// and `additionalProperties` false. For a schema that is only a hint, build a
    /// [`JsonSchemaDefinition`] without `strict`.
    pub fn json_schema(name: impl Into<String>, schema: impl Into<Value>) -> Self {
        let definition = JsonSchemaDefinition::new(name).schema(schema).strict(true);
        Self::JsonSchema(JsonSchemaFormat::new(definition))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_sent_under_its_name() {
        let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
        let format = ResponseFormat::json_schema("nothing", schema.clone());
        assert_eq!(
            serde_json::to_value(format).unwrap(),
            json!({"type": "json_schema", "json_schema": {
                "name": "nothing",
                "schema": schema,
                "strict": true,
            }})
        );
    }
}
