//! The client and the contract's mock know nothing of each other, and get along.

use cometapi::{Client, ErrorKind, Upload};
use cometapi_mock::Mock;
use tempfile::TempDir;

use crate::support::KEY;

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

#[tokio::test]
async fn a_byte_less_is_not_understood() {
    let mock = Mock::start().await.unwrap();
    let client = client(&mock);
    let speech = client.create_speech().model("m").input("Hello.");
    let bytes = speech.voice("nova").send().await.unwrap().bytes().await;
    let bytes = bytes.unwrap();
    let transcribe = |bytes| {
        let upload = Upload::bytes("speech.mp3", bytes);
        client.create_transcription().model("m").file(upload).send()
    };
    let error = transcribe(bytes.slice(1..)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.param(), Some("file"));
    assert_eq!(transcribe(bytes).await.unwrap().text(), "Hello.");
}

#[tokio::test]
async fn a_wrong_path_is_told_the_right_one() {
    let mock = Mock::start().await.unwrap();
    let url = format!("{}/wrong", mock.url());
    let client = Client::builder()
        .base_url(url)
        .api_key(KEY)
        .build()
        .unwrap();
    let error = client.list_models().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let message = "the contract has no GET /wrong/v1/models; the nearest it has is GET /v1/models";
    assert_eq!(error.message(), message);
}
