//! What a client does unless its builder says otherwise, each with its reason.

use std::time::Duration;

/// How long one attempt may take to connect, TLS included: 10 s. A host that is reachable at all
/// responses within a few round trips; longer means a firewall that drops packets.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an attempt may wait for the status and headers of the response: no limit of its own. A reasoning model
/// can think for minutes before the first byte; [`TIMEOUT`] still bounds the wait.
pub const RESPONSE_TIMEOUT: Option<Duration> = None;

/// How long a response may pause between two chunks of its body: 120 s. A server that is alive sends
/// something sooner; one that isn't would hold the caller until [`TIMEOUT`].
pub const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// How long a call may take from the first attempt to the decoded response: 10 min. Long enough for
/// the slowest models, and no call hangs forever. Of a stream or a download it bounds the opening.
pub const TIMEOUT: Duration = Duration::from_secs(600);

/// How many bytes of a JSON response are read into memory: 32 MiB. The catalog, the largest response
/// known, is well under 4 MiB.
pub const MAX_JSON_BYTES: usize = 32 * 1024 * 1024;

/// How many bytes of an error's body are kept: 64 KiB. Every known error object fits in 1 KiB; the
/// rest is room for the HTML pages of proxies.
pub const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// How many bytes one event of a stream may have: 16 MiB. An event is a few hundred bytes, unless it
/// carries an image or a file in Base64.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// How many bytes [`Download::bytes`](crate::runtime::Download::bytes) reads into memory: 256 MiB, some hours
/// of speech. What is larger should be saved, or taken chunk by chunk, which no limit bounds.
pub const MAX_DOWNLOAD_BYTES: usize = 256 * 1024 * 1024;

/// How long the body of an error is waited for once its status has arrived: 5 s, less if the idle
/// timeout is shorter. The status says most of it, and time spent on the rest is lost to the next
/// attempt.
pub const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many attempts a call makes at most: 5, as in the API's own sample. Together with the pauses
/// that is some 15 s at most, which most restarts and rate limits don't outlast.
pub const MAX_ATTEMPTS: u32 = 5;

/// The bound of the pause before the second attempt: 1 s, as in the API's own sample. It doubles from
/// attempt to attempt.
pub const INITIAL_BACKOFF: Duration = Duration::from_secs(1);

/// What the bound of a pause grows to: 30 s, as in the API's own sample. Longer pauses would delay
/// the caller more than they spare the server.
pub const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// The longest wait that a server may ask for: 60 s, the window of most rate limits. A call that would
/// have to wait for longer fails at once, so that its caller can decide.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How many retries a client and its clones may make before their successes and time have brought
/// some back: 100. A single caller never gets there; a thousand tasks in front of a service that is
/// down do, and then ask it once each instead of [`ATTEMPTS`] times.
pub const RETRY_BUDGET: u32 = 100;
