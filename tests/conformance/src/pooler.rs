//! PgBouncer in front of the server that `APIGEN_TEST_POSTGRES_URL` names, dealing out sessions by the transaction.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use reqwest::Url;
use tempfile::TempDir;

use crate::{
    cluster::{free_port, open_folder},
    command::unprivileged,
    postgres,
};

/// Where Debian puts it, which isn't on everybody's path.
const PROGRAM: &str = "/usr/sbin/pgbouncer";
const PATIENCE: Duration = Duration::from_secs(20);

/// Stopped when it is dropped.
pub struct Pooler {
    /// Of a new, empty database behind it.
    pub url: String,
    /// Of the same database, past it.
    pub direct: String,
    process: Child,
    _folder: TempDir,
}

impl Pooler {
    /// Whether there is one to start, and something to put behind it.
    pub fn installed() -> bool {
        postgres::url().is_some() && postgres::installed(Path::new(PROGRAM))
    }

    /// With fewer sessions than a server has connections, so that they must be shared. `settings`: further lines of its
    /// configuration.
    pub fn start(settings: &str) -> Pooler {
        let direct = postgres::database();
        let database = Url::parse(&direct).expect("a URL");
        let (folder, port) = (open_folder(), free_port());
        let password = database.password().map_or_else(String::new, |password| format!(" password={password}"));
        let text = format!(
            "[databases]\n* = host={} port={} user={}{password}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 3\n{settings}\n",
            database.host_str().expect("a host"),
            database.port().unwrap_or(5432),
            database.username(),
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, text).expect("it can be written");
        let mut command = unprivileged(PROGRAM);
        let process = command.arg("-q").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = process.spawn().expect("pgbouncer is installed");
        until_somebody_listens(port);
        let url = format!("postgres://anyone@127.0.0.1:{port}{}", database.path());
        Pooler { url, direct, process, _folder: folder }
    }
}

fn until_somebody_listens(port: u16) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < PATIENCE, "nobody listens on port {port}");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
