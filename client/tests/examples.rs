//! The examples, run as programs in front of the mock. Without a selection of targets `cargo test`
//! builds them first.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const VARIABLES: [&str; 3] = ["COMETAPI_KEY", "COMETAPI_API_KEY", "COMETAPI_BASE_URL"];

/// Runs an example in a folder of its own, without a key.
fn run(example: &str, arguments: &[&str], folder: &TempDir) -> Output {
    let mut process = Command::new(path(example));
    for variable in VARIABLES {
        process.env_remove(variable);
    }
    let process = process.args(arguments).current_dir(folder).output();
    process.unwrap_or_else(|error| {
        panic!("{example}: {error}; `cargo build -p cometapi --examples` makes it")
    })
}

/// Where cargo puts an example: beside the folder of the tests' programs.
fn path(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().join("examples");
    folder.join(format!("{example}{}", std::env::consts::EXE_SUFFIX))
}

/// What an example prints that has to succeed.
fn printed(example: &str, folder: &TempDir) -> String {
    let output = run(example, &[], folder);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_catalog_is_printed_as_it_came() {
    let printed = printed("catalog_json", &TempDir::new().unwrap());
    let catalog: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(catalog["data"][0]["pricing"]["currency"], "USD / M Tokens");
}

#[test]
fn the_ids_are_printed() {
    let printed = printed("catalog_ids", &TempDir::new().unwrap());
    let ids: Vec<&str> = printed.lines().collect();
    assert_eq!((ids[0], ids.len()), ("example-4.5", 9));
}

#[test]
fn a_model_says_hello() {
    let printed = printed("say_hello", &TempDir::new().unwrap());
    assert_eq!(printed, "Hello.\n");
}

#[test]
fn speech_is_in_the_file() {
    let folder = TempDir::new().unwrap();
    printed("speech_to_file", &folder);
    let saved = std::fs::read(folder.path().join("speech.mp3")).unwrap();
    let spoken = include_bytes!("../../openapi/examples/audio/speech.mp3");
    assert!(saved == spoken, "{} bytes", saved.len());
}

#[cfg(feature = "blocking")]
#[test]
fn without_async_it_is_the_same() {
    let folder = TempDir::new().unwrap();
    let printed = printed("blocking", &folder);
    assert!(printed.starts_with("Hello.\nHello"), "{printed}");
    assert!(printed.ends_with(" bytes of speech, saved here as speech.mp3\n"));
    assert!(folder.path().join("speech.mp3").exists());
}

#[test]
fn configured_models_are_checked() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        printed("check_models", &folder),
        "example-4.5 for Chat: yes, the catalog lists text-to-text; \
         see https://apidoc.cometapi.com/api/text/chat\n\
         example-voice-1 for Speech: yes, the catalog lists text-to-speech\n"
    );
}

#[test]
fn a_model_that_is_gone_or_unfit_is_objected_to() {
    let arguments = ["example_voice", "example-ears-1"];
    let output = run("check_models", &arguments, &TempDir::new().unwrap());
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    let (gone, unfit) = message.split_once('\n').unwrap();
    let expected = "example_voice for Chat: not in the catalog; the closest are example-voice-1, ";
    assert!(gone.starts_with(expected), "{gone}");
    assert_eq!(
        unfit,
        "example-ears-1 for Speech: no, the catalog lists only speech-to-text\n"
    );
}
