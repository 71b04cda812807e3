//! What the targets share: how an input stands for an answer, and how a body is cut.

mod answer;
mod decoding;
mod pieces;

pub use answer::Answer;
pub use decoding::assert_decodes_one_way;
pub use pieces::ways_to_cut;
