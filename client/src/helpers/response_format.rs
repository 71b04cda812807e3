//! Response formats for structured output.

use serde_json::Value;

use crate::types::{JsonSchemaDefinition, JsonSchemaFormat, ResponseFormat};

impl ResponseFormat {
    /// Requests JSON that follows this JSON Schema exactly (`strict`). `name` is of your choice.
    ///
    /// Providers restrict strict schemas in different ways. OpenAI requires every property to be
    /// required and `additionalProperties` to be `false`. If the schema is only a hint, build a
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
    fn a_schema_is_sent_with_its_name() {
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
