//! The real client in front of servers that answer from the contract, or as no contract says.
//!
//! One program, for its parts link the same client; one file per behaviour. Snapshots show what a
//! caller got and what went over the wire; most are named after an example of the contract, so
//! that a new example is a new case.

mod answers;
mod base_urls;
mod coverage;
mod dependencies;
mod drift;
mod faults;
mod folds;
mod generated;
mod hang_ups;
mod migration;
mod mock;
mod mock_program;
mod mutants;
mod odd_answers;
mod odd_streams;
mod quickstart;
mod readme_errors;
mod readme_floor;
mod readme_shell;
mod refusals;
mod replay;
mod retries;
mod round_trip;
mod secrets;
mod snapshots;
mod speech;
mod streams;
mod support;
mod timeouts;
mod wire;
