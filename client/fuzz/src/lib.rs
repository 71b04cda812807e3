//! Shared parts of the fuzz targets: encoded responses, chunking of bodies, and checks of decoders.

mod chunking;
mod decoding;
mod response;

pub use chunking::chunkings;
pub use decoding::assert_consistent_decoding;
pub use response::EncodedResponse;
