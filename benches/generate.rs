//! How long `apigen generate` takes, and how much memory: `cargo bench --bench generate`.
//!
//! For specs of 10, 100 and 1000 resources that use the whole language: the first run into an empty folder, the run after it
//! that finds nothing to do, and one of the contracts alone. Wall time depends on who else uses the machine, so each figure
//! is the best of several runs, and the time of all processors together stands beside it.

mod synthetic;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use wait4::Wait4 as _;

const RUNS: usize = 7;
const SIZES: [usize; 3] = [10, 100, 1000];
/// Of any run.
const MEMORY: u64 = 200 << 20;

/// What a run is allowed to take, by the number of resources.
fn budget(resources: usize) -> Option<Duration> {
    match resources {
        100 => Some(Duration::from_millis(60)),
        1000 => Some(Duration::from_millis(500)),
        _ => None,
    }
}

/// What one run took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    /// Of all threads, in the program and in the kernel.
    processor: Duration,
    /// At most, in bytes.
    memory: u64,
}

#[derive(Clone, Copy)]
enum Kind {
    First,
    NoChange,
    Contracts,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::First, Kind::NoChange, Kind::Contracts];

    fn name(self) -> &'static str {
        match self {
            Kind::First => "first run",
            Kind::NoChange => "no change",
            Kind::Contracts => "contracts",
        }
    }

    /// Where a run writes to. One that is to find nothing gets a folder of its own, rather than one that was emptied for it:
    /// ext4 searches long for a free inode in the seconds after thousands were freed.
    fn folder(self, number: usize) -> String {
        match self {
            Kind::First => format!("first{number}"),
            Kind::NoChange => Kind::First.folder(0),
            Kind::Contracts => format!("contracts{number}"),
        }
    }
}

fn main() {
    println!(
        "{:>9}  {:<9}  {:>8}  {:>8}  {:>7}  {:>6}  {:>6}",
        "resources", "run", "wall", "cpu", "peak", "files", "output"
    );
    // All are kept to the end, so that no run comes right after many files were deleted.
    let mut places = Vec::new();
    for resources in SIZES {
        let place = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made");
        fs::write(place.path().join("spec.yaml"), synthetic::spec(resources)).expect("a spec can be written");
        for kind in Kind::ALL {
            let costs: Vec<Cost> = (0..RUNS).map(|number| run(place.path(), kind, number)).collect();
            report(resources, kind, &costs, &place.path().join(kind.folder(0)));
        }
        places.push(place);
    }
}

/// In a folder as it must be for this kind of run.
fn run(place: &Path, kind: Kind, number: usize) -> Cost {
    let folder = kind.folder(number);
    let mut arguments = vec!["generate", "spec.yaml", "--out", &folder, "--quiet"];
    match kind {
        Kind::First => forget(place),
        Kind::NoChange => {}
        Kind::Contracts => {
            forget(place);
            arguments.extend(["--target", "contracts"]);
        }
    }
    let start = Instant::now();
    let mut apigen = Command::new(env!("CARGO_BIN_EXE_apigen"));
    let mut child = apigen.args(&arguments).current_dir(place).stdout(Stdio::null()).spawn().expect("apigen starts");
    let ended = child.wait4().expect("apigen ends");
    let wall = start.elapsed();
    assert!(ended.status.success(), "{}", ended.status);
    Cost { wall, processor: ended.rusage.utime + ended.rusage.stime, memory: ended.rusage.maxrss }
}

/// A first run writes a lock.
fn forget(place: &Path) {
    let lock = place.join("spec.lock");
    if lock.exists() {
        fs::remove_file(lock).expect("the lock can be removed");
    }
}

fn report(resources: usize, kind: Kind, costs: &[Cost], out: &Path) {
    let wall = costs.iter().map(|cost| cost.wall).min().unwrap_or_default();
    let processor = costs.iter().map(|cost| cost.processor).min().unwrap_or_default();
    let memory = costs.iter().map(|cost| cost.memory).max().unwrap_or_default();
    let (files, bytes) = size(out);
    println!(
        "{resources:>9}  {:<9}  {:>5} ms  {:>5} ms  {:>4} MB  {files:>6}  {:>3} MB  {}",
        kind.name(),
        wall.as_millis(),
        processor.as_millis(),
        memory >> 20,
        bytes >> 20,
        verdict(wall, memory, budget(resources)),
    );
}

fn verdict(wall: Duration, memory: u64, budget: Option<Duration>) -> String {
    let memory = if memory <= MEMORY { "ok" } else { "OVER" };
    let memory = format!("{memory}: {} MB", MEMORY >> 20);
    match budget {
        Some(budget) if wall > budget => format!("OVER: {} ms, {memory}", budget.as_millis()),
        Some(budget) => format!("ok: {} ms, {memory}", budget.as_millis()),
        None => memory,
    }
}

/// How many files there are below a folder, and how many bytes in them.
fn size(folder: &Path) -> (usize, u64) {
    let entries = fs::read_dir(folder).expect("a folder can be listed").map(|entry| entry.expect("and read"));
    entries.fold((0, 0), |(files, bytes), entry| match entry.path().is_dir() {
        true => {
            let inner = size(&entry.path());
            (files + inner.0, bytes + inner.1)
        }
        false => (files + 1, bytes + entry.metadata().map_or(0, |metadata| metadata.len())),
    })
}
