//! `cometapi speak`, `transcribe` and `translate`

use std::fs;

use snapbox::str;
use tempfile::tempdir;

use crate::{Answering, cometapi_at, server};

#[test]
fn what_was_spoken_is_written_down_in_every_format() {
    let folder = tempdir().unwrap();
    let responding = Answering::start();
    let url = responding.mock.url();
    let command = |arguments: &[&str]| {
        let command = cometapi_at(&url, arguments, folder.path());
        command.assert().success()
    };
    command(&["speak", "m", "Good evening.", "-o", "a.wav"])
        .stdout_eq("")
        .stderr_eq(str![[r#"
note: 18114 bytes of audio/wav in a.wav

"#]]);
    command(&["transcribe", "m", "a.wav"])
        .stdout_eq("Good evening.\n")
        .stderr_eq("");
    let written = |format| command(&["transcribe", "m", "a.wav", "--format", format]);
    written("text").stdout_eq("Good evening.\n");
    written("json").stdout_eq("{\"text\":\"Good evening.\"}\n");
    written("srt").stdout_eq(str![[r#"
1
00:00:00,000 --> 00:00:00,380
Good evening.


"#]]);
    written("vtt").stdout_eq(str![[r#"
WEBVTT

00:00.000 --> 00:00.380
Good evening.


"#]]);
    written("verbose_json").stdout_eq(str![[r#"
{"task":"transcribe","language":"english","duration":0.3764583333,"text":"Good evening.","segments":[{"id":0,"seek":0,"start":0.0,"end":0.38,"text":" Good evening.","tokens":[50364,2425,13,50384],"temperature":0.0,"avg_logprob":-0.42,"compression_ratio":0.43,"no_speech_prob":0.02}],"words":[],"usage":{"type":"duration","seconds":1}}

"#]]);

    command(&["translate", "m", "a.wav"]).stdout_eq("Good evening.\n");
    command(&["translate", "m", "a.wav", "--format", "srt"]).stdout_eq(str![[r#"
1
00:00:00,000 --> 00:00:00,380
Good evening.


"#]]);
}

#[test]
fn the_format_is_the_one_asked_for_else_that_of_the_name() {
    let folder = tempdir().unwrap();
    let responding = Answering::start();
    let spoken = |arguments: &[&str]| {
        let all = [&["speak", "m", "Hello.", "-o"], arguments].concat();
        let command = cometapi_at(&responding.mock.url(), &all, folder.path());
        command.output().unwrap().stdout
    };
    assert!(spoken(&["-", "--format", "flac"]).starts_with(b"fLaC"));
    assert!(spoken(&["a.wav", "--format", "flac"]).is_empty());
    let saved = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert!(saved("a.wav").starts_with(b"fLaC"));
    spoken(&["A.OPUS"]);
    assert!(saved("A.OPUS").starts_with(b"OggS"));
    spoken(&["a"]);
    assert_eq!(saved("a"), spoken(&["-", "--format", "mp3"]));
}

#[test]
fn a_transcript_without_speech_fails_with_advice() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("a.wav"), "RIFF").unwrap();
    let heard = |format: &str, media_type: &str, body: &str| {
        let length = body.len();
        let head = format!("200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}");
        let server = server::responding(&head, body);
        let arguments = ["transcribe", "m", "a.wav", "--format", format];
        cometapi_at(&server.url, &arguments, folder.path())
            .assert()
            .code(1)
            .stderr_eq(str![[r#"
error: the transcript is empty: confirm that the file contains speech

"#]])
            .get_output()
            .stdout
            .clone()
    };
    assert_eq!(
        heard("json", "application/json", r#"{"text":""}"#),
        b"{\"text\":\"\"}\n"
    );
    assert_eq!(heard("text", "text/plain", "\n"), b"\n");
    assert_eq!(heard("vtt", "text/vtt", "WEBVTT\n\n"), b"WEBVTT\n\n");
}
