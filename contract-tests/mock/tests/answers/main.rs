//! What the mock answers, seen as bytes on a socket.

mod asking;
mod examples;
mod forms;
mod refusals;
mod streams;
