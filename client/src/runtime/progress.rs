//! How far a transfer has come.

/// How far an upload or a download has come, as its progress callback gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes have passed so far.
    pub bytes: u64,
    /// How many there will be, if that is known beforehand.
    pub total: Option<u64>,
}
