//! Version numbers: the least that has what the changes ask for (`Assessment::level`), and whether the contract has it.

use cometapi_contract::diff::Level;
use cometapi_contract::{Baseline, Contract};

use super::assessment::Assessment;

/// Major, minor and patch number.
type Version = (u64, u64, u64);

/// What the version has to be, and what it is.
#[derive(Debug)]
pub struct Verdict {
    /// What the changes ask for.
    pub level: Level,
    pub old: String,
    pub new: String,
    /// The least that the new version has to be, if it isn't that.
    pub wanted: Option<String>,
}

impl Verdict {
    pub fn of(assessment: &Assessment<'_>, baseline: Baseline) -> Self {
        let (old, new) = (version(assessment.old), version(assessment.new));
        let level = assessment.level();
        // Before the first release, every version is still to come.
        let wanted = match (parse(&old), parse(&new)) {
            _ if baseline == Baseline::Branch => None,
            (Some(was), Some(is)) => least(was, level).filter(|least| is < *least),
            _ => None,
        };
        Self {
            level,
            wanted: wanted.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")),
            old,
            new,
        }
    }

    pub fn is_too_low(&self) -> bool {
        self.wanted.is_some()
    }
}

fn version(contract: &Contract) -> String {
    let version = contract.pointer("/info/version");
    let version = version.and_then(|version| version.value().as_str());
    version.unwrap_or("none").to_owned()
}

/// The least version that may have changes of a level. Before 1.0, a minor version may break.
fn least((major, minor, patch): Version, level: Level) -> Option<Version> {
    match level {
        Level::None => None,
        Level::Patch => Some((major, minor, patch + 1)),
        Level::Major if major > 0 => Some((major + 1, 0, 0)),
        Level::Minor | Level::Major => Some((major, minor + 1, 0)),
    }
}

/// Without what follows the numbers. A number that is left out is 0.
fn parse(version: &str) -> Option<Version> {
    let numbers = version.split(['-', '+']).next()?;
    let mut numbers = numbers.split('.').map(str::parse);
    let mut next = || numbers.next().unwrap_or(Ok(0)).ok();
    Some((next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::{Level, least, parse};

    #[test]
    fn a_major_change_is_a_minor_version_before_the_first() {
        let rise = |version: &str, level| least(parse(version).unwrap(), level);
        assert_eq!(rise("0.1.2", Level::None), None);
        assert_eq!(rise("0.1.2", Level::Patch), Some((0, 1, 3)));
        assert_eq!(rise("0.1.2", Level::Minor), Some((0, 2, 0)));
        assert_eq!(rise("0.1.2", Level::Major), Some((0, 2, 0)));
        assert_eq!(rise("1.4.2-rc.1", Level::Minor), Some((1, 5, 0)));
        assert_eq!(rise("1", Level::Major), Some((2, 0, 0)));
        assert_eq!(parse("today"), None);
    }
}
