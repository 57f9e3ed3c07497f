//! From the command to the first request.

use std::{net::TcpListener, process::Stdio};

use apigen_conformance::{
    command::shop,
    server::Server,
    shop::{Rest, id, product},
};
use serde_json::{Value as Json, json};

use super::{refused, run};

const KEY: (&str, &str) = ("CURSOR_KEY", "a secret for the tests");

fn database(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", folder.path().join("shop.db").display())
}

#[test]
fn a_start_says_where_it_listens_and_nothing_on_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = shop();
    command.args(["--dev", "--listen-addr", "127.0.0.1:0", "--database-url", &database(&folder)]);
    let mut server = Server::run(&mut command);
    assert!(server.address().starts_with("127.0.0.1:") && !server.address().ends_with(":0"), "{}", server.base_url);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let pages = format!("API reference {0}/docs, GraphiQL {0}/graphql", server.base_url);
    assert!(server.log().contains(&pages), "{}", server.log());
    assert!(folder.path().join("shop.db").exists());
}

#[test]
fn a_log_for_machines_is_json_line_by_line() {
    let mut server = Server::start(&[("LOG_FORMAT", "json")]);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let log = server.log();
    let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["message"].as_str().is_some_and(|text| text.starts_with("listening on "))));
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()), "{log}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let url = database(&folder);
    let env = [KEY, ("LISTEN_ADDR", address.as_str()), ("DATABASE_URL", &url)];
    refused(&[], &env, &[&address, "LISTEN_ADDR", "in use"]);
    for address in ["nowhere", "127.0.0.1", "127.0.0.1:99999", "300.0.0.1:80", ""] {
        refused(&[], &[KEY, ("LISTEN_ADDR", address), ("DATABASE_URL", &url)], &["can't listen on", "LISTEN_ADDR"]);
    }
    assert!(!folder.path().join("shop.db").exists(), "a database was made by a server that doesn't start");
}

#[test]
fn production_wants_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let url = database(&folder);
    let env = [("LISTEN_ADDR", "127.0.0.1:0"), ("DATABASE_URL", url.as_str())];
    refused(&[], &env, &["CURSOR_KEY is missing", "--dev"]);
    for short in ["", "short", "fifteen letters", "long enough for anybody,short"] {
        let ended = run(&[], &[env[0], env[1], ("CURSOR_KEY", short)]);
        assert_eq!(ended.code, Some(2), "{short:?}: {ended:?}");
        assert!(ended.stderr.contains("CURSOR_KEY") && ended.stderr.contains("16 characters"), "{ended:?}");
        assert!(short.is_empty() || !ended.stderr.contains(short), "the secret is shown: {ended:?}");
    }
    assert!(!folder.path().join("shop.db").exists(), "a database was made by a server that doesn't start");
}

#[tokio::test]
async fn a_cursor_outlives_the_change_of_its_secret_as_long_as_the_old_one_is_named() {
    const OLD: &str = "the old secret of all";
    const NEW: &str = "the new secret of all";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let start = |key: &str| Server::start_on(&path, &[("MODE", "production"), ("CURSOR_KEY", key)]);
    let list = async |server: &Server, cursor: &str| {
        let path = format!("/v1/products?limit=1{cursor}");
        Rest::of(server).get(&path).send().await.unwrap().json::<Json>().await.unwrap()
    };
    let server = start(OLD);
    let rest = Rest::of(&server);
    rest.create("/v1/products", &product("Mug")).await;
    let second = rest.create("/v1/products", &product("Cup")).await;
    let cursor = format!("&cursor={}", list(&server, "").await["next_cursor"].as_str().unwrap());
    drop(server);
    let page = list(&start(&format!("{NEW},{OLD}")), &cursor).await;
    assert_eq!(id(&page["data"][0]), id(&second));
    let refused = list(&start(NEW), &cursor).await;
    assert_eq!(refused["code"], json!("INVALID_PAGE_TOKEN"));
}

#[test]
fn what_is_typed_wrong_is_told_with_what_would_be_right() {
    for (arguments, words) in [
        (&["--colour", "red"][..], &["--colour"][..]),
        (&["--mode", "prod"], &["prod", "development", "production"]),
        (&["--body-limit", "1MB"], &["1MB", "--body-limit"]),
        (&["--request-timeout", "0"], &["--request-timeout"]),
        (&["--db-pool-size", "0"], &["--db-pool-size"]),
        (&["burn"], &["burn"]),
    ] {
        let ended = run(arguments, &[]);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "{arguments:?}: no {word:?} in {}", ended.stderr);
        }
    }
    refused(&["--dev"], &[("RUST_LOG", "shop=loud")], &["RUST_LOG", "loud"]);
}

#[tokio::test]
async fn what_is_read_takes_no_longer_than_it_may() {
    let server = Server::start(&[("REQUEST_TIMEOUT", "1")]);
    let mut stream = apigen_conformance::wire::connect(server.address());
    let head = "POST /v1/products HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\
                connection: close\r\n\r\n{";
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let answer = apigen_conformance::wire::read_all(&mut stream);
    assert_eq!(apigen_conformance::wire::status(&answer), 504, "{answer}");
    assert!(answer.contains("\"code\":\"DEADLINE_EXCEEDED\""), "{answer}");
}

#[test]
fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = shop();
    command.args(["--dev", "--listen-addr", "127.0.0.1:0", "--database-url", &database(&folder)]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on ") {
        line.clear();
        std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    }
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    drop(reader);
    let request = b"GET /v1/products HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n";
    for _ in 0..3 {
        let answer = apigen_conformance::wire::exchange(&address, request);
        assert_eq!(apigen_conformance::wire::status(&answer), 200, "{answer}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
