//! Speech: its bytes as they came, or an error, in memory and in files.

use cometapi::{Client, Download, Error, ErrorKind};
use contract_tests::server::{Server, Step};
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use crate::support::KEY;
use crate::support::cases::{self, ExampleResponse};
use crate::support::stub_server::StubServer;

fn responses() -> Vec<ExampleResponse> {
    let operation = cases::CONTRACT.operation("create_speech").unwrap();
    let mut responses = cases::responses_of(&operation);
    responses.retain(|response| response.status() == 200);
    responses
}

async fn speech(format: &str, response: ResponseTemplate) -> Result<Download, Error> {
    let scene = StubServer::expecting("POST", "/v1/audio/speech", response).await;
    let client = scene.client();
    let call = client.create_speech().model("m").input("Hello.");
    call.voice("nova").response_format(format).send().await
}

fn asked(response: &ExampleResponse) -> &str {
    let format = &response.request["body"]["response_format"];
    format.as_str().unwrap()
}

#[tokio::test]
async fn every_format_comes_as_it_is() {
    let responses = responses();
    assert!(responses.len() > 6, "the contract has lost its formats");
    let folder = TempDir::new().unwrap();
    for response in responses {
        let (format, documented) = (asked(&response), response.bytes());
        let download = speech(format, response.template()).await.unwrap();
        assert_eq!(download.content_type(), response.example.media_type);
        assert_eq!(download.content_length(), Some(documented.len() as u64));
        let bytes = download.bytes().await.unwrap();
        assert_eq!(bytes, *documented, "{}", response.name);
        let file = folder.path().join(&response.name);
        let download = speech(format, response.template()).await.unwrap();
        let saved = download.save(&file).await.unwrap();
        assert_eq!(saved, documented.len() as u64);
        assert_eq!(
            std::fs::read(file).unwrap(),
            *documented,
            "{}",
            response.name
        );
    }
}

#[tokio::test]
async fn nothing_and_json_are_no_speech() {
    let error = r#"{"error":{"message":"no such voice","code":1002}}"#;
    for media_type in ["audio/mpeg", "application/octet-stream", "application/json"] {
        let response = |body: &str| ResponseTemplate::new(200).set_body_raw(body, media_type);
        let empty = speech("mp3", response("")).await.unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::Decode, "{media_type}: {empty}");
        let reported = speech("mp3", response(error)).await.unwrap_err();
        assert_eq!(reported.message(), "no such voice", "{media_type}");
        assert_eq!(reported.code(), Some("1002"), "{media_type}");
        assert_eq!(reported.body().unwrap(), error, "{media_type}");
    }
}

#[tokio::test]
async fn a_file_is_whole_or_stays_as_it_was() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("speech.mp3");
    std::fs::write(&file, "the older one").unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 9000\r\n";
    let server = Server::start().await.unwrap();
    server.play([Step::Write(format!("{head}\r\nID3 and no more").into())]);
    let client = Client::builder()
        .base_url(server.url())
        .api_key(KEY)
        .build()
        .unwrap();
    let call = client.create_speech().model("m").input("Hello.");
    let download = call.voice("nova").send().await.unwrap();
    let error = download.save(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteBody, "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"the older one");
    let left = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(left.count(), 1, "something is left behind");
}
