//! Each rule of lint, on a contract that breaks that one.

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{
    Case, OPERATION, REQUEST, RESPONSE_CONTENT, RESPONSES, SCHEMAS, contract, with,
    with_request_property, with_response_property, without,
};

fn finds(contract: &Value, rule: &str, message: &str) {
    let run = Case::new(contract).lint();
    assert_eq!(run.code, 1, "{run:?}");
    let finding = format!(": {rule}: ");
    let found = run
        .out
        .lines()
        .any(|line| line.contains(&finding) && line.contains(message));
    assert!(found, "{rule}: {message}\n{}", run.out);
}

fn error(rules: Value) -> Value {
    json!({"description": "No.", "x-error-rules": rules})
}

fn union(discriminator: Value) -> Value {
    let cat = json!({"type": "object", "required": ["type"], "properties": {
        "type": {"type": "string", "enum": ["cat"]},
    }});
    let union = json!({
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": discriminator,
    });
    let contract = with_response_property(json!({"$ref": "#/components/schemas/Pet"}));
    with(with(contract, SCHEMAS, "Pet", union), SCHEMAS, "Cat", cat)
}

fn parameter(parameter: Value) -> Value {
    with(contract(), OPERATION, "parameters", json!([parameter]))
}

#[test]
fn a_good_contract_is_clean() {
    let run = Case::new(&contract()).lint();
    assert_eq!(
        (run.code, run.out.contains("no findings")),
        (0, true),
        "{run:?}"
    );
}

#[test]
fn our_own_contract_is_clean() {
    let run = support::run(&["lint"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn keys() {
    finds(
        &with(contract(), OPERATION, "sumary", json!("x")),
        "unknown-key",
        "`sumary`",
    );
    finds(
        &with(contract(), OPERATION, "callbacks", json!({})),
        "unknown-key",
        "an operation",
    );
    finds(
        &with_response_property(json!({"allOf": []})),
        "unknown-key",
        "`allOf`",
    );
    finds(
        &with(contract(), "", "openapi", json!("3.1.0")),
        "openapi-version",
        "3.0.x",
    );
    finds(
        &with(contract(), SCHEMAS, "Reply", json!("text")),
        "shape",
        "a mapping",
    );
}

#[test]
fn a_cut_description_is_an_unknown_key() {
    let text = serde_json::to_string_pretty(&contract()).unwrap();
    let cut = text.replacen(
        "\"description\": \"It.\"",
        "\"description\": It is cut, at the comma: really",
        1,
    );
    let run = Case::of_text(&cut).lint();
    assert!(run.out.contains("unknown-key: `at the comma`"), "{run:?}");
}

#[test]
fn references() {
    let nowhere = json!({"$ref": "#/components/schemas/Nothing"});
    finds(
        &with_response_property(nowhere),
        "reference",
        "leads nowhere",
    );
    let beside = json!({"$ref": "#/components/schemas/Request", "minimum": 1});
    finds(
        &with_response_property(beside),
        "reference",
        "`minimum` beside `$ref`",
    );
}

#[test]
fn operations() {
    finds(
        &without(contract(), OPERATION, "operationId"),
        "operation-id",
        "needs",
    );
    finds(
        &with(contract(), OPERATION, "operationId", json!("makeThing")),
        "operation-id",
        "make_thing",
    );
    let again = contract().pointer("/paths/~1things").unwrap().clone();
    finds(
        &with(contract(), "/paths", "/again", again),
        "operation-id",
        "is taken by line",
    );
    finds(
        &with(contract(), OPERATION, "tags", json!(["a", "b"])),
        "operation-tag",
        "exactly one",
    );
    finds(
        &with(contract(), OPERATION, "tags", json!(["other"])),
        "operation-tag",
        "declared",
    );
    finds(
        &without(contract(), OPERATION, "summary"),
        "operation-summary",
        "make_thing",
    );
    finds(
        &without(contract(), OPERATION, "x-idempotent"),
        "send-twice",
        "true or false",
    );
    finds(
        &with(contract(), "", "security", json!([{"Key": []}])),
        "security",
        "no security scheme",
    );
}

#[test]
fn statuses() {
    let again = contract()
        .pointer(&format!("{RESPONSES}/200"))
        .unwrap()
        .clone();
    finds(
        &with(contract(), RESPONSES, "201", again),
        "success",
        "exactly one 2xx",
    );
    finds(
        &without(contract(), RESPONSES, "200"),
        "success",
        "exactly one 2xx",
    );
    finds(
        &with(contract(), RESPONSES, "default", error(json!([]))),
        "status",
        "`default`",
    );
    finds(
        &with(contract(), RESPONSES, "4XX", error(json!([]))),
        "status",
        "`4XX`",
    );
}

#[test]
fn errors() {
    let with_rules = |rules: Value| with(contract(), RESPONSES, "500", error(rules));
    let rule = || json!({"kind": "server", "retryable": true, "help": "Wait."});
    assert_eq!(Case::new(&with_rules(json!([rule()]))).lint().code, 0);
    let bare = with(contract(), RESPONSES, "500", json!({"description": "No."}));
    finds(&bare, "error-rules", "`x-error-rules` is needed");
    finds(&with_rules(json!([])), "error-rules", "at least one rule");
    let coded = with(rule(), "", "code", json!("x"));
    finds(&with_rules(json!([coded])), "error-rules", "without `code`");
    finds(
        &with_rules(json!([rule(), rule()])),
        "error-rules",
        "hides those behind it",
    );
    finds(
        &with_rules(json!([with(rule(), "", "kind", json!("odd"))])),
        "error-rules",
        "`kind: odd`",
    );
    finds(
        &with_rules(json!([without(rule(), "", "retryable")])),
        "error-rules",
        "`retryable`",
    );
    finds(
        &with_rules(json!([without(rule(), "", "help")])),
        "error-rules",
        "`advice`",
    );
    let number = with(rule(), "", "code", json!(7));
    finds(
        &with_rules(json!([number, rule()])),
        "error-rules",
        "`code` is a text",
    );
}

#[test]
fn bodies() {
    let optional = with(
        contract(),
        &format!("{OPERATION}/requestBody"),
        "required",
        json!(false),
    );
    finds(&optional, "request-body", "an optional body");
    let json_body = contract()
        .pointer(&format!("{REQUEST}/application~1json"))
        .unwrap()
        .clone();
    let second = with(contract(), REQUEST, "application/xml", json_body);
    finds(&second, "request-body", "exactly one media type");
    let list = json!({"type": "array", "items": {"type": "string"}});
    let list = with(
        contract(),
        &format!("{REQUEST}/application~1json"),
        "schema",
        list,
    );
    finds(&list, "request-body", "a `$ref` to an object");
    let flag = with(contract(), OPERATION, "x-stream-parameter", json!("stream"));
    finds(&flag, "request-body", "is no boolean of the body");
}

#[test]
fn media_types() {
    let body = contract()
        .pointer(&format!("{REQUEST}/application~1json"))
        .unwrap()
        .clone();
    let xml = with(
        without(contract(), REQUEST, "application/json"),
        REQUEST,
        "application/xml",
        body,
    );
    finds(&xml, "media-type", "a body in `application/xml`");
    let binary = json!({"type": "string", "format": "binary"});
    finds(
        &with_request_property(binary),
        "media-type",
        "JSON can't hold bytes",
    );
    let text = json!({"schema": {"type": "string"}, "examples": {"one": {"summary": "One.", "value": "x"}}});
    let only_text = with(
        without(contract(), RESPONSE_CONTENT, "application/json"),
        RESPONSE_CONTENT,
        "text/plain",
        text.clone(),
    );
    finds(&only_text, "media-type", "a response in `text/plain`");
    finds(
        &with(
            contract(),
            RESPONSE_CONTENT,
            "text/event-stream",
            text.clone(),
        ),
        "media-type",
        "`x-event-schema`",
    );
    let endless = with(
        text.clone(),
        "",
        "x-event-schema",
        json!({"$ref": "#/components/schemas/Reply"}),
    );
    let endless = with(contract(), RESPONSE_CONTENT, "text/event-stream", endless);
    finds(&endless, "media-type", "how the stream ends");
    let responses = |values: Value, default: &str, field: &str| {
        let either = json!({"field": field, "default": default, "values": values});
        let sort = json!({"type": "string", "enum": ["a"]});
        let contract = with_request_property(json!({"$ref": "#/components/schemas/Sort"}));
        let contract = with(contract, SCHEMAS, "Sort", sort);
        let contract = with(contract, RESPONSE_CONTENT, "text/plain", text.clone());
        let contract = with(
            contract,
            "/components",
            "x-response-variants",
            json!({"Either": either}),
        );
        let chosen = json!({"$ref": "#/components/x-response-variants/Either"});
        with(
            contract,
            &format!("{RESPONSES}/200"),
            "x-response-selector",
            chosen,
        )
    };
    let good = json!({"a": {"media-type": "text/plain"}});
    assert_eq!(
        Case::new(&responses(good.clone(), "a", "value"))
            .lint()
            .code,
        0
    );
    finds(
        &responses(good.clone(), "b", "value"),
        "media-type",
        "the default `b`",
    );
    finds(
        &responses(good, "a", "name"),
        "media-type",
        "`field: name` is no enum",
    );
    let other = json!({"a": {"media-type": "text/html"}});
    finds(
        &responses(other, "a", "value"),
        "media-type",
        "doesn't list",
    );
    let untyped = json!({"a": {"media-type": "application/json"}});
    finds(
        &responses(untyped, "a", "value"),
        "media-type",
        "a `$ref` as schema",
    );
}

#[test]
fn parameters() {
    let text = json!({"type": "string"});
    let good = json!({"name": "limit", "in": "query", "schema": {"type": "integer"}});
    assert_eq!(Case::new(&parameter(good)).lint().code, 0);
    let cookie = json!({"name": "c", "in": "cookie", "schema": text});
    finds(&parameter(cookie), "parameter", "`cookie`");
    let path = json!({"name": "id", "in": "path", "required": true, "schema": text});
    finds(&parameter(path), "parameter", "those of the path");
    let object =
        json!({"name": "o", "in": "query", "schema": {"$ref": "#/components/schemas/Reply"}});
    finds(
        &parameter(object),
        "parameter",
        "has to be a string, number or flag",
    );
    let item = contract().pointer("/paths/~1things").unwrap().clone();
    let unnamed = with(
        without(contract(), "/paths", "/things"),
        "/paths",
        "/things/{id}",
        item,
    );
    finds(&unnamed, "parameter", "`{id}` is no parameter");
}

#[test]
fn schemas() {
    finds(
        &with_response_property(json!({"type": "string", "enum": ["a"]})),
        "inline-enum",
        "a component",
    );
    let numbers = with(
        contract(),
        SCHEMAS,
        "Numbers",
        json!({"type": "integer", "enum": [1]}),
    );
    finds(&numbers, "enum", "strings");
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    finds(
        &with_response_property(object),
        "inline-object",
        "a component",
    );
    let union = json!({"oneOf": [{"title": "A", "type": "string"}]});
    finds(
        &with_response_property(union),
        "inline-union",
        "a component",
    );
    finds(
        &with(contract(), SCHEMAS, "Id", json!({"type": "string"})),
        "plain-component",
        "`Id`",
    );
    for format in ["date-time", "uuid"] {
        finds(
            &with_response_property(json!({"type": "string", "format": format})),
            "format",
            format,
        );
    }
    finds(
        &with_response_property(json!({"type": "integer", "format": "int64", "minimum": 0})),
        "format",
        "`uint64`",
    );
    let nullable = with(
        contract(),
        "/components/schemas/Reply",
        "nullable",
        json!(true),
    );
    finds(&nullable, "nullable", "fields that hold");
    finds(&with_response_property(json!({})), "untyped", "x-untyped");
    assert_eq!(
        Case::new(&with_response_property(json!({"x-untyped": "Anything."})))
            .lint()
            .code,
        0
    );
    finds(
        &with_response_property(json!({"type": "object"})),
        "untyped",
        "an object of nothing",
    );
    finds(
        &with_response_property(json!({"type": "array"})),
        "untyped",
        "`items`",
    );
    let map = json!({"type": "object", "additionalProperties": {}});
    finds(
        &with_response_property(map),
        "additional-properties",
        "the type of its values",
    );
}

#[test]
fn unions() {
    let good = json!({"propertyName": "type", "mapping": {"cat": "#/components/schemas/Cat"}});
    assert_eq!(Case::new(&union(good)).lint().code, 0);
    finds(
        &union(json!({"propertyName": "type"})),
        "union",
        "no tag for",
    );
    let wrong = json!({"propertyName": "type", "mapping": {"dog": "#/components/schemas/Cat"}});
    finds(&union(wrong), "union", "the one value `dog`");
    let dangling = json!({"propertyName": "type", "mapping": {
        "cat": "#/components/schemas/Cat",
        "dog": "#/components/schemas/Dog",
    }});
    finds(&union(dangling), "union", "`dog` leads to no alternative");
    let untitled = json!({"oneOf": [{"type": "string"}, {"title": "B", "type": "integer"}]});
    let untitled = with(contract(), SCHEMAS, "Either", untitled);
    finds(&untitled, "union", "needs a `title`");
}

#[test]
fn names() {
    let two = with(
        with_request_property(json!({"type": "string"})),
        "/components/schemas/Request/properties",
        "Value",
        json!({"type": "string"}),
    );
    finds(
        &two,
        "duplicate-name",
        "`value` and `Value` would both be `value`",
    );
    let tag = with(contract(), OPERATION, "tags", json!(["types"]));
    let tag = with(tag, "", "tags", json!([{"name": "types"}]));
    finds(&tag, "reserved-name", "the tag `types`");
    let values = json!({"type": "string", "enum": ["a-b", "a_b"]});
    finds(
        &with(contract(), SCHEMAS, "Sort", values),
        "duplicate-name",
        "`AB`",
    );
    let other = json!({"type": "string", "enum": ["other"]});
    finds(
        &with(contract(), SCHEMAS, "Sort", other),
        "variant-name",
        "`Other`",
    );
    for field in [
        "send",
        "stream",
        "call",
        "extra",
        "body",
        "client",
        "with_deadline",
        "with_retry_policy",
        "with_timeout",
    ] {
        let pointer = "/components/schemas/Request/properties";
        let clash = with(contract(), pointer, field, json!({"type": "string"}));
        finds(&clash, "reserved-name", field);
    }
    finds(
        &with(contract(), OPERATION, "operationId", json!("builder")),
        "reserved-name",
        "builder",
    );
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    finds(
        &with(contract(), SCHEMAS, "snake_case", object.clone()),
        "component-name",
        "SnakeCase",
    );
    finds(
        &with(contract(), SCHEMAS, "Client", object),
        "component-name",
        "something else",
    );
}

#[test]
fn examples() {
    let response = format!("{RESPONSE_CONTENT}/application~1json");
    finds(
        &without(contract(), &response, "examples"),
        "example-missing",
        "make_thing 200",
    );
    let wrong = json!({"one": {"summary": "One.", "value": {"name": 7}}});
    finds(
        &with(contract(), &response, "examples", wrong),
        "example-invalid",
        "/name",
    );
    let nameless = json!({"one": {"value": {}}});
    finds(
        &with(contract(), &response, "examples", nameless),
        "example-summary",
        "`one`",
    );
    let gone = json!({"one": {"summary": "One.", "externalValue": "nowhere.json"}});
    finds(
        &with(contract(), &response, "examples", gone),
        "example-missing",
        "nowhere.json",
    );
    let request = format!("{REQUEST}/application~1json");
    let wrong = json!({"minimal": {"summary": "One.", "value": {"name": 7}}});
    finds(
        &with(contract(), &request, "examples", wrong),
        "example-invalid",
        "/name",
    );
    finds(
        &without(contract(), &request, "examples"),
        "example-missing",
        "of the request",
    );
}

#[test]
fn an_unlisted_value_is_a_typing_error_unless_the_example_says_otherwise() {
    let size = json!({"type": "string", "description": "A size.", "enum": ["small", "large"]});
    let sized = with_response_property(json!({"$ref": "#/components/schemas/Size"}));
    let sized = with(sized, SCHEMAS, "Size", size);
    let response = format!("{RESPONSE_CONTENT}/application~1json");
    let mut one = json!({"summary": "One.", "value": {"name": "x", "value": "huge"}});
    let example = |one: &Value| with(sized.clone(), &response, "examples", json!({"one": one}));
    finds(&example(&one), "example-invalid", "/value");
    one["x-unknown-values"] = json!(true);
    let run = Case::new(&example(&one)).lint();
    assert!(!run.out.contains("example-invalid"), "{}", run.out);
}

#[test]
fn an_example_has_to_be_what_it_is_called() {
    let page = |file: &str, media_type: &str| {
        let examples = json!({"one": {"summary": "One.", "externalValue": file}});
        let body = json!({"schema": {"type": "string", "format": "binary"}, "examples": examples});
        let rules = json!([{"kind": "gateway", "retryable": true, "help": "Wait."}]);
        let mut error = error(rules);
        error["content"] = json!({media_type: body});
        with(contract(), RESPONSES, "502", error)
    };
    for (file, media_type, bytes, message) in [
        ("a.mp3", "audio/mpeg", &b"hello"[..], "isn't audio/mpeg"),
        (
            "a.srt",
            "application/x-subrip",
            b"hello",
            "cue 1 hasn't its number",
        ),
        ("a.vtt", "text/vtt", b"hello", "WEBVTT"),
        ("a.html", "text/html", b"hello", "is no page"),
        ("a.txt", "text/plain", b"", "is empty"),
    ] {
        let case = Case::new(&page(file, media_type));
        fs::write(case.folder.path().join(file), bytes).unwrap();
        let run = case.lint();
        assert!(run.out.contains(message), "{run:?}");
    }
}

#[test]
fn findings_name_file_and_line() {
    let case = Case::new(&with(contract(), OPERATION, "sumary", json!("x")));
    let text = fs::read_to_string(case.contract()).unwrap();
    let line = 1 + text
        .lines()
        .position(|line| line.contains("sumary"))
        .unwrap();
    let run = case.lint();
    assert!(
        run.out
            .contains(&format!("contract.yaml:{line}: unknown-key: ")),
        "{run:?}"
    );
}

#[test]
fn what_is_required_is_there_and_not_null() {
    let response = "/components/schemas/Reply";
    let required =
        |contract: Value, name: &str| with(contract, response, "required", json!([name]));
    finds(
        &required(contract(), "nmae"),
        "required",
        "`nmae` is no property",
    );
    let text = json!({"type": "string", "nullable": true});
    finds(
        &required(with_response_property(text), "value"),
        "nullable",
        "then it isn't `required`",
    );
    let held = json!({"$ref": "#/components/schemas/Request", "nullable": true});
    finds(
        &with_response_property(json!({"type": "array", "items": held})),
        "nullable",
        "an item",
    );
}

#[test]
fn a_boxed_property_is_large_and_optional() {
    let boxed = |mut schema: Value| {
        schema["x-boxed"] = json!(true);
        schema
    };
    let untyped = boxed(json!({"x-untyped": "Anything."}));
    assert_eq!(
        Case::new(&with_response_property(untyped.clone()))
            .lint()
            .code,
        0
    );
    finds(
        &with_response_property(boxed(json!({"type": "string"}))),
        "boxed",
        "no object",
    );
    let response = "/components/schemas/Reply";
    let required = with(
        with_response_property(untyped.clone()),
        response,
        "required",
        json!(["value"]),
    );
    finds(&required, "boxed", "`required`");
    let items = json!({"type": "array", "items": untyped.clone()});
    finds(&with_response_property(items), "boxed", "only a property");
    let fields = "/components/schemas/Request/properties";
    finds(
        &with(contract(), fields, "anything", untyped),
        "boxed",
        "a field of a request's body",
    );
}

#[test]
fn types_that_are_two_things() {
    let body = json!({"$ref": "#/components/schemas/Request"});
    finds(&with_response_property(body), "body", "describe it again");
    let mapping = json!({"propertyName": "type", "mapping": {"cat": "#/components/schemas/Cat"}});
    let cat = json!({"$ref": "#/components/schemas/Cat"});
    let alone = with(
        union(mapping),
        "/components/schemas/Reply/properties",
        "cat",
        cat,
    );
    finds(&alone, "union", "is a variant of a union");
    let either = json!({"oneOf": [
        {"$ref": "#/components/schemas/Reply"},
        {"title": "B", "$ref": "#/components/schemas/Request"},
    ]});
    finds(
        &with(contract(), SCHEMAS, "Either", either),
        "union",
        "nothing tells this object",
    );
    let component = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let builder = with(contract(), SCHEMAS, "MakeThing", component);
    finds(&builder, "duplicate-name", "`MakeThing`");
    let title = json!({"oneOf": [{"title": "Other", "type": "string"}]});
    finds(
        &with(contract(), SCHEMAS, "Either", title),
        "variant-name",
        "`Other`",
    );
    finds(
        &with_request_property(json!({"$ref": "#/components/schemas/Request"})),
        "body",
        "describe it again",
    );
}

#[test]
fn bytes_in_odd_places() {
    let bytes = json!({"type": "string", "format": "binary"});
    let list = json!({"type": "array", "items": bytes});
    finds(&with_response_property(list), "binary", "a field of a form");
    finds(
        &with_response_property(bytes),
        "binary",
        "a field of a form",
    );
}

#[test]
fn addresses_and_keys() {
    finds(&without(contract(), "", "servers"), "servers", "one server");
    let relative = with(contract(), "", "servers", json!([{"url": "/v1"}]));
    finds(&relative, "servers", "whole address");
    let scheme = json!({"Key": {"type": "http", "scheme": "bearer"}});
    let keyed = with(contract(), "/components", "securitySchemes", scheme);
    let keyed = with(keyed, OPERATION, "security", json!([{"Key": []}]));
    finds(&keyed, "security", "`key-variables`");
}

#[test]
fn what_http_has_no_place_for() {
    let success = contract()
        .pointer(&format!("{RESPONSES}/200"))
        .unwrap()
        .clone();
    let empty = with(
        without(contract(), RESPONSES, "200"),
        RESPONSES,
        "204",
        success,
    );
    finds(&empty, "success", "can't have a body");
    for name in ["Authorization", "X Row:1"] {
        let header = json!({"name": name, "in": "header", "schema": {"type": "string"}});
        finds(
            &parameter(header),
            "parameter",
            "can't be a header parameter",
        );
    }
    let flag = with(
        with_request_property(json!({"type": "boolean"})),
        OPERATION,
        "x-stream-parameter",
        json!("value"),
    );
    finds(&flag, "request-body", "without `text/event-stream`");
}

#[test]
fn streams() {
    let body = |stream: Value| {
        json!({
            "schema": {"type": "string"},
            "x-event-schema": {"$ref": "#/components/schemas/Reply"},
            "x-event-stream": stream,
            "examples": {"one": {"summary": "One.", "value": "data: {}\n\ndata: end\n\n"}},
        })
    };
    let streaming = |stream: Value| {
        let contract = without(contract(), RESPONSE_CONTENT, "application/json");
        with(
            contract,
            RESPONSE_CONTENT,
            "text/event-stream",
            body(stream),
        )
    };
    assert_eq!(
        Case::new(&streaming(json!({"sentinel": "end"})))
            .lint()
            .code,
        0
    );
    finds(
        &streaming(json!({"sentinel": "end", "choices": "choces"})),
        "x-event-stream",
        "`choices: choces`",
    );
    let part = json!({"type": "object", "properties": {"text": {"type": "integer"}}});
    let parts = json!({"type": "array", "items": {"$ref": "#/components/schemas/Part"}});
    let contract = streaming(json!({"sentinel": "end", "choices": "parts", "text": "text"}));
    let contract = with(
        contract,
        "/components/schemas/Reply/properties",
        "parts",
        parts,
    );
    let contract = with(contract, SCHEMAS, "Part", part);
    finds(&contract, "x-event-stream", "`text: text` is no string");
}

#[test]
fn flags_and_texts() {
    let closed = json!({"type": "string", "enum": ["a"], "x-closed-enum": "yes"});
    finds(
        &with(contract(), SCHEMAS, "Sort", closed),
        "shape",
        "`x-closed-enum` has to be true or false",
    );
    finds(
        &with_response_property(json!({"type": ["string"]})),
        "shape",
        "`type` has to be a text",
    );
    finds(
        &with(contract(), OPERATION, "parameters", json!({})),
        "shape",
        "has to be a list",
    );
}

#[test]
fn telemetry() {
    let telemetry = |key: &str, value: &str| {
        let telemetry = json!({"operation": "make", "request-model": "name", key: value});
        with(contract(), OPERATION, "x-genai-telemetry", telemetry)
    };
    assert_eq!(Case::new(&telemetry("response-id", "name")).lint().code, 0);
    for (key, path, message) in [
        (
            "request-model",
            "model",
            "`request-model: model` is no string of the body",
        ),
        (
            "response-id",
            "name.id",
            "`response-id: name.id` is no string of the response",
        ),
        (
            "input-tokens",
            "name",
            "`input-tokens: name` is no integer of the response",
        ),
    ] {
        finds(&telemetry(key, path), "x-genai-telemetry", message);
    }
    let nameless = with(contract(), OPERATION, "x-genai-telemetry", json!({}));
    finds(&nameless, "x-genai-telemetry", "`operation` has to name");
    finds(
        &telemetry("content", "name"),
        "unknown-key",
        "in x-genai-telemetry",
    );

    let part = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let list = json!({"type": "array", "items": {"$ref": "#/components/schemas/Part"}});
    let response = json!({"type": "object", "properties": {"list": list}});
    let contract = telemetry("finish-reasons", "list.name");
    let contract = with(contract, SCHEMAS, "Reply", response);
    assert_eq!(
        Case::new(&with(contract, SCHEMAS, "Part", part))
            .lint()
            .code,
        0
    );
}

#[test]
fn a_description_says_more_than_the_name() {
    let described = |name: &str, text: &str| {
        let schema = json!({"type": "string", "description": text});
        with(
            contract(),
            "/components/schemas/Reply/properties",
            name,
            schema,
        )
    };
    for (name, text) in [
        ("voice", "The voice."),
        ("voice", "Sound."),
        ("image_url", "URL of the image."),
        ("id", "Its id."),
        ("token", ""),
    ] {
        finds(
            &described(name, text),
            "empty-description",
            "only repeats the name",
        );
    }
    for (name, text) in [
        ("voice", "Voice that speaks the audio."),
        ("image_url", "Location of the cover, as a data URL."),
    ] {
        assert_eq!(Case::new(&described(name, text)).lint().code, 0, "{text}");
    }
}

#[test]
fn extensions_for_tolerant_reading() {
    let required = |contract: Value, name: &str| {
        with(
            contract,
            "/components/schemas/Reply",
            "required",
            json!([name]),
        )
    };
    let reply = |name: &str, property: Value| {
        with(
            contract(),
            "/components/schemas/Reply/properties",
            name,
            property,
        )
    };
    let keeping = |contract: Value| {
        with(
            contract,
            "/components/schemas/Reply",
            "x-keep-unknown",
            json!(true),
        )
    };
    assert_eq!(Case::new(&keeping(contract())).lint().code, 0);
    let taken = keeping(reply("unknown", json!({"type": "string"})));
    finds(&taken, "x-keep-unknown", "`unknown` is the field");
    let list = json!({"type": "array", "items": {"type": "string"}, "x-null-is-empty": true});
    finds(
        &reply("names", list.clone()),
        "x-null-is-empty",
        "a required list",
    );
    let names = required(reply("names", list), "names");
    // The example lacks it, which is another finding.
    let run = Case::new(&names).lint();
    assert!(!run.out.contains("x-null-is-empty"), "{run:?}");
    let error = reply(
        "error",
        json!({"x-untyped": "Any.", "x-reported-error": true}),
    );
    assert_eq!(Case::new(&error).lint().code, 0);
    finds(&required(error, "error"), "x-reported-error", "`required`");
    let parts = |ty: &str, target: &str| {
        reply(
            "text",
            json!({"type": ty, "x-text-parts": {"thinking": target}}),
        )
    };
    assert_eq!(Case::new(&parts("string", "name")).lint().code, 0);
    finds(&parts("string", "nam"), "x-text-parts", "`thinking: nam`");
    finds(&parts("boolean", "name"), "x-text-parts", "only a string");
}
