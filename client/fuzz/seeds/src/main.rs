//! Writes the contract's examples as the inputs that fuzzing starts from.

use std::error::Error;
use std::fs;
use std::path::Path;

use cometapi_contract::Contract;

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let contract = Contract::bundled().map_err(|error| error.to_string())?;
    let mut written = 0;
    let mut write = |target: &str, name: &str, bytes: &[u8]| {
        written += 1;
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for operation in contract.operations() {
        for example in operation.examples() {
            let (status, media_type) = (example.status, example.media_type);
            let name = format!("{}.{status}.{}", operation.id(), example.name);
            let body = example.bytes()?;
            let head = format!("{status}\ncontent-type: {media_type}\n\n");
            let response = [head.as_bytes(), &body].concat();
            if media_type == "text/event-stream" {
                write("sse", &name, &body)?;
                write("stream", &name, &response)?;
                let text = std::str::from_utf8(&body)?;
                let chunks = text.lines().filter_map(|line| line.strip_prefix("data: {"));
                for (number, chunk) in chunks.enumerate() {
                    let chunk = format!("{{{chunk}");
                    write("chunk", &format!("{name}.{number}"), chunk.as_bytes())?;
                    write("tolerant", &format!("{name}.{number}"), chunk.as_bytes())?;
                }
            } else if !status.starts_with('2') {
                let head = format!("{status}\nretry-after: 2\nx-request-id: a\n\n");
                write("error", &name, &[head.as_bytes(), &body].concat())?;
                write("stream", &name, &response)?;
            } else if media_type == "application/json" {
                write("tolerant", &name, &body)?;
                if operation.id() == "list_catalog_models" {
                    write("catalog", &name, &body)?;
                }
            }
        }
    }
    println!("{written} seeds in {}", corpus.display());
    Ok(())
}
