//! Runs peers in processes of their own, in turn.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::scenario::{Implementation, Problem, Scenario};
use crate::workload::Measurement;

/// A stub in its process, and the file that is uploaded.
pub struct Bench {
    stub: Child,
    address: String,
    folder: TempDir,
}

/// All the runs of a case.
pub struct Series {
    pub case: Scenario,
    pub runs: Vec<(Implementation, Vec<Measurement>)>,
    /// One more run of each that counts allocations.
    pub counted: Vec<(Implementation, Measurement)>,
}

/// How often a peer runs, and for how long each time.
#[derive(Clone, Copy)]
pub struct Effort {
    pub pairs: usize,
    pub cpu: Duration,
}

impl Bench {
    pub fn start() -> Result<Self, Problem> {
        let mut stub = Command::new(std::env::current_exe()?)
            .arg("stub")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = stub.stdout.take().ok_or("the stub has no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let folder = tempfile::tempdir()?;
        let mut file = File::create(folder.path().join("speech.mp3"))?;
        let chunk = vec![0xa5; 1 << 20];
        for _ in 0..Scenario::Transcription.size() {
            file.write_all(&chunk)?;
        }
        Ok(Self {
            stub,
            address: address.trim().to_owned(),
            folder,
        })
    }

    pub fn series(&self, case: Scenario, effort: Effort) -> Result<Series, Problem> {
        let able = || {
            Implementation::ALL
                .into_iter()
                .filter(|peer| peer.cannot(case).is_none())
        };
        let mut runs: Vec<(Implementation, Vec<Measurement>)> =
            able().map(|peer| (peer, Vec::new())).collect();
        for pair in 0..effort.pairs {
            eprintln!("{case}: {} of {}", pair + 1, effort.pairs);
            // Who begins changes, so that no one always follows the same.
            let first = pair % runs.len();
            for turn in 0..runs.len() {
                let number = (first + turn) % runs.len();
                let (peer, figures) = &mut runs[number];
                figures.push(self.run("time", *peer, case, effort.cpu)?);
            }
        }
        let count = |peer| Ok((peer, self.run("count", peer, case, effort.cpu / 2)?));
        let counted = able().map(count).collect::<Result<Vec<_>, Problem>>()?;
        let checks: Vec<u64> = counted.iter().map(|(_, figures)| figures.check).collect();
        if checks.windows(2).any(|two| two[0] != two[1]) {
            return Err(format!("{case}: the peers did different things: {checks:?}").into());
        }
        Ok(Series {
            case,
            runs,
            counted,
        })
    }

    pub fn address(&self, size: u64) -> String {
        format!("{}/{size}", self.address)
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("speech.mp3")
    }

    fn run(
        &self,
        subcommand: &str,
        peer: Implementation,
        case: Scenario,
        cpu: Duration,
    ) -> Result<Measurement, Problem> {
        one(
            subcommand,
            peer,
            case,
            &self.address(case.size()),
            &self.file(),
            cpu,
        )
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.stub.kill();
        let _ = self.stub.wait();
    }
}

/// One run in a process of its own.
pub fn one(
    subcommand: &str,
    peer: Implementation,
    case: Scenario,
    base: &str,
    file: &Path,
    cpu: Duration,
) -> Result<Measurement, Problem> {
    let output = Command::new(std::env::current_exe()?)
        .args([subcommand, &peer.to_string(), &case.to_string(), base])
        .arg(file)
        .arg(cpu.as_micros().to_string())
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    Measurement::parse(&text)
        .ok_or_else(|| format!("{peer}, {case}: {} {text:?}", output.status).into())
}

impl Measurement {
    /// One line for the process that asked.
    pub fn line(&self) -> String {
        let Self { cpu, wall, .. } = self;
        let (cpu, wall) = (cpu.as_micros(), wall.as_micros());
        let Self {
            calls,
            peak_kib,
            allocations,
            allocated_bytes,
            check,
            ..
        } = self;
        format!("{calls} {cpu} {wall} {peak_kib} {allocations} {allocated_bytes} {check}")
    }

    fn parse(line: &str) -> Option<Self> {
        let numbers: Vec<u64> = line
            .split_whitespace()
            .map_while(|n| n.parse().ok())
            .collect();
        let [
            calls,
            cpu,
            wall,
            peak_kib,
            allocations,
            allocated_bytes,
            check,
        ] = numbers[..]
        else {
            return None;
        };
        Some(Self {
            calls,
            cpu: Duration::from_micros(cpu),
            wall: Duration::from_micros(wall),
            peak_kib,
            allocations,
            allocated_bytes,
            check,
        })
    }

    /// Microseconds of CPU a call.
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.calls as f64
    }

    /// Microseconds a call.
    pub fn wall_each(&self) -> f64 {
        self.wall.as_secs_f64() * 1e6 / self.calls as f64
    }
}
