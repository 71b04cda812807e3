//! What progenitor can't do, construct by construct: what it makes of each as it stands, and what
//! the generator does about it. If the first half of a test fails, progenitor has learnt
//! something, and what the second half is about may be dropped.

mod support;

use std::panic;

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle};
use serde_json::{Value, json};
use support::{
    Case, OPERATION, REQUEST, RESPONSE_CONTENT, RESPONSES, SCHEMAS, contract, with,
    with_request_property, with_response_property, without,
};

/// What progenitor makes of a contract that nothing has been done to.
fn untreated(contract: &Value) -> Result<String, String> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(contract.clone()).unwrap();
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged);
    let made = panic::catch_unwind(|| {
        let tokens = Generator::new(&settings).generate_tokens(&spec);
        tokens.map_err(|error| error.to_string())
    });
    let tokens = made.map_err(|_| "panic".to_owned())??;
    Ok(prettyplease::unparse(&syn::parse2(tokens).unwrap()))
}

fn refused(contract: &Value, rule: &str, message: &str) {
    let run = Case::new(contract).generate(&[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.out.contains(rule) && run.out.contains(message),
        "{run:?}"
    );
}

fn in_media_type(contract: &Value, pointer: &str, media_type: &str, schema: Value) -> Value {
    let examples = json!({"one": {"summary": "One.", "value": "x"}});
    let body = json!({"schema": schema, "examples": examples});
    with(contract.clone(), pointer, media_type, body)
}

#[test]
fn multipart_bodies() {
    let schema = json!({"$ref": "#/components/schemas/Request"});
    let contract = without(contract(), REQUEST, "application/json");
    let mut contract = in_media_type(&contract, REQUEST, "multipart/form-data", schema);
    contract["components"]["schemas"]["Request"]["properties"]["photo"] =
        json!({"type": "string", "format": "binary"});
    contract.pointer_mut(REQUEST).unwrap()["multipart/form-data"]["examples"]["one"]["value"] =
        json!({"photo": "row.jpg"});
    assert!(
        untreated(&contract)
            .unwrap_err()
            .contains("unexpected content type")
    );
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains("pub fn photo(mut self, value: impl Into<Upload>)"),
        "{generated}"
    );
    assert!(
        generated.contains("self.call.multipart_body(&self.body)"),
        "{generated}"
    );
    assert!(!generated.contains("pub photo:"), "{generated}");
}

#[test]
fn an_error_of_another_type_than_success() {
    let schemas = json!({"type": "object", "properties": {"message": {"type": "string"}}});
    let contract = with(contract(), SCHEMAS, "Complaint", schemas);
    let schema = json!({"$ref": "#/components/schemas/Complaint"});
    let content = json!({"application/json": {
        "schema": schema,
        "examples": {"one": {"summary": "One.", "value": {}}},
    }});
    let rules = json!([{"kind": "server", "retryable": true, "help": "Wait."}]);
    let error = |description| json!({"description": description, "x-error-rules": rules, "content": content});
    let contract = with(contract, RESPONSES, "400", error("No."));
    let two = with(
        contract.clone(),
        RESPONSES,
        "500",
        json!({"description": "No."}),
    );
    assert_eq!(untreated(&two).unwrap_err(), "panic");
    // With one schema for all errors it goes through, and whatever doesn't match it is lost.
    assert!(
        untreated(&contract)
            .unwrap()
            .contains("Error<types::Complaint>")
    );
    let generated = Case::new(&contract).generated();
    assert!(!generated.contains("Complaint"), "{generated}");
    assert!(generated.contains("StatusErrors::new(400, "), "{generated}");
}

/// Events of the schema `Reply`, which a field of the request requests.
fn streaming(contract: &Value) -> Value {
    let stream = "data: {}\n\ndata: [DONE]\n\n";
    let body = json!({
        "schema": {"type": "string"},
        "x-event-schema": {"$ref": "#/components/schemas/Reply"},
        "x-event-stream": {"sentinel": "[DONE]"},
        "examples": {"one": {"summary": "One.", "value": stream}},
    });
    let contract = with(
        contract.clone(),
        RESPONSE_CONTENT,
        "text/event-stream",
        body,
    );
    let flag = json!({"type": "boolean"});
    with(
        contract,
        "/components/schemas/Request/properties",
        "stream",
        flag,
    )
}

#[test]
fn json_or_events_in_one_response() {
    let contract = streaming(&contract());
    let made = untreated(&contract).unwrap();
    assert!(made.contains("ResponseValue<types::Reply>"), "{made}");
    refused(
        &contract,
        "media-type",
        "`x-stream-parameter` has to name the field",
    );
    let contract = with(contract, OPERATION, "x-stream-parameter", json!("stream"));
    let generated = Case::new(&contract).generated();
    let stream = "pub async fn stream(mut self) -> Result<EventStream<Reply>, Error>";
    let send = "pub async fn send(mut self) -> Result<Response<Reply>, Error>";
    assert!(
        generated.contains(stream) && generated.contains(send),
        "{generated}"
    );
    assert!(
        generated.contains("self.body.stream = Some(true);"),
        "{generated}"
    );
}

#[test]
fn events_alone() {
    let contract = without(streaming(&contract()), RESPONSE_CONTENT, "application/json");
    let contract = without(contract, "/components/schemas/Request/properties", "stream");
    let made = untreated(&contract).unwrap();
    assert!(
        made.contains("ResponseValue<ByteStream>") && !made.contains("ACCEPT"),
        "{made}"
    );
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains("self.call()?.send_streaming().await"),
        "{generated}"
    );
    assert!(!generated.contains("pub async fn send"), "{generated}");
}

#[test]
fn audio_alone() {
    let schema = json!({"type": "string", "format": "binary"});
    let contract = without(contract(), RESPONSE_CONTENT, "application/json");
    let contract = in_media_type(&contract, RESPONSE_CONTENT, "audio/pcm", schema);
    let contract = with(
        contract,
        "/paths/~1things/post/responses/200/content/audio~1pcm/examples/one",
        "value",
        json!("ab"),
    );
    let made = untreated(&contract).unwrap();
    assert!(
        made.contains("ResponseValue<ByteStream>") && !made.contains("ACCEPT"),
        "{made}"
    );
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains("pub async fn send(self) -> Result<Download, Error>"),
        "{generated}"
    );
}

#[test]
fn json_or_text_in_one_response() {
    let lengths = json!({"type": "string", "enum": ["short", "long"]});
    let contract = with_request_property(json!({"$ref": "#/components/schemas/Length"}));
    let contract = with(contract, SCHEMAS, "Length", lengths);
    let contract = in_media_type(
        &contract,
        RESPONSE_CONTENT,
        "text/plain",
        json!({"type": "string"}),
    );
    let made = untreated(&contract).unwrap();
    assert!(made.contains("ResponseValue<types::Reply>"), "{made}");
    refused(
        &contract,
        "media-type",
        "`x-response-selector` has to say which comes when",
    );
    let either = json!({
        "field": "value",
        "default": "short",
        "values": {
            "short": {"media-type": "text/plain"},
            "long": {"media-type": "application/json", "schema": {"$ref": "#/components/schemas/Reply"}},
        },
    });
    let contract = with(
        contract,
        "/components",
        "x-response-variants",
        json!({"Either": either}),
    );
    let chosen = json!({"$ref": "#/components/x-response-variants/Either"});
    let contract = with(
        contract,
        &format!("{RESPONSES}/200"),
        "x-response-selector",
        chosen,
    );
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains("Result<Response<Either>, Error>"),
        "{generated}"
    );
    assert!(
        generated.contains("Short(String)") && generated.contains("Long(Reply)"),
        "{generated}"
    );
}

#[test]
fn enums_are_open() {
    let kinds = json!({"type": "string", "enum": ["a", "b"]});
    let contract = with_response_property(json!({"$ref": "#/components/schemas/Sort"}));
    let contract = with(contract, SCHEMAS, "Sort", kinds);
    assert!(!untreated(&contract).unwrap().contains("Other("));
    let generated = Case::new(&contract).generated();
    assert!(generated.contains("Other(String)"), "{generated}");
    assert!(
        generated.contains(r#"open_enum!(Sort { A = "a", B = "b" })"#),
        "{generated}"
    );
}

#[test]
fn an_enum_or_any_string() {
    let contract = with_response_property(json!({"$ref": "#/components/schemas/Sort"}));
    let kinds = json!({"type": "string", "enum": ["a", "b"]});
    let contract = with(contract, SCHEMAS, "Kinds", kinds);
    let either = json!([
        {"title": "Known", "$ref": "#/components/schemas/Kinds"},
        {"title": "Any", "type": "string"},
    ]);
    let any_of = with(contract.clone(), SCHEMAS, "Sort", json!({"anyOf": either}));
    let made = untreated(&any_of).unwrap();
    assert!(
        made.contains("pub struct Sort") && made.contains("flatten"),
        "{made}"
    );
    refused(&any_of, "union", "a union is written as `oneOf`");
    let one_of = with(contract, SCHEMAS, "Sort", json!({"oneOf": either}));
    assert!(untreated(&one_of).unwrap().contains("#[serde(untagged)]"));
    refused(&one_of, "union", "an enum takes any string already");
}

#[test]
fn discriminators() {
    let variant = |tag: &str| {
        json!({
            "type": "object",
            "required": ["type", "size"],
            "properties": {"type": {"type": "string", "enum": [tag]}, "size": {"type": "integer"}},
        })
    };
    let union = json!({
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "type", "mapping": {
            "cat": "#/components/schemas/Cat",
            "dog": "#/components/schemas/Dog",
        }},
    });
    let contract = with_response_property(json!({"$ref": "#/components/schemas/Pet"}));
    let contract = with(contract, SCHEMAS, "Pet", union);
    let contract = with(contract, SCHEMAS, "Cat", variant("cat"));
    let contract = with(contract, SCHEMAS, "Dog", variant("dog"));
    assert!(
        untreated(&contract)
            .unwrap()
            .contains("#[serde(untagged)]\n    pub enum Pet")
    );
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains(r#"#[serde(tag = "type")]"#),
        "{generated}"
    );
    let variants = r#"tagged_union!(Pet by "type" { Cat(Cat) = "cat", Dog(Dog) = "dog" })"#;
    assert!(generated.contains(variants), "{generated}");
    // The tag is the union's, no longer a field of each variant.
    assert!(!generated.contains("type_"), "{generated}");
}

#[test]
fn further_fields() {
    let contract = |more: Value| {
        with(
            contract(),
            "/components/schemas/Reply",
            "additionalProperties",
            more,
        )
    };
    assert!(
        untreated(&contract(json!({})))
            .unwrap()
            .contains("#[serde(flatten)]")
    );
    assert!(
        !untreated(&contract(json!(true)))
            .unwrap()
            .contains("#[serde(flatten)]")
    );
    assert!(
        untreated(&contract(json!(false)))
            .unwrap()
            .contains("deny_unknown_fields")
    );
    for more in [json!({}), json!(true), json!(false)] {
        refused(
            &contract(more),
            "additional-properties",
            "further fields are always taken",
        );
    }
}

#[test]
fn lists_that_may_be_null() {
    let list = |nullable: bool| {
        with_response_property(
            json!({"type": "array", "nullable": nullable, "items": {"type": "string"}}),
        )
    };
    let made = untreated(&list(false)).unwrap();
    assert!(
        made.contains("pub value: ::std::vec::Vec<::std::string::String>"),
        "{made}"
    );
    let made = untreated(&list(true)).unwrap();
    assert!(made.contains("pub value: ::std::option::Option<"), "{made}");
    for nullable in [false, true] {
        let generated = Case::new(&list(nullable)).generated();
        assert!(generated.contains("pub value: Vec<String>"), "{generated}");
        assert!(generated.contains("null_as_default"), "{generated}");
    }
}

#[test]
fn defaults_of_the_api() {
    let contract = with_request_property(json!({"type": "string", "default": "blue"}));
    assert!(untreated(&contract).unwrap().contains("mod defaults"));
    let generated = Case::new(&contract).generated();
    assert!(
        generated.contains("pub value: Option<String>"),
        "{generated}"
    );
    assert!(
        generated.contains("The API takes `blue` if it is missing."),
        "{generated}"
    );
}

#[test]
fn limits_of_values() {
    for (schema, untreated_as, treated_as) in [
        (
            json!({"type": "string", "minLength": 1}),
            "pub struct ReplyValue(",
            "Option<String>",
        ),
        (
            json!({"type": "string", "pattern": "^a"}),
            "regress::Regex",
            "Option<String>",
        ),
        (
            json!({"type": "integer", "format": "uint64", "minimum": 1}),
            "NonZeroU64",
            "Option<u64>",
        ),
    ] {
        let contract = with_response_property(schema);
        let made = untreated(&contract).unwrap();
        assert!(made.contains(untreated_as), "{made}");
        let generated = Case::new(&contract).generated();
        assert!(
            generated.contains(&format!("pub value: {treated_as}")),
            "{generated}"
        );
    }
}

#[test]
fn what_every_call_would_carry() {
    let made = untreated(&contract()).unwrap();
    assert!(
        made.contains("api-version") && made.contains("from_secs(15u64)"),
        "{made}"
    );
    let generated = Case::new(&contract()).generated();
    assert!(
        !generated.contains("api-version") && !generated.contains("from_secs"),
        "{generated}"
    );
}

#[test]
fn fragments_in_paths() {
    let operation = contract().pointer(OPERATION).unwrap().clone();
    let mut second = operation;
    second["operationId"] = json!("make_second");
    let contract = with(
        contract(),
        "/paths",
        "/things#second",
        json!({"post": second}),
    );
    assert!(untreated(&contract).unwrap().contains("fn make_second"));
    refused(
        &contract,
        "path",
        "`/things#second` has to begin with / and be a bare path",
    );
}
