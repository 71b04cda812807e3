//! The minimal baseline: reqwest by hand, with types for the few fields that are used and no timeouts.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use serde_json::json;

use crate::lines::Lines;
use crate::scenario::Scenario;
use crate::scenario::{KEY, MODEL, PROMPT, Problem};

pub struct Baseline {
    http: reqwest::Client,
    base: String,
    file: PathBuf,
}

#[derive(Deserialize)]
struct Reply {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Chunk {
    choices: Vec<Piece>,
}

#[derive(Deserialize)]
struct Piece {
    delta: Message,
}

#[derive(Deserialize)]
struct Catalog {
    data: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
}

#[derive(Deserialize)]
struct Transcript {
    text: String,
}

impl Baseline {
    pub fn new(base: &str, file: &Path) -> Result<Self, Problem> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            base: base.to_owned(),
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
        let body = json!({"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]});
        let response = self.post("/v1/chat/completions", &body).send().await?;
        let bytes = response.error_for_status()?.bytes().await?;
        let reply: Reply = serde_json::from_slice(&bytes)?;
        let text = reply.choices[0].message.content.as_deref();
        Ok(text.unwrap_or_default().len() as u64)
    }

    async fn catalog(&self) -> Result<u64, Problem> {
        let response = self.http.get(format!("{}/api/models", self.base)).send();
        let bytes = response.await?.error_for_status()?.bytes().await?;
        let catalog: Catalog = serde_json::from_slice(&bytes)?;
        Ok(catalog.data.iter().map(|row| row.id.len() as u64).sum())
    }

    async fn stream(&self) -> Result<u64, Problem> {
        let body = json!({
            "model": MODEL,
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": true,
        });
        let response = self.post("/v1/chat/completions", &body).send().await?;
        let mut response = response.error_for_status()?.bytes_stream();
        let (mut lines, mut length) = (Lines::default(), 0);
        while let Some(bytes) = response.next().await {
            lines.push(&bytes?);
            while let Some(line) = lines.next() {
                match line.strip_prefix(b"data: ") {
                    None => {}
                    Some(b"[DONE]") => return Ok(length),
                    Some(data) => {
                        let chunk: Chunk = serde_json::from_slice(data)?;
                        let piece = chunk.choices.into_iter().next();
                        let text = piece.and_then(|piece| piece.delta.content);
                        length += text.unwrap_or_default().len() as u64;
                    }
                }
            }
        }
        Err("the stream ended early".into())
    }

    async fn speech(&self) -> Result<u64, Problem> {
        let body = json!({"model": MODEL, "input": PROMPT, "voice": "alloy"});
        let response = self.post("/v1/audio/speech", &body).send().await?;
        let mut response = response.error_for_status()?.bytes_stream();
        let mut length = 0;
        while let Some(bytes) = response.next().await {
            length += bytes?.len() as u64;
        }
        Ok(length)
    }

    async fn transcription(&self) -> Result<u64, Problem> {
        let form = Form::new()
            .text("model", MODEL)
            .part("file", Part::file(&self.file).await?);
        let address = format!("{}/v1/audio/transcriptions", self.base);
        let request = self.http.post(address).bearer_auth(KEY).multipart(form);
        let response = request.send().await?.error_for_status()?;
        let transcript: Transcript = serde_json::from_slice(&response.bytes().await?)?;
        Ok(transcript.text.len() as u64)
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/json");
        request.bearer_auth(KEY).body(body.to_string())
    }
}
