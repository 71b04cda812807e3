//! The program as it is run, against its own mock and against servers that response as a test says.

mod audio;
mod chat;
mod errors;
mod help;
#[cfg(unix)]
mod interrupt;
mod models;
#[cfg(unix)]
mod readme;
mod server;

use std::path::Path;

use cometapi_mock::Mock;
use snapbox::cmd::{Command, cargo_bin};
use tokio::runtime::Runtime;

/// In this folder, without a terminal, a key, or input.
fn cometapi(arguments: &[&str], folder: &Path) -> Command {
    isolated(Command::new(cargo_bin!("cometapi")).args(arguments), folder)
}

fn isolated(command: Command, folder: &Path) -> Command {
    command
        .current_dir(folder)
        .env_remove("COMETAPI_KEY")
        .env_remove("COMETAPI_API_KEY")
        .env_remove("COMETAPI_BASE_URL")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("COLUMNS")
        .stdin("")
}

/// The same, where no files matter.
fn run(arguments: &[&str]) -> Command {
    cometapi(arguments, Path::new("."))
}

/// With a key, and this base URL.
fn cometapi_at(url: &str, arguments: &[&str], folder: &Path) -> Command {
    cometapi(arguments, folder)
        .args(["--base-url", url])
        .env("COMETAPI_KEY", "any")
}

/// no server responds there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A mock that outlives a command, and so hears what it has said.
struct Answering {
    mock: Mock,
    _runtime: Runtime,
}

impl Answering {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let mock = runtime.block_on(Mock::start()).unwrap();
        Self {
            mock,
            _runtime: runtime,
        }
    }
}
