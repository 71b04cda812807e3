//! What a process holds before and after the load, what came of the load, and what of that is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::report::{Check, Finding, Report, Table};

/// What the memory may have grown by: what pools and tables still take after the warm-up.
const GROWTH: usize = 256 * 1024;

/// What came of it.
#[derive(Debug)]
pub struct SoakReport {
    /// What calls and faults followed from.
    pub seed: u64,
    /// Calls that were made after the warm-up.
    pub calls: usize,
    /// Attempts after the first, in all of them.
    pub retries: usize,
    /// Calls that failed as the server's faults explain, by kind.
    pub failed: BTreeMap<&'static str, usize>,
    /// Each result that the faults don't explain.
    pub wrong: Vec<String>,
    /// After the warm-up.
    pub before: ResourceUsage,
    /// At the end.
    pub after: ResourceUsage,
}

impl SoakReport {
    /// For people and machines.
    pub fn report(&self) -> Report {
        let Self {
            seed,
            calls,
            retries,
            failed,
            wrong,
            before,
            after,
        } = self;
        let times = failed.iter().map(|(kind, times)| format!("{kind} {times}"));
        let mut table = Table::new(["", "after the warm-up", "at the end"]);
        for (name, before, after) in [
            ("sockets", sockets(before), sockets(after)),
            ("tasks", before.tasks.to_string(), after.tasks.to_string()),
            (
                "allocated bytes",
                before.live_bytes.to_string(),
                after.live_bytes.to_string(),
            ),
        ] {
            table.add([name, &before, &after]);
        }
        let notes = vec![
            format!(
                "seed {seed}, {calls} calls, {retries} retries, {} wrong",
                wrong.len()
            ),
            format!(
                "failed as the faults explain: {}",
                times.collect::<Vec<_>>().join(", ")
            ),
        ];
        let findings = self.findings();
        Report {
            command: "soak",
            summary: format!("{calls} calls, {} findings", findings.len()),
            passed: CHECKS
                .into_iter()
                .filter(|check| findings.iter().all(|finding| finding.rule != *check))
                .map(|check| Check::new(check, "client"))
                .collect(),
            findings,
            tables: vec![table],
            notes,
            ..Report::default()
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let Self { before, after, .. } = self;
        let finding = |rule: &str, message: String| Finding::new(rule, "client", message);
        let [result, open, running, memory] = CHECKS;
        let wrong = self.wrong.iter().cloned();
        let mut findings: Vec<Finding> = wrong.map(|wrong| finding(result, wrong)).collect();
        if before.sockets != after.sockets {
            let message = format!("{} became {}", sockets(before), sockets(after));
            findings.push(finding(open, message));
        }
        if before.tasks != after.tasks {
            let message = format!("{} became {}", before.tasks, after.tasks);
            findings.push(finding(running, message));
        }
        if after.live_bytes > before.live_bytes + GROWTH {
            let grown = after.live_bytes - before.live_bytes;
            findings.push(finding(memory, format!("{grown} bytes more are in use")));
        }
        findings
    }
}

fn sockets(state: &ResourceUsage) -> String {
    match state.sockets {
        Some(sockets) => sockets.to_string(),
        None => "not counted".to_owned(),
    }
}

/// What has to hold.
const CHECKS: [&str; 4] = ["result", "sockets", "tasks", "memory"];

/// How often the state is looked at until it rests.
const INTERVAL: Duration = Duration::from_millis(50);

/// How often it has to be the same in a row.
const SAME: usize = 10;

/// How often it is looked at, at most.
const LOOKS: usize = 200;

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceUsage {
    /// Open sockets; `None` where they can't be counted.
    pub sockets: Option<usize>,
    /// Tasks of the runtime.
    pub tasks: usize,
    /// Bytes that are allocated.
    pub live_bytes: usize,
}

impl ResourceUsage {
    /// The state once sockets and tasks have stayed the same for a while.
    pub(super) async fn settled(live_bytes: fn() -> usize) -> Self {
        let mut state = Self::now(live_bytes);
        let mut same = 0;
        for _ in 0..LOOKS {
            tokio::time::sleep(INTERVAL).await;
            let now = Self::now(live_bytes);
            let rests = (now.sockets, now.tasks) == (state.sockets, state.tasks);
            same = if rests { same + 1 } else { 0 };
            state = now;
            if same == SAME {
                break;
            }
        }
        state
    }

    fn now(live_bytes: fn() -> usize) -> Self {
        Self {
            sockets: open_sockets(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            live_bytes: live_bytes(),
        }
    }
}

/// Linux tells what each file descriptor is.
pub(super) fn open_sockets() -> Option<usize> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?;
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let sockets = targets.filter(|target| target.to_string_lossy().starts_with("socket:"));
    Some(sockets.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTED: ResourceUsage = ResourceUsage {
        sockets: Some(2),
        tasks: 3,
        live_bytes: 1000,
    };

    fn rules(wrong: &[&str], after: ResourceUsage) -> Vec<String> {
        let soaked = SoakReport {
            seed: 1,
            calls: 10,
            retries: 0,
            failed: BTreeMap::new(),
            wrong: wrong.iter().map(|text| (*text).to_owned()).collect(),
            before: RESTED,
            after,
        };
        let report = soaked.report();
        let findings = report.findings.into_iter();
        let rules: Vec<String> = findings.map(|finding| finding.rule).collect();
        let found = |check: &&str| rules.iter().any(|rule| rule == check);
        assert_eq!(
            CHECKS.iter().filter(|check| !found(check)).count(),
            report.passed.len()
        );
        rules
    }

    #[test]
    fn what_is_left_behind_is_a_finding() {
        assert!(rules(&[], RESTED).is_empty());
        assert_eq!(rules(&["a", "b"], RESTED), ["result", "result"]);
        let with = |change: fn(&mut ResourceUsage)| {
            let mut after = RESTED;
            change(&mut after);
            rules(&[], after)
        };
        assert_eq!(with(|after| after.sockets = Some(3)), ["sockets"]);
        assert_eq!(with(|after| after.tasks = 4), ["tasks"]);
        assert_eq!(with(|after| after.live_bytes += GROWTH + 1), ["memory"]);
        assert!(with(|after| after.live_bytes += GROWTH).is_empty());
        assert!(with(|after| after.live_bytes = 0).is_empty());
    }
}
