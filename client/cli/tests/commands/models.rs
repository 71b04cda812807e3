//! `cometapi models`

use std::path::Path;

use snapbox::str;

use crate::{Answering, cometapi_at, run, server};

#[test]
fn a_pipe_gets_whole_lines_with_tabs() {
    run(&["models", "--mock"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
example-4.5	text	ExampleProvider	text-to-text, image-to-text, video-to-text
example-4.5-long	llm	ExampleProvider	text-to-text
example-chat	chat	ExampleProvider	-
example-image-1	image	ExampleProvider	text-to-image, image-to-image, image-editing
example-video-1	video	ExampleProvider	text-to-video, image-to-video, video-editing
example-ears-1	audio	ExampleProvider	speech-to-text
example-voice-1	audio	ExampleProvider	text-to-speech
example-legacy	-	-	-

"#]])
        .stderr_eq(str![[r#"
note: these are examples, from a mock in this process
note: 1 more only announced; --json has what is known of them

"#]]);
}

#[test]
fn filters_add_up_and_capitals_do_not_matter() {
    let responding = Answering::start();
    let command = |filters: &[&str]| {
        let all = [&["models"], filters].concat();
        cometapi_at(&responding.mock.url(), &all, Path::new(".")).assert()
    };
    command(&["--type", "Audio"]).success().stdout_eq(str![[r#"
example-ears-1	audio	ExampleProvider	speech-to-text
example-voice-1	audio	ExampleProvider	text-to-speech

"#]]);
    let filters = [
        "--type",
        "AUDIO",
        "--feature",
        "text-to-Speech",
        "--provider",
        "exampleprovider",
    ];
    command(&filters).success().stdout_eq(str![[r#"
example-voice-1	audio	ExampleProvider	text-to-speech

"#]]);
    command(&["--type", "smell"])
        .success()
        .stdout_eq("")
        .stderr_eq(str![[r#"
note: no model matches

"#]]);
}

#[test]
fn json_is_the_response_as_it_came() {
    let page =
        r#"{"success":true, "data":[{"id":"b","new":1.50},{"id":"a","model_type":"text"}],"z":0}"#;
    let json = |arguments: &[&str]| {
        let server = server::responding(&length("200 OK", page), page);
        run(&[&["models", "--json", "--base-url", &server.url], arguments].concat()).assert()
    };
    json(&[]).success().stdout_eq(format!("{page}\n"));
    json(&["--type", "Text"]).success().stdout_eq(str![[r#"
{
  "success": true,
  "data": [
    {
      "id": "a",
      "model_type": "text"
    }
  ],
  "z": 0
}

"#]]);
}

#[test]
fn a_cell_stays_a_cell() {
    let page = r#"{"success":true,"data":[{"id":"a\tb\nc\u001b[2J","provider_code":"p"}]}"#;
    let server = server::responding(&length("200 OK", page), page);
    run(&["models", "--base-url", &server.url])
        .assert()
        .success()
        .stdout_eq("a b c [2J\t-\tp\t-\n");
}

fn length(status: &str, body: &str) -> String {
    let length = body.len();
    format!("{status}\r\ncontent-type: application/json\r\ncontent-length: {length}")
}
