//! Servers that go away, come back, or can't take any more.

use std::time::{Duration, Instant};

use apigen_runtime::{
    descriptor::Type,
    error::{ApiError, Code},
    store::{
        self, Arg, Statements, Store,
        postgres::{Options, PostgresStore},
    },
    value::Value,
};

use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    proxy::{self, Trouble},
    support::{
        Database, NONE, execute, insert, numbers, numbers_by, options, rows, single, soon, terminate_backends,
        until_no_session_is_left, until_running, with_table,
    },
};

const SLEEP: &str = "SELECT 1 FROM pg_sleep(30)";

fn assert_unavailable(error: &ApiError) {
    assert_eq!((error.code, error.retry_after), (Code::Unavailable, Some(Duration::from_secs(1))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_survived() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let outsider = database.outsider().await;
    let restart = async {
        until_running(&outsider, "pg_sleep", 2).await;
        terminate_backends(&outsider).await;
    };
    let read = numbers_by(&store, soon(), SLEEP);
    let write = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
            Ok(tx.query(SLEEP, &[], &[Type::Int64]).await?)
        })
    });
    let (read, write, ()) = tokio::join!(read, write, restart);
    assert_unavailable(&read.unwrap_err());
    assert_unavailable(&write.unwrap_err());
    store.ready().await.unwrap();
    assert_eq!(rows(&store).await, NONE);
    assert_eq!(insert(&store, 2).await, Ok(1));
}

#[tokio::test]
async fn connections_that_broke_unseen_are_replaced() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let gone = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
            tx.query("SELECT pg_terminate_backend(pg_backend_pid())", &[], &[Type::Bool]).await?;
            Ok(())
        })
    });
    assert_unavailable(&gone.await.unwrap_err());
    assert_eq!(rows(&store).await, NONE);
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable_until_it_is_back() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    let outsider = database.outsider().await;
    database.refuse_sessions(true).await;
    terminate_backends(&outsider).await;
    let mut unavailable = 0;
    for _ in 0..3 {
        unavailable += u32::from(numbers_by(&store, soon(), "SELECT 1").await.is_err());
    }
    assert!(unavailable >= 2);
    assert!(store.ready().await.is_err());
    database.refuse_sessions(false).await;
    assert_eq!(insert(&store, 1).await, Ok(1));
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_server_that_only_reads_takes_no_writes() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    let outsider = database.outsider().await;
    database.only_read(true).await;
    terminate_backends(&outsider).await;
    // The pool may hand out the connection that has just been ended.
    let _ = insert(&store, 1).await;
    assert_unavailable(&insert(&store, 1).await.unwrap_err());
    assert!(store.ready().await.is_err());
    assert_eq!(rows(&store).await, NONE);
    database.only_read(false).await;
    assert_unavailable(&insert(&store, 1).await.unwrap_err());
    assert_eq!(insert(&store, 1).await, Ok(1), "the connection to it was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_an_answer_is_not_to_be_repeated() {
    let Some(database) = Database::create().await else { return };
    with_table(&database.store().await).await;
    for (id, trouble, kept) in
        [(1, Trouble::BreakAfter(b"COMMIT\0"), &[1][..]), (2, Trouble::BreakBefore(b"COMMIT\0"), &[1][..])]
    {
        let url = proxy::start(&database, trouble).await;
        let store = PostgresStore::connect(&url, single()).await.unwrap();
        let error = insert(&store, id).await.unwrap_err();
        assert_eq!((error.code, error.retry_after), (Code::Internal, None));
        assert!(error.message.ends_with("whether the write was kept is unknown"), "{error}");
        drop(store);
        until_no_session_is_left(&database).await;
        assert_eq!(rows(&database.store().await).await, kept);
    }
}

/// The one statement of a write that needs no transaction.
async fn insert_alone(store: &dyn Store, id: i64) -> Result<u64, ApiError> {
    store::write_by(Statements::One, store, soon(), move |tx| {
        let id = Value::Int(id);
        Box::pin(async move { Ok(tx.execute("INSERT INTO t VALUES ($1)", &[Arg::One(Type::Int64, &id)]).await?) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_alone_without_an_answer_is_not_to_be_repeated() {
    /// As it travels.
    const ID: &[u8; 8] = b"BBBBBBBB";
    let Some(database) = Database::create().await else { return };
    let direct = database.store().await;
    with_table(&direct).await;
    assert_eq!(insert_alone(&direct, 1).await, Ok(1));
    let url = proxy::start(&database, Trouble::BreakAfter(ID)).await;
    let store = PostgresStore::connect(&url, single()).await.unwrap();
    let error = insert_alone(&store, i64::from_be_bytes(*ID)).await.unwrap_err();
    assert_eq!((error.code, error.retry_after), (Code::Internal, None), "{error}");
    assert!(error.message.ends_with("whether the write was kept is unknown"), "{error}");
}

#[tokio::test]
async fn a_write_alone_that_is_answered_was_not_kept() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    with_table(&store).await;
    let two = store::write_by(Statements::One, &store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
            Ok(tx.execute("INSERT INTO t VALUES (2)", &[]).await?)
        })
    });
    assert_eq!(two.await.unwrap_err().code, Code::Internal);
    let gone = store::write_by(Statements::One, &store, soon(), |tx| {
        Box::pin(
            async move { Ok(tx.query("SELECT pg_terminate_backend(pg_backend_pid())", &[], &[Type::Bool]).await?) },
        )
    });
    assert_unavailable(&gone.await.map(drop).unwrap_err());
    assert_eq!(insert_alone(&store, 3).await, Ok(1), "another connection serves it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_the_commit_is_unavailable() {
    let Some(database) = Database::create().await else { return };
    let direct = database.store().await;
    with_table(&direct).await;
    let url = proxy::start(&database, Trouble::BreakAfter(b"BEGIN; SET LOCAL")).await;
    let store = PostgresStore::connect(&url, single()).await.unwrap();
    assert_unavailable(&insert(&store, 1).await.unwrap_err());
    assert_eq!(rows(&direct).await, NONE);
}

fn sleeping(store: &dyn Store) -> BoxFuture<'_, Result<Vec<i64>, ApiError>> {
    numbers_by(store, soon(), SLEEP).boxed()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_find_no_connection_wait_until_their_deadline() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let outsider = database.outsider().await;
    let mut busy = sleeping(&store);
    tokio::select! {
        _ = &mut busy => panic!("it slept too little"),
        () = until_running(&outsider, "pg_sleep", 1) => {}
    }
    let waiting = numbers_by(&store, Instant::now() + Duration::from_millis(50), "SELECT 1").await;
    assert_eq!(waiting.unwrap_err().code, Code::DeadlineExceeded);
    let patient = numbers_by(&store, soon(), "SELECT 1");
    let (patient, ()) = tokio::join!(patient, async { drop(busy) });
    assert_eq!(patient, Ok(vec![1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_an_answer() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(Options { queue: 2, ..single() }).await;
    let mut waiting: Vec<_> = (0..3).map(|_| sleeping(&store)).collect();
    waiting.iter_mut().for_each(|read| assert!(read.now_or_never().is_none()));
    assert_unavailable(&numbers_by(&store, soon(), "SELECT 1").await.unwrap_err());
    waiting.clear();
    assert_eq!(numbers(&store, "SELECT 1").await, [1]);
}

#[tokio::test]
async fn a_server_without_room_is_unavailable() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(Options { connections: 2, ..options() }).await;
    let error = store::read(&store, soon(), |tx| {
        Box::pin(async move { Ok(tx.execute("DO $$ BEGIN RAISE SQLSTATE '53200'; END $$", &[]).await?) })
    });
    assert_unavailable(&error.await.unwrap_err());
    execute(&store, "SELECT 1").await.unwrap();
}
