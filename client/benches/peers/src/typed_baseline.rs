//! The same-types baseline: reqwest by hand, with the types and the timeouts of `cometapi`.

use std::time::Duration;

use cometapi::types::{CatalogPage, ChatCompletion, ChatCompletionChunk, MessageContent};
use futures_util::StreamExt;
use serde_json::json;

use crate::lines::Lines;
use crate::scenario::Scenario;
use crate::scenario::{KEY, MODEL, PROMPT, Problem};

pub struct TypedBaseline {
    http: reqwest::Client,
    base: String,
}

const TOTAL: Duration = Duration::from_secs(600);

impl TypedBaseline {
    pub fn new(base: &str) -> Result<Self, Problem> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(120));
        Ok(Self {
            http: http.build()?,
            base: base.to_owned(),
        })
    }

    pub async fn call(&self, case: Scenario) -> Result<u64, Problem> {
        match case {
            Scenario::Chat => self.chat().await,
            Scenario::Catalog => self.catalog().await,
            Scenario::Stream => self.stream().await,
            Scenario::Speech | Scenario::Transcription => Err("no types to decode".into()),
        }
    }

    async fn chat(&self) -> Result<u64, Problem> {
        let body = json!({"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]});
        let response = self.post(&body).timeout(TOTAL).send().await?;
        let bytes = response.error_for_status()?.bytes().await?;
        let reply: ChatCompletion = serde_json::from_slice(&bytes)?;
        match &reply.choices[0].message.content {
            Some(MessageContent::Text(text)) => Ok(text.len() as u64),
            _ => Err("no text".into()),
        }
    }

    async fn catalog(&self) -> Result<u64, Problem> {
        let request = self.http.get(format!("{}/api/models", self.base));
        let response = request.timeout(TOTAL).send().await?;
        let bytes = response.error_for_status()?.bytes().await?;
        let catalog: CatalogPage = serde_json::from_slice(&bytes)?;
        Ok(catalog.data.iter().map(|row| row.id.len() as u64).sum())
    }

    async fn stream(&self) -> Result<u64, Problem> {
        let body = json!({
            "model": MODEL,
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": true,
        });
        // Until it opens; from then on only pauses are limited.
        let response = tokio::time::timeout(TOTAL, self.post(&body).send()).await??;
        let mut response = response.error_for_status()?.bytes_stream();
        let (mut lines, mut length) = (Lines::default(), 0);
        while let Some(bytes) = response.next().await {
            lines.push(&bytes?);
            while let Some(line) = lines.next() {
                match line.strip_prefix(b"data: ") {
                    None => {}
                    Some(b"[DONE]") => return Ok(length),
                    Some(data) => {
                        let chunk: ChatCompletionChunk = serde_json::from_slice(data)?;
                        let piece = chunk.choices.first();
                        let text = piece.and_then(|piece| piece.delta.as_ref()?.content.as_deref());
                        length += text.unwrap_or_default().len() as u64;
                    }
                }
            }
        }
        Err("the stream ended early".into())
    }

    fn post(&self, body: &serde_json::Value) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/v1/chat/completions", self.base));
        let request = request.header("content-type", "application/json");
        request.bearer_auth(KEY).body(body.to_string())
    }
}
