//! What the targets share: how an input stands for a response, and how a body is cut.

mod response;
mod decoding;
mod chunks;

pub use response::FuzzResponse;
pub use decoding::assert_decodes_one_way;
pub use chunks::ways_to_cut;
