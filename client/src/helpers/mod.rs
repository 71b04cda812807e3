//! Convenience methods on generated types. They build and read values, and send no requests.

mod catalog;
mod chat_accumulator;
mod chat_completion;
mod message_content;
mod messages;
mod model_support;
mod pricing;
mod response_format;
mod token_count;
mod tools;
mod transcription;

pub use chat_accumulator::ChatCompletionAccumulator;
pub use model_support::{Support, Task, TaskSupport};
