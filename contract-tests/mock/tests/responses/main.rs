//! Tests of the mock's responses, over a socket.

mod client;
mod examples;
mod faults;
mod forms;
mod prefer;
mod streams;
mod validation;
