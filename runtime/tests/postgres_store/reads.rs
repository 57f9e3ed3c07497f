//! Reads: snapshots, deadlines and callers that go away.

use std::time::{Duration, Instant};

use apigen_runtime::{
    descriptor::Type,
    error::Code,
    store::{self, Statements, Store, postgres::Options},
};
use futures_util::FutureExt;

use crate::support::{
    Database, NONE, execute, insert, number, number_alone, numbers, numbers_by, running, single, soon, until_running,
    with_table,
};

const ENDLESS: &str = "SELECT 1 FROM pg_sleep(60)";

#[tokio::test(flavor = "multi_thread")]
async fn a_read_sees_one_state_while_writes_go_on() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let count = "SELECT count(*) FROM t";
    let reads = async {
        for _ in 0..50 {
            let both = store::read(&store, soon(), move |tx| {
                Box::pin(async move {
                    let before = tx.query(count, &[], &[Type::Int64]).await?;
                    tokio::time::sleep(Duration::from_millis(2)).await;
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
            insert(&store, id).await.unwrap();
        }
    };
    futures_util::join!(reads, writes);
    assert_eq!(numbers(&store, count).await, [50]);
}

#[tokio::test]
async fn a_deadline_ends_a_read_on_the_server() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let started = Instant::now();
    let session = numbers(&store, "SELECT pg_backend_pid()").await;
    let error = numbers_by(&store, started + Duration::from_millis(300), ENDLESS).await.unwrap_err();
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(running(&database.outsider().await, "pg_sleep").await, 0);
    assert_eq!(numbers(&store, "SELECT pg_backend_pid()").await, session, "the connection lives on");
}

#[tokio::test]
async fn an_interrupted_read_never_counts_as_good() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    let result = store::read(&store, Instant::now() + Duration::from_millis(100), |tx| {
        Box::pin(async move { Ok(tx.query(ENDLESS, &[], &[Type::Int64]).await.is_ok()) })
    });
    assert_eq!(result.await.unwrap_err().code, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_has_a_deadline_too() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let pending = store::read(&store, Instant::now() + Duration::from_millis(50), |tx| {
        Box::pin(async move {
            tx.query("SELECT 1", &[], &[Type::Int64]).await?;
            futures_util::future::pending().await
        })
    });
    let result: Result<(), _> = pending.await;
    assert_eq!(result.unwrap_err().code, Code::DeadlineExceeded);
    assert_eq!(numbers(&store, "SELECT 1").await, [1], "its connection is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_cancels_the_query() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let outsider = database.outsider().await;
    let mut endless = numbers_by(&store, soon(), ENDLESS).boxed();
    tokio::select! {
        _ = &mut endless => panic!("an endless query ended"),
        () = until_running(&outsider, "pg_sleep", 1) => {}
    }
    drop(endless);
    until_running(&outsider, "pg_sleep", 0).await;
    assert_eq!(numbers(&store, "SELECT 1").await, [1], "its place in the pool is free again");
}

#[tokio::test]
async fn a_read_whose_time_is_up_never_runs() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    let late = store::read(&store, Instant::now(), |_| -> futures_util::future::BoxFuture<'_, _> {
        panic!("a job ran after its deadline")
    });
    let late: Result<(), _> = late.await;
    assert_eq!(late.unwrap_err().code, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_read_cannot_write() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    for sql in [
        "INSERT INTO t VALUES (1) RETURNING id",
        "DROP TABLE t",
        "COMMIT",
        "SET search_path = nowhere",
        "SELECT 1; COMMIT",
    ] {
        assert_eq!(numbers_by(&store, soon(), sql).await.unwrap_err().code, Code::Internal, "{sql}");
    }
    assert_eq!(numbers(&store, "SELECT count(*) FROM t").await, [0]);
}

#[tokio::test]
async fn a_statement_alone_needs_no_transaction() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(Options { statement_timeout: Duration::from_millis(12_345), ..single() }).await;
    with_table(&store).await;
    let alone = |sql| number_alone(&store, soon(), sql);
    assert_eq!(alone("SELECT count(*) FROM t").await.unwrap(), 0);
    let open = "SELECT (current_setting('transaction_read_only') = 'on')::int::bigint";
    assert_eq!((alone(open).await.unwrap(), numbers(&store, open).await), (0, vec![1]), "only other reads open one");
    let setting = "SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'";
    assert_eq!(alone(setting).await.unwrap(), 12_345, "whoever is cut off leaves nothing that runs for ever");
    for sql in ["INSERT INTO t VALUES (1) RETURNING id", "COMMIT", "SET search_path = nowhere", "SELECT 1; COMMIT"] {
        assert_eq!(alone(sql).await.unwrap_err().code, Code::Internal, "{sql}");
    }
    let two = store::read_by(Statements::One, &store, soon(), |tx| {
        Box::pin(async move {
            tx.query("SELECT 1", &[], &[Type::Int64]).await?;
            Ok(tx.query("SELECT 2", &[], &[Type::Int64]).await?)
        })
    });
    assert_eq!(two.await.unwrap_err().code, Code::Internal, "two statements might see two states");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_alone_has_a_deadline_too() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let started = Instant::now();
    let error = number_alone(&store, started + Duration::from_millis(100), ENDLESS).await.unwrap_err();
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert!(started.elapsed() < Duration::from_secs(5));
    until_running(&database.outsider().await, "pg_sleep", 0).await;
    assert_eq!(number_alone(&store, soon(), "SELECT 1").await.unwrap(), 1, "its place in the pool is free again");
}

#[tokio::test]
async fn broken_reads_stay_with_their_own_request() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let panicking = store::read(&store, soon(), |tx| {
        Box::pin(async move {
            tx.query("SELECT 1", &[], &[Type::Int64]).await?;
            panic!("on purpose")
        })
    });
    let result: Result<(), _> = panicking.await;
    assert_eq!(result.unwrap_err().code, Code::Internal);
    assert_eq!(numbers_by(&store, soon(), "SELECT * FROM gone").await.unwrap_err().code, Code::Internal);
    assert_eq!(numbers(&store, "SELECT 1").await, [1], "the connection lives on");
}

#[tokio::test]
async fn statements_outlive_a_change_of_their_table() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    let all = "SELECT * FROM t";
    execute(&store, "CREATE TABLE t (id BIGINT)").await.unwrap();
    assert_eq!(numbers(&store, all).await, NONE);
    execute(&store, "ALTER TABLE t ALTER id TYPE INTEGER").await.unwrap();
    assert_eq!(numbers(&store, all).await, NONE);
}

#[tokio::test]
async fn statements_do_not_pile_up() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let many = store::read(&store, soon(), |tx| {
        Box::pin(async move {
            for number in 0..1200 {
                tx.query(&format!("SELECT {number}"), &[], &[Type::Int64]).await?;
            }
            Ok(())
        })
    });
    many.await.unwrap();
    let kept = numbers(&store as &dyn Store, "SELECT count(*) FROM pg_prepared_statements").await;
    assert!(kept[0] <= 501, "{kept:?} statements are prepared");
}
