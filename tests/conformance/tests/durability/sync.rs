//! Between the arrival of a create and its answer, the write-ahead log reaches the disk: seen by strace.

use std::{fs, path::Path, process::Command};

use apigen_conformance::{
    server::{Server, binary},
    shop::{Rest, product},
    staff,
};

const CALLS: &str = "trace=fsync,fdatasync,pwrite64,write,sendto,writev,read,recvfrom";

#[tokio::test]
async fn a_create_is_synced_before_it_is_acknowledged() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is missing");
        eprintln!(
            "SKIPPED: strace is missing, so nobody has seen whether a create is synced before it is acknowledged"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut command = Command::new("strace");
    // -D: the server stays our own child. -y: paths of descriptors.
    command.args(["-D", "-f", "-y", "-s", "64", "-e", CALLS, "-o"]).arg(&trace).arg(binary());
    command.env("MODE", "development").env("LISTEN_ADDR", "127.0.0.1:0").env("JWT_SECRET", staff::SECRET);
    command.env("DATABASE_URL", format!("sqlite:{}", folder.path().join("shop.db").display()));
    let mut server = Server::run(&mut command);
    let rest = Rest::of(&server);
    const CREATES: usize = 5;
    for _ in 0..CREATES {
        rest.create("/v1/products", &product("Mug")).await;
    }
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let events = events(&trace);
    let mut requests = events.split(|event| *event == Event::Request);
    let start = requests.next().unwrap();
    assert!(!start.contains(&Event::Reply), "a reply without a request");
    let mut seen = 0;
    for events in requests {
        seen += 1;
        let reply = events.iter().position(|event| *event == Event::Reply).expect("a reply");
        let logged = events.iter().position(|event| *event == Event::Log).expect("a write to the log");
        let synced = events[logged..reply.max(logged)].contains(&Event::Sync);
        assert!(synced, "acknowledged before the log was on disk: {events:?}");
    }
    assert_eq!(seen, CREATES);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A create has arrived.
    Request,
    /// It was written to the write-ahead log.
    Log,
    /// The log is on disk: the call has returned.
    Sync,
    /// The create is acknowledged.
    Reply,
}

/// A call that another thread interrupts is traced as two lines: `fdatasync(9</x/shop.db-wal> <unfinished ...>` and
/// `<... fdatasync resumed>) = 0`. Arrivals count from their end, replies from their start.
fn events(trace: &Path) -> Vec<Event> {
    let text = fs::read_to_string(trace).unwrap();
    let mut syncing: Vec<&str> = Vec::new();
    let mut events = Vec::new();
    for line in text.lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_sync && call.contains("shop.db-wal>") {
            if call.contains("<unfinished") {
                syncing.push(thread);
            } else if call.ends_with("= 0") {
                events.push(Event::Sync);
            }
        } else if call.contains("sync resumed>") && syncing.contains(&thread) {
            syncing.retain(|other| *other != thread);
            if call.ends_with("= 0") {
                events.push(Event::Sync);
            }
        } else if call.contains("POST /v1/products") && !call.starts_with("write(") {
            events.push(Event::Request);
        } else if call.starts_with("pwrite64(") && call.contains("shop.db-wal>") {
            events.push(Event::Log);
        } else if call.contains("HTTP/1.1 201") {
            events.push(Event::Reply);
        }
    }
    events
}
