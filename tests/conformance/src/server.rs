//! The generated server as its users run it: the binary, in a process of its own, on a port and a database of its own.
//!
//! `Server::start(&[])` builds the example (once per test process), starts it and returns when it listens. The process
//! ends when the value is dropped. Knows nothing about what the server serves.

use std::{
    any::Any,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, LazyLock, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::staff;

/// Long enough for a machine that builds something else at the same time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub base_url: String,
    /// The SQLite file. It outlives [`Server::restart`], and the server too if [`Server::start_on`] named it.
    pub database: PathBuf,
    env: Vec<(String, String)>,
    process: Child,
    log: Arc<Mutex<String>>,
    /// Goes away after the server.
    _kept: Option<Box<dyn Any + Send + Sync>>,
}

impl Server {
    /// Starts a server on an empty database. It runs in development mode unless `env` says otherwise; nothing else is
    /// taken from this process's environment.
    pub fn start(env: &[(&str, &str)]) -> Server {
        let folder = TempDir::with_prefix("apigen-conformance-").expect("a temporary folder");
        Server::start_on(&folder.path().join("shop.db"), env).keeping(folder)
    }

    /// Starts a server on a database that may have data.
    pub fn start_on(database: &Path, env: &[(&str, &str)]) -> Server {
        let env: Vec<_> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (process, base_url, log) = launch(database, &env);
        Server { base_url, database: database.to_owned(), env, process, log, _kept: None }
    }

    /// Starts a server by a command of the caller's own, which names the database as well.
    pub fn run(command: &mut Command) -> Server {
        let (process, base_url, log) = listen(command);
        Server { base_url, database: PathBuf::new(), env: Vec::new(), process, log, _kept: None }
    }

    /// Takes over what it needs as long as it runs: the folder that its database lies in.
    pub fn keeping(mut self, needed: impl Any + Send + Sync) -> Server {
        self._kept = Some(Box::new(needed));
        self
    }

    /// `127.0.0.1:<port>`
    pub fn address(&self) -> &str {
        self.base_url.trim_start_matches("http://")
    }

    /// Kills the process, without a chance to tidy up, and starts another one on the same database and a new port.
    pub fn restart(&mut self) {
        self.kill();
        (self.process, self.base_url, self.log) = launch(&self.database, &self.env);
    }

    /// Sends a signal by its name: `TERM`, `INT`, `HUP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(sent.as_ref().is_ok_and(ExitStatus::success), "can't send {name}: {sent:?}");
    }

    /// Waits until the process has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().expect("the process can be asked") {
                return status;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the server is still running after {PATIENCE:?}; it wrote:\n{}", self.log())
    }

    /// Ends the process at once (SIGKILL).
    pub fn kill(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// What the server has written to stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log's reader doesn't panic").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The server's binary, built when it is first asked for. Run it by hand to test a start that must fail.
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| build(Path::new("generated-example/Cargo.toml")));
    &BINARY
}

/// Builds from the root of the repository, whose `.cargo/config.toml` names the shared target directory. The path of the
/// binary.
pub fn build(manifest: &Path) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(repository())
        .args(["build", "--message-format", "json", "--manifest-path"])
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{} doesn't build", manifest.display());
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .expect("a generated workspace has one binary")
}

fn launch(database: &Path, env: &[(String, String)]) -> (Child, String, Arc<Mutex<String>>) {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .env("MODE", "development")
        .env("JWT_SECRET", staff::SECRET)
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("DATABASE_URL", format!("sqlite:{}", database.display()))
        .envs(env.iter().map(|(name, value)| (name, value)));
    listen(&mut command)
}

/// Waits until the server says where it listens, which it does at the log level `info`.
fn listen(command: &mut Command) -> (Child, String, Arc<Mutex<String>>) {
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server can be started");
    let log = Arc::new(Mutex::new(String::new()));
    let listening = follow(process.stderr.take().expect("stderr is piped"), Arc::clone(&log));
    let Ok(base_url) = listening.recv_timeout(PATIENCE) else {
        let _ = process.kill();
        let status = process.wait();
        panic!("the server doesn't listen ({status:?}); it wrote:\n{}", log.lock().expect("nobody panics"));
    };
    (process, base_url, log)
}

/// Keeps reading what the server writes, so that its pipe never fills up, and reports the address it listens on.
fn follow(stderr: ChildStderr, log: Arc<Mutex<String>>) -> mpsc::Receiver<String> {
    let (report, listening) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some((_, url)) = line.split_once("listening on ") {
                // Nobody waits any more if the line comes twice.
                let _ = report.send(url.trim().trim_end_matches('/').to_owned());
            }
            let mut log = log.lock().expect("the log's readers don't panic");
            log.push_str(&line);
            log.push('\n');
        }
    });
    listening
}
