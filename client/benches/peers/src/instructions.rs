//! How many instructions a call takes, which noise doesn't touch.
//!
//! The difference between a run and one of twice the calls, so that what is done once doesn't count.
//! Under callgrind the client is so much slower than the server that every response is there when it
//! is requested; that makes the numbers repeat.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::measure::Bench;
use crate::scenario::{Implementation, Problem, Scenario};

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
const LOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");

/// How many more instructions than the baseline's are no finding.
const ALLOWED: f64 = 0.03;

/// A case, the size of its response, and the calls of the shorter run.
const COUNTED: [(Scenario, u64, u64); 3] = [
    (Scenario::Chat, 1, 50),
    (Scenario::Catalog, 302, 10),
    (Scenario::Stream, 2000, 2),
];

/// Lines of a name and a value: what the numbers depend on, then the numbers.
type Lines = BTreeMap<String, String>;

/// Counts and compares.
pub fn check() -> Result<ExitCode, Problem> {
    let circumstances = circumstances()?;
    let counts = counts()?;
    let baseline = parse(&fs::read_to_string(BASELINE)?);
    let differing = circumstances
        .iter()
        .find(|(name, value)| baseline.get(*name) != Some(value));
    if let Some((name, value)) = differing {
        let other = baseline.get(name).map_or("nothing", String::as_str);
        println!("not compared: {name} is {value}, the baseline's is {other}");
        print!("{}", text(&circumstances, &counts));
        return Ok(ExitCode::SUCCESS);
    }
    let mut exit = ExitCode::SUCCESS;
    for (case, count) in &counts {
        let before: u64 = baseline
            .get(case)
            .ok_or("a case is not in the baseline")?
            .parse()?;
        let change = *count as f64 / before as f64 - 1.0;
        println!(
            "{case}: {count} instructions a call, {:+.2} %",
            change * 100.0
        );
        if change > ALLOWED {
            println!(
                "  more than {:.0} % above the baseline, {before}",
                ALLOWED * 100.0
            );
            exit = ExitCode::FAILURE;
        }
    }
    Ok(exit)
}

/// Counts and writes the baseline.
pub fn accept() -> Result<ExitCode, Problem> {
    let text = text(&circumstances()?, &counts()?);
    fs::write(BASELINE, &text)?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn counts() -> Result<BTreeMap<String, u64>, Problem> {
    let bench = Bench::start()?;
    let count = |(case, size, calls): (Scenario, u64, u64)| {
        let base = bench.address(size);
        let once = median(case, &base, &bench.file(), calls)?;
        let twice = median(case, &base, &bench.file(), 2 * calls)?;
        Ok((case.to_string(), (twice - once) / calls))
    };
    COUNTED.into_iter().map(count).collect()
}

/// The middle one of five: a server that is late with a chunk costs the client another turn, one that
/// has more ready than usual saves it some.
fn median(case: Scenario, base: &str, file: &Path, calls: u64) -> Result<u64, Problem> {
    let counts = (0..5).map(|_| collected(case, base, file, calls));
    let mut counts = counts.collect::<Result<Vec<_>, _>>()?;
    counts.sort_unstable();
    Ok(counts[counts.len() / 2])
}

/// The instructions of a process that makes so many calls.
fn collected(case: Scenario, base: &str, file: &Path, calls: u64) -> Result<u64, Problem> {
    let written = file.with_file_name(format!("{case}.{calls}"));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", written.display()))
        .arg(std::env::current_exe()?)
        .args([
            "calls",
            &Implementation::Cometapi.to_string(),
            &case.to_string(),
            base,
        ])
        .arg(file)
        .arg(calls.to_string())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let profile = fs::read_to_string(written)?;
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind wrote no total")?.trim().parse()?)
}

/// What the same source's numbers still depend on.
fn circumstances() -> Result<Lines, Problem> {
    let rustc = Command::new("rustc").arg("--version").output()?.stdout;
    let system = fs::read_to_string("/proc/cpuinfo")?;
    let cpu = system
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let circumstances = [
        ("rustc", String::from_utf8(rustc)?.trim().to_owned()),
        ("lock", format!("{:016x}", hash(&fs::read(LOCK)?))),
        ("cpu", cpu.map_or("unknown", |(_, name)| name).to_owned()),
    ];
    Ok(circumstances
        .map(|(name, value)| (name.to_owned(), value))
        .into())
}

/// FNV-1a: the same with every compiler.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn text(circumstances: &Lines, counts: &BTreeMap<String, u64>) -> String {
    let lines = circumstances
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"));
    let numbers = counts
        .iter()
        .map(|(name, count)| format!("{name}: {count}\n"));
    lines.chain(numbers).collect()
}

fn parse(text: &str) -> Lines {
    let pairs = text.lines().filter_map(|line| line.split_once(": "));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
