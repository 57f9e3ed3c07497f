//! The server's command by hand, for runs that end by themselves.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::server::binary;

const PATIENCE: Duration = Duration::from_secs(60);

/// The built server, with none of this process's settings.
pub fn shop() -> Command {
    let mut command = Command::new(binary());
    command.env_clear().stdin(Stdio::null());
    command
}

/// What a run came to.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end. Its output must fit into a pipe.
pub fn run_to_end(command: &mut Command) -> Ended {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the process can be asked") {
            break status;
        }
        if start.elapsed() > PATIENCE {
            // It is about to be reported as a failure.
            let _ = child.kill();
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut ended = Ended { code: status.code(), stdout: String::new(), stderr: String::new() };
    child.stdout.expect("stdout is piped").read_to_string(&mut ended.stdout).expect("stdout is text");
    child.stderr.expect("stderr is piped").read_to_string(&mut ended.stderr).expect("stderr is text");
    ended
}

/// A command that must succeed.
pub fn succeed(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Database servers refuse to be root, so if this process is, they run as `postgres`.
pub fn unprivileged(program: impl AsRef<OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

pub fn is_root() -> bool {
    let process = fs::metadata("/proc/self").expect("a process");
    process.uid() == 0
}
