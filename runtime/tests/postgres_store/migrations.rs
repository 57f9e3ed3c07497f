//! Migrations: once, in order, and never behind anybody's back.

use apigen_runtime::{
    descriptor::Migration,
    store::{Store, postgres::PostgresStore},
};

use crate::support::{Database, numbers};

const fn migration(name: &'static str, postgres: &'static str) -> Migration {
    Migration { name, sqlite: "", postgres }
}

const FIRST: Migration = migration(
    "0001_initial",
    "CREATE TABLE p (id INTEGER PRIMARY KEY);
     CREATE TABLE c (p INTEGER NOT NULL REFERENCES p ON DELETE CASCADE);
     INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
);
const SECOND: Migration = migration("0002_name", "ALTER TABLE p ADD name TEXT; UPDATE p SET name = 'a'");
static BOTH: [Migration; 2] = [FIRST, SECOND];
static ONE: [Migration; 1] = [FIRST];

async fn error(store: &PostgresStore, migrations: &'static [Migration]) -> String {
    format!("{:#}", store.migrate(migrations).await.unwrap_err())
}

#[tokio::test]
async fn are_applied_once_and_in_order() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    store.migrate(&ONE).await.unwrap();
    store.migrate(&BOTH).await.unwrap();
    store.migrate(&BOTH).await.unwrap();
    assert_eq!(numbers(&store, "SELECT count(*) FROM apigen_migrations").await, [2]);
    assert_eq!(numbers(&store, "SELECT p FROM c JOIN p ON p.id = c.p WHERE name = 'a'").await, [1]);
}

#[tokio::test]
async fn must_not_change() {
    static CHANGED: [Migration; 1] = [migration("0001_initial", "CREATE TABLE other (id INTEGER)")];
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    store.migrate(&ONE).await.unwrap();
    let error = error(&store, &CHANGED).await;
    assert!(error.contains("0001_initial has changed since it was applied"), "{error}");
}

#[tokio::test]
async fn of_a_newer_version_are_refused() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    store.migrate(&BOTH).await.unwrap();
    let error = error(&store, &ONE).await;
    assert!(error.contains("has the migration 0002_name, which this program doesn't know"), "{error}");
}

#[tokio::test]
async fn of_the_runtime_come_and_go_with_their_need() {
    static OWN: [Migration; 2] = [FIRST, migration("apigen_0001_own", "CREATE TABLE apigen_own (id INTEGER)")];
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    store.migrate(&OWN).await.unwrap();
    store.migrate(&ONE).await.unwrap();
    assert_eq!(numbers(&store, "SELECT count(*) FROM apigen_own").await, [0], "it stays, and nobody minds");
}

#[tokio::test]
async fn that_fail_leave_nothing_of_themselves() {
    static BROKEN: [Migration; 2] =
        [FIRST, migration("0002_broken", "CREATE TABLE half (id INTEGER); SELECT * FROM gone")];
    static DANGLING: [Migration; 2] = [FIRST, migration("0002_dangling", "INSERT INTO c VALUES (404)")];
    static COMMITTING: [Migration; 2] = [FIRST, migration("0002_committing", "COMMIT")];
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    let broken = error(&store, &BROKEN).await;
    assert!(broken.starts_with("applying the migration 0002_broken: relation \"gone\" does not exist"), "{broken}");
    let dangling = error(&store, &DANGLING).await;
    assert!(dangling.contains("violates foreign key constraint"), "{dangling}");
    let committing = error(&store, &COMMITTING).await;
    assert!(committing.contains("take its COMMIT or ROLLBACK out"), "{committing}");
    assert_eq!(numbers(&store, "SELECT count(*) FROM pg_tables WHERE tablename = 'half'").await, [0]);
    assert_eq!(numbers(&store, "SELECT count(*) FROM c").await, [1]);
    store.migrate(&BOTH).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_instances_are_applied_once() {
    let Some(database) = Database::create().await else { return };
    let stores = [database.store().await, database.store().await, database.store().await, database.store().await];
    let all = stores.iter().map(|store| store.migrate(&BOTH));
    for result in futures_util::future::join_all(all).await {
        result.unwrap();
    }
    assert_eq!(numbers(&stores[0], "SELECT count(*) FROM c").await, [1]);
}
