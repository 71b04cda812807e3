//! A file of any length is uploaded in little memory.

mod memory;

use std::fs::File;

use memory::{MIB, assert_modest};

#[tokio::test]
async fn an_upload_does_not_grow_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    assert_modest(async |client, mib| {
        let path = folder.path().join(format!("{mib}.mp3"));
        // Sparse: nothing is written to disk.
        File::create(&path).unwrap().set_len(mib * MIB).unwrap();
        let call = client.create_transcription().model("m").file(&path);
        let transcript = call.send().await.unwrap();
        let received: u64 = transcript.text().parse().unwrap();
        assert!(received > mib * MIB, "only {received} bytes arrived");
    })
    .await;
}
