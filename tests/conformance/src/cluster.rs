//! A PostgreSQL server of a test's own, which it may stop, start and give a certificate.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{
    command::{is_root, succeed, unprivileged},
    postgres,
};

/// Stopped and deleted when it is dropped.
pub struct Cluster {
    pub port: u16,
    folder: TempDir,
}

impl Cluster {
    /// Whether there is a PostgreSQL to make one of.
    pub fn installed() -> bool {
        postgres::installed(&program("initdb"))
    }

    /// An empty one that runs.
    pub fn start() -> Cluster {
        let folder = open_folder();
        let port = free_port();
        let cluster = Cluster { port, folder };
        let options = ["-U", "root", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync", "-D"];
        succeed(unprivileged(program("initdb")).args(options).arg(cluster.data()));
        let settings = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\n",
            cluster.folder.path().display()
        );
        let file = cluster.data().join("postgresql.conf");
        let settings = fs::read_to_string(&file).expect("initdb wrote it") + &settings;
        fs::write(&file, settings).expect("it can be written");
        cluster.up();
        cluster
    }

    /// The URL of a database that is always there, on `127.0.0.1` or another name of this machine.
    pub fn url(&self, host: &str) -> String {
        format!("postgres://root@{host}:{}/postgres", self.port)
    }

    pub fn up(&self) {
        let log = self.folder.path().join("log");
        succeed(self.pg_ctl().args(["start", "-w", "-l"]).arg(log));
    }

    /// `fast` is an orderly end, `immediate` a crash.
    pub fn down(&self, mode: &str) {
        succeed(self.pg_ctl().args(["stop", "-w", "-m", mode]));
    }

    /// Speaks TLS from now on, with a certificate for `localhost`. The file of whoever signed it.
    pub fn encrypt(&self) -> PathBuf {
        let folder = self.folder.path();
        let root = certify(folder, "data/server");
        let mut keep = Command::new("chmod");
        succeed(keep.arg("600").arg(self.data().join("server.key")));
        if is_root() {
            succeed(Command::new("chown").arg("postgres").arg(self.data().join("server.key")));
        }
        self.set("ssl", "on");
        root
    }

    /// Changes a setting, for connections to come.
    pub fn set(&self, name: &str, value: &str) {
        for sql in [&format!("ALTER SYSTEM SET {name} = {value}"), "SELECT pg_reload_conf()"] {
            succeed(Command::new("psql").args(["-qX", "-c", sql]).arg(self.url("127.0.0.1")));
        }
    }

    /// Another authority, which has signed nothing.
    pub fn stranger(&self) -> PathBuf {
        authority(self.folder.path(), "stranger");
        self.folder.path().join("stranger.pem")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn pg_ctl(&self) -> Command {
        let mut command = unprivileged(program("pg_ctl"));
        command.arg("-D").arg(self.data());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be down already.
        let _ = self.pg_ctl().args(["stop", "-m", "immediate"]).output();
    }
}

/// A key and a certificate for `localhost`, in files that end in `.key` and `.crt`. The file of whoever signed it.
pub fn certify(folder: &Path, name: &str) -> PathBuf {
    authority(folder, "ca");
    fs::write(folder.join("names"), "subjectAltName = DNS:localhost\n").expect("it can be written");
    let key = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=apigen", "-out", "request"];
    succeed(openssl(folder).args(key).args(["-keyout", &format!("{name}.key")]));
    let sign = ["x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    let out = format!("{name}.crt");
    succeed(openssl(folder).args(sign).args(["-days", "2", "-extfile", "names", "-out", &out]));
    folder.join("ca.pem")
}

/// A key and a certificate that may sign others.
fn authority(folder: &Path, name: &str) {
    let new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"];
    let (subject, key, certificate) = (format!("/CN={name}"), format!("{name}.key"), format!("{name}.pem"));
    succeed(openssl(folder).args(new).args([&subject, "-keyout", &key, "-out", &certificate]));
}

/// The program, run in a folder.
pub fn openssl(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder);
    command
}

/// A folder that servers may write to, whoever they run as.
pub fn open_folder() -> TempDir {
    let folder = TempDir::with_prefix("apigen-conformance-").expect("a temporary folder");
    if is_root() {
        succeed(Command::new("chown").arg("postgres").arg(folder.path()));
    }
    folder
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// One of PostgreSQL's programs, which Debian keeps out of the way.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = versions.filter_map(|version| Some(version.ok()?.path().join("bin").join(name)));
    found.filter(|path| path.exists()).max().unwrap_or_else(|| PathBuf::from(name))
}
