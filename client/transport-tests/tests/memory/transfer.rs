//! The client's side: transfers a little, then a lot, and prints what that added to the peak of its memory.

use std::fmt;
use std::fs::File;
use std::str::FromStr;

use cometapi::{Client, ErrorKind};

use crate::MIB;

/// What everything that is allocated once needs to be there.
const WARM_UP: u64 = 8;

/// How many MiB go over the wire, or come out of the decompression.
const LARGE: u64 = 256;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Transfer {
    Upload,
    Download,
    /// JSON is in memory as a whole, so it comes in responses of 8 MiB.
    CompressedJson,
    /// JSON beyond the limit.
    DecompressionBomb,
}

impl Transfer {
    pub(crate) const ALL: [Self; 4] = [
        Self::Upload,
        Self::Download,
        Self::CompressedJson,
        Self::DecompressionBomb,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::CompressedJson => "compressed_json",
            Self::DecompressionBomb => "decompression_bomb",
        }
    }

    async fn transfer(self, client: &Client, mib: u64) {
        match self {
            Self::Upload => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("speech.mp3");
                // Sparse: nothing is written to disk.
                File::create(&path).unwrap().set_len(mib * MIB).unwrap();
                let call = client.create_transcription().model("m").file(&path);
                let transcript = call.send().await.unwrap();
                let received: u64 = transcript.text().parse().unwrap();
                assert!(received > mib * MIB, "only {received} bytes arrived");
            }
            Self::Download => {
                let folder = tempfile::tempdir().unwrap();
                let call = client.create_speech().model("m").input("Hello.");
                let call = call.voice("nova").with_header("x-mib", mib.to_string());
                let saved = call.send().await.unwrap();
                let saved = saved.save(folder.path().join("speech.mp3")).await.unwrap();
                assert_eq!(saved, mib * MIB);
            }
            Self::CompressedJson => {
                for _ in 0..mib / WARM_UP {
                    let call = client.list_models();
                    let models = call.with_header("x-mib", WARM_UP.to_string()).send();
                    let models = models.await.unwrap();
                    assert!(models.raw().len() as u64 > WARM_UP * MIB);
                    assert_eq!(models.data[0].id, "a");
                }
            }
            Self::DecompressionBomb => {
                let call = client.list_models().with_header("x-mib", mib.to_string());
                let error = call.send().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}");
            }
        }
    }
}

impl fmt::Display for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Transfer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| format!("{text:?} is no transfer"))
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(transfer: Transfer, url: &str) {
    let builder = Client::builder().base_url(url).api_key("sk-memory");
    let client = match transfer {
        Transfer::DecompressionBomb => builder.max_json_bytes(MIB as usize),
        _ => builder,
    };
    let client = client.build().unwrap();
    transfer.transfer(&client, WARM_UP).await;
    let before = peak();
    transfer.transfer(&client, LARGE).await;
    // The kernel counts pages per thread and adds them up late: the peak it shows can fall a little.
    println!("{}", peak().saturating_sub(before));
}

/// The most memory that this process has had, in bytes; nothing where there is no `/proc`.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
