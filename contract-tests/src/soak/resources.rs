//! What a process holds.

use std::time::Duration;

use tokio::runtime::Handle;

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
            sockets: sockets(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            live_bytes: live_bytes(),
        }
    }
}

/// Linux tells what each file descriptor is.
pub(super) fn sockets() -> Option<usize> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?;
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let sockets = targets.filter(|target| target.to_string_lossy().starts_with("socket:"));
    Some(sockets.count())
}
