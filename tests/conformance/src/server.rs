//! The generated server as its users run it: a process of its own, on a free port and a database file.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long anything that a server does to itself may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It is killed when dropped.
pub struct Server {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
    /// Goes with the server, database and all, unless the caller owns it.
    _folder: Option<TempDir>,
}

impl Server {
    /// A server in development mode on an empty database.
    pub fn start(env: &[(&str, &str)]) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Server::start_on(&folder.path().join("shop.db"), env).keeping(folder)
    }

    /// A server in development mode on a database that may be there already.
    pub fn start_on(database: &Path, env: &[(&str, &str)]) -> Server {
        let mut command = shop();
        command
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("DATABASE_URL", format!("sqlite:{}", database.display()))
            .env("MODE", "development")
            .envs(env.iter().copied());
        Server::run(command)
    }

    /// Waits until the command says where it listens.
    pub fn run(mut command: Command) -> Server {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut seen = String::new();
        let url = loop {
            let start = seen.len();
            assert_ne!(stderr.read_line(&mut seen).expect("the log is text"), 0, "the server doesn't listen: {seen}");
            if let Some((_, url)) = seen[start..].split_once("listening on ") {
                break url.trim().to_owned();
            }
        };
        let log = Arc::new(Mutex::new(seen));
        let written = log.clone();
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                written.lock().expect("no writer panics").push_str(&line);
                line.clear();
            }
        });
        Server { child, url, log, _folder: None }
    }

    /// Takes over the folder that its database lies in.
    pub fn keeping(mut self, folder: TempDir) -> Server {
        self._folder = Some(folder);
        self
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to stderr.
    pub fn log(&self) -> String {
        self.log.lock().expect("no writer panics").clone()
    }

    /// Asks it to stop (SIGTERM).
    pub fn terminate(&self) {
        let sent = Command::new("kill").arg(self.pid().to_string()).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("it is still running");
        self.child.wait().expect("it ends");
    }

    /// How it ended.
    pub fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run that ends by itself came to.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end.
pub fn run_to_end(command: &mut Command) -> Ended {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    let status = wait(&mut child);
    let mut ended = Ended { code: status.code(), stdout: String::new(), stderr: String::new() };
    child.stdout.expect("stdout is piped").read_to_string(&mut ended.stdout).expect("stdout is text");
    child.stderr.expect("stderr is piped").read_to_string(&mut ended.stderr).expect("stderr is text");
    ended
}

fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the server can be waited for") {
            return status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("the server didn't end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The built server, with none of this process's settings.
pub fn shop() -> Command {
    let mut command = Command::new(binary());
    for name in ["LISTEN_ADDR", "DATABASE_URL", "MODE", "CURSOR_KEY", "LOG_FORMAT", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// The server of `generated-example`, built by the first who asks.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated-example/Cargo.toml"), "shop")
    })
}

/// Builds a binary into the repository's target directory.
pub fn build(manifest: &Path, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--quiet", "--message-format=json", "--bin", name, "--manifest-path"])
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "the generated server doesn't build");
    let messages = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    executable.expect("cargo names the executable")
}
