//! The default limits, timeouts and retries of a client, each with its reason.
//!
//! No wait of a call is unbounded:
//!
//! | while the client waits for | it is bounded by | default | kind of error |
//! |---|---|---|---|
//! | a permit among concurrent calls | `timeout` | 10 min | `timeout`, nothing was sent |
//! | a connection: name resolution, TCP, TLS, proxy | `connect_timeout` | 10 s | `connect_timeout` |
//! | the connection to take more of the request's body, or an upload's source to supply it | `write_timeout` | 120 s | `write_timeout` |
//! | status and headers | `response_timeout` | none | `response_timeout` |
//! | the next chunk of a response's body | `read_timeout` | 120 s | `read_timeout` |
//! | the body of an error response | [`ERROR_BODY_TIMEOUT`] | 5 s | that of the status |
//! | the pause before another attempt | [`MAX_BACKOFF`], [`MAX_RETRY_AFTER`] | 30 s, 60 s | that of the attempt |
//! | all of this together, until the response is decoded or the stream or download has opened | `timeout`, `with_timeout`, `with_deadline` | 10 min | `timeout` |
//! | all of a stream or download | `with_deadline` | none; its caller sets the pace | `timeout` |
//! | the end of a stream whose choices have all finished | `finish_grace` | 2 s | none: it ends well |
//! | the rest of a finished body, in the background | [`DRAIN_TIMEOUT`] | 2 s | none: the connection is closed |

use std::time::Duration;

/// Timeout for connecting, TLS included: 10 s. A reachable host responds within a few round trips; a longer wait
/// means a firewall that drops packets.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout until status and headers of the response arrive: none. A reasoning model can think for minutes before
/// the first byte; [`TIMEOUT`] still limits the wait.
pub const RESPONSE_TIMEOUT: Option<Duration> = None;

/// Timeout between two chunks of a request's body that the connection takes: 120 s, as for reading. It also limits the
/// pauses of an upload's source.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(120);

/// Timeout between two chunks of a response's body: 120 s. A working server sends something sooner; another one would hold
/// the caller until [`TIMEOUT`].
pub const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// Timeout of a call from the first attempt to the decoded response: 10 min. Long enough for the slowest models,
/// and no call hangs forever. For a stream or a download it limits the opening; a deadline also limits reading.
pub const TIMEOUT: Duration = Duration::from_secs(600);

/// Maximum size of a JSON response: 32 MiB. The catalog, the largest known response, is well under 4 MiB.
pub const MAX_JSON_BYTES: usize = 32 * 1024 * 1024;

/// Maximum size of an error body that is kept: 64 KiB. Every known error object fits in 1 KiB; the rest is for
/// the HTML of proxies.
pub const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// Maximum size of one event: 16 MiB. An event has a few hundred bytes, unless it contains an image or a file in
/// Base64.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// Maximum number of bytes that [`Download::bytes`](crate::runtime::Download::bytes) reads into memory: 256 MiB, some
/// hours of speech. Save or stream a larger download, which has no limit.
pub const MAX_DOWNLOAD_BYTES: usize = 256 * 1024 * 1024;

/// Timeout for the body of an error response: 5 s, or the read timeout if it is shorter. The status says most of
/// it, and the time is lost to the next attempt.
pub const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the rest of a finished stream is read in the background, so that its connection can be used again: 2 s.
/// HTTP/1.1 reuses a connection only after the end of the body, which servers send after the last event.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// How many bytes of the rest of a body are read for that: 64 KiB. Reading more costs more than a new connection.
pub const MAX_DRAINED_BYTES: usize = 64 * 1024;

/// How long a stream stays open after every choice has finished, for the usage and the end: 2 s. Some servers send
/// neither `[DONE]` nor the end of the body.
pub const FINISH_GRACE: Duration = Duration::from_secs(2);

/// Maximum number of attempts of a call: 5, as in the API's own sample. The pauses add up to 15 s at most, longer
/// than most restarts and rate limits.
pub const MAX_ATTEMPTS: u32 = 5;

/// Ceiling of the pause before the second attempt: 1 s, as in the API's own sample. It doubles with each attempt.
pub const INITIAL_BACKOFF: Duration = Duration::from_secs(1);

/// Maximum ceiling of a pause: 30 s, as in the API's own sample. Longer pauses would delay the caller more than they
/// spare the server.
pub const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// The longest `Retry-After` that is honoured: 60 s, the window of most rate limits. With a longer one the call fails
/// immediately, so that its caller can decide.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Retries that a client and its clones may make before successes and time refill the budget: 100. A single caller
/// never exhausts it. A thousand tasks in front of a service that is down do, and then send one request each
/// instead of [`MAX_ATTEMPTS`].
pub const RETRY_BUDGET: u32 = 100;
