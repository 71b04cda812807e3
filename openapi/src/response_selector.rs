//! Responses that a field of the request chooses among: `x-response-selector`.

use crate::{Example, Node, Response};

/// Which request field chooses the response, and what each of its values brings.
#[derive(Clone, Debug)]
pub struct ResponseSelector<'c> {
    /// The field of the request.
    pub field: &'c str,
    /// The value that a request without the field stands for.
    pub default: Option<&'c str>,
    /// What can be requested, in the contract's order.
    pub variants: Vec<ResponseVariant<'c>>,
}

/// What one value of the field brings.
#[derive(Clone, Debug)]
pub struct ResponseVariant<'c> {
    /// The value to ask for it by.
    pub value: &'c str,
    /// The media type it comes in.
    pub media_type: &'c str,
    /// Its own schema, where the media type stands for several.
    pub schema: Option<Node<'c>>,
}

impl<'c> Response<'c> {
    /// How a request chooses among this response's media types, if it does.
    pub fn response_selector(&self) -> Option<ResponseSelector<'c>> {
        let node = self.node.get("x-response-selector")?.resolved();
        let values = node.get("values");
        let values = values.iter().flat_map(Node::entries);
        let variant = |(value, node): (&'c str, Node<'c>)| {
            Some(ResponseVariant {
                value,
                media_type: node.str("media-type")?,
                schema: node.get("schema"),
            })
        };
        Some(ResponseSelector {
            field: node.str("field")?,
            default: node.str("default"),
            variants: values.filter_map(variant).collect(),
        })
    }
}

impl<'c> ResponseSelector<'c> {
    /// What an example of the response is requested by: the variant whose value its name begins with.
    pub fn variant_for(&self, example: &Example<'_>) -> Option<&ResponseVariant<'c>> {
        let begins = |variant: &&ResponseVariant<'c>| {
            let rest = example.name.strip_prefix(variant.value);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        // `json_lines` begins with `json` too.
        let fitting = self.variants.iter().filter(begins);
        fitting.max_by_key(|variant| variant.value.len())
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
              x-response-selector: {$ref: '#/components/x-response-variants/Form'},
              content: {text/plain: {examples: {
                json: {}, json_lines: {}, json_lines_short: {}, jsonish: {}, other: {}}}}}}}}}
            components: {x-response-variants: {Form: {field: form, default: json, values: {
              json: {media-type: a/json}, json_lines: {media-type: a/lines}}}}}";
        let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
        let operation = contract.operation("x").unwrap();
        let choice = operation.success().unwrap().response_selector().unwrap();
        assert_eq!((choice.field, choice.default), ("form", Some("json")));
        let examples = operation.examples();
        let variants = examples.iter().map(|example| choice.variant_for(example));
        let asked: Vec<_> = variants.map(|variant| variant.map(|o| o.value)).collect();
        let (json, lines) = (Some("json"), Some("json_lines"));
        assert_eq!(asked, [json, lines, lines, None, None]);
    }
}
