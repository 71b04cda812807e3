//! This project's client, with its defaults.

use std::path::{Path, PathBuf};

use cometapi::types::TranscriptionResponse;
use cometapi::{ChatMessage, Client, Upload};

use crate::scenario::Scenario;
use crate::scenario::{KEY, MODEL, Open, PROMPT, Problem};

#[derive(Clone)]
pub struct Cometapi {
    client: Client,
    file: PathBuf,
}

impl Cometapi {
    pub fn new(base: &str, file: &Path) -> Result<Self, Problem> {
        Ok(Self {
            client: Client::builder().api_key(KEY).base_url(base).build()?,
            file: file.to_owned(),
        })
    }

    pub async fn call(&self, case: Scenario) -> Result<u64, Problem> {
        match case {
            Scenario::Chat => self.chat().await,
            Scenario::Catalog => self.catalog().await,
            Scenario::Stream => self.stream().await,
            Scenario::Speech => self.speech().await,
            Scenario::Transcription => self.transcription().await,
        }
    }

    async fn chat(&self) -> Result<u64, Problem> {
        let call = self.client.create_chat_completion().model(MODEL);
        let reply = call.messages([ChatMessage::user(PROMPT)]).send().await?;
        Ok(reply.text().unwrap_or_default().len() as u64)
    }

    async fn catalog(&self) -> Result<u64, Problem> {
        let catalog = self.client.list_catalog_models().send().await?;
        Ok(catalog.data.iter().map(|row| row.id.len() as u64).sum())
    }

    async fn stream(&self) -> Result<u64, Problem> {
        let call = self.client.create_chat_completion().model(MODEL);
        let mut chunks = call.messages([ChatMessage::user(PROMPT)]).stream().await?;
        let mut length = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            let piece = chunk.choices.first();
            let text = piece.and_then(|piece| piece.delta.as_ref()?.content.as_deref());
            length += text.unwrap_or_default().len() as u64;
        }
        Ok(length)
    }

    /// A stream whose first chunk has come.
    pub async fn open(&self) -> Result<Open, Problem> {
        let call = self.client.create_chat_completion().model(MODEL);
        let mut chunks = call.messages([ChatMessage::user(PROMPT)]).stream().await?;
        chunks.next().await.ok_or("no chunk")??;
        Ok(Box::new(chunks))
    }

    async fn speech(&self) -> Result<u64, Problem> {
        let call = self.client.create_speech().model(MODEL).input(PROMPT);
        let mut speech = call.voice("alloy").send().await?;
        let mut length = 0;
        while let Some(bytes) = speech.next().await {
            length += bytes?.len() as u64;
        }
        Ok(length)
    }

    async fn transcription(&self) -> Result<u64, Problem> {
        let call = self.client.create_transcription().model(MODEL);
        let response = call.file(Upload::path(&self.file)).send().await?;
        match response.into_inner() {
            TranscriptionResponse::Json(transcript) => Ok(transcript.text.len() as u64),
            _ => Err("another form than requested".into()),
        }
    }
}
