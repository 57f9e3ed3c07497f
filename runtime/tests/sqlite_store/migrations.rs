//! Migrations: once, in order, and never behind anybody's back.

use apigen_runtime::{
    descriptor::Migration,
    store::{Store, sqlite::SqliteStore},
};

use crate::support::{OnDisk, execute, in_memory, numbers, options, url};

const fn migration(name: &'static str, sqlite: &'static str) -> Migration {
    Migration { name, sqlite, postgres: "" }
}

const FIRST: Migration = migration(
    "0001_initial",
    "CREATE TABLE p (id INTEGER PRIMARY KEY);
     CREATE TABLE c (p INTEGER NOT NULL REFERENCES p ON DELETE CASCADE);
     INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
);
/// The way SQLite's manual changes a table that others refer to.
const REBUILD: Migration = migration(
    "0002_rebuild",
    "CREATE TABLE p_new (id INTEGER PRIMARY KEY, name TEXT);
     INSERT INTO p_new (id) SELECT id FROM p; DROP TABLE p; ALTER TABLE p_new RENAME TO p;",
);
static BOTH: [Migration; 2] = [FIRST, REBUILD];
static ONE: [Migration; 1] = [FIRST];

async fn error(store: &SqliteStore, migrations: &'static [Migration]) -> String {
    format!("{:#}", store.migrate(migrations).await.unwrap_err())
}

#[tokio::test]
async fn are_applied_once_and_in_order() {
    for store in [&OnDisk::new().store, &in_memory()] {
        store.migrate(&ONE).await.unwrap();
        store.migrate(&BOTH).await.unwrap();
        store.migrate(&BOTH).await.unwrap();
        assert_eq!(numbers(store, "SELECT count(*) FROM apigen_migrations").await, [2]);
        assert_eq!(numbers(store, "SELECT p FROM c JOIN p ON p.id = c.p WHERE name IS NULL").await, [1]);
        assert!(execute(store, "INSERT INTO c VALUES (404)").await.is_err(), "foreign keys are on again");
    }
}

#[tokio::test]
async fn must_not_change() {
    static CHANGED: [Migration; 1] = [migration("0001_initial", "CREATE TABLE other (id)")];
    let store = in_memory();
    store.migrate(&ONE).await.unwrap();
    let error = error(&store, &CHANGED).await;
    assert!(error.contains("0001_initial has changed since it was applied"), "{error}");
}

#[tokio::test]
async fn of_a_newer_version_are_refused() {
    let store = in_memory();
    store.migrate(&BOTH).await.unwrap();
    let error = error(&store, &ONE).await;
    assert!(error.contains("has the migration 0002_rebuild, which this program doesn't know"), "{error}");
}

#[tokio::test]
async fn of_the_runtime_come_and_go_with_their_need() {
    static OWN: [Migration; 2] = [FIRST, migration("apigen_0001_own", "CREATE TABLE apigen_own (id INTEGER)")];
    let store = in_memory();
    store.migrate(&OWN).await.unwrap();
    store.migrate(&ONE).await.unwrap();
    assert_eq!(numbers(&store, "SELECT count(*) FROM apigen_own").await, [0], "it stays, and nobody minds");
}

#[tokio::test]
async fn that_fail_leave_nothing_of_themselves() {
    static BROKEN: [Migration; 2] = [FIRST, migration("0002_broken", "CREATE TABLE half (id); SELECT * FROM gone")];
    static DANGLING: [Migration; 2] = [FIRST, migration("0002_dangling", "DELETE FROM p")];
    static COMMITTING: [Migration; 2] = [FIRST, migration("0002_committing", "COMMIT")];
    let store = in_memory();
    let broken = error(&store, &BROKEN).await;
    assert!(broken.starts_with("applying the migration 0002_broken: no such table: gone"), "{broken}");
    let dangling = error(&store, &DANGLING).await;
    assert!(dangling.contains("it leaves rows in c that refer to rows of p that aren't there"), "{dangling}");
    let committing = error(&store, &COMMITTING).await;
    assert!(committing.contains("take its COMMIT or ROLLBACK out"), "{committing}");
    assert_eq!(numbers(&store, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'").await, [0]);
    assert_eq!(numbers(&store, "SELECT count(*) FROM p").await, [1]);
    store.migrate(&BOTH).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_instances_are_applied_once() {
    let disk = OnDisk::new();
    let stores: Vec<_> = (0..4).map(|_| SqliteStore::open(&url(&disk.folder), options()).unwrap()).collect();
    let all = stores.iter().map(|store| store.migrate(&BOTH));
    for result in futures_util::future::join_all(all).await {
        result.unwrap();
    }
    assert_eq!(numbers(&disk.store, "SELECT count(*) FROM c").await, [1]);
}
