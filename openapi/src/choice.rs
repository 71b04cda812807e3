//! Answers that a field of the request chooses among: `x-chosen-by`.

use crate::{Example, Node, Response};

/// Which request field chooses the answer, and what each of its values brings.
#[derive(Clone, Debug)]
pub struct Choice<'c> {
    /// The field of the request.
    pub field: &'c str,
    /// The value that a request without the field stands for.
    pub default: Option<&'c str>,
    /// What can be asked for, in the contract's order.
    pub options: Vec<AnswerOption<'c>>,
}

/// What one value of the field brings.
#[derive(Clone, Debug)]
pub struct AnswerOption<'c> {
    /// The value to ask for it by.
    pub value: &'c str,
    /// The media type it comes in.
    pub media_type: &'c str,
    /// Its own schema, where the media type stands for several.
    pub schema: Option<Node<'c>>,
}

impl<'c> Response<'c> {
    /// How a request chooses among this response's media types, if it does.
    pub fn choice(&self) -> Option<Choice<'c>> {
        let node = self.node.get("x-chosen-by")?.resolved();
        let values = node.get("values");
        let values = values.iter().flat_map(Node::entries);
        let option = |(value, node): (&'c str, Node<'c>)| {
            Some(AnswerOption {
                value,
                media_type: node.text("media-type")?,
                schema: node.get("schema"),
            })
        };
        Some(Choice {
            field: node.text("field")?,
            default: node.text("default"),
            options: values.filter_map(option).collect(),
        })
    }
}

impl<'c> Choice<'c> {
    /// What an example of the answer is asked for by: the option whose value its name begins with.
    pub fn option_of(&self, example: &Example<'_>) -> Option<&AnswerOption<'c>> {
        let begins = |option: &&AnswerOption<'c>| {
            let rest = example.name.strip_prefix(option.value);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        // `json_lines` begins with `json` too.
        let fitting = self.options.iter().filter(begins);
        fitting.max_by_key(|option| option.value.len())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::Contract;

    #[test]
    fn an_example_is_asked_for_by_the_longest_value_that_it_begins_with() {
        let text = "
            paths: {/x: {post: {operationId: x, responses: {'200': {
              x-chosen-by: {$ref: '#/components/x-answers/Form'},
              content: {text/plain: {examples: {
                json: {}, json_lines: {}, json_lines_short: {}, jsonish: {}, other: {}}}}}}}}}
            components: {x-answers: {Form: {field: form, default: json, values: {
              json: {media-type: a/json}, json_lines: {media-type: a/lines}}}}}";
        let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
        let operation = contract.operation("x").unwrap();
        let choice = operation.success().unwrap().choice().unwrap();
        assert_eq!((choice.field, choice.default), ("form", Some("json")));
        let examples = operation.examples();
        let options = examples.iter().map(|example| choice.option_of(example));
        let asked: Vec<_> = options.map(|option| option.map(|o| o.value)).collect();
        let (json, lines) = (Some("json"), Some("json_lines"));
        assert_eq!(asked, [json, lines, lines, None, None]);
    }
}
