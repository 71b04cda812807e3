//! One attempt on the wire: send the request, read the answer.

use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};

use super::answer_error::answer_error;
use super::deadline::{Deadline, Wait};
use super::head::Head;
use super::{Call, Client, Error, Kind, Operation};

/// An answer with a success status and its whole body.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) body: Bytes,
}

/// An answer whose head has arrived.
pub(super) struct Opened {
    client: Client,
    operation: &'static Operation,
    deadline: Deadline,
    head: Head,
    response: reqwest::Response,
}

/// How reading a body ended.
enum End {
    Whole,
    TooLong,
    Broken(Error),
}

/// Sends the call once and waits for the head of an answer with a success status.
///
/// Any other answer becomes its error here, before anyone looks at the body.
pub(super) async fn open(
    call: &Call<'_>,
    accept: &str,
    deadline: Deadline,
) -> Result<Opened, Error> {
    let (client, operation) = (call.client().clone(), call.operation());
    let request = call.request(accept)?;
    let wait = client.settings().head_timeout.map(|limit| Wait {
        kind: Kind::HeadTimeout,
        limit,
    });
    let response = deadline
        .bound(wait, client.http().execute(request))
        .await
        .map_err(|wait| wait.error(operation))?
        .map_err(|problem| no_head(operation, problem))?;
    let head = Head::new(response.status(), response.headers().clone());
    let opened = Opened {
        client,
        operation,
        deadline,
        head,
        response,
    };
    if opened.head.status.is_success() {
        Ok(opened)
    } else {
        Err(opened.into_error().await)
    }
}

impl Opened {
    /// Reads the whole body, up to a limit.
    pub(super) async fn into_answer(mut self, limit: usize) -> Result<Answer, Error> {
        let announced = self.response.content_length();
        let (body, end) = match announced {
            Some(length) if length > limit as u64 => (Bytes::new(), End::TooLong),
            _ => self.read(limit).await,
        };
        let (error, body) = match end {
            End::Whole => {
                return Ok(Answer {
                    head: self.head,
                    body,
                });
            }
            End::Broken(error) => (error, body),
            End::TooLong => {
                let message = format!("the body is larger than the limit of {limit} bytes");
                // A copy, so that a small error doesn't hold a large body.
                let kept = body.len().min(self.client.settings().error_body_limit);
                let kept = Bytes::copy_from_slice(&body[..kept]);
                (
                    Error::of(self.operation, Kind::LimitExceeded, message),
                    kept,
                )
            }
        };
        let request_id = self.head.request_id("");
        Err(error.with_head(self.head, request_id).with_body(body))
    }

    /// The error that this answer is. If its body breaks off, what arrived must do: the status says
    /// more than the break.
    async fn into_error(mut self) -> Error {
        let (body, end) = self.read(self.client.settings().error_body_limit).await;
        let error = answer_error(self.operation, self.head, body);
        match end {
            End::Broken(problem) => error.with_source(problem),
            End::Whole | End::TooLong => error,
        }
    }

    async fn read(&mut self, limit: usize) -> (Bytes, End) {
        let idle = Wait {
            kind: Kind::IdleTimeout,
            limit: self.client.settings().idle_timeout,
        };
        let mut body = BytesMut::new();
        let end = loop {
            match self.deadline.bound(Some(idle), self.response.chunk()).await {
                Err(wait) => break End::Broken(wait.error(self.operation)),
                Ok(Err(problem)) => break End::Broken(no_body(self.operation, problem)),
                Ok(Ok(None)) => break End::Whole,
                Ok(Ok(Some(piece))) => {
                    let room = limit - body.len();
                    body.extend_from_slice(&piece[..piece.len().min(room)]);
                    if piece.len() > room {
                        break End::TooLong;
                    }
                }
            }
        };
        (body.freeze(), end)
    }
}

/// The error for an attempt that ended before the head of an answer.
fn no_head(operation: &'static Operation, problem: reqwest::Error) -> Error {
    let (kind, what) = if problem.is_builder() {
        (Kind::InvalidRequest, "the request could not be built")
    } else if problem.is_connect() && problem.is_timeout() {
        (
            Kind::ConnectTimeout,
            "no connection within the connect timeout",
        )
    } else if problem.is_connect() {
        (Kind::Connect, "no connection")
    } else if problem.is_redirect() {
        (
            Kind::Edge,
            "the HTTP client given to this one follows redirects",
        )
    } else if problem.is_timeout() {
        (
            Kind::HeadTimeout,
            "no head of an answer within the timeout of the HTTP client given",
        )
    } else {
        (
            Kind::Disconnected,
            "the connection broke before the head of an answer",
        )
    };
    because(operation, kind, what, problem)
}

/// The error for a body that doesn't come to its end.
fn no_body(operation: &'static Operation, problem: reqwest::Error) -> Error {
    let (kind, what) = if problem.is_timeout() {
        (
            Kind::IdleTimeout,
            "the answer paused for longer than the HTTP client given allows",
        )
    } else {
        (Kind::CutBody, "the body broke off")
    };
    because(operation, kind, what, problem)
}

/// reqwest's own words say only that something failed; the innermost cause says what.
fn because(
    operation: &'static Operation,
    kind: Kind,
    what: &str,
    problem: reqwest::Error,
) -> Error {
    let problem = problem.without_url();
    let mut cause: &dyn StdError = &problem;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Error::of(operation, kind, format!("{what}: {cause}")).with_source(problem)
}
