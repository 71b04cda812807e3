//! async-openai, which has no call for the catalog.

use std::path::{Path, PathBuf};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::InputSource;
use async_openai::types::audio::{
    AudioInput, CreateSpeechRequestArgs, CreateTranscriptionRequestArgs, SpeechModel, Voice,
};
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
};
use futures_util::StreamExt;

use crate::scenario::Scenario;
use crate::scenario::{KEY, MODEL, Open, PROMPT, Problem};

pub struct AsyncOpenai {
    client: Client<OpenAIConfig>,
    file: PathBuf,
}

impl AsyncOpenai {
    pub fn new(base: &str, file: &Path) -> Result<Self, Problem> {
        let config = OpenAIConfig::new()
            .with_api_base(format!("{base}/v1"))
            .with_api_key(KEY);
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self {
            client: Client::with_config(config).with_http_client(http),
            file: file.to_owned(),
        })
    }

    pub async fn call(&self, case: Scenario) -> Result<u64, Problem> {
        match case {
            Scenario::Chat => self.chat().await,
            Scenario::Catalog => Err("no such call".into()),
            Scenario::Stream => self.stream().await,
            Scenario::Speech => self.speech().await,
            Scenario::Transcription => self.transcription().await,
        }
    }

    async fn chat(&self) -> Result<u64, Problem> {
        let reply = self.client.chat().create(request()?).await?;
        let text = reply.choices[0].message.content.as_deref();
        Ok(text.unwrap_or_default().len() as u64)
    }

    async fn stream(&self) -> Result<u64, Problem> {
        let mut chunks = self.client.chat().create_stream(request()?).await?;
        let mut length = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            let piece = chunk.choices.first();
            let text = piece.and_then(|piece| piece.delta.content.as_deref());
            length += text.unwrap_or_default().len() as u64;
        }
        Ok(length)
    }

    /// A stream whose first chunk has come.
    pub async fn open(&self) -> Result<Open, Problem> {
        let mut chunks = self.client.chat().create_stream(request()?).await?;
        chunks.next().await.ok_or("no chunk")??;
        Ok(Box::new(chunks))
    }

    async fn speech(&self) -> Result<u64, Problem> {
        let request = CreateSpeechRequestArgs::default()
            .model(SpeechModel::Other(MODEL.to_owned()))
            .input(PROMPT)
            .voice(Voice::Alloy)
            .build()?;
        let speech = self.client.audio().speech().create(request).await?;
        Ok(speech.bytes.len() as u64)
    }

    async fn transcription(&self) -> Result<u64, Problem> {
        let path = self.file.clone();
        let file = AudioInput {
            source: InputSource::Path { path },
        };
        let request = CreateTranscriptionRequestArgs::default()
            .model(MODEL)
            .file(file)
            .build()?;
        let audio = self.client.audio();
        Ok(audio.transcription().create(request).await?.text.len() as u64)
    }
}

pub fn request() -> Result<CreateChatCompletionRequest, Problem> {
    let message = ChatCompletionRequestUserMessage::from(PROMPT);
    let mut request = CreateChatCompletionRequestArgs::default();
    Ok(request.model(MODEL).messages([message.into()]).build()?)
}
