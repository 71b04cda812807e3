//! What the targets share: how an input encodes a response, and how a body is split into chunks.

mod chunks;
mod decoding;
mod response;

pub use chunks::splits;
pub use decoding::assert_decoders_agree;
pub use response::FuzzResponse;
