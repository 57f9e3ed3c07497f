//! SIGTERM: nothing that was begun is lost, and nobody waits for ever.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use apigen_conformance::{server::Server, shop::product, staff, wire};
use rusqlite::Connection;

/// A create whose body arrives in two parts; the second isn't sent yet.
fn half_a_create(address: &str) -> (TcpStream, String) {
    let body = product("Slow").to_string();
    let (first, second) = body.split_at(10);
    let mut stream = wire::connect(address);
    let head = format!(
        "POST /v1/products HTTP/1.1\r\nhost: shop\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{first}",
        staff::authorization(),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    (stream, second.to_owned())
}

/// `None`: nobody listens any more.
fn readiness(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    // A connection that was only waiting to be accepted is closed with the listener.
    (!answer.is_empty()).then_some(answer)
}

#[test]
fn a_request_that_runs_is_finished_while_no_new_one_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let mut server = Server::start_on(&database, &[("SHUTDOWN_GRACE", "60")]);
    let (mut slow, rest) = half_a_create(server.address());
    assert_eq!(wire::status(&readiness(server.address()).unwrap()), 200);

    server.signal("TERM");
    let mut told = false;
    while let Some(answer) = readiness(server.address()) {
        if wire::status(&answer) == 503 {
            assert!(answer.ends_with("stopping"), "{answer}");
            told = true;
        }
        assert!(answer.starts_with("HTTP/1.1 503") || !told, "ready again: {answer}");
    }
    assert!(told, "the listener closed before readyz said so");

    slow.write_all(rest.as_bytes()).unwrap();
    let answer = wire::read_all(&mut slow);
    assert_eq!(wire::status(&answer), 201, "{answer}");
    assert_eq!(server.wait().code(), Some(0));
    let count = "SELECT count(*) FROM products WHERE name = 'Slow'";
    let rows: i64 = Connection::open(&database).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["shop.db"], "a server that ended well leaves no WAL behind");
}

#[test]
fn connections_without_a_request_do_not_hold_it_up() {
    let mut server = Server::start(&[("SHUTDOWN_GRACE", "60")]);
    let mut kept = wire::connect(server.address());
    kept.write_all(b"GET /livez HTTP/1.1\r\nhost: shop\r\n\r\n").unwrap();
    let mut answer = [0; 1024];
    assert!(kept.read(&mut answer).unwrap() > 0);
    let silent = wire::connect(server.address());
    let start = Instant::now();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    drop(silent);
}

#[test]
fn a_request_that_never_ends_is_left_when_the_grace_is_over() {
    let mut server = Server::start(&[("SHUTDOWN_GRACE", "1")]);
    let (slow, _) = half_a_create(server.address());
    // Until the server has read the head, there is no request that it could wait for.
    std::thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let elapsed = start.elapsed();
    assert!(elapsed >= Duration::from_secs(1) && elapsed < Duration::from_secs(10), "{elapsed:?}");
    assert!(server.log().contains("still running"), "{}", server.log());
    drop(slow);
}

#[test]
fn control_c_is_as_good() {
    let mut server = Server::start(&[]);
    server.signal("INT");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_server_restarts_on_its_database() {
    let mut server = Server::start(&[]);
    let before = server.base_url.clone();
    server.restart();
    assert_ne!(server.base_url, before);
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.log());
}
