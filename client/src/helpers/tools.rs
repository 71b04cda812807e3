//! Tool definitions, tool choice, and the arguments of tool calls.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::types::{
    FunctionDefinition, FunctionTool, NamedFunction, NamedToolChoice, Tool, ToolCall, ToolChoice,
    ToolChoiceMode, ToolType,
};

impl Tool {
    /// Defines a function that the model may call. `parameters` is the JSON Schema of its arguments.
    pub fn function(
        name: impl Into<String>,
        description: impl Into<String>,
        parameters: impl Into<Value>,
    ) -> Self {
        let definition = FunctionDefinition::new(name)
            .description(description)
            .parameters(parameters);
        Self::Function(FunctionTool::new(definition))
    }
}

impl ToolChoice {
    /// Requires the model to call this function.
    pub fn function(name: impl Into<String>) -> Self {
        let function = NamedFunction::new(name);
        Self::Named(NamedToolChoice::new(ToolType::Function, function))
    }
}

/// Creates a mode from its name, such as `"auto"` or `"required"`.
impl From<&str> for ToolChoice {
    fn from(mode: &str) -> Self {
        Self::Mode(ToolChoiceMode::from(mode))
    }
}

impl ToolCall {
    /// Decodes the arguments that the model generated. Empty arguments are decoded as `{}`.
    ///
    /// # Errors
    ///
    /// The arguments are not valid JSON or do not match the type. Models occasionally generate such
    /// arguments.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let arguments = self.function.arguments.as_deref().unwrap_or_default();
        // Some models leave the arguments empty if a function has no parameters.
        let arguments = if arguments.trim().is_empty() {
            "{}"
        } else {
            arguments
        };
        serde_json::from_str(arguments)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_function_is_sent_with_its_schema() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        let tool = Tool::function("get_weather", "The weather in a city.", schema.clone());
        assert_eq!(
            serde_json::to_value(tool).unwrap(),
            json!({"type": "function", "function": {
                "name": "get_weather",
                "description": "The weather in a city.",
                "parameters": schema,
            }})
        );
    }

    #[test]
    fn a_tool_choice_is_a_mode_or_a_function() {
        let sent = |choice: ToolChoice| serde_json::to_value(choice).unwrap();
        assert_eq!(sent("required".into()), json!("required"));
        assert_eq!(
            sent(ToolChoice::function("get_weather")),
            json!({"type": "function", "function": {"name": "get_weather"}})
        );
    }

    #[test]
    fn arguments_are_decoded() {
        let call = |arguments: &str| -> ToolCall {
            let function = json!({"name": "get_weather", "arguments": arguments});
            serde_json::from_value(json!({"id": "call_1", "function": function})).unwrap()
        };
        let arguments: Value = call(r#"{"city":"Hanoi"}"#).arguments().unwrap();
        assert_eq!(arguments, json!({"city": "Hanoi"}));
        let empty: Value = call("").arguments().unwrap();
        assert_eq!(empty, json!({}));
        assert!(call("{").arguments::<Value>().is_err());
    }
}
