//! Arguments, files, formats and exit codes.

use super::{CHAT, HELLO, UNKNOWN_MODEL, contract, line, text};
use crate::support::program::assert_cannot_run;

#[test]
fn standard_input_is_a_file_too() {
    let response = format!("HTTP/2 503\n\n{UNKNOWN_MODEL}");
    let output = contract(&["replay", CHAT, "-"], response.as_bytes());
    assert!(
        line(&output).contains(r#""kind":"model_not_found""#),
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn text_is_for_people() {
    let body = UNKNOWN_MODEL.replace("no available", r"\u001b[2J no available");
    let response = format!("HTTP/2 503\ncontent-type: application/json\n\n{body}");
    for format in [&["--format", "text"][..], &["--format=text"]] {
        let arguments = [&["replay", CHAT, "-"], format].concat();
        let output = contract(&arguments, response.as_bytes());
        let shown = text(&output.stdout);
        for expected in [
            "operation   create_chat_completion\n",
            "response    503, application/json, 203 bytes\n",
            "outcome     error: model_not_found\n",
            "request id  20260205132859798638387SIHCnxzJ\n",
            "retry       no\n",
            "advice      Use a current model id from the catalog",
            "see         https://apidoc.cometapi.com/overview/models\n",
        ] {
            assert!(
                shown.contains(expected),
                "{expected:?} is missing in\n{shown}"
            );
        }
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
        assert_eq!(output.status.code(), Some(1));
    }
    let response = format!("HTTP/2 200\n\n{HELLO}");
    let output = contract(
        &["replay", "--format", "text", CHAT, "-"],
        response.as_bytes(),
    );
    assert!(text(&output.stdout).contains("outcome     ok: the client takes it\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_an_operation_has_not() {
    for (arguments, reason) in [
        (
            &["list_models", "--stream"][..],
            "list_models has no event stream: it returns application/json",
        ),
        (
            &["create_speech", "--stream"],
            "create_speech has no event stream: it returns audio/mpeg, ",
        ),
        (
            &[CHAT, "--ask-format", "srt"],
            "create_chat_completion responds in one format only",
        ),
    ] {
        let (operation, options) = arguments.split_first().unwrap();
        let arguments = [&["replay", *operation, "-"], options].concat();
        assert_cannot_run(&arguments, b"HTTP/2 200\n\n{}", reason);
    }
}

#[test]
fn an_unknown_operation_is_told_the_known_ones() {
    let known = "no operation \"create_chat\"; there are: list_catalog_models, list_models, create_chat_completion";
    assert_cannot_run(&["replay", "create_chat", "-"], b"", known);
}

#[test]
fn unusable_files() {
    assert_cannot_run(
        &["replay", CHAT, "/no/such/file"],
        b"",
        "/no/such/file can't be replayed: ",
    );
    let folder = env!("CARGO_MANIFEST_DIR");
    assert_cannot_run(&["replay", CHAT, folder], b"", "can't be replayed: ");
    let input = |bytes: &[u8], reason| assert_cannot_run(&["replay", CHAT, "-"], bytes, reason);
    input(b"", "standard input can't be replayed: it is empty");
    input(
        HELLO.as_bytes(),
        "and not with a status line; save the response with `curl -i`",
    );
    input(
        b"HTTP/1.1 100 Continue\r\n\r\n",
        "it ends after the interim status 100",
    );
    input(b"\xff\xfeH\0T\0T\0P\0", "it is UTF-16 text");
}
