//! The feature `blocking`, over real sockets.

use std::error::Error as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cometapi::blocking::Client;
use cometapi::types::TranscriptionResponse;
use cometapi::{ChatMessage, Error, ErrorKind, RetryPolicy, StreamEnd, Upload};
use cometapi_mock::Mock;

const CHUNK: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n";

/// It has a thread of its own once it has started.
fn mock() -> Mock {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let mock = Mock::builder().pause(Duration::ZERO);
    runtime.unwrap().block_on(mock.start()).unwrap()
}

fn client(address: &str) -> Client {
    let none = Duration::ZERO;
    let retries = RetryPolicy::default().with_backoff(none, none);
    let builder = Client::builder().api_key("sk-secret").base_url(address);
    builder.retry_policy(retries).build().unwrap()
}

fn hello(client: &Client) -> cometapi::operations::CreateChatCompletion<Client> {
    let messages = [ChatMessage::user("Say hello.")];
    let call = client.create_chat_completion();
    call.model("your-model-id").messages(messages)
}

/// Sends the next of these responses on each connection, and closes it. The thread returns the request
/// lines.
fn server<const N: usize>(responses: [String; N]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let begin = |response: String| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut lines = Vec::new();
            let mut length = 0;
            loop {
                let mut line = String::new();
                request.read_line(&mut line).unwrap();
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
                lines.push(line);
            }
            request.read_exact(&mut vec![0; length]).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
            lines.swap_remove(0)
        };
        responses.into_iter().map(begin).collect()
    });
    (address, thread)
}

fn response(status: &str, media_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {media_type}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

#[test]
fn several_threads_share_a_client() {
    let mock = mock();
    let client = client(&mock.url());
    thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| hello(&client).send().unwrap()))
            .collect();
        for call in calls {
            assert_eq!(call.join().unwrap().text().as_deref(), Some("Hello."));
        }
    });
    let catalog = client.clone().list_catalog_models().send().unwrap();
    assert_eq!(catalog.data.len(), 9);
}

#[test]
fn a_stream_is_an_iterator() {
    let mock = mock();
    let client = client(&mock.url());
    let mut chunks = hello(&client).stream().unwrap();
    assert_eq!(chunks.status(), 200);
    let first = chunks.next().unwrap().unwrap();
    assert_eq!((first.choices.len(), chunks.events_received()), (1, 1));
    assert_eq!(chunks.end(), None);
    assert!(chunks.by_ref().all(|chunk| chunk.is_ok()));
    assert_eq!(chunks.end(), Some(StreamEnd::Sentinel));
    assert!(chunks.next().is_none());

    let text = hello(&client).stream().unwrap().into_text_deltas();
    let text: Result<Vec<String>, Error> = text.collect();
    let text = text.unwrap().concat();
    assert!(text.starts_with("Hello"), "{text}");
    let completion = hello(&client)
        .stream()
        .unwrap()
        .collect_completion()
        .unwrap();
    assert_eq!(completion.text().as_deref(), Some(text.as_str()));
}

#[test]
fn a_stream_that_is_cut_ends_in_an_error() {
    let (address, _) = server([response("200 OK", "text/event-stream", CHUNK)]);
    let mut chunks = hello(&client(&address)).stream().unwrap();
    assert!(chunks.next().unwrap().is_ok());
    let error = chunks.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteStream);
    assert!(chunks.next().is_none());
}

#[test]
fn a_download_can_be_read_and_saved() {
    let mock = mock();
    let client = client(&mock.url());
    let open = || {
        let call = client.create_speech().model("your-audio-model-id");
        let speech = call.input("Hello.").voice("nova").send().unwrap();
        assert_eq!(speech.content_type(), "audio/mpeg");
        speech
    };
    let expected = open().bytes().unwrap();
    assert_eq!(open().content_length(), Some(expected.len() as u64));

    let mut read = Vec::new();
    open().read_to_end(&mut read).unwrap();
    assert!(read == expected);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("speech.mp3");
    assert_eq!(open().save(&path).unwrap(), expected.len() as u64);
    assert!(std::fs::read(&path).unwrap() == expected);

    // What was read first isn't lost, and isn't there twice.
    let (report, reports) = mpsc::channel();
    let mut speech = open().with_progress(move |progress| report.send(progress.bytes).unwrap());
    let mut start = [0; 10];
    speech.read_exact(&mut start).unwrap();
    assert!(start == expected[..10]);
    assert_eq!(speech.save(&path).unwrap(), expected.len() as u64 - 10);
    assert!(std::fs::read(&path).unwrap() == expected[10..]);
    assert_eq!(reports.iter().last(), Some(expected.len() as u64));
}

#[test]
fn a_reader_gets_the_error_that_stopped_it() {
    let mut cut = response("200 OK", "audio/mpeg", "sound");
    cut.truncate(cut.len() - 1);
    let (address, _) = server([cut]);
    let client = client(&address);
    let speech = client.create_speech().model("m").input("Hello.");
    let mut speech = speech.voice("nova").send().unwrap();
    let problem = speech.read_to_end(&mut Vec::new()).unwrap_err();
    let error = problem.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::IncompleteBody);
}

#[test]
fn files_are_uploaded() {
    let mock = mock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("speech.mp3");
    let client = client(&mock.url());
    let speech = client.create_speech().model("m").input("Hello.");
    speech.voice("nova").send().unwrap().save(&path).unwrap();
    let (report, reports) = mpsc::channel();
    let upload =
        Upload::path(&path).with_progress(move |progress| report.send(progress.bytes).unwrap());
    let call = client.create_transcription().file(upload);
    let transcript = call.model("your-audio-model-id").send().unwrap();
    assert!(
        matches!(&*transcript, TranscriptionResponse::Json(json) if json.text == "Hello."),
        "{transcript:?}"
    );
    let size = std::fs::metadata(&path).unwrap().len();
    assert_eq!(reports.iter().last(), Some(size));
}

#[test]
fn calls_are_tried_again_and_bounded() {
    let busy = response("503 Busy", "application/json", "{}");
    let models = response("200 OK", "application/json", r#"{"data":[]}"#);
    let (address, served) = server([busy, models]);
    assert!(client(&address).list_models().send().is_ok());
    assert_eq!(served.join().unwrap(), ["GET /v1/models HTTP/1.1\r\n"; 2]);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("http://{}", silent.local_addr().unwrap()));
    let call = client.list_models().with_timeout(Duration::from_millis(50));
    assert_eq!(call.send().unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
fn a_client_is_checked_when_it_is_built() {
    assert_eq!(
        Client::new(" ").unwrap_err().kind(),
        ErrorKind::Configuration
    );
    let client = Client::builder().base_url("https://gw.example/v1").build();
    let client = client.unwrap();
    assert_eq!(client.base_url(), "https://gw.example");
    let error = client.list_models().send().unwrap_err();
    assert_eq!(
        (error.kind(), error.source().is_none()),
        (ErrorKind::MissingApiKey, true)
    );
    assert!(!format!("{:?}", Client::new("sk-secret").unwrap()).contains("sk-secret"));
}

#[tokio::test]
async fn in_async_code_waiting_panics_and_nothing_else_does() {
    let mock = Mock::start().await.unwrap();
    let client = client(&mock.url());
    let other = client.clone();
    let inside = tokio::spawn(async move { drop(other.list_models().send()) });
    let panic = inside.await.unwrap_err().into_panic();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.contains("from within a runtime"), "{message}");

    let beside = tokio::task::spawn_blocking(move || client.list_models().send());
    beside.await.unwrap().unwrap();
}

/// Serves streams on connections that stay open. The end of each body is sent once `ends` has a message.
fn serve_streams(stream: TcpStream, ends: &Mutex<Receiver<()>>, sent: &Sender<()>) {
    stream.set_nodelay(true).unwrap();
    let mut request = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if request.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        request.read_exact(&mut vec![0; length]).unwrap();
        let events = format!("{CHUNK}data: [DONE]\n\n");
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked";
        let response = format!("{head}\r\n\r\n{:x}\r\n{events}\r\n", events.len());
        stream.write_all(response.as_bytes()).unwrap();
        ends.lock().unwrap().recv().unwrap();
        stream.write_all(b"0\r\n\r\n").unwrap();
        sent.send(()).unwrap();
    }
}

#[test]
fn a_finished_stream_gives_its_connection_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (end, ends) = mpsc::channel::<()>();
    let (sent, terminators) = mpsc::channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let ends = Arc::new(Mutex::new(ends));
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, SeqCst);
            let (ends, sent) = (ends.clone(), sent.clone());
            thread::spawn(move || serve_streams(stream.unwrap(), &ends, &sent));
        }
    });
    let client = client(&address);
    for _ in 0..100 {
        let mut chunks = hello(&client).stream().unwrap();
        assert!(chunks.by_ref().all(|chunk| chunk.is_ok()));
        assert_eq!(chunks.end(), Some(StreamEnd::Sentinel));
        end.send(()).unwrap();
        terminators.recv().unwrap();
    }
    // A call that begins before the client's thread has read the end opens another. Without reading on, each would.
    let connections = connections.load(SeqCst);
    assert!(connections < 50, "{connections} connections");
}
