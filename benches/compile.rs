//! How long a generated server takes to compile: `cargo bench --bench compile`.
//!
//! For a spec of 50 resources that use the whole language, once all dependencies are built, the runtime among them: a check, a
//! debug build, and the debug build after one more field. The first run of this benchmark builds the dependencies.

mod synthetic;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

const RESOURCES: usize = 50;
const RUNS: usize = 3;
const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// What the spec's name becomes.
const CRATES: [&str; 2] = ["synthetic", "synthetic-server"];

#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    /// Of all processes that cargo starts.
    processor: Duration,
}

fn main() {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compile");
    let spec = synthetic::spec(RESOURCES);
    generate(&place, &spec);
    eprintln!("building the dependencies");
    cargo(&place, &["check"]);
    cargo(&place, &["build"]);
    println!("{:<24}  {:>8}  {:>8}", format!("{RESOURCES} resources"), "wall", "cpu");
    report("check", 8, || {
        clean(&place);
        cargo(&place, &["check"])
    });
    report("debug build", 25, || {
        clean(&place);
        cargo(&place, &["build"])
    });
    let mut fields = 0;
    report("build after one field", 4, || {
        fields += 1;
        generate(&place, &spec.replacen("      sku: ", &format!("      added{fields}?: int32\n      sku: "), 1));
        cargo(&place, &["build"])
    });
}

/// The best of some runs, and whether that is within the budget.
fn report(name: &str, budget: u64, mut run: impl FnMut() -> Cost) {
    let costs: Vec<Cost> = (0..RUNS).map(|_| run()).collect();
    let wall = costs.iter().map(|cost| cost.wall).min().unwrap_or_default();
    let processor = costs.iter().map(|cost| cost.processor).min().unwrap_or_default();
    let verdict = if wall <= Duration::from_secs(budget) { "ok" } else { "OVER" };
    println!("{name:<24}  {:>6.1} s  {:>6.1} s  {verdict}: {budget} s", wall.as_secs_f64(), processor.as_secs_f64());
}

/// Without the migrations of earlier runs: this is about compiling alone.
fn generate(place: &Path, spec: &str) {
    let out = place.join("out");
    fs::create_dir_all(&out).expect("a folder can be made");
    fs::write(place.join("spec.yaml"), spec).expect("a spec can be written");
    if out.join("migrations").exists() {
        fs::remove_dir_all(out.join("migrations")).expect("migrations can be removed");
    }
    let mut apigen = Command::new(env!("CARGO_BIN_EXE_apigen"));
    apigen.args(["generate", "spec.yaml", "--out", "out", "--quiet", "--force"]);
    apigen.arg("--runtime").arg(format!("path:{REPOSITORY}/runtime")).current_dir(place);
    assert!(apigen.status().expect("apigen starts").success());
    if !out.join("Cargo.lock").exists() {
        // The same versions as the example has.
        fs::copy(format!("{REPOSITORY}/generated-example/Cargo.lock"), out.join("Cargo.lock"))
            .expect("it is committed");
    }
}

fn clean(place: &Path) {
    cargo(place, &["clean", "--package", CRATES[0], "--package", CRATES[1]]);
}

fn cargo(place: &Path, arguments: &[&str]) -> Cost {
    let start = Instant::now();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).arg("--quiet").current_dir(place.join("out")).stdout(Stdio::null());
    // A folder of its own: cargo holds the one of the benchmark.
    cargo.env("CARGO_TARGET_DIR", place.join("target"));
    let ended = cargo.spawn().expect("cargo starts").wait4().expect("cargo ends");
    assert!(ended.status.success(), "{}", ended.status);
    Cost { wall: start.elapsed(), processor: ended.rusage.utime + ended.rusage.stime }
}
