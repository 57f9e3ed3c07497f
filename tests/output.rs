//! What reaches the disk: all of a run or nothing, nothing of the user's lost, nothing rewritten that is as it should be.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use apigen::files::{self, DifferenceKind, Files, Force, Owner, Recovered, Report};
use tempfile::TempDir;

const FOLDERS: [&str; 2] = ["contracts", "server"];

/// A set of apigen's files.
fn set(files: &[(&str, &str)]) -> Files {
    let mut set = Files::new(FOLDERS);
    for (path, content) in files {
        set.add(*path, *content, Owner::Apigen);
    }
    set
}

fn write(files: &Files, out: &Path) -> Report {
    files::write(files, out, Force::No).unwrap()
}

fn refusal(files: &Files, out: &Path) -> String {
    format!("{:#}", files::write(files, out, Force::No).unwrap_err())
}

/// Every file below a folder with its content; empty folders as paths with a final slash.
fn contents(root: &Path) -> BTreeMap<String, String> {
    fn visit(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        let entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let name = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if entries.is_empty() && folder != root {
            found.insert(name(folder) + "/", String::new());
        }
        for entry in entries {
            if entry.is_dir() {
                visit(root, &entry, found);
            } else {
                found.insert(name(&entry), fs::read_to_string(&entry).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(root, root, &mut found);
    found
}

fn differences(files: &Files, out: &Path) -> Vec<(String, DifferenceKind)> {
    files::compare(files, out).unwrap().into_iter().map(|difference| (difference.path, difference.kind)).collect()
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_folder_holds_what_was_written_and_a_manifest_of_it() {
    let out = TempDir::new().unwrap();
    let report = write(&set(&[("server/b.rs", "b\r\n"), ("server/a.rs", "")]), &out.path().join("new/folder"));
    assert_eq!(report.written, ["server/a.rs", "server/b.rs"]);
    let found = contents(&out.path().join("new/folder"));
    assert_eq!(found.keys().collect::<Vec<_>>(), [".apigen-manifest", "server/a.rs", "server/b.rs"]);
    assert_eq!(found["server/b.rs"], "b\r\n");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let listed = format!("{empty}  server/a.rs\n{}  server/b.rs\n", sha256(b"b\r\n"));
    assert_eq!(found[".apigen-manifest"], listed);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    format!("{:x}", sha2::Sha256::digest(bytes))
}

#[test]
fn what_is_unchanged_keeps_its_time() {
    let out = TempDir::new().unwrap();
    write(&set(&[("server/a.rs", "1"), ("server/b.rs", "1")]), out.path());
    let names = ["server/a.rs", ".apigen-manifest"].map(|name| out.path().join(name));
    let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for name in &names {
        fs::File::options().write(true).open(name).unwrap().set_modified(long_ago).unwrap();
    }
    let report = write(&set(&[("server/a.rs", "1"), ("server/b.rs", "1")]), out.path());
    assert_eq!(report, Report { unchanged: 2, ..Report::default() });
    assert_eq!(names.each_ref().map(|name| modified(name)), [long_ago; 2]);
    let report = write(&set(&[("server/a.rs", "1"), ("server/b.rs", "2")]), out.path());
    assert_eq!((report.written, report.unchanged), (vec!["server/b.rs".to_owned()], 1));
    assert_eq!(modified(&names[0]), long_ago);
}

#[test]
fn the_users_files_are_written_once() {
    let out = TempDir::new().unwrap();
    let mut files = set(&[("server/a.rs", "1")]);
    files.add("app/src/main.rs", "fn main() {}", Owner::User);
    assert_eq!(write(&files, out.path()).written, ["app/src/main.rs", "server/a.rs"]);
    assert!(!contents(out.path())[".apigen-manifest"].contains("app/"));
    fs::write(out.path().join("app/src/main.rs"), "mine").unwrap();
    let report = files::write(&files, out.path(), Force::Yes).unwrap();
    assert_eq!(report.written, [""; 0]);
    assert_eq!(contents(out.path())["app/src/main.rs"], "mine");
    assert_eq!(differences(&files, out.path()), []);
    write(&set(&[("server/a.rs", "1")]), out.path());
    assert_eq!(contents(out.path())["app/src/main.rs"], "mine");
}

#[test]
fn an_edited_file_is_named_and_kept_unless_forced() {
    let out = TempDir::new().unwrap();
    write(&set(&[("server/a.rs", "1"), ("server/b.rs", "1"), ("server/gone.rs", "1")]), out.path());
    for name in ["server/a.rs", "server/gone.rs"] {
        fs::write(out.path().join(name), "edited").unwrap();
    }
    fs::write(out.path().join("server/c.rs"), "unknown").unwrap();
    let before = contents(out.path());
    let next = set(&[("server/a.rs", "2"), ("server/b.rs", "2"), ("server/c.rs", "2")]);
    assert_eq!(
        refusal(&next, out.path()),
        "3 files aren't as apigen left them:\n  \
         server/gone.rs: no longer needed, but edited by hand\n  \
         server/a.rs: edited by hand\n  \
         server/c.rs: not written by apigen"
    );
    assert_eq!(contents(out.path()), before);
    files::write(&next, out.path(), Force::Yes).unwrap();
    assert_eq!(differences(&next, out.path()), []);
}

#[test]
fn an_edit_that_is_what_apigen_wants_is_welcome() {
    let out = TempDir::new().unwrap();
    write(&set(&[("server/a.rs", "1")]), out.path());
    fs::write(out.path().join("server/a.rs"), "2").unwrap();
    fs::write(out.path().join("server/b.rs"), "2").unwrap();
    let next = set(&[("server/a.rs", "2"), ("server/b.rs", "2")]);
    assert_eq!(write(&next, out.path()).unchanged, 2);
    assert_eq!(differences(&next, out.path()), []);
}

#[test]
fn what_is_no_longer_needed_goes_with_its_empty_folders() {
    let out = TempDir::new().unwrap();
    write(&set(&[("server/src/deep/a.rs", "1"), ("server/src/b/b.rs", "1"), ("server/c.rs", "1")]), out.path());
    fs::write(out.path().join("server/src/b/mine.txt"), "mine").unwrap();
    let report = write(&set(&[("server/c.rs", "1")]), out.path());
    assert_eq!(report.deleted, ["server/src/b/b.rs", "server/src/deep/a.rs"]);
    let found = contents(out.path());
    assert_eq!(found.keys().collect::<Vec<_>>(), [".apigen-manifest", "server/c.rs", "server/src/b/mine.txt"]);
}

#[test]
fn folders_that_a_run_doesnt_describe_stay_listed() {
    let out = TempDir::new().unwrap();
    write(&set(&[("contracts/api.yaml", "1"), ("server/a.rs", "1")]), out.path());
    let mut contracts = Files::new(["contracts"]);
    contracts.add("contracts/api.yaml", "2", Owner::Apigen);
    assert_eq!(write(&contracts, out.path()).written, ["contracts/api.yaml"]);
    let both = set(&[("contracts/api.yaml", "2"), ("server/a.rs", "1")]);
    assert_eq!(differences(&both, out.path()), []);
}

/// Old files, new files, and a file beside them, so that every kind of change is among the steps.
fn before_and_after(beside: &Path) -> (Files, Files) {
    let mut before =
        set(&[("contracts/a", "a1"), ("server/same", "s"), ("server/src/old/b", "b1"), ("server/c", "c1")]);
    let mut after = set(&[("contracts/a", "a2"), ("server/same", "s"), ("server/new/d", "d2"), ("server/c", "c2")]);
    after.add("app/main.rs", "mine", Owner::User);
    before.beside(beside, "lock 1");
    after.beside(beside, "lock 2");
    (before, after)
}

#[test]
fn a_crash_between_any_two_steps_leaves_old_files_or_new_ones() {
    let all = run_until(usize::MAX);
    assert!(all.steps > 8, "{} steps", all.steps);
    let mut outcomes = Vec::new();
    for steps in 0..=all.steps {
        let crash = run_until(steps);
        let recovered = files::recover(crash.out.path()).unwrap();
        let found = contents(crash.out.path());
        assert!(found == all.old || found == all.new, "after {steps} steps: {found:#?}");
        assert_eq!(
            recovered == Some(Recovered::Finished),
            found == all.new && steps < all.steps,
            "after {steps} steps"
        );
        assert_eq!(files::recover(crash.out.path()).unwrap(), None);
        write(&crash.after, crash.out.path());
        assert_eq!(contents(crash.out.path()), all.new);
        assert_eq!(fs::read_to_string(crash.place.path().join("lock")).unwrap(), "lock 2");
        outcomes.push(found == all.new);
    }
    assert!(outcomes.contains(&false) && outcomes.contains(&true));
}

#[test]
fn a_crash_while_taking_back_leaves_old_files() {
    let all = run_until(usize::MAX);
    for steps in 2..all.steps {
        let crash = run_until(steps);
        let staging = crash.out.path().join(".apigen-staging");
        fs::rename(staging.join("journal"), staging.join("undo")).unwrap();
        assert_eq!(files::recover(crash.out.path()).unwrap(), Some(Recovered::TakenBack));
        assert_eq!(contents(crash.out.path()), all.old, "after {steps} steps");
    }
}

#[test]
fn a_check_says_that_a_run_was_interrupted() {
    let all = run_until(usize::MAX);
    let crash = run_until(all.steps - 1);
    let error = files::compare(&crash.after, crash.out.path()).unwrap_err().to_string();
    assert!(error.contains("was interrupted: `apigen generate` finishes it"), "{error}");
    files::recover(crash.out.path()).unwrap();
    assert_eq!(differences(&crash.after, crash.out.path()), []);
}

struct Crash {
    out: TempDir,
    place: TempDir,
    after: Files,
    old: BTreeMap<String, String>,
    new: BTreeMap<String, String>,
    steps: usize,
}

/// Updates a folder, and stops after some steps.
fn run_until(steps: usize) -> Crash {
    let (out, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (before, after) = before_and_after(&place.path().join("lock"));
    write(&before, out.path());
    let old = contents(out.path());
    let plan = files::plan(&after, out.path(), Force::No).unwrap();
    let planned = plan.steps();
    for step in planned.iter().take(steps) {
        plan.perform(*step).unwrap();
    }
    let new = contents(out.path());
    Crash { out, place, after, old, new, steps: planned.len() }
}

#[test]
fn an_error_midway_takes_everything_back() {
    let (out, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (before, mut after) = before_and_after(&place.path().join("lock"));
    write(&before, out.path());
    let (old, time) = (contents(out.path()), modified(&out.path().join("contracts/a")));
    after.beside(place.path().join("no such folder/lock"), "lock 2");
    fs::write(place.path().join("no such folder"), "in the way").unwrap();
    let error = refusal(&after, out.path());
    assert!(error.contains("nothing was changed: cannot write") && error.contains("no such folder"), "{error}");
    assert_eq!(contents(out.path()), old);
    assert_eq!(modified(&out.path().join("contracts/a")), time);
    assert_eq!(fs::read_to_string(place.path().join("lock")).unwrap(), "lock 1");
}

#[test]
fn the_file_beside_keeps_its_time_too() {
    let (out, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (before, _) = before_and_after(&place.path().join("lock"));
    write(&before, out.path());
    let time = modified(&place.path().join("lock"));
    assert_eq!(write(&before, out.path()), Report { unchanged: 4, ..Report::default() });
    assert_eq!(modified(&place.path().join("lock")), time);
    assert_eq!(contents(place.path()).keys().collect::<Vec<_>>(), ["lock"]);
}

#[test]
fn two_runs_at_once_dont_mix() {
    let out = TempDir::new().unwrap();
    let sets = ["1", "2"].map(|content| set(&[("server/a", content), ("server/b", content), ("server/c", content)]));
    std::thread::scope(|scope| {
        for files in &sets {
            scope.spawn(|| (0..20).for_each(|_| drop(write(files, out.path()))));
        }
    });
    let clean = sets.iter().filter(|files| differences(files, out.path()).is_empty());
    assert_eq!(clean.count(), 1);
}

#[test]
fn a_folder_in_the_way_of_a_file_is_an_error() {
    let out = TempDir::new().unwrap();
    fs::create_dir_all(out.path().join("server/a.rs")).unwrap();
    let error = refusal(&set(&[("server/a.rs", "1")]), out.path());
    assert!(error.ends_with("server/a.rs is a folder where a file must go"), "{error}");
}

#[test]
fn a_file_in_the_way_of_a_folder_is_an_error() {
    let out = TempDir::new().unwrap();
    fs::write(out.path().join("server"), "").unwrap();
    let error = refusal(&set(&[("server/a.rs", "1")]), out.path());
    assert!(error.ends_with("server is a file where a folder must go"), "{error}");
    let error = refusal(&set(&[]), &out.path().join("server"));
    assert!(error.ends_with("server is not a folder"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_an_error() {
    let (out, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), out.path().join("server")).unwrap();
    let error = refusal(&set(&[("server/src/a.rs", "1")]), out.path());
    assert!(error.contains("server is a link that leads out of"), "{error}");
    assert_eq!(contents(elsewhere.path()), BTreeMap::new());
    fs::write(elsewhere.path().join("a.rs"), "theirs").unwrap();
    fs::create_dir(out.path().join("contracts")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("a.rs"), out.path().join("contracts/a.rs")).unwrap();
    let error = refusal(&set(&[("contracts/a.rs", "1")]), out.path());
    assert!(error.contains("contracts/a.rs is a link"), "{error}");
    assert_eq!(contents(elsewhere.path())["a.rs"], "theirs");
}

#[cfg(unix)]
#[test]
fn where_the_users_links_lead_is_the_users_business() {
    let (out, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(elsewhere.path().join("main.rs"), "theirs").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), out.path().join("app")).unwrap();
    let mut files = set(&[]);
    files.add("app/main.rs", "ours", Owner::User);
    assert_eq!(write(&files, out.path()).unchanged, 1);
    files.add("app/other.rs", "ours", Owner::User);
    assert!(refusal(&files, out.path()).contains("app is a link that leads out of"));
    assert_eq!(contents(elsewhere.path()).into_values().collect::<Vec<_>>(), ["theirs"]);
}

#[test]
fn a_manifest_cant_lead_out_of_its_folder() {
    let place = TempDir::new().unwrap();
    let out = place.path().join("out");
    write(&set(&[("server/a.rs", "1")]), &out);
    fs::write(place.path().join("precious"), "x").unwrap();
    let line = format!("{}  server/../../precious\n", sha256(b"x"));
    fs::write(out.join(".apigen-manifest"), line).unwrap();
    let error = refusal(&set(&[]), &out);
    assert!(error.contains(".apigen-manifest") && error.contains("line 1"), "{error}");
    assert!(place.path().join("precious").exists());
}

#[test]
fn a_comparison_finds_what_is_stale_missing_and_unexpected() {
    let out = TempDir::new().unwrap();
    write(&set(&[("server/a.rs", "one\ntwo\n"), ("server/b.rs", "1"), ("server/c.rs", "1")]), out.path());
    fs::remove_file(out.path().join("server/b.rs")).unwrap();
    fs::create_dir_all(out.path().join("server/target/debug")).unwrap();
    fs::write(out.path().join("server/target/debug/x"), "built").unwrap();
    fs::write(out.path().join("server/stranger.rs"), "").unwrap();
    fs::write(out.path().join("notes.txt"), "mine").unwrap();
    let next = set(&[("server/a.rs", "one\n2\n"), ("server/b.rs", "1")]);
    let found = differences(&next, out.path());
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["server/a.rs", "server/b.rs", "server/c.rs", "server/stranger.rs", ".apigen-manifest"]);
    let diff = "--- a/server/a.rs\n+++ b/server/a.rs\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n".to_owned();
    assert_eq!(found[0].1, DifferenceKind::Stale { diff: Some(diff) });
    assert_eq!(found[1].1, DifferenceKind::Missing);
    assert_eq!(found[2].1, DifferenceKind::Unexpected);
    assert_eq!(found[3].1, DifferenceKind::Unexpected);
}

#[test]
fn nothing_is_there_before_the_first_run() {
    let out = TempDir::new().unwrap();
    let found = differences(&set(&[("server/a.rs", "1")]), &out.path().join("none"));
    assert_eq!(found, [("server/a.rs".to_owned(), DifferenceKind::Missing)]);
    assert!(!out.path().join("none").exists());
}

#[test]
fn bytes_that_arent_text_differ_without_a_diff() {
    let out = TempDir::new().unwrap();
    let binary = |last: u8| {
        let mut files = Files::new(FOLDERS);
        files.add("server/set.bin", vec![0xff, 0xfe, last], Owner::Apigen);
        files
    };
    write(&binary(0), out.path());
    let found = differences(&binary(1), out.path());
    assert_eq!(found[0], ("server/set.bin".to_owned(), DifferenceKind::Stale { diff: None }));
}
