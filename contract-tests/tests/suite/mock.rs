//! The client and the contract's mock know nothing of each other, and get along; also as the program `contract mock`.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use cometapi::{Client, ErrorKind, RetryPolicy};
use cometapi_mock::Mock;
use tempfile::TempDir;

use crate::support::KEY;
use crate::support::program::assert_cannot_run;

fn client(mock: &Mock) -> Client {
    let builder = Client::builder().base_url(mock.url());
    builder.api_key(KEY).build().unwrap()
}

#[tokio::test]
async fn what_is_spoken_in_any_format_is_heard_in_any_form() {
    let mock = Mock::start().await.unwrap();
    let client = client(&mock);
    let folder = TempDir::new().unwrap();
    for format in ["mp3", "opus", "aac", "flac", "wav", "pcm"] {
        for (form, is_text_alone) in [
            ("json", true),
            ("verbose_json", true),
            ("text", true),
            ("srt", false),
            ("vtt", false),
        ] {
            let input = format!("Spoken as {format}, \u{201c}heard\u{201d} as {form}.");
            let speech = client.create_speech().model("m").input(&input);
            let speech = speech.voice("nova").response_format(format);
            let file = folder.path().join(format!("speech.{format}"));
            speech.send().await.unwrap().save(&file).await.unwrap();
            let transcription = client.create_transcription().model("m").file(&file);
            let transcript = transcription.response_format(form).send().await.unwrap();
            let translation = client.create_translation().model("m").file(&file);
            let translation = translation.response_format(form).send().await.unwrap();
            for heard in [transcript.text(), translation.text()] {
                match is_text_alone {
                    true => assert_eq!(heard.trim_end(), input),
                    false => assert!(heard.contains(&format!("\n{input}\n")), "{heard}"),
                }
            }
        }
    }
}

/// The program while it runs.
struct Running {
    process: Child,
    url: String,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_contract"))
            .arg("mock")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        out.read_line(&mut url).unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Self {
            process,
            url: url.trim_end().to_owned(),
            lines,
        }
    }

    fn client(&self) -> Client {
        let builder = Client::builder().base_url(&self.url).api_key(KEY);
        builder.retry_policy(RetryPolicy::never()).build().unwrap()
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn it_tells_its_url_and_each_response() {
    let mut mock = Running::start(&[]);
    let client = mock.client();
    client.list_models().send().await.unwrap();
    assert_eq!(mock.line(), "GET /v1/models 200");
    let chosen = client.list_models().with_header("prefer", "code=429");
    let error = chosen.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(mock.line(), "GET /v1/models 429");
}

#[tokio::test]
async fn faults_follow_from_the_seed() {
    let mut rendered = Vec::new();
    for _ in 0..2 {
        let mut mock = Running::start(&["--faults", "100", "--seed", "11", "--latency", "1"]);
        assert_eq!(mock.line(), "100 % of the responses fail, --seed 11");
        let client = mock.client();
        let mut lines = Vec::new();
        for _ in 0..8 {
            client.list_catalog_models().send().await.unwrap_err();
            lines.push(mock.line());
        }
        rendered.push(lines);
    }
    assert_eq!(rendered[0], rendered[1]);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let mock = Running::start(&[]);
    let port = mock.url.rsplit_once(':').unwrap().1;
    let expected = format!("contract: the mock can't listen on port {port}: ");
    assert_cannot_run(&["mock", "--port", port], b"", &expected);
}
