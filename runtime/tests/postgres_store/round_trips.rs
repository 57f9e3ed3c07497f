//! How often a request waits for the network.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::ApiError,
    store::{self, Arg, Store, postgres::PostgresStore},
    value::Value,
};

use crate::{
    proxy::{self, Trouble},
    support::{Database, execute, insert, numbers, rows, single, soon, with_table},
};

/// Slow enough for a busy machine not to matter.
const ONE_WAY: Duration = Duration::from_millis(60);

async fn check(round_trips: u32, work: impl Future) {
    let started = Instant::now();
    work.await;
    let took = started.elapsed();
    let least = ONE_WAY * 2 * round_trips;
    assert!(took >= least && took < least + ONE_WAY * 2, "{took:?} aren't {round_trips} round trips");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_one_and_a_write_two() {
    let Some(database) = Database::create().await else { return };
    let url = proxy::start(&database, Trouble::Slow(ONE_WAY)).await;
    let store = PostgresStore::connect(&url, single()).await.unwrap();
    with_table(&store).await;
    check(2, numbers(&store, "SELECT id FROM t")).await;
    check(1, numbers(&store, "SELECT id FROM t")).await;
    check(1, numbers(&store, "SELECT id FROM t")).await;
    check(2, two_queries(&store)).await;
    insert(&store, 1).await.unwrap();
    check(2, insert(&store, 2)).await;
    // The end of a failed write is waited for by the next one on the connection only.
    execute(&store, "INSERT INTO t VALUES (1)").await.unwrap_err();
    check(1, execute(&store, "INSERT INTO t VALUES (1)")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_go_together_are_one() {
    let Some(database) = Database::create().await else { return };
    let url = proxy::start(&database, Trouble::Slow(ONE_WAY)).await;
    for url in [url.clone(), format!("{url}&pgbouncer=true")] {
        let store = PostgresStore::connect(&url, single()).await.unwrap();
        execute(&store, "CREATE TABLE IF NOT EXISTS t (id BIGINT PRIMARY KEY)").await.unwrap();
        execute(&store, "DELETE FROM t").await.unwrap();
        insert_all(&store, [1, 2]).await.unwrap();
        check(2, async { insert_all(&store, [3, 4, 5]).await.unwrap() }).await;
        // The first asks what the constraint is called.
        assert_eq!(insert_all(&store, [1]).await, Err(0));
        check(1, async { assert_eq!(insert_all(&store, [6, 7, 3, 4]).await, Err(2)) }).await;
        assert_eq!(rows(&store).await, [1, 2, 3, 4, 5]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_pooler_too() {
    let Some(database) = Database::create().await else { return };
    let url = proxy::start(&database, Trouble::Slow(ONE_WAY)).await;
    let store = PostgresStore::connect(&format!("{url}&pgbouncer=true"), single()).await.unwrap();
    with_table(&store).await;
    check(1, numbers(&store, "SELECT id FROM t")).await;
    check(2, insert(&store, 1)).await;
    let prepared = numbers(&store, "SELECT count(*) FROM pg_prepared_statements").await;
    assert_eq!(prepared, [0]);
}

/// `Err`: the place of the first that failed.
async fn insert_all<const N: usize>(store: &dyn Store, ids: [i64; N]) -> Result<(), usize> {
    let failed = Arc::new(OnceLock::new());
    let (ids, place) = (ids.map(Value::Int), failed.clone());
    let inserted = store::write(store, soon(), move |tx| {
        let (ids, place) = (ids.clone(), place.clone());
        Box::pin(async move {
            let inserts = ids.iter().map(|id| ("INSERT INTO t VALUES ($1)", vec![Arg::One(Type::Int64, id)]));
            let inserted = tx.execute_all(&inserts.collect::<Vec<_>>()).await;
            inserted.map_err(|(index, error)| {
                let _ = place.set(index);
                ApiError::from(error)
            })
        })
    });
    inserted.await.map_err(|_| *failed.get().expect("a statement failed"))
}

async fn two_queries(store: &dyn Store) {
    let both = store::read(store, soon(), |tx| {
        Box::pin(async move {
            tx.query("SELECT id FROM t", &[], &[Type::Int64]).await?;
            tx.query("SELECT id FROM t", &[], &[Type::Int64]).await?;
            Ok(())
        })
    });
    both.await.unwrap();
}
