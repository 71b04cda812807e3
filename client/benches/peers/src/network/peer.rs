//! The clients that call over the network, each with its defaults.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

use async_openai::config::OpenAIConfig;
use cometapi::ChatMessage;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::tls_server::Protocol;
use crate::async_openai::request;
use crate::lines::Lines;
use crate::scenario::{KEY, MODEL, PROMPT, Problem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Cometapi,
    /// Hand-written reqwest that reads a stream to the end of its body.
    ReadsToEnd,
    /// Hand-written reqwest that reads a stream to its sentinel.
    StopsAtDone,
    AsyncOpenai,
    OpenaiPython,
    OpenaiPythonAsync,
}

/// A client that is ready to call.
#[derive(Clone)]
pub enum Client {
    Cometapi(cometapi::Client),
    Reqwest {
        http: reqwest::Client,
        base: String,
        peer: Peer,
    },
    AsyncOpenai(async_openai::Client<OpenAIConfig>),
}

/// When a stream delivered what.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub called: Instant,
    pub first_event: Instant,
    /// The last event with content; what follows is the sentinel and the end of the body.
    pub last_event: Instant,
}

impl Peer {
    pub const ALL: [Self; 6] = [
        Self::Cometapi,
        Self::ReadsToEnd,
        Self::StopsAtDone,
        Self::AsyncOpenai,
        Self::OpenaiPython,
        Self::OpenaiPythonAsync,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Cometapi => "cometapi",
            Self::ReadsToEnd => "reqwest, reads to the end",
            Self::StopsAtDone => "reqwest, stops at `[DONE]`",
            Self::AsyncOpenai => "async-openai",
            Self::OpenaiPython => "openai-python, `OpenAI`",
            Self::OpenaiPythonAsync => "openai-python, `AsyncOpenAI`",
        }
    }

    pub fn is_python(self) -> bool {
        matches!(self, Self::OpenaiPython | Self::OpenaiPythonAsync)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cometapi => "ours",
            Self::ReadsToEnd => "reads-to-end",
            Self::StopsAtDone => "stops-at-done",
            Self::AsyncOpenai => "async-openai",
            Self::OpenaiPython => "openai-python",
            Self::OpenaiPythonAsync => "openai-python-async",
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|peer| peer.name() == text);
        found.ok_or_else(|| format!("{text:?} is no peer of the network"))
    }
}

impl Client {
    pub fn new(peer: Peer, protocol: Protocol, base: &str) -> Result<Self, Problem> {
        Ok(match peer {
            Peer::Cometapi => {
                let builder = cometapi::Client::builder().api_key(KEY).base_url(base);
                Self::Cometapi(match protocol {
                    Protocol::Http1 => builder.build()?,
                    // The feature `http2` would decide for the whole program; this is the same HTTP client.
                    Protocol::Http2 => builder.http_client(reqwest_client()?).build()?,
                })
            }
            Peer::ReadsToEnd | Peer::StopsAtDone => Self::Reqwest {
                http: reqwest_client()?,
                base: base.to_owned(),
                peer,
            },
            Peer::AsyncOpenai => {
                let config = OpenAIConfig::new().with_api_base(format!("{base}/v1"));
                let client = async_openai::Client::with_config(config.with_api_key(KEY));
                Self::AsyncOpenai(client.with_http_client(reqwest_client()?))
            }
            Peer::OpenaiPython | Peer::OpenaiPythonAsync => return Err("runs in Python".into()),
        })
    }

    pub async fn chat(&self) -> Result<(), Problem> {
        match self {
            Self::Cometapi(client) => {
                let call = client.create_chat_completion().model(MODEL);
                call.messages([ChatMessage::user(PROMPT)]).send().await?;
            }
            Self::Reqwest { http, base, .. } => {
                let response = post(http, base, &request_body()).send().await?;
                let bytes = response.error_for_status()?.bytes().await?;
                serde_json::from_slice::<Value>(&bytes)?;
            }
            Self::AsyncOpenai(client) => {
                client.chat().create(request()?).await?;
            }
        }
        Ok(())
    }

    /// Reads a stream as far as this client does.
    pub async fn stream(&self) -> Result<Times, Problem> {
        let mut clock = Clock::start();
        match self {
            Self::Cometapi(client) => {
                let call = client.create_chat_completion().model(MODEL);
                let call = call.messages([ChatMessage::user(PROMPT)]);
                let mut chunks = call.stream().await?;
                while let Some(chunk) = chunks.next().await {
                    chunk?;
                    clock.event();
                }
            }
            Self::Reqwest { http, base, peer } => {
                let mut request = request_body();
                request["stream"] = true.into();
                let response = post(http, base, &request).send().await?;
                let mut body = response.error_for_status()?.bytes_stream();
                let mut lines = Lines::default();
                'body: while let Some(bytes) = body.next().await {
                    lines.push(&bytes?);
                    while let Some(line) = lines.next() {
                        match line.strip_prefix(b"data: ") {
                            Some(b"[DONE]") if *peer == Peer::StopsAtDone => break 'body,
                            Some(b"[DONE]") | None => {}
                            Some(data) => {
                                serde_json::from_slice::<Value>(data)?;
                                clock.event();
                            }
                        }
                    }
                }
            }
            Self::AsyncOpenai(client) => {
                let mut chunks = client.chat().create_stream(request()?).await?;
                while let Some(chunk) = chunks.next().await {
                    chunk?;
                    clock.event();
                }
            }
        }
        clock.times()
    }
}

struct Clock {
    called: Instant,
    events: Option<(Instant, Instant)>,
}

impl Clock {
    fn start() -> Self {
        let called = Instant::now();
        Self {
            called,
            events: None,
        }
    }

    fn event(&mut self) {
        let now = Instant::now();
        let (first, _) = self.events.unwrap_or((now, now));
        self.events = Some((first, now));
    }

    fn times(self) -> Result<Times, Problem> {
        let (first_event, last_event) = self.events.ok_or("no event")?;
        Ok(Times {
            called: self.called,
            first_event,
            last_event,
        })
    }
}

pub fn reqwest_client() -> Result<reqwest::Client, Problem> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

fn request_body() -> Value {
    json!({"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]})
}

fn post(http: &reqwest::Client, base: &str, body: &Value) -> reqwest::RequestBuilder {
    let request = http.post(format!("{base}/v1/chat/completions"));
    let request = request.header("content-type", "application/json");
    request.bearer_auth(KEY).body(body.to_string())
}
