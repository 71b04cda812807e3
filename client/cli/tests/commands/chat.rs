//! `cometapi chat`

use std::path::Path;
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;
use snapbox::str;

use crate::server::{self, Server};
use crate::{NOWHERE, cometapi_at, run};

#[test]
fn the_reply_is_printed() {
    run(&["--mock", "chat", "m", "Say", "hello."])
        .assert()
        .success()
        .stdout_eq(str![[r#"
Hello, wörld. 👋

"#]])
        .stderr_eq(str![[r#"
note: these are examples, from a mock in this process

"#]]);
    run(&["chat", "m", "--mock", "--json", "Say hello."])
        .assert()
        .success()
        .stdout_eq(str![[r#"
{"model":"your-model-id","choices":[{"message":{"role":"assistant","content":"Hello."}}]}

"#]]);
}

#[test]
fn the_prompt_is_the_arguments_then_the_input() {
    let asked = |arguments: &[&str], input: &str| {
        let server = streaming(&[
            r#"{"delta":{"content":"Yes."},"finish_reason":"stop"}"#,
            "[DONE]",
        ]);
        let all = [&["chat", "m"], arguments].concat();
        let command = cometapi_at(&server.url, &all, Path::new("."));
        command
            .stdin(input.to_owned())
            .assert()
            .success()
            .stdout_eq("Yes.\n")
            .stderr_eq("");
        let request = server.request.recv().unwrap();
        let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
        let from = body.find("\"messages\":").unwrap();
        body[from..].split_inclusive(']').next().unwrap().to_owned()
    };
    let user = |text: &str| format!(r#"{{"role":"user","content":"{text}"}}"#);
    let messages = |text: &str| format!(r#""messages":[{}]"#, user(text));
    assert_eq!(asked(&["Say", "hello."], ""), messages("Say hello."));
    assert_eq!(asked(&[], "Say hello.\n"), messages("Say hello."));
    assert_eq!(asked(&["Sum up:"], "a\nb\n"), messages(r"Sum up:\n\na\nb"));
    assert_eq!(
        asked(&["Hi", "--system", "Be brief."], ""),
        format!(
            r#""messages":[{{"role":"system","content":"Be brief."}},{}]"#,
            user("Hi")
        )
    );
}

#[test]
fn no_prompt_is_wrong_usage() {
    let command = || cometapi_at(NOWHERE, &["chat", "m"], Path::new("."));
    command().assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: no prompt after the model: give one as argument or on standard input

"#]]);
    command()
        .stdin(b"\xff".to_vec())
        .assert()
        .code(3)
        .stderr_eq(str![[r#"
error: standard input can't be read: invalid utf-8 sequence of 1 bytes from index 0

"#]]);
}

#[test]
fn an_early_end_is_said() {
    let chunk = r#"{"delta":{"content":"Once"},"finish_reason":"length"}"#;
    ask(&streaming(&[chunk, "[DONE]"]))
        .success()
        .stdout_eq("Once\n")
        .stderr_eq(str![[r#"
note: the reply ended with: length

"#]]);
    let chunk = r#"{"delta":{"refusal":"I can't."},"finish_reason":"stop"}"#;
    ask(&streaming(&[chunk, "[DONE]"]))
        .success()
        .stdout_eq("")
        .stderr_eq(str![[r#"
note: the model refused: I can't.

"#]]);
}

#[test]
fn what_came_of_a_cut_reply_is_kept() {
    let server = streaming(&[r#"{"delta":{"content":"Once"}}"#]);
    ask(&server).code(1).stdout_eq("Once\n").stderr_eq(str![[r#"
error: create_chat_completion: 200: the stream ended after 1 event without `[DONE]`
  Keep what was delivered, or retry if processing the request twice is harmless.
  https://apidoc.cometapi.com/api/text/chat

"#]]);
}

#[test]
fn a_reader_that_has_gone_ends_it_quietly() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(cargo_bin!("cometapi"))
        .args(["--mock", "chat", "m", "Say hello."])
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    snapbox::assert_data_eq!(
        output.stderr,
        str![[r#"
note: these are examples, from a mock in this process

"#]]
    );
}

fn ask(server: &Server) -> snapbox::cmd::OutputAssert {
    cometapi_at(&server.url, &["chat", "m", "Hi"], Path::new(".")).assert()
}

/// Each is the only choice of a chunk, or the marker.
fn streaming(choices: &[&str]) -> Server {
    let event = |choice: &&str| match *choice {
        "[DONE]" => "data: [DONE]\n\n".to_owned(),
        choice => format!("data: {{\"choices\":[{choice}]}}\n\n"),
    };
    let body: String = choices.iter().map(event).collect();
    let head = format!(
        "200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}",
        body.len()
    );
    server::responding(&head, body)
}
