//! What proves that contract, client and API agree: the parts shared by the tests and the
//! `contract` command.

pub mod admission;
pub mod drift;
pub mod faults;
pub mod generated;
pub mod random;
pub mod replay;
pub mod report;
pub mod request;
pub mod split;
pub mod streamed;
