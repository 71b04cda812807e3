//! Operations: identity, statuses, errors, bodies, parameters, streams, telemetry.

use crate::support::{
    Case, OPERATION, REQUEST, RESPONSE_CONTENT, RESPONSES, SCHEMAS, contract, with,
    with_request_property, without,
};
use crate::{error, finds, parameter};
use serde_json::{Value, json};

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
    for half in ["choices", "finish"] {
        let ends = json!({half: "name"});
        let events = format!("{RESPONSE_CONTENT}/text~1event-stream");
        let contract = with(endless.clone(), &events, "x-event-stream", ends);
        finds(&contract, "media-type", "how the stream ends");
    }
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
