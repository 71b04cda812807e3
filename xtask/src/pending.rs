//! What the contract offers and the generator can't make yet.

use cometapi_contract::{Contract, Operation};

/// Something that `generate` leaves out.
#[derive(Debug)]
pub struct Pending {
    pub operation: &'static str,
    pub media_type: &'static str,
    pub reason: &'static str,
}

/// The whole of it. Lint accepts exactly this list; it is to end empty.
pub const PENDING: &[Pending] = &[
    Pending {
        operation: "create_chat_completion",
        media_type: "text/event-stream",
        reason: "streams of events aren't generated yet",
    },
    Pending {
        operation: "create_speech",
        media_type: "audio/*",
        reason: "binary answers aren't generated yet",
    },
    Pending {
        operation: "create_transcription",
        media_type: "multipart/form-data",
        reason: "multipart uploads aren't generated yet",
    },
    Pending {
        operation: "create_translation",
        media_type: "multipart/form-data",
        reason: "multipart uploads aren't generated yet",
    },
];

/// The entries that are about an operation of `contract`.
pub fn of(contract: &Contract) -> impl Iterator<Item = &'static Pending> {
    PENDING
        .iter()
        .filter(|pending| contract.operation(pending.operation).is_some())
}

/// Whether the list says why `operation` isn't generated in `media_type`.
pub fn covers(operation: &Operation<'_>, media_type: &str) -> bool {
    PENDING
        .iter()
        .any(|pending| pending.operation == operation.id() && pending.matches(media_type))
}

/// Whether nothing of the operation can be generated: its JSON form is not what is pending.
pub fn whole(operation: &Operation<'_>) -> bool {
    let request_pending = operation
        .request_bodies()
        .iter()
        .any(|body| covers(operation, body.name));
    let success = operation.success();
    let media_types = success.iter().flat_map(|success| success.media_types());
    let mut media_types = media_types.peekable();
    let any = media_types.peek().is_some();
    request_pending || (any && media_types.all(|answer| covers(operation, answer.name)))
}

impl Pending {
    /// `audio/*` takes every audio type and the octet stream that stands for one.
    pub fn matches(&self, media_type: &str) -> bool {
        match self.media_type.strip_suffix("/*") {
            Some(family) => {
                media_type
                    .strip_prefix(family)
                    .is_some_and(|rest| rest.starts_with('/'))
                    || media_type == "application/octet-stream"
            }
            None => self.media_type == media_type,
        }
    }
}
