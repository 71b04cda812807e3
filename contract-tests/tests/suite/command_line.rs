//! Arguments of `cargo contract`, for all of its subcommands.

use crate::support::program::{assert_cannot_run, contract, text};

#[test]
fn help_is_no_failure() {
    for (arguments, expected) in [
        (&["--help"][..], "\nTools:\n"),
        (&["-h"], "\nChecks:\n  coverage "),
        (&["replay", "--help"], "Usage: cargo contract replay"),
        (&["faults", "-h"], "Usage: cargo contract faults"),
        (&["completions", "bash"], "complete -F"),
    ] {
        let output = contract(arguments, b"");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).contains(expected), "{output:?}");
    }
}

#[test]
fn invalid_arguments_are_named() {
    for (arguments, reason) in [
        (&[][..], "Usage: cargo contract"),
        (&["play"], "unrecognized subcommand 'play'"),
        (&["--wrong"], "unexpected argument '--wrong'"),
        (&["coverage", "--min", "101"], "no number from 0 to 100"),
        (&["mutants", "--min", "most"], "no number from 0 to 100"),
        (&["mutants", "more"], "unexpected argument 'more'"),
        (
            &["faults", "--format", "xml"],
            "possible values: text, json, junit, github, markdown",
        ),
        (&["faults", "--format"], "a value is required"),
        (&["property", "--cases", "x"], "invalid value 'x'"),
        (&["mock", "--faults", "101"], "101 is not in 0..=100"),
        (&["mock", "--port", "65536"], "65536 is not in 0..=65535"),
        (&["replay"], "<OPERATION>"),
        (&["replay", "list_models"], "<FILE>"),
        (
            &["replay", "list_models", "-", "--split", "halves"],
            "possible values: whole, bytes, random",
        ),
        (
            &["drift", "--model", "x"],
            "expected OPERATION=ID, not \"x\"",
        ),
    ] {
        assert_cannot_run(arguments, b"", reason);
    }
}
