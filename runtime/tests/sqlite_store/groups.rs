//! Writes that share a transaction: what happens to one happens to no other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::{ApiError, Code},
    store::{
        self, Store, StoreError,
        sqlite::{Options, SqliteStore},
    },
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::support::{Gate, OnDisk, execute, execute_by, in_memory, insert, number, numbers, options, queued, soon};

async fn with_table() -> OnDisk {
    let disk = OnDisk::new();
    execute(&disk.store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    disk
}

async fn rows(disk: &OnDisk) -> Vec<i64> {
    numbers(&disk.store, "SELECT id FROM t ORDER BY id").await
}

#[tokio::test]
async fn failures_stay_with_their_own_request() {
    let disk = with_table().await;
    let store = &disk.store;
    let gate = Gate::writer(store);
    let first = queued(insert(store, 1));
    let refused = queued(failing(store, 2, || Err(ApiError::new(Code::FailedPrecondition, "no"))));
    let panicking = queued(failing(store, 3, || panic!("on purpose")));
    let waiting = queued(pending(store, 4));
    let late = queued(slow(store, 5));
    let taken = queued(insert(store, 1));
    let cancelled = queued(insert(store, 6));
    let expired = queued(expired(store));
    let last = queued(insert(store, 8));
    drop(cancelled);
    gate.open().await;

    assert_eq!(first.await, Ok(1));
    assert_eq!(refused.await.unwrap_err().message, "no");
    assert_eq!(panicking.await.unwrap_err().code, Code::Internal);
    assert_eq!(waiting.await.unwrap_err().code, Code::Internal);
    assert_eq!(late.await.unwrap_err().code, Code::DeadlineExceeded);
    assert_eq!(taken.await.unwrap_err(), ApiError::new(Code::AlreadyExists, "id is taken"));
    assert_eq!(expired.await.unwrap_err().code, Code::DeadlineExceeded);
    assert_eq!(last.await, Ok(1));
    assert_eq!(rows(&disk).await, [1, 8]);
    assert_eq!(insert(store, 9).await, Ok(1), "the writer lives on");
}

/// Inserts, then ends as told.
fn failing<'s>(
    store: &'s dyn Store,
    id: i64,
    end: fn() -> Result<(), ApiError>,
) -> BoxFuture<'s, Result<(), ApiError>> {
    store::write(store, soon(), move |tx| {
        Box::pin(async move {
            tx.execute(&format!("INSERT INTO t VALUES ({id})"), &[]).await?;
            end()
        })
    })
    .boxed()
}

/// Has no time left when its turn comes.
fn expired(store: &dyn Store) -> BoxFuture<'_, Result<(), ApiError>> {
    let deadline = Instant::now() + Duration::from_millis(1);
    store::write(store, deadline, |_| -> BoxFuture<'_, _> { panic!("a job ran after its deadline") }).boxed()
}

/// Inserts, then waits for something that isn't its transaction.
fn pending<'s>(store: &'s dyn Store, id: i64) -> BoxFuture<'s, Result<(), ApiError>> {
    store::write(store, soon(), move |tx| {
        Box::pin(async move {
            tx.execute(&format!("INSERT INTO t VALUES ({id})"), &[]).await?;
            futures_util::future::pending().await
        })
    })
    .boxed()
}

/// Inserts, lets its deadline pass, passes over the error of its next statement and says that all is well.
fn slow<'s>(store: &'s dyn Store, id: i64) -> BoxFuture<'s, Result<(), ApiError>> {
    let deadline = Instant::now() + Duration::from_millis(60);
    store::write(store, deadline, move |tx| {
        Box::pin(async move {
            tx.execute(&format!("INSERT INTO t VALUES ({id})"), &[]).await?;
            thread::sleep(deadline.saturating_duration_since(Instant::now()));
            let refused = tx.execute("INSERT INTO t VALUES (50)", &[]).await;
            assert_eq!(refused, Err(StoreError::Deadline));
            Ok(())
        })
    })
    .boxed()
}

#[tokio::test]
async fn waiting_writes_share_a_transaction() {
    let disk = with_table().await;
    let gate = Gate::writer(&disk.store);
    let writes: Vec<_> = (0..40).map(|id| queued(insert(&disk.store, id))).collect();
    gate.open().await;
    for write in writes {
        assert_eq!(write.await, Ok(1));
    }
    // Every commit appends at least the page that it changed.
    let wal = std::fs::metadata(disk.folder.path().join("data/shop.db-wal")).unwrap().len();
    assert!(wal < 20 * 4096, "forty writes made {wal} bytes of log");
    assert_eq!(rows(&disk).await.len(), 40);
}

#[tokio::test]
async fn a_lost_transaction_fails_only_the_one_that_lost_it() {
    let disk = with_table().await;
    let store = &disk.store;
    let runs = Arc::new(AtomicU32::new(0));
    insert(store, 1).await.unwrap();
    let gate = Gate::writer(store);
    let innocent = queued(counted(store, 2, runs.clone()));
    // Rolls back the whole transaction, as a full disk does.
    let culprit = queued(execute_by(store, soon(), "INSERT OR ROLLBACK INTO t VALUES (1)"));
    let quiet_culprit = queued(quiet_loser(store));
    let taken = queued(insert(store, 2));
    let later = queued(insert(store, 3));
    gate.open().await;

    assert_eq!(innocent.await, Ok(()));
    assert_eq!(culprit.await.unwrap_err().code, Code::AlreadyExists);
    assert_eq!(quiet_culprit.await.unwrap_err().code, Code::Internal);
    assert_eq!(taken.await.unwrap_err().code, Code::AlreadyExists);
    assert_eq!(later.await, Ok(1));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(rows(&disk).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_full_disk_fails_only_the_one_that_fills_it() {
    let disk = with_table().await;
    let store = &disk.store;
    execute(store, "CREATE TABLE b (b BLOB)").await.unwrap();
    let limit = store::write(store, soon(), |tx| {
        Box::pin(async move { Ok(tx.query("PRAGMA max_page_count = 20", &[], &[Type::Int64]).await?) })
    });
    assert_eq!(number(&limit.await.unwrap()[0][0]), 20);
    let gate = Gate::writer(store);
    let before = queued(insert(store, 1));
    let greedy = queued(execute_by(store, soon(), "INSERT INTO b VALUES (randomblob(1000000))"));
    let after = queued(insert(store, 2));
    gate.open().await;

    assert_eq!(before.await, Ok(1));
    let full = greedy.await.unwrap_err();
    assert_eq!((full.code, full.retry_after), (Code::Unavailable, Some(Duration::from_secs(1))));
    assert_eq!(after.await, Ok(1));
    assert_eq!(rows(&disk).await, [1, 2]);
}

fn counted<'s>(store: &'s dyn Store, id: i64, runs: Arc<AtomicU32>) -> BoxFuture<'s, Result<(), ApiError>> {
    store::write(store, soon(), move |tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tx.execute(&format!("INSERT INTO t VALUES ({id})"), &[]).await?;
            Ok(())
        })
    })
    .boxed()
}

/// Loses the transaction and says that all is well.
fn quiet_loser<'s>(store: &'s dyn Store) -> BoxFuture<'s, Result<(), ApiError>> {
    store::write(store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("INSERT OR ROLLBACK INTO t VALUES (1)", &[]).await.unwrap_err();
            Ok(())
        })
    })
    .boxed()
}

#[tokio::test]
async fn a_job_cannot_end_the_transaction_of_its_group() {
    let disk = with_table().await;
    let store = &disk.store;
    for sql in ["COMMIT", "ROLLBACK", " /**/ END", "RELEASE request", "PRAGMA foreign_keys = OFF", "DETACH main"] {
        let gate = Gate::writer(store);
        let neighbour = queued(execute_by(store, soon(), "INSERT INTO t VALUES (NULL)"));
        let refused = queued(execute_by(store, soon(), sql));
        gate.open().await;
        assert_eq!(neighbour.await, Ok(1));
        assert_eq!(refused.await.unwrap_err().code, Code::Internal, "{sql}");
    }
    assert_eq!(rows(&disk).await.len(), 6);
}

#[tokio::test]
async fn a_failed_commit_fails_its_group_and_nothing_else() {
    let disk = with_table().await;
    let store = &disk.store;
    execute(store, "CREATE TABLE c (t INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED)").await.unwrap();
    let gate = Gate::writer(store);
    let neighbour = queued(insert(store, 1));
    let culprit = queued(execute_by(store, soon(), "INSERT INTO c VALUES (404)"));
    gate.open().await;

    assert_eq!(neighbour.await.unwrap_err().code, Code::Internal);
    assert_eq!(culprit.await.unwrap_err().code, Code::Internal);
    disk.outsider().execute_batch("INSERT INTO t VALUES (3)").expect("the lock on the file is gone");
    assert_eq!(insert(store, 2).await, Ok(1), "the writer lives on");
    assert_eq!(rows(&disk).await, [2, 3]);
}

#[tokio::test]
async fn a_failed_begin_fails_its_group_and_nothing_else() {
    let disk = with_table().await;
    let outsider = disk.outsider();
    outsider.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = insert(&disk.store, 1).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), (Code::Unavailable, Some(Duration::from_secs(1))));
    outsider.execute_batch("ROLLBACK").unwrap();
    assert_eq!(insert(&disk.store, 2).await, Ok(1), "the writer lives on");
    assert_eq!(rows(&disk).await, [2]);
}

#[tokio::test]
async fn those_who_wait_for_a_lock_wait_together() {
    let disk = with_table().await;
    let outsider = disk.outsider();
    outsider.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let writes: Vec<_> = (0..20).map(|id| queued(insert(&disk.store, id))).collect();
    for write in writes {
        assert_eq!(write.await.unwrap_err().code, Code::Unavailable);
    }
    assert!(started.elapsed() < options().busy_timeout * 10);
}

#[tokio::test]
async fn a_full_queue_is_an_answer() {
    let disk = OnDisk::with(Options { queue: 2, ..options() });
    let store = &disk.store;
    execute(store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    let gate = Gate::writer(store);
    let waiting = [queued(insert(store, 1)), queued(insert(store, 2))];
    let refused = insert(store, 3).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), (Code::Unavailable, Some(Duration::from_secs(1))));
    gate.open().await;
    for write in waiting {
        assert_eq!(write.await, Ok(1));
    }
    assert_eq!(rows(&disk).await, [1, 2]);
}

/// Good writes, refused ones, lost transactions and callers who go away, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn answers_agree_with_what_is_stored() {
    let disk = with_table().await;
    insert(&disk.store, 1).await.unwrap();
    let callers = (1..=16).map(|caller| call_in_turn(&disk.store, caller));
    let answered: Vec<i64> = futures_util::future::join_all(callers).await.concat();
    let stored = rows(&disk).await;
    assert_eq!(answered.len(), 16 * 20);
    assert!(answered.iter().all(|id| stored.contains(id)), "a write was answered and isn't there");
    assert!(!stored.iter().any(|id| id % 4 == 2), "a write was refused and is there");
}

/// Returns the ids of the writes that were answered with success.
async fn call_in_turn(store: &SqliteStore, caller: i64) -> Vec<i64> {
    let mut answered = Vec::new();
    for id in (caller * 1000..).take(80) {
        match id % 4 {
            0 => {
                insert(store, id).await.unwrap();
                answered.push(id);
            }
            1 => drop(insert(store, id).now_or_never()),
            2 => drop(failing(store, id, || Err(ApiError::new(Code::FailedPrecondition, "no"))).await.unwrap_err()),
            _ => drop(execute(store, "INSERT OR ROLLBACK INTO t VALUES (1)").await.unwrap_err()),
        }
    }
    answered
}

#[tokio::test]
async fn constraints_have_their_own_errors() {
    let store = in_memory();
    execute(&store, "CREATE TABLE p (id INTEGER PRIMARY KEY)").await.unwrap();
    let child = "CREATE TABLE c (a TEXT NOT NULL, b INTEGER REFERENCES p CHECK (b < 9), UNIQUE (a, b))";
    execute(&store, child).await.unwrap();
    execute(&store, "INSERT INTO c VALUES ('x', NULL)").await.unwrap();
    execute(&store, "INSERT INTO p VALUES (1)").await.unwrap();
    execute(&store, "INSERT INTO c VALUES ('x', 1)").await.unwrap();
    let unique = StoreError::Unique { table: "c".to_owned(), columns: vec!["a".to_owned(), "b".to_owned()] };
    let cases = [
        ("INSERT INTO c VALUES ('x', 1)", unique),
        ("INSERT INTO c VALUES ('x', 2)", StoreError::ForeignKey),
        ("DELETE FROM p", StoreError::ForeignKey),
        ("INSERT INTO c VALUES ('x', 9)", StoreError::Constraint("CHECK constraint failed: b < 9".to_owned())),
        ("INSERT INTO c VALUES (NULL, 1)", StoreError::Constraint("NOT NULL constraint failed: c.a".to_owned())),
    ];
    for (sql, expected) in cases {
        let error = store::write(&store, soon(), move |tx| {
            Box::pin(async move { Ok(tx.execute(sql, &[]).await.unwrap_err()) })
        });
        assert_eq!(error.await.unwrap(), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_write_reads_what_it_wrote() {
    let disk = with_table().await;
    let returned = store::write(&disk.store, soon(), |tx| {
        Box::pin(async move {
            let rows = tx.query("INSERT INTO t VALUES (41), (42) RETURNING id", &[], &[Type::Int64]).await?;
            let sum = tx.query("SELECT sum(id) FROM t", &[], &[Type::Int64]).await?;
            Ok((rows.len(), number(&sum[0][0])))
        })
    });
    assert_eq!(returned.await.unwrap(), (2, 83));
}
