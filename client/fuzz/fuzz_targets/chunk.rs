//! The decoder of a streamed chunk.

#![no_main]

use cometapi::ChatCompletionAccumulator;
use cometapi::types::ChatCompletionChunk;
use cometapi_fuzz::assert_decoders_agree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(chunk) = assert_decoders_agree::<ChatCompletionChunk>(data) else {
        return;
    };
    // Put together, even with itself, it is a completion that can be written and read.
    let mut fold = ChatCompletionAccumulator::new();
    fold.extend([chunk.clone(), chunk]);
    let completion = serde_json::to_vec(&fold.finish()).unwrap();
    assert_decoders_agree::<cometapi::types::ChatCompletion>(&completion).unwrap();
});
