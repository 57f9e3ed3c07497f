//! `apigen generate` is killed at every call that changes the disk: what is there is the old set of files or the new one, at
//! once or as soon as the next run has begun, and that run ends with the new one.

#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use apigen::files::{self, Recovered};
use tempfile::TempDir;

/// The calls that change something; a `?` allows for systems that lack one.
const CALLS: &str = "?mkdir,mkdirat,?rmdir,?link,linkat,?rename,?renameat,renameat2,?unlink,unlinkat,write,fsync";
const KILLED: i32 = 9;

const OLD: &str = "\
apigen: 1
api: { name: shop, version: v1, title: Shop }
resources:
  Mug:
    fields:
      name: string
";

/// Creates, replaces and deletes files: the version is part of a path. Adds a migration, and numbers to the lock.
fn new() -> String {
    OLD.replace("v1", "v2").replace("name: string", "name: string\n      size?: int32")
}

type Contents = BTreeMap<String, Vec<u8>>;

/// A folder with `shop.yaml`, its lock and `out/`.
struct Place(TempDir);

/// One kind of run, from the files before it to those after it.
struct Run {
    arguments: Vec<String>,
    /// Nothing before a first run.
    before: Option<Place>,
    after: Place,
}

impl Place {
    fn new() -> Place {
        Place(TempDir::new().unwrap())
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn generate(&self, spec: &str, arguments: &[String]) {
        fs::write(self.path("shop.yaml"), spec).unwrap();
        let output = self.command(env!("CARGO_BIN_EXE_apigen"), arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Under strace with some options, to the end or until it is killed.
    fn traced(&self, spec: &str, options: &[&str], arguments: &[String]) -> Output {
        fs::write(self.path("shop.yaml"), spec).unwrap();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "trace"]).args(options).arg(env!("CARGO_BIN_EXE_apigen"));
        self.arguments(&mut strace, arguments);
        strace.output().unwrap()
    }

    fn command(&self, program: &str, arguments: &[String]) -> Command {
        let mut command = Command::new(program);
        self.arguments(&mut command, arguments);
        command
    }

    fn arguments(&self, command: &mut Command, arguments: &[String]) {
        command.args(["generate", "shop.yaml", "--out", "out"]).args(arguments).current_dir(self.0.path());
    }

    fn lock(&self) -> Option<Vec<u8>> {
        fs::read(self.path("shop.lock")).ok()
    }

    /// The output's files without what a run keeps beside them until it has ended.
    fn contents(&self) -> Contents {
        let mut found = Contents::new();
        visit(&self.path("out"), "", &mut found);
        found
    }

    fn copy(&self) -> Place {
        let copy = Place::new();
        for (path, content) in self.contents() {
            let path = copy.path("out").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        fs::write(copy.path("shop.lock"), self.lock().unwrap()).unwrap();
        copy
    }
}

fn visit(folder: &Path, prefix: &str, found: &mut Contents) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() && name != ".apigen-staging" {
            visit(&entry.path(), &format!("{name}/"), found);
        } else if entry.path().is_file() {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

impl Run {
    fn first(arguments: &[&str]) -> Run {
        let after = Place::new();
        let arguments: Vec<_> = arguments.iter().map(|each| (*each).to_owned()).collect();
        after.generate(&new(), &arguments);
        Run { arguments, before: None, after }
    }

    fn second(arguments: &[&str]) -> Run {
        let before = Place::new();
        let arguments: Vec<_> = arguments.iter().map(|each| (*each).to_owned()).collect();
        before.generate(OLD, &arguments);
        let after = before.copy();
        after.generate(&new(), &arguments);
        Run { arguments, before: Some(before), after }
    }

    fn start(&self) -> Place {
        self.before.as_ref().map_or_else(Place::new, Place::copy)
    }

    fn old(&self) -> (Contents, Option<Vec<u8>>) {
        self.before.as_ref().map_or_else(Default::default, |before| (before.contents(), before.lock()))
    }

    /// What to tell strace so that the run is killed once at each call of each kind. It counts the calls of each thread
    /// by themselves, and the first thread that comes so far is the end of all.
    fn points(&self) -> Vec<String> {
        let place = self.start();
        let output = place.traced(&new(), &["-e", &format!("trace={CALLS}")], &self.arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(place.contents(), self.after.contents());
        let trace = fs::read_to_string(place.path("trace")).unwrap();
        let mut calls: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for line in trace.lines().filter(|line| !line.contains("resumed>")) {
            let (thread, call) = line.split_once(' ').expect("a thread and a call");
            let name = call.trim_start().split('(').next().expect("a call has a name");
            *calls.entry((name, thread)).or_default() += 1;
        }
        let mut most: BTreeMap<&str, usize> = BTreeMap::new();
        for ((name, _), count) in calls {
            let known = most.entry(name).or_default();
            *known = count.max(*known);
        }
        let at = |name, when| format!("inject={name}:signal=KILL:when={when}");
        most.into_iter().flat_map(|(name, count)| (1..=count).map(move |when| at(name, when))).collect()
    }

    fn check_all(&self, points: &[String]) {
        assert!(points.len() > 10, "{points:?}");
        let [next, killed, in_between] = [0; 3].map(AtomicUsize::new);
        let work = || {
            while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                let recovered = self.check(point);
                killed.fetch_add(usize::from(recovered.is_some()), Ordering::Relaxed);
                in_between.fetch_add(usize::from(recovered.flatten().is_some()), Ordering::Relaxed);
            }
        };
        thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
        assert!(killed.into_inner() * 4 > points.len() * 3, "most weren't killed");
        assert!(in_between.into_inner() > 0, "no kill left anything to be mended");
    }

    /// Kills one run; says what had to be mended. `None`: it ended, since its threads shared the work otherwise than in the
    /// run that was counted, and none came as far as the point.
    fn check(&self, point: &str) -> Option<Option<Recovered>> {
        let place = self.start();
        let output = place.traced(&new(), &["-e", point], &self.arguments);
        if output.status.success() {
            assert_eq!(place.contents(), self.after.contents(), "{point}");
            return None;
        }
        assert_eq!(output.status.signal(), Some(KILLED), "{point}: {output:?}");
        let (old, old_lock) = self.old();
        let lock = place.lock();
        assert!(lock == old_lock || lock == self.after.lock(), "{point}: half a lock");
        let recovered = files::recover(&place.path("out")).unwrap();
        let found = place.contents();
        assert!(found == old || found == self.after.contents(), "{point}: {:?}", found.keys());
        place.generate(&new(), &self.arguments);
        assert_eq!(place.contents(), self.after.contents(), "{point}");
        assert_eq!(place.lock(), self.after.lock(), "{point}");
        assert!(!place.path("out/.apigen-staging").exists(), "{point}: litter");
        Some(recovered)
    }
}

fn strace_is_missing() -> bool {
    let missing = Command::new("strace").arg("-V").output().is_err();
    assert!(!missing || std::env::var_os("CI").is_none(), "strace is missing");
    if missing {
        eprintln!("SKIPPED: strace is missing, so no run was killed");
    }
    missing
}

#[test]
fn a_first_run_killed_anywhere() {
    if strace_is_missing() {
        return;
    }
    let run = Run::first(&["--target", "contracts"]);
    run.check_all(&run.points());
}

#[test]
fn a_second_run_killed_anywhere() {
    if strace_is_missing() {
        return;
    }
    let run = Run::second(&["--target", "contracts"]);
    run.check_all(&run.points());
}

/// With a server there are many more calls, of the same kinds.
#[test]
fn a_run_with_a_server_killed_here_and_there() {
    if strace_is_missing() {
        return;
    }
    let runtime = concat!("path:", env!("CARGO_MANIFEST_DIR"), "/runtime");
    let run = Run::second(&["--runtime", runtime]);
    let points: Vec<_> = run.points().into_iter().step_by(5).collect();
    run.check_all(&points);
}
