//! Fuzz target for the decoder of a chunk of a streamed completion.

#![no_main]

use cometapi::ChatCompletionAccumulator;
use cometapi::types::ChatCompletionChunk;
use cometapi_fuzz::assert_consistent_decoding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(chunk) = assert_consistent_decoding::<ChatCompletionChunk>(data) else {
        return;
    };
    // A chunk, even repeated, accumulates to a completion that can be encoded and decoded.
    let mut accumulator = ChatCompletionAccumulator::new();
    accumulator.extend([chunk.clone(), chunk]);
    let completion = serde_json::to_vec(&accumulator.finish()).unwrap();
    assert_consistent_decoding::<cometapi::types::ChatCompletion>(&completion).unwrap();
});
