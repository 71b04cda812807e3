//! `cargo xtask generate` as a command: what it writes, what `--check` says, how it exits.

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{
    Case, OPERATION, REQUEST, RESPONSE_CONTENT, SCHEMAS, contract, files, run, with,
    with_response_property,
};

#[test]
fn the_generated_code_is_that_of_the_contract() {
    let run = run(&["generate", "--check"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn so_is_the_fixture() {
    let folder = "contract-tests/fixture";
    let (contract, out) = (
        format!("{folder}/contract.yaml"),
        format!("{folder}/src/generated"),
    );
    let run = run(&[
        "generate",
        "--check",
        "--contract",
        &contract,
        "--out",
        &out,
        "--crate",
        "fixture_client",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn one_contract_gives_the_same_bytes_anywhere() {
    let (one, other) = (Case::new(&contract()), Case::new(&contract()));
    assert_eq!(one.generated(), other.generated());
}

#[test]
fn comments_and_layout_change_nothing() {
    let case = Case::new(&contract());
    let before = case.generated();
    let text = fs::read_to_string(case.contract()).unwrap();
    fs::write(case.contract(), format!("# A comment.\n\n{text}")).unwrap();
    assert_eq!(case.generated(), before);
}

#[test]
fn an_operation_more_is_a_method_more() {
    let mut item = contract().pointer("/paths/~1things").unwrap().clone();
    item["post"]["operationId"] = json!("mend_thing");
    let case = Case::new(&with(contract(), "/paths", "/mended", item));
    let dispatch = case.out().with_file_name("dispatch");
    let run = case.generate(&["--dispatch", dispatch.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{run:?}");
    let generated = case.generated();
    assert!(
        generated.contains("pub fn mend_thing(&self) -> MendThing"),
        "{generated}"
    );
    let dispatch = std::fs::read_to_string(dispatch.join("mod.rs")).unwrap();
    assert!(dispatch.contains("\"mend_thing\" =>"), "{dispatch}");
}

/// What the contract's method says of itself, generated for a crate called `things`.
fn sampled(contract: &Value) -> String {
    let case = Case::new(contract);
    let run = case.generate(&["--crate", "things"]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = fs::read_to_string(case.out().join("things.rs")).unwrap();
    text.replace("\n    /// ", "\n")
}

#[test]
fn the_first_example_of_a_request_is_the_sample_of_its_method() {
    let examples = json!({
        "first": {"summary": "The first.", "value": {"name": "It's a \"thing\"."}},
        "second": {"summary": "The second.", "value": {}},
    });
    let contract = with(
        contract(),
        &format!("{REQUEST}/application~1json"),
        "examples",
        examples,
    );
    let sample = r#"
```no_run
# async fn sample(client: &things::Client) -> Result<(), Box<dyn std::error::Error>> {
let response = client.make_thing().name("It's a \"thing\".").send().await?;
# Ok(())
# }
```
"#;
    let sampled = sampled(&contract);
    assert!(sampled.contains(sample), "{sampled}");
    assert!(!Case::new(&contract).generated().contains("```"));
}

#[test]
fn each_type_of_value_is_written_as_its_setter_takes_it() {
    let properties = json!({
        "loud": {"type": "boolean"},
        "size": {"type": "integer"},
        "share": {"type": "number"},
        "names": {"type": "array", "items": {"type": "string"}},
    });
    let contract = with(
        contract(),
        &format!("{SCHEMAS}/Request"),
        "properties",
        properties,
    );
    let value = json!({"loud": true, "size": 3, "share": 1, "names": ["a", "b"]});
    let examples = json!({"each": {"summary": "Each.", "value": value}});
    let of_json = format!("{REQUEST}/application~1json");
    let sampled = sampled(&with(contract, &of_json, "examples", examples));
    let setters = [
        ".loud(true)",
        ".size(3)",
        ".share(1.0)",
        r#".names(["a", "b"])"#,
    ];
    for setter in setters {
        assert!(sampled.contains(setter), "{setter}: {sampled}");
    }
}

#[test]
fn an_operation_that_is_named_is_linked() {
    let description = json!("Not to be mixed up with `make_thing` of old.");
    let generated = Case::new(&with(contract(), OPERATION, "description", description)).generated();
    let link = "mixed up with [`make_thing`](Self::make_thing) of old.";
    assert!(generated.contains(link), "{generated}");
}

#[test]
fn a_sample_that_asks_for_events_streams() {
    let property = json!({"type": "boolean"});
    let contract = with(
        contract(),
        "/components/schemas/Request/properties",
        "live",
        property,
    );
    let contract = with(contract, OPERATION, "x-stream-parameter", json!("live"));
    let examples = json!({"live": {"summary": "Live.", "value": {"live": true, "name": "a"}}});
    let contract = with(
        contract,
        &format!("{REQUEST}/application~1json"),
        "examples",
        examples,
    );
    let events = json!({
        "schema": {"type": "string"},
        "x-event-schema": {"$ref": "#/components/schemas/Reply"},
        "x-event-stream": {"sentinel": "[DONE]"},
        "examples": {"one": {"summary": "One.", "value": "data: {}\n\ndata: [DONE]\n\n"}},
    });
    let contract = with(contract, RESPONSE_CONTENT, "text/event-stream", events);
    let sample = r#"let stream = client.make_thing().name("a").stream().await?;"#;
    let sampled = sampled(&contract);
    assert!(sampled.contains(sample), "{sampled}");
}

#[test]
fn a_required_parameter_without_an_example_has_no_sample() {
    let parameters = json!([
        {"name": "size", "in": "query", "required": true, "schema": {"type": "integer"}},
    ]);
    let case = Case::new(&with(contract(), OPERATION, "parameters", parameters));
    let run = case.generate(&["--crate", "things"]);
    assert_eq!(run.code, 2, "{run:?}");
    let message = "operation make_thing: no sample: the required parameter `size` has no example";
    assert!(run.err.contains(message), "{run:?}");
    assert_eq!(case.generate(&[]).code, 0);
}

#[test]
fn each_file_begins_with_what_makes_it() {
    let case = Case::new(&contract());
    case.generated();
    for (path, text) in files(&case.out()) {
        let first = text.lines().next().unwrap();
        let command = "`cargo xtask generate --contract contract.yaml --out DIR`";
        assert!(
            first.starts_with("// @generated by ") && first.contains(command),
            "{path:?}: {first}"
        );
    }
}

#[test]
fn only_what_changed_is_written() {
    let case = Case::new(&contract());
    case.generated();
    assert!(case.generate(&[]).out.contains(" 0 changed"));
}

#[test]
fn check_shows_what_differs_and_how_to_mend_it() {
    let case = Case::new(&contract());
    let run = case.generate(&["--check"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("mod.rs: is missing"), "{run:?}");
    assert!(!case.out().exists(), "a check writes nothing");

    case.generated();
    assert_eq!(case.generate(&["--check"]).code, 0);
    let tables = case.out().join("tables.rs");
    let text = fs::read_to_string(&tables).unwrap();
    let edited = text.replace("path: \"/things\"", "path: \"/edited\"");
    fs::write(&tables, edited).unwrap();
    fs::write(case.out().join("leftover.rs"), "// @generated by someone\n").unwrap();
    fs::write(case.out().join("by_hand.rs"), "// Written by hand.\n").unwrap();
    let run = case.generate(&["--check"]);
    assert_eq!(run.code, 1, "{run:?}");
    let line = 1 + text
        .lines()
        .position(|line| line.contains("path: \"/things\""))
        .unwrap();
    assert!(
        run.out.contains(&format!("tables.rs:{line}: differs")),
        "{run:?}"
    );
    assert!(
        run.out.contains("-     path: \"/edited\"") && run.out.contains("+     path: \"/things\"")
    );
    assert!(
        run.out.contains("leftover.rs: is no longer generated"),
        "{run:?}"
    );
    assert!(
        run.out.contains("run: cargo xtask generate --contract"),
        "{run:?}"
    );

    case.generated();
    assert!(!case.out().join("leftover.rs").exists());
    assert!(
        case.out().join("by_hand.rs").exists(),
        "what no one generated stays"
    );
    assert_eq!(case.generate(&["--check"]).code, 0);
}

#[test]
fn check_shows_the_header_if_nothing_else_differs_and_lines_that_are_too_many() {
    let case = Case::new(&contract());
    case.generated();
    let tables = case.out().join("tables.rs");
    let text = fs::read_to_string(&tables).unwrap();
    fs::write(
        &tables,
        format!("// Edited.\n{}", &text[text.find('\n').unwrap() + 1..]),
    )
    .unwrap();
    let run = case.generate(&["--check"]);
    assert!(
        run.out.contains("tables.rs:1: differs\n  - // Edited.\n"),
        "{run:?}"
    );
    fs::write(&tables, format!("{text}// One more.\n")).unwrap();
    let line = 1 + text.lines().count();
    let expected = format!("tables.rs:{line}: differs\n  - // One more.\n");
    let run = case.generate(&["--check"]);
    assert!(run.out.contains(&expected), "{run:?}");
}

#[test]
fn nothing_is_generated_from_a_contract_with_findings() {
    let case = Case::new(&with_response_property(json!({})));
    let run = case.generate(&[]);
    assert_eq!(
        (run.code, run.out.contains("nothing generated")),
        (1, true),
        "{run:?}"
    );
    assert!(!case.out().exists());
}

#[test]
fn what_could_not_run_says_why() {
    let cut = Case::of_text("openapi: 3.0.3\npaths:\n  - {\n");
    let run_of_cut = cut.generate(&[]);
    assert_eq!(run_of_cut.code, 2, "{run_of_cut:?}");
    assert!(run_of_cut.err.contains("contract.yaml:"), "{run_of_cut:?}");
    let missing = run(&["generate", "--contract", "nowhere.yaml", "--out", "x"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(
        missing.err.starts_with("xtask: nowhere.yaml"),
        "{missing:?}"
    );
    for arguments in [
        &["generate", "--contract", "openapi/cometapi.yaml"][..],
        &["generate", "--out", "x"],
        &["generate", "--crate", "x"],
        &["generate", "--sheck"],
        &["lint", "--check"],
        &["lint", "--out", "x"],
        &["mint"],
        &[],
    ] {
        let run = run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(run.err.contains("Usage: cargo xtask"), "{run:?}");
    }
}

#[test]
fn properties_may_be_called_like_keywords_of_openapi() {
    let held = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let contract = with(contract(), SCHEMAS, "Held", held);
    let names = [
        "example",
        "examples",
        "default",
        "enum",
        "value",
        "properties",
        "x-more",
    ];
    let contract = names.iter().fold(contract, |contract, name| {
        let held = json!({"$ref": "#/components/schemas/Held"});
        with(contract, "/components/schemas/Reply/properties", name, held)
    });
    let generated = Case::new(&contract).generated();
    assert_eq!(
        generated.matches(": Option<Held>,").count(),
        names.len(),
        "{generated}"
    );
}

#[test]
fn a_component_is_kept_for_references_and_not_for_what_looks_like_one() {
    let held = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let contract = with(contract(), SCHEMAS, "Held", held);
    let reference = json!({"$ref": "#/components/schemas/Held"});
    let reply = "/components/schemas/Reply/properties";
    let used = with(contract.clone(), reply, "x-more", reference.clone());
    assert!(Case::new(&used).generated().contains("pub struct Held"));

    let failure = json!({"description": "No.", "content": {"application/json": {
        "schema": reference,
        "examples": {"one": {"summary": "One.", "value": {}}},
    }}, "x-error-rules": [{"kind": "server", "retryable": true, "help": "Wait and retry."}]});
    let examples = json!({"one": {"summary": "One.", "value": {"name": "a", "more": reference}}});
    let of_json = format!("{RESPONSE_CONTENT}/application~1json");
    let unused = with(contract, &of_json, "examples", examples);
    let unused = with(unused, &format!("{OPERATION}/responses"), "500", failure);
    assert!(!Case::new(&unused).generated().contains("pub struct Held"));
}

#[test]
fn a_map_that_may_be_null_is_a_map() {
    let map =
        json!({"type": "object", "nullable": true, "additionalProperties": {"type": "string"}});
    let generated = Case::new(&with_response_property(map)).generated();
    assert!(generated.contains("Map<String, String>"), "{generated}");
    assert!(!generated.contains("Option<BTreeMap"), "{generated}");
}
