//! What proves that contract, client and API agree: the parts shared by the tests and the
//! `contract` command.

pub mod admission;
pub mod cases;
mod client;
pub mod coverage;
pub mod drift;
pub mod essence;
pub mod faults;
pub mod findings;
pub mod form;
pub mod generated;
pub mod mutants;
pub mod probe;
pub mod random;
pub mod replay;
pub mod report;
pub mod request;
pub mod soak;
pub mod split;
pub mod streamed;
pub mod walk;
