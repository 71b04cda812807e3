//! Schemas: types, unions, names, and extensions of properties.

use crate::support::{
    Case, OPERATION, SCHEMAS, contract, with, with_request_property, with_response_property,
};
use crate::{finds, union};
use serde_json::{Value, json};

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
