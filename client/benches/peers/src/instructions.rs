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

/// Names and values.
type Lines = BTreeMap<String, String>;

/// The accepted numbers. They hold for one compiler and one set of dependencies; what a CPU's
/// libraries choose at run time differs by its model, so that each model has its own.
#[derive(Default)]
struct Baseline {
    build: Lines,
    cpus: BTreeMap<String, Lines>,
}

/// Counts and compares.
pub fn check() -> Result<ExitCode, Problem> {
    let (build, cpu) = (build()?, cpu()?);
    let counts = counts()?;
    let baseline = Baseline::parse(&fs::read_to_string(BASELINE)?);
    let accepted = baseline.cpus.get(&cpu);
    let (Some(accepted), true) = (accepted, baseline.build == build) else {
        println!("not compared: the baseline is of another CPU, compiler or set of dependencies");
        print!("{}", Baseline::of(build, cpu, &counts).text());
        return Ok(ExitCode::SUCCESS);
    };
    let mut exit = ExitCode::SUCCESS;
    for (case, count) in &counts {
        let before = accepted.get(case).ok_or("a case is not in the baseline")?;
        let before: u64 = before.parse()?;
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

/// Counts and writes the baseline. What other CPUs have in it stays, as long as it is of the same build.
pub fn accept() -> Result<ExitCode, Problem> {
    let mut new = Baseline::of(build()?, cpu()?, &counts()?);
    let old = Baseline::parse(&fs::read_to_string(BASELINE).unwrap_or_default());
    if old.build == new.build {
        for (cpu, lines) in old.cpus {
            new.cpus.entry(cpu).or_insert(lines);
        }
    }
    let text = new.text();
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

/// What the same source is built with.
fn build() -> Result<Lines, Problem> {
    let rustc = Command::new("rustc").arg("--version").output()?.stdout;
    let build = [
        ("rustc", String::from_utf8(rustc)?.trim().to_owned()),
        ("lock", format!("{:016x}", hash(&fs::read(LOCK)?))),
    ];
    Ok(build.map(|(name, value)| (name.to_owned(), value)).into())
}

fn cpu() -> Result<String, Problem> {
    let system = fs::read_to_string("/proc/cpuinfo")?;
    let model = system
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(model.map_or("unknown", |(_, name)| name).to_owned())
}

/// FNV-1a: the same with every compiler.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Baseline {
    fn of(build: Lines, cpu: String, counts: &BTreeMap<String, u64>) -> Self {
        let counts = counts.iter();
        let counts = counts.map(|(case, count)| (case.clone(), count.to_string()));
        Self {
            build,
            cpus: BTreeMap::from([(cpu, counts.collect())]),
        }
    }

    /// Lines of a name and a value; those of a CPU below its name in brackets.
    fn parse(text: &str) -> Self {
        let mut baseline = Self::default();
        let mut lines = &mut baseline.build;
        for line in text.lines() {
            if let Some(cpu) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                lines = baseline.cpus.entry(cpu.to_owned()).or_default();
            } else if let Some((name, value)) = line.split_once(": ") {
                lines.insert(name.to_owned(), value.to_owned());
            }
        }
        baseline
    }

    fn text(&self) -> String {
        let text = |lines: &Lines| -> String {
            let lines = lines.iter();
            lines
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect()
        };
        let cpus = self.cpus.iter();
        let cpus = cpus.map(|(cpu, lines)| format!("\n[{cpu}]\n{}", text(lines)));
        text(&self.build) + &cpus.collect::<String>()
    }
}
