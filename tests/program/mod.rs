//! Programs that a test builds with cargo and runs: a generated server, and what it answers.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

/// `cargo build` or another command in a folder, into the target directory of this workspace: the dependencies there aren't
/// built again. A script of it that failed by a panic would show where.
pub fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target());
    cargo.env("CARGO_TERM_COLOR", "never").env("RUST_BACKTRACE", "1");
    cargo.output().unwrap()
}

/// A program that was built, by its package's name.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Standard error of a run that must have gone well.
#[track_caller]
pub fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{stderr}", output.status);
    stderr
}

/// A server that ends with the test, however that ends, and the stream that it writes its log to until then.
pub struct Server {
    program: Child,
    _log: BufReader<ChildStderr>,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Server {
    /// Starts it on a free port, with its database in `folder`, and reads its address from the log.
    pub fn start(program: &Path, folder: &Path) -> Server {
        let mut program = Command::new(program)
            .args(["--dev", "--listen-addr", "127.0.0.1:0"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(program.stderr.take().unwrap());
        let mut lines = log.by_ref().lines().map(|line| line.unwrap());
        let address = lines.find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned()));
        Server { program, _log: log, address: address.expect("the log says where the server listens") }
    }

    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), "text/plain", "")
    }

    pub fn post(&self, path: &str, content_type: &str, body: &str) -> String {
        self.ask(&format!("POST {path}"), content_type, body)
    }

    /// The body of an answer, what isn't text in it replaced.
    fn ask(&self, request: &str, content_type: &str, body: &str) -> String {
        let (address, length) = (&self.address, body.len());
        let mut connection = TcpStream::connect(address).unwrap();
        write!(
            connection,
            "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        answer.split_once("\r\n\r\n").expect("an answer has a head").1.to_owned()
    }
}
