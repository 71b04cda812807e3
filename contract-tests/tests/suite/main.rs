//! The real client in front of servers that respond from the contract, or as no contract says.
//!
//! One program, for its parts link the same client; one file per behaviour. Snapshots show what a
//! caller got and what went over the wire. The contract's own examples are played by `tests/cases.rs`.

mod architecture;
mod client_side_errors;
mod command_line;
mod compatibility;
mod coverage;
mod drift;
mod faults;
mod malformed_responses;
mod malformed_streams;
mod mock;
mod mutants;
mod property;
mod quickstart;
mod readme;
mod replay;
mod requests;
mod retries;
mod secrets;
mod streams;
mod support;
