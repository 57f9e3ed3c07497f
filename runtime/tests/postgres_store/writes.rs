//! Writes: what is kept, what is rolled back, and who has to try again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::{ApiError, Code},
    store::{self, Store, StoreError},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Barrier;

use crate::support::{
    Database, NONE, execute, execute_by, insert, number, numbers, rows, running, single, soon, until_running,
    with_table,
};

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

#[tokio::test]
async fn failures_leave_nothing() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    assert_eq!(insert(&store, 1).await, Ok(1));
    let refused = failing(&store, 2, || Err(ApiError::new(Code::FailedPrecondition, "no"))).await;
    assert_eq!(refused.unwrap_err().message, "no");
    assert_eq!(failing(&store, 3, || panic!("on purpose")).await.unwrap_err().code, Code::Internal);
    assert_eq!(insert(&store, 1).await.unwrap_err(), ApiError::new(Code::AlreadyExists, "id is taken"));
    drop(insert(&store, 6).now_or_never());
    assert_eq!(insert(&store, 8).await, Ok(1), "the connection lives on");
    assert_eq!(rows(&store).await, [1, 8]);
}

#[tokio::test]
async fn a_job_that_passes_over_an_error_fails() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    let quiet = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
            tx.execute("INSERT INTO t VALUES (1)", &[]).await.unwrap_err();
            Ok(())
        })
    });
    assert_eq!(quiet.await.unwrap_err().code, Code::AlreadyExists);
    assert_eq!(rows(&store).await, NONE);
}

#[tokio::test]
async fn a_deadline_ends_a_write_on_the_server() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let slow = "INSERT INTO t SELECT 1 FROM pg_sleep(60)";
    let error = execute_by(&store, Instant::now() + Duration::from_millis(300), slow).await.unwrap_err();
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert_eq!(running(&database.outsider().await, "pg_sleep").await, 0);
    assert_eq!(rows(&store).await, NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_lets_go_of_locks() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    insert(&store, 1).await.unwrap();
    let outsider = database.outsider().await;
    let mut holding = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("UPDATE t SET n = 1", &[]).await?;
            tx.query("SELECT 1 FROM pg_sleep(60)", &[], &[Type::Int64]).await?;
            Ok(())
        })
    })
    .boxed();
    tokio::select! {
        _ = &mut holding => panic!("an endless query ended"),
        () = until_running(&outsider, "pg_sleep", 1) => {}
    }
    drop(holding);
    assert_eq!(execute(&store, "UPDATE t SET n = 2").await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serialization_failure_runs_the_job_again() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let (runs, meeting) = (Arc::new(AtomicU32::new(0)), Arc::new(Barrier::new(2)));
    let one = count_and_insert(&store, 1, runs.clone(), meeting.clone());
    let other = count_and_insert(&store, 2, runs.clone(), meeting);
    let (one, other) = tokio::join!(one, other);
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran again");
    let counted = numbers(&store, "SELECT n FROM t ORDER BY n").await;
    assert_eq!(counted, [0, 1], "one saw the other's row");
}

/// Counts the rows and writes the number down; both in a first attempt meet in between.
fn count_and_insert<'s>(
    store: &'s dyn Store,
    id: i64,
    runs: Arc<AtomicU32>,
    meeting: Arc<Barrier>,
) -> BoxFuture<'s, Result<(), ApiError>> {
    let mut first = true;
    store::write(store, soon(), move |tx| {
        let meeting = std::mem::take(&mut first).then(|| meeting.clone());
        runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tx.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", &[]).await?;
            let count = number(&tx.query("SELECT count(*) FROM t", &[], &[Type::Int64]).await?[0][0]);
            if let Some(meeting) = meeting {
                meeting.wait().await;
            }
            tx.execute(&format!("INSERT INTO t VALUES ({id}, {count})"), &[]).await?;
            Ok(())
        })
    })
    .boxed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_runs_the_job_again() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    execute(&store, "INSERT INTO t VALUES (1), (2)").await.unwrap();
    let meeting = Arc::new(Barrier::new(2));
    let (one, other) = tokio::join!(add(&store, [1, 2], meeting.clone()), add(&store, [2, 1], meeting));
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(numbers(&store, "SELECT n FROM t").await, [2, 2]);
}

fn add<'s>(store: &'s dyn Store, ids: [i64; 2], meeting: Arc<Barrier>) -> BoxFuture<'s, Result<(), ApiError>> {
    let mut first = true;
    store::write(store, soon(), move |tx| {
        let meeting = std::mem::take(&mut first).then(|| meeting.clone());
        Box::pin(async move {
            tx.execute(&format!("UPDATE t SET n = n + 1 WHERE id = {}", ids[0]), &[]).await?;
            if let Some(meeting) = meeting {
                meeting.wait().await;
            }
            tx.execute(&format!("UPDATE t SET n = n + 1 WHERE id = {}", ids[1]), &[]).await?;
            Ok(())
        })
    })
    .boxed()
}

#[tokio::test]
async fn a_job_that_keeps_losing_is_a_conflict() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let losing = store::write(&store, soon(), move |tx| {
        counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(tx.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", &[]).await?) })
    });
    assert_eq!(losing.await.unwrap_err().code, Code::Conflict);
    assert_eq!(runs.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_job_cannot_end_its_transaction() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    for sql in ["COMMIT", "ROLLBACK", " /**/ END", "SAVEPOINT s", "SET search_path = nowhere", "DISCARD ALL"] {
        let refused = store::write(&store, soon(), move |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
                Ok(tx.execute(sql, &[]).await?)
            })
        });
        assert_eq!(refused.await.unwrap_err().code, Code::Internal, "{sql}");
    }
    assert_eq!(rows(&store).await, NONE);
}

#[tokio::test]
async fn a_commit_can_fail() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    let deferred = "CREATE TABLE c (t BIGINT REFERENCES t DEFERRABLE INITIALLY DEFERRED)";
    execute(&store, deferred).await.unwrap();
    let dangling = execute(&store, "INSERT INTO c VALUES (404)").await.unwrap_err();
    assert_eq!(dangling.code, Code::FailedPrecondition);
    assert_eq!(insert(&store, 1).await, Ok(1), "the connection lives on");
    assert_eq!(numbers(&store, "SELECT t FROM c").await, NONE);
}

#[tokio::test]
async fn constraints_have_their_own_errors() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    execute(&store, "CREATE TABLE p (id INTEGER PRIMARY KEY)").await.unwrap();
    let child = "CREATE TABLE c (\"order\" TEXT NOT NULL, b INTEGER REFERENCES p CHECK (b < 9), UNIQUE (\"order\", b))";
    execute(&store, child).await.unwrap();
    execute(&store, "CREATE UNIQUE INDEX c_lower ON c (lower(\"order\")) WHERE b IS NULL").await.unwrap();
    execute(&store, "INSERT INTO c VALUES ('x', NULL)").await.unwrap();
    execute(&store, "INSERT INTO p VALUES (1)").await.unwrap();
    execute(&store, "INSERT INTO c VALUES ('x', 1)").await.unwrap();
    let unique = |columns: &[&str]| StoreError::Unique {
        table: "c".to_owned(),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
    };
    let check = "new row for relation \"c\" violates check constraint \"c_b_check\"";
    let null = "null value in column \"order\" of relation \"c\" violates not-null constraint";
    let cases = [
        ("INSERT INTO c VALUES ('x', 1)", unique(&["order", "b"])),
        ("INSERT INTO c VALUES ('x', 1)", unique(&["order", "b"])),
        ("INSERT INTO c VALUES ('X', NULL)", unique(&["index 'c_lower'"])),
        ("INSERT INTO c VALUES ('x', 2)", StoreError::ForeignKey),
        ("DELETE FROM p", StoreError::ForeignKey),
        ("INSERT INTO c VALUES ('x', 9)", StoreError::Constraint(check.to_owned())),
        ("INSERT INTO c VALUES (NULL, 1)", StoreError::Constraint(null.to_owned())),
    ];
    for (sql, expected) in cases {
        let caught = Arc::new(std::sync::Mutex::new(None));
        let out = caught.clone();
        let failed = store::write(&store, soon(), move |tx| {
            let out = out.clone();
            Box::pin(async move {
                *out.lock().unwrap() = tx.execute(sql, &[]).await.err();
                Ok(())
            })
        });
        failed.await.unwrap_err();
        assert_eq!(caught.lock().unwrap().take(), Some(expected), "{sql}");
    }
}

#[tokio::test]
async fn a_write_reads_what_it_wrote() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let returned = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            let rows = tx.query("INSERT INTO t VALUES (41), (42) RETURNING id", &[], &[Type::Int64]).await?;
            let sum = tx.query("SELECT sum(id)::int8 FROM t", &[], &[Type::Int64]).await?;
            Ok((rows.len(), number(&sum[0][0])))
        })
    });
    assert_eq!(returned.await.unwrap(), (2, 83));
}

/// Good writes, refused ones and callers who go away, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn answers_agree_with_what_is_stored() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let callers = (1..=8).map(|caller| call_in_turn(&store, caller));
    let answered: Vec<i64> = futures_util::future::join_all(callers).await.concat();
    let stored = rows(&store).await;
    assert_eq!(answered.len(), 8 * 10);
    assert!(answered.iter().all(|id| stored.contains(id)), "a write was answered and isn't there");
    assert!(!stored.iter().any(|id| id % 3 == 2), "a write was refused and is there");
}

/// Returns the ids of the writes that were answered with success.
async fn call_in_turn(store: &dyn Store, caller: i64) -> Vec<i64> {
    let mut answered = Vec::new();
    for id in (caller * 999..).take(30) {
        match id % 3 {
            0 => {
                insert(store, id).await.unwrap();
                answered.push(id);
            }
            1 => drop(tokio::time::timeout(Duration::from_millis(1), insert(store, id)).await),
            _ => drop(failing(store, id, || Err(ApiError::new(Code::FailedPrecondition, "no"))).await.unwrap_err()),
        }
    }
    answered
}
