//! A server as a child process: started, asked what it takes, stopped.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use http::HeaderValue;

use crate::database::Database;

/// `USER_HZ`, which Linux has fixed at 100 for what it tells processes.
const TICK: Duration = Duration::from_millis(10);
/// How often the start is timed.
const STARTS: usize = 5;
/// What checks tokens.
const SECRET: &str = "a secret of thirty-two characters or more";
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub known: Arc<Known>,
}

/// What requests are made of.
#[derive(Debug)]
pub struct Known {
    /// `Bearer …`, of someone who may do everything.
    pub token: HeaderValue,
    /// Those that were there before the first case: the id of each, and the number in its name.
    pub rows: Vec<(String, String)>,
}

impl Known {
    fn any(&self) -> &(String, String) {
        &self.rows[fastrand::usize(..self.rows.len())]
    }

    pub fn any_id(&self) -> &str {
        &self.any().0
    }

    pub fn any_number(&self) -> &str {
        &self.any().1
    }
}

/// What a server takes beside time.
#[derive(Debug, Clone, Copy)]
pub struct Footprint {
    /// From the start of the process to its first answer, its tables being there.
    pub start: Duration,
    /// Resident kilobytes before the first request.
    pub idle: u64,
    /// And after the last.
    pub loaded: u64,
}

impl Server {
    /// Starts the program of this name beside this one.
    pub async fn start(name: &str, database: &Database) -> anyhow::Result<(Server, Footprint)> {
        Server::spawn(name, database)?;
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            let started = Instant::now();
            Server::spawn(name, database)?;
            starts.push(started.elapsed());
        }
        starts.sort();
        let server = Server::spawn(name, database)?;
        thread::sleep(Duration::from_millis(300));
        let idle = server.memory()?;
        Ok((server, Footprint { start: starts[STARTS / 2], idle, loaded: idle }))
    }

    /// Returns once it has answered.
    fn spawn(name: &str, database: &Database) -> anyhow::Result<Server> {
        let program = std::env::current_exe()?.with_file_name(name);
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        // Its log goes where a service's log goes: out of the process.
        let log = File::create(program.with_extension("log"))?;
        let child = Command::new(&program)
            .env("LISTEN_ADDR", address.to_string())
            .env("DATABASE_URL", database.url(name))
            .env("CURSOR_KEY", "a secret of sixteen or more")
            .env("JWT_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("can't start {}", program.display()))?;
        let known = Arc::new(Known { token: token()?, rows: Vec::new() });
        let server = Server { child, address, known };
        let started = Instant::now();
        while !lives(address) {
            ensure!(
                started.elapsed() < PATIENCE,
                "{name} doesn't answer; see {}",
                program.with_extension("log").display()
            );
            thread::sleep(Duration::from_micros(500));
        }
        Ok(server)
    }

    /// Time on processors, in the program and in the system on its behalf.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is a name in parentheses, with whatever characters.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|ticks| ticks.parse::<u32>().ok());
        match (ticks(11), ticks(12)) {
            (Some(user), Some(system)) => Ok(TICK * (user + system)),
            _ => bail!("/proc/PID/stat isn't as expected: {stat}"),
        }
    }

    /// Resident kilobytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        line.trim().trim_end_matches(" kB").parse().context("VmRSS isn't a number")
    }

    /// Has `perf` watch it for a while.
    pub fn record(&self, file: &Path, time: Duration) -> anyhow::Result<Child> {
        let perf = Command::new("perf")
            .args(["record", "--quiet", "-e", "cpu-clock", "-F", "1999", "-o"])
            .arg(file)
            .args(["-p", &self.child.id().to_string(), "--", "sleep", &time.as_secs().to_string()])
            .spawn();
        perf.context("can't run perf (Debian: apt install linux-perf)")
    }
}

/// As the generated server makes it in development.
fn token() -> anyhow::Result<HeaderValue> {
    let program = std::env::current_exe()?.with_file_name("shop");
    let arguments = ["--dev", "token", "--sub", "usr_01m7z28491ep3b3betf5554vkc", "--role", "admin"];
    let made = Command::new(program).args(arguments).env("JWT_SECRET", SECRET).output()?;
    ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
    Ok(format!("Bearer {}", String::from_utf8(made.stdout)?.trim()).parse()?)
}

fn lives(address: SocketAddr) -> bool {
    let answer = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
