//! Opening, closing, and what is there afterwards.

use apigen_runtime::{
    error::Code,
    store::{
        Store,
        sqlite::{Options, SqliteStore},
    },
};
use futures_util::FutureExt;

use crate::support::{Gate, OnDisk, execute, in_memory, insert, numbers, numbers_by, options, queued, soon, url};

#[tokio::test]
async fn closing_finishes_what_is_queued_and_keeps_it() {
    let disk = OnDisk::new();
    let store = &disk.store;
    execute(store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    let gate = Gate::writer(store);
    let write = queued(insert(store, 1));
    let mut close = store.close();
    assert!((&mut close).now_or_never().is_none(), "a job is still running");
    assert_eq!(insert(store, 2).await.unwrap_err().code, Code::Unavailable);
    assert_eq!(numbers_by(store, soon(), "SELECT 1").await.unwrap_err().code, Code::Unavailable);
    gate.open().await;
    close.await;
    assert_eq!(write.await, Ok(1));
    store.close().await;
    assert!(store.ready().await.is_err());
    assert!(store.migrate(&[]).await.is_err());

    let files: Vec<_> = std::fs::read_dir(disk.folder.path().join("data")).unwrap().collect();
    assert_eq!(files.len(), 1, "a closed database is one file");
    let again = SqliteStore::open(&url(&disk.folder), options()).unwrap();
    assert_eq!(numbers(&again, "SELECT id FROM t").await, [1]);
}

#[tokio::test]
async fn closing_empties_the_log_even_if_others_have_the_file_open() {
    let disk = OnDisk::new();
    let outsider = disk.outsider();
    execute(&disk.store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    outsider.execute_batch("SELECT * FROM t").unwrap();
    disk.store.close().await;
    assert_eq!(std::fs::metadata(disk.folder.path().join("data/shop.db-wal")).unwrap().len(), 0);
}

#[tokio::test]
async fn what_was_answered_is_on_disk_without_closing() {
    let disk = OnDisk::new();
    execute(&disk.store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    insert(&disk.store, 1).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(disk.folder.path().join("data")).unwrap() {
        let file = file.unwrap();
        std::fs::create_dir_all(copy.path().join("data")).unwrap();
        std::fs::copy(file.path(), copy.path().join("data").join(file.file_name())).unwrap();
    }
    let crashed = SqliteStore::open(&url(&copy), options()).unwrap();
    assert_eq!(numbers(&crashed, "SELECT id FROM t").await, [1]);
}

#[tokio::test]
async fn connections_are_set_up() {
    for store in [&OnDisk::new().store, &in_memory()] {
        store.ready().await.unwrap();
        assert_eq!(numbers(store, "PRAGMA foreign_keys").await, [1]);
        assert_eq!(numbers(store, "PRAGMA synchronous").await, [2]);
        assert_eq!(numbers(store, "PRAGMA trusted_schema").await, [0]);
        // Not a text because no column has this name.
        assert!(numbers_by(store, soon(), "SELECT \"gone\" FROM sqlite_schema").await.is_err());
    }
}

#[tokio::test]
async fn memory_is_not_shared_between_stores() {
    let (one, other) = (in_memory(), in_memory());
    execute(&one, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    assert_eq!(numbers(&one, "SELECT count(*) FROM sqlite_schema").await, [1]);
    assert_eq!(numbers(&other, "SELECT count(*) FROM sqlite_schema").await, [0]);
}

fn open_error(path: &std::path::Path) -> String {
    match SqliteStore::open(path.to_str().unwrap(), Options { readers: 1, ..options() }) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn files_that_cannot_be_used_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "by no means a database, though long enough to be one. ".repeat(20)).unwrap();
    assert!(
        open_error(&text).ends_with("notes.txt isn't an SQLite database; name another file, or move this one away")
    );
    assert!(open_error(folder.path()).contains("can't be opened; check the permissions"));
    assert!(open_error(&text.join("shop.db")).starts_with("creating the folder"));
}

#[test]
fn a_locked_file_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (id)").unwrap();
    assert!(open_error(&path).contains("is locked by another process"));
}
