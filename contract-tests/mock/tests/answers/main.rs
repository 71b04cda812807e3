//! What the mock answers, seen as bytes on a socket.

mod asking;
mod examples;
mod faults;
mod forms;
mod preferred;
mod refusals;
mod streams;
mod validation;
