//! What the program says about itself.

use snapbox::str;

use crate::run;

#[test]
fn the_short_help_names_commands_and_exit_codes() {
    run(&["-h"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(str![[r#"
CometAPI from the command line: model catalog, chat and audio

Usage: cometapi [OPTIONS] <COMMAND>

Commands:
  models       List the model catalog, which needs no key
  chat         Ask a model, and print its reply as it comes
  speak        Turn text into speech
  transcribe   Write down what is said in an audio file
  translate    Write down in English what is said in an audio file
  completions  Print a script that completes commands and options in a shell
  help         Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help (see more with '--help')
  -V, --version  Print version

Options of all commands:
      --base-url <URL>  Where the API is, in place of COMETAPI_BASE_URL
      --mock            Take all responses from a mock in this process, without a key

Exit codes:
  0    Done
  1    The API or the network said no, or a transcript is empty
  2    The command line, the key or a setting can't be used; nothing was sent
  3    A file, standard input or output could not be read or written
  130  Interrupted by Ctrl-C; no half file is left

"#]]);
}

#[test]
fn each_command_has_its_help() {
    run(&["chat", "--help"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
Ask a model, and print its reply as it comes

The prompt is in the arguments, or comes from standard input. If both are there, standard input is
what the arguments speak of, and follows them. It is read to its end unless it is a terminal.

Usage: cometapi chat [OPTIONS] <MODEL> [PROMPT]...

Arguments:
  <MODEL>
          Model id from the catalog

  [PROMPT]...
          What to ask

Options:
      --system <TEXT>
          How the model should behave

      --json
          Wait for the complete response, and print it as it came

  -h, --help
          Print help (see a summary with '-h')

Options of all commands:
      --base-url <URL>
          Where the API is, in place of COMETAPI_BASE_URL

      --mock
          Take all responses from a mock in this process, without a key

"#]]);
    run(&["models", "--help"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
List the model catalog, which needs no key

A table on a terminal; otherwise a line per model: id, type, provider and features, with tabs
between them. Models that are only announced are left out.

Usage: cometapi models [OPTIONS]

Options:
      --type <TYPE>
          Only models of this type, such as text, image or audio

      --feature <FEATURE>
          Only models that can do this, such as text-to-speech

      --provider <PROVIDER>
          Only models of this provider, by its name or short name

      --json
          Print the API's response as it came, without the models that don't match

  -h, --help
          Print help (see a summary with '-h')

Options of all commands:
      --base-url <URL>
          Where the API is, in place of COMETAPI_BASE_URL

      --mock
          Take all responses from a mock in this process, without a key

"#]]);
    run(&["speak", "-h"]).assert().success().stdout_eq(str![[r#"
Turn text into speech

Usage: cometapi speak [OPTIONS] --output <FILE> <MODEL> <TEXT>

Arguments:
  <MODEL>  Id of a model with the feature text-to-speech
  <TEXT>   What to say

Options:
  -o, --output <FILE>    Where the audio goes; - is standard output
      --voice <VOICE>    Who speaks [default: alloy]
      --format <FORMAT>  Format of the audio [default: by the extension of FILE, else mp3] [possible
                         values: mp3, opus, aac, flac, wav, pcm]
  -h, --help             Print help (see more with '--help')

Options of all commands:
      --base-url <URL>  Where the API is, in place of COMETAPI_BASE_URL
      --mock            Take all responses from a mock in this process, without a key

"#]]);
    run(&["translate", "-h"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
Write down in English what is said in an audio file

Usage: cometapi translate [OPTIONS] <MODEL> <FILE>

Arguments:
  <MODEL>  Id of a model with the feature speech-to-text
  <FILE>   The audio file

Options:
      --format <FORMAT>  Print the response in this format, as it came [default: the text alone]
                         [possible values: srt, vtt, json, verbose_json, text]
  -h, --help             Print help

Options of all commands:
      --base-url <URL>  Where the API is, in place of COMETAPI_BASE_URL
      --mock            Take all responses from a mock in this process, without a key

"#]]);
}

#[test]
fn shells_complete_commands_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{shell}"
        );
        for word in ["transcribe", "base-url", "provider"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}
