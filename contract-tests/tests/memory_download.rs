//! Speech of any length is saved in little memory.

mod memory;

use memory::{MIB, assert_modest};

#[tokio::test]
async fn a_download_does_not_grow_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("speech.mp3");
    assert_modest(async |client, mib| {
        let call = client.create_speech().model("m").input("Hello.");
        let call = call.voice("nova").with_header("x-mib", mib.to_string());
        let saved = call.send().await.unwrap().save(&file).await.unwrap();
        assert_eq!(saved, mib * MIB);
    })
    .await;
}
