//! The real client in front of servers that respond from the contract, or as no contract says.
//!
//! One program, for its parts link the same client; one file per behaviour. Snapshots show what a
//! caller got and what went over the wire; most are named after an example of the contract, so
//! that a new example is a new case.

mod accumulator;
mod architecture;
mod base_urls;
mod client_side_errors;
mod command_line;
mod coverage;
mod dependencies;
mod deviations;
mod drift;
mod dropped_streams;
mod faults;
mod malformed_responses;
mod malformed_streams;
mod migration;
mod mock;
mod mock_program;
mod mutants;
mod property;
mod quickstart;
mod readme;
mod replay;
mod requests;
mod responses;
mod retries;
mod round_trip;
mod secrets;
mod snapshots;
mod speech;
mod streams;
mod support;
mod timeouts;
