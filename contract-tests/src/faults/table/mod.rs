//! The faults, in the order in which they are shown.

mod body;
mod connection;
mod content;
mod errors;
mod streams;

use super::fault::Fault;

/// Every fault, each with what must come of it.
pub fn table() -> Vec<Fault> {
    let parts = [
        connection::faults(),
        body::faults(),
        content::faults(),
        streams::faults(),
        errors::faults(),
        errors::retry_after(),
        errors::pages(),
    ];
    parts.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::table;

    #[test]
    fn names_are_told_apart() {
        let table = table();
        let names: BTreeSet<_> = table.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names.len(), table.len());
    }
}
