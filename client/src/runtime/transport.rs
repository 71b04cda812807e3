//! One attempt on the wire: send the request, read the answer.

use std::error::Error as StdError;

use bytes::Bytes;

use super::answer_error::answer_error;
use super::chunks::{Chunks, End, Gathered};
use super::deadline::{Deadline, Wait};
use super::head::Head;
use super::{Call, Client, Error, ErrorKind, Operation, defaults, sending};

/// An answer with a success status and its whole body.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) body: Bytes,
}

/// An answer whose head has arrived.
pub(super) struct Opened {
    pub(super) client: Client,
    pub(super) operation: &'static Operation,
    pub(super) deadline: Deadline,
    pub(super) head: Head,
    pub(super) chunks: Chunks,
}

/// Sends the call once and waits for the head of an answer with a success status.
///
/// Any other answer becomes its error here, before anyone looks at the body.
pub(super) async fn open(
    call: &Call<'_>,
    accept: &str,
    deadline: Deadline,
) -> Result<Opened, Error> {
    let (client, operation) = (call.client.clone(), call.operation);
    let unsent = |wait: Wait| wait.error(operation).before_sending();
    let place = deadline.bound(None, client.places().enter()).await;
    let place = place.map_err(|wait| client.places().explain(unsent(wait)))?;
    let request = deadline.bound(None, call.to_request(accept)).await;
    let request = request.map_err(unsent)??;
    let wait = client.settings().response_timeout.map(|limit| Wait {
        kind: ErrorKind::ResponseTimeout,
        limit,
    });
    let mut response = deadline
        .bound(wait, client.http().execute(request))
        .await
        .map_err(|wait| wait.error(operation))?
        .map_err(|problem| no_head(operation, problem))?;
    let headers = std::mem::take(response.headers_mut());
    let opened = Opened {
        operation,
        deadline,
        head: Head::new(response.status(), headers),
        chunks: Chunks::new(operation, response, client.settings().read_timeout, place),
        client,
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
        let mut gathered = Gathered::new(limit);
        let length = self.chunks.length();
        let end = if length.is_some_and(|length| length > limit as u64) {
            End::TooLong
        } else {
            gathered.expect(length.unwrap_or(0));
            self.read(&mut gathered).await
        };
        whole_answer(&self.client, self.operation, self.head, gathered, end)
    }

    /// The error that this answer is. If its body breaks off, or takes its time, what arrived must do:
    /// the status says more than the break.
    async fn into_error(mut self) -> Error {
        let settings = self.client.settings();
        let mut gathered = Gathered::new(settings.max_error_body_bytes);
        let patience = settings.read_timeout.min(defaults::ERROR_BODY_TIMEOUT);
        self.deadline = self.deadline.within(patience);
        let end = self.read(&mut gathered).await;
        let error = answer_error(self.operation, self.head, gathered.body.freeze());
        match end {
            End::Broken(problem) => error.with_source(problem),
            End::Whole | End::TooLong => error,
        }
    }

    /// Reads on to the end of the body, of its limit or of the call's time.
    async fn read(&mut self, gathered: &mut Gathered) -> End {
        loop {
            if let Some(end) = gathered.take(self.next().await) {
                return end;
            }
        }
    }

    /// The next chunk of the body, within the time of the call.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let chunk = self.deadline.bound(None, self.chunks.next()).await;
        chunk.unwrap_or_else(|wait| Some(Err(wait.error(self.operation))))
    }
}

/// The answer whose body was read, or why there is none.
pub(super) fn whole_answer(
    client: &Client,
    operation: &'static Operation,
    head: Head,
    gathered: Gathered,
    end: End,
) -> Result<Answer, Error> {
    let body = gathered.body.freeze();
    let (error, body) = match end {
        End::Whole => return Ok(Answer { head, body }),
        End::Broken(error) => (error, body),
        End::TooLong => {
            let limit = gathered.limit;
            let message = format!("the body is larger than the limit of {limit} bytes");
            // A copy, so that a small error doesn't hold a large body.
            let kept = body.len().min(client.settings().max_error_body_bytes);
            let kept = Bytes::copy_from_slice(&body[..kept]);
            (
                Error::of(operation, ErrorKind::ResponseTooLarge, message),
                kept,
            )
        }
    };
    let request_id = head.request_id("").map(str::to_owned);
    Err(error.with_head(head, request_id).with_body(body))
}

/// The error for an attempt that ended before the head of an answer.
fn no_head(operation: &'static Operation, problem: reqwest::Error) -> Error {
    if let Some(error) = sending::failure(operation, &problem) {
        return error;
    }
    let (kind, what) = if problem.is_builder() {
        (ErrorKind::InvalidRequest, "the request could not be built")
    } else if problem.is_connect() && problem.is_timeout() {
        (
            ErrorKind::ConnectTimeout,
            "no connection within the connect timeout",
        )
    } else if problem.is_connect() {
        (ErrorKind::Connect, "no connection")
    } else if problem.is_redirect() {
        (
            ErrorKind::Gateway,
            "the HTTP client given to this one follows redirects",
        )
    } else if problem.is_timeout() {
        (
            ErrorKind::ResponseTimeout,
            "no head of an answer within the timeout of the HTTP client given",
        )
    } else {
        (
            ErrorKind::ConnectionClosed,
            "the connection broke before the head of an answer",
        )
    };
    because(operation, kind, what, problem)
}

/// The error for a body that doesn't come to its end.
pub(super) fn no_body(operation: &'static Operation, problem: reqwest::Error) -> Error {
    let (kind, what) = if problem.is_timeout() {
        (
            ErrorKind::ReadTimeout,
            "the answer paused for longer than the HTTP client given allows",
        )
    } else {
        (ErrorKind::IncompleteBody, "the body broke off")
    };
    because(operation, kind, what, problem)
}

/// reqwest's own words say only that something failed; the innermost cause says what.
fn because(
    operation: &'static Operation,
    kind: ErrorKind,
    what: &str,
    problem: reqwest::Error,
) -> Error {
    let problem = problem.without_url();
    let cause = innermost(&problem);
    Error::of(operation, kind, format!("{what}: {cause}")).with_source(problem)
}

/// The cause that has no other.
pub(super) fn innermost<'e>(problem: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    let mut cause = problem;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}
