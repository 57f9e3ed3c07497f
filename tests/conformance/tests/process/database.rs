//! Databases that can't be used, and the way to one that can.

use std::{fs, path::Path};

use apigen_conformance::{
    server::Server,
    shop::{Rest, product},
};
use rusqlite::Connection;

use super::{refused, run};

fn refused_on(url: &str, words: &[&str]) {
    for arguments in [&[][..], &["migrate"]] {
        let env = [("MODE", "development"), ("LISTEN_ADDR", "127.0.0.1:0"), ("DATABASE_URL", url)];
        refused(arguments, &env, words);
    }
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    let text = "Dear Ada, this is a letter and not a database at all.\n".repeat(100);
    fs::write(&file, &text).unwrap();
    refused_on(&url(&file), &["letter.txt", "isn't an SQLite database"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_path_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    refused_on(&url(folder.path()), &[folder.path().to_str().unwrap(), "DATABASE_URL"]);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("shop.db");
    refused_on(&url(&below), &[below.to_str().unwrap(), "DATABASE_URL"]);
    refused_on("sqlite:/proc/nothing/shop.db", &["/proc/nothing"]);
}

#[test]
fn an_url_of_another_kind_is_told_what_is_known() {
    refused_on("mysql://localhost/shop", &["DATABASE_URL", "sqlite:PATH", "postgres://"]);
    refused_on("shop.db", &["DATABASE_URL", "sqlite:PATH"]);
    refused_on("", &["DATABASE_URL", "sqlite:PATH"]);
    refused_on("sqlite:", &["names no file"]);
    refused_on("sqlite:shop.db?mode=ro", &["options"]);
    let ended = run(&[], &[("MODE", "development"), ("DATABASE_URL", "mysql://me:secret@db/shop")]);
    assert!(!ended.stderr.contains("secret"), "{ended:?}");
}

fn migration() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated-example/migrations/sqlite/0001_initial.sql");
    fs::read_to_string(path).unwrap()
}

#[test]
fn migrate_prints_what_it_would_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let printed = run(&["migrate", "--print"], &[("DATABASE_URL", &url(&file))]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.contains(&migration()), "{}", printed.stdout);
    assert!(!file.exists(), "printing has made a database");
    Connection::open_in_memory().unwrap().execute_batch(&printed.stdout).unwrap();
}

/// Names and definitions of everything in a database.
fn schema(path: &Path) -> Vec<(String, Option<String>)> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn migrate_makes_the_database_that_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/below/shop.db");
    for _ in 0..2 {
        // Production, and no secret: none is needed to migrate.
        let ended = run(&["migrate"], &[("DATABASE_URL", &url(&file))]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains("up to date"), "{ended:?}");
    }
    let migrated = schema(&file);
    assert!(migrated.len() > 4, "{migrated:?}");
    let server = Server::start_on(&file, &[]);
    Rest::of(&server).create("/v1/products", &product("Mug")).await;
    drop(server);
    assert_eq!(schema(&file), migrated, "serving has changed the schema");
}

#[tokio::test]
async fn a_database_of_another_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let server = Server::start_on(&file, &[]);
    let path = Rest::of(&server).create_path("/v1/products", &product("Mug")).await;
    drop(server);
    let change = |sql: &str| Connection::open(&file).unwrap().execute_batch(sql).unwrap();

    change("INSERT INTO apigen_migrations (name, checksum, applied_at) VALUES ('0002_future', 'x', 0)");
    refused_on(&url(&file), &["0002_future", "newer version"]);
    change("DELETE FROM apigen_migrations WHERE name = '0002_future'");

    change("UPDATE apigen_migrations SET checksum = checksum || 'x'");
    refused_on(&url(&file), &["0001_initial", "has changed since it was applied"]);
    change("UPDATE apigen_migrations SET checksum = rtrim(checksum, 'x')");

    let server = Server::start_on(&file, &[]);
    assert_eq!(Rest::of(&server).get(&path).send().await.unwrap().status(), 200);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('Ada')")
        .unwrap();
    refused_on(&url(&file), &["0001_initial", "users"]);
    let names: Vec<_> = schema(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["users"]);
}
