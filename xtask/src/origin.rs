//! Where a contract comes from.

/// The bundled contract is expected to need every transform; another one may need only some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractOrigin {
    Bundled,
    External,
}
