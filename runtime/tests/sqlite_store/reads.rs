//! Reads: snapshots, deadlines and callers that go away.

use std::{
    thread,
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::Code,
    store::{
        self, Statements,
        sqlite::{Options, SqliteStore},
    },
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::support::{
    Gate, OnDisk, execute, in_memory, insert, number, number_alone, number_by, numbers, numbers_by, options, queued,
    soon,
};

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

async fn with_table(store: &SqliteStore) {
    execute(store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_sees_one_state_while_writes_go_on() {
    let disk = OnDisk::new();
    check_snapshot(&disk.store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_too() {
    check_snapshot(&in_memory()).await;
}

async fn check_snapshot(store: &SqliteStore) {
    with_table(store).await;
    let count = "SELECT count(*) FROM t";
    let reads = async {
        for _ in 0..50 {
            let both = store::read(store, soon(), move |tx| {
                Box::pin(async move {
                    let before = tx.query(count, &[], &[Type::Int64]).await?;
                    thread::sleep(Duration::from_millis(1));
                    let after = tx.query(count, &[], &[Type::Int64]).await?;
                    Ok((number(&before[0][0]), number(&after[0][0])))
                })
            });
            let (before, after) = both.await.unwrap();
            assert_eq!(before, after);
        }
    };
    let writes = async {
        for id in 0..50 {
            insert(store, id).await.unwrap();
        }
    };
    futures_util::join!(reads, writes);
    assert_eq!(numbers(store, count).await, [50]);
}

#[tokio::test]
async fn a_deadline_interrupts_a_read() {
    for store in [&OnDisk::new().store, &in_memory()] {
        let started = Instant::now();
        let error = numbers_by(store, started + Duration::from_millis(50), ENDLESS).await.unwrap_err();
        assert_eq!(error.code, Code::DeadlineExceeded);
        assert!(started.elapsed() < Duration::from_secs(5));
        assert_eq!(numbers(store, "SELECT 1").await, [1], "the reader lives on");
        execute(store, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await.unwrap();
    }
}

#[tokio::test]
async fn an_interrupted_read_never_counts_as_good() {
    let store = in_memory();
    let result = store::read(&store, Instant::now() + Duration::from_millis(20), |tx| {
        Box::pin(async move { Ok(tx.query(ENDLESS, &[], &[Type::Int64]).await.is_ok()) })
    });
    assert_eq!(result.await.unwrap_err().code, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_caller_who_goes_away_frees_the_reader() {
    let disk = OnDisk::with(Options { readers: 1, ..options() });
    let endless = queued(numbers_by(&disk.store, soon(), ENDLESS).boxed());
    thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    let next = queued(numbers_by(&disk.store, soon(), "SELECT 1").boxed());
    drop(endless);
    assert_eq!(next.await.unwrap(), [1]);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_queued_read_whose_time_is_up_never_runs() {
    let disk = OnDisk::with(Options { readers: 1, ..options() });
    let gate = Gate::reader(&disk.store);
    let deadline = Instant::now() + Duration::from_millis(5);
    let late = store::read(&disk.store, deadline, |_| -> BoxFuture<'_, _> { panic!("a job ran after its deadline") });
    let late = queued(late.map(|result: Result<(), _>| result).boxed());
    thread::sleep(Duration::from_millis(10));
    gate.open().await;
    assert_eq!(late.await.unwrap_err().code, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_read_cannot_write() {
    for store in [&OnDisk::new().store, &in_memory()] {
        with_table(store).await;
        for sql in ["INSERT INTO t VALUES (1) RETURNING id", "DROP TABLE t", "COMMIT", "PRAGMA user_version = 3"] {
            assert_eq!(numbers_by(store, soon(), sql).await.unwrap_err().code, Code::Internal, "{sql}");
        }
        assert_eq!(numbers(store, "SELECT count(*) FROM t").await, [0]);
    }
}

#[tokio::test]
async fn a_statement_alone_needs_no_transaction() {
    for store in [&OnDisk::new().store, &in_memory()] {
        with_table(store).await;
        assert_eq!(number_alone(store, soon(), "SELECT count(*) FROM t").await.unwrap(), 0);
        for sql in ["INSERT INTO t VALUES (1) RETURNING id", "DROP TABLE t", "COMMIT", "PRAGMA user_version = 3"] {
            assert_eq!(number_alone(store, soon(), sql).await.unwrap_err().code, Code::Internal, "{sql}");
        }
        let two = store::read_by(Statements::One, store, soon(), |tx| {
            Box::pin(async move {
                tx.query("SELECT 1", &[], &[Type::Int64]).await?;
                Ok(tx.query("SELECT 2", &[], &[Type::Int64]).await?)
            })
        });
        assert_eq!(two.await.unwrap_err().code, Code::Internal, "two statements might see two states");
        let soon = Instant::now() + Duration::from_millis(50);
        assert_eq!(number_alone(store, soon, ENDLESS).await.unwrap_err().code, Code::DeadlineExceeded);
        execute(store, "INSERT INTO t VALUES (1)").await.unwrap();
    }
}

#[tokio::test]
async fn broken_reads_stay_with_their_own_request() {
    let disk = OnDisk::with(Options { readers: 1, ..options() });
    let panicking = store::read(&disk.store, soon(), |_| Box::pin(async { panic!("on purpose") }));
    let result: Result<(), _> = panicking.await;
    assert_eq!(result.unwrap_err().code, Code::Internal);
    let pending = store::read(&disk.store, soon(), |_| Box::pin(futures_util::future::pending()));
    let result: Result<(), _> = pending.await;
    assert_eq!(result.unwrap_err().code, Code::Internal);
    assert_eq!(numbers_by(&disk.store, soon(), "SELECT * FROM gone").await.unwrap_err().code, Code::Internal);
    assert_eq!(numbers(&disk.store, "SELECT 1").await, [1], "the reader lives on");
}

/// Whether a look-up runs on the thread of the test.
async fn runs_here(store: &SqliteStore) -> bool {
    let here = thread::current().id();
    let look_up = store::read_by(Statements::LookUp, store, soon(), move |tx| {
        Box::pin(async move {
            tx.query("SELECT 1", &[], &[Type::Int64]).await?;
            Ok(thread::current().id() == here)
        })
    });
    look_up.await.unwrap()
}

#[tokio::test]
async fn a_look_up_runs_where_it_is_asked_for() {
    assert!(runs_here(&OnDisk::new().store).await);
    assert!(runs_here(&in_memory()).await);
}

#[tokio::test]
async fn a_look_up_waits_for_a_reader_where_none_is_idle() {
    let disk = OnDisk::with(Options { readers: 1, ..options() });
    let gate = Gate::reader(&disk.store);
    let look_up = queued(number_by(Statements::LookUp, &disk.store, soon(), "SELECT 1").boxed());
    gate.open().await;
    assert_eq!(look_up.await, Ok(1));
}

#[tokio::test]
async fn a_look_up_that_takes_long_is_left_to_a_reader() {
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n";
    for store in [&OnDisk::new().store, &in_memory()] {
        assert_eq!(number_by(Statements::LookUp, store, soon(), long).await, Ok(1_000_000));
        assert!(!runs_here(store).await, "so are those behind it");
        let mut back = false;
        for _ in 0..1000 {
            back |= runs_here(store).await;
        }
        assert!(back, "but not for ever");
    }
}

#[tokio::test]
async fn a_look_up_keeps_its_deadline_and_fails_alone() {
    let disk = OnDisk::new();
    let look_up = |deadline, sql| number_by(Statements::LookUp, &disk.store, deadline, sql);
    assert_eq!(look_up(Instant::now(), "SELECT 1").await.unwrap_err().code, Code::DeadlineExceeded);
    let soon_over = Instant::now() + Duration::from_millis(20);
    assert_eq!(look_up(soon_over, ENDLESS).await.unwrap_err().code, Code::DeadlineExceeded);
    assert_eq!(look_up(soon(), "DROP TABLE t").await.unwrap_err().code, Code::Internal);
    let panicking = store::read_by(Statements::LookUp, &disk.store, soon(), |_| -> BoxFuture<'_, Result<(), _>> {
        panic!("a test panics")
    });
    assert_eq!(panicking.await.unwrap_err().code, Code::Internal);
    assert_eq!(look_up(soon(), "SELECT 1").await, Ok(1));
}
