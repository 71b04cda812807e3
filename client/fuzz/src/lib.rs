//! What the targets share: how an input encodes a response, and how a body is split into chunks.

mod chunks;
mod decoding;
mod origin;
mod response;

pub use chunks::splits;
pub use decoding::assert_decoders_agree;
pub use origin::assert_all_from;
pub use response::FuzzResponse;
