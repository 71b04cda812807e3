//! What the system says that this process has used.

use std::time::Duration;

/// User and system time of all threads.
pub fn cpu() -> Duration {
    let usage = usage();
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// The most memory that was ever resident.
pub fn peak_kib() -> u64 {
    // What `getrusage` says includes the memory of the parent at the moment of the fork.
    if let Some(peak) = status_kib("VmHWM:") {
        return peak;
    }
    let peak = usage().ru_maxrss as u64;
    // Apple's systems count bytes.
    if cfg!(target_vendor = "apple") {
        peak / 1024
    } else {
        peak
    }
}

/// What is resident now, in bytes; nothing where there is no `/proc`.
pub fn resident() -> u64 {
    status_kib("VmRSS:").unwrap_or(0) * 1024
}

fn status_kib(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Lets this process and its children open as many files as the system lets it.
pub fn raise_file_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both take a pointer to a limit that lives as long as the call.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
}

fn usage() -> libc::rusage {
    // SAFETY: a `rusage` is plain numbers, which the call fills.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    }
}
