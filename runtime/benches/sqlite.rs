//! How many gets, pages and durable inserts a second the SQLite store does for 16 callers at once, and how long they wait.
//!
//! `cargo bench -p apigen-runtime --bench sqlite`

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::ApiError,
    store::{
        self, Arg,
        sqlite::{Options, SqliteStore},
    },
    value::Value,
};
use futures_util::future::BoxFuture;

const CALLERS: i64 = 16;
const ROWS: i64 = 10_000;
const TIME: Duration = Duration::from_secs(2);
const COLUMNS: &[Type] = &[
    Type::Uuid,
    Type::String,
    Type::String,
    Type::Decimal { precision: 18, scale: 2 },
    Type::Int32,
    Type::Timestamp,
    Type::Timestamp,
    Type::Int64,
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let store = Arc::new(SqliteStore::open(&path.to_string_lossy(), Options::default())?);
    create_table(&store).await?;
    let created = Arc::new(AtomicI64::new(0));
    measure("insert", &store, move |store, _| Box::pin(insert(store, created.fetch_add(1, Ordering::Relaxed)))).await?;
    measure("get", &store, |store, call| Box::pin(select(store, "SELECT * FROM r WHERE id = ?1", call))).await?;
    let page = "SELECT * FROM r WHERE id >= ?1 ORDER BY id LIMIT 20";
    measure("list 20", &store, move |store, call| Box::pin(select(store, page, call))).await
}

/// Keeps all callers busy and prints calls per second, median and 99th percentile.
async fn measure<F>(name: &str, store: &Arc<SqliteStore>, call: F) -> anyhow::Result<()>
where
    F: Fn(Arc<SqliteStore>, i64) -> BoxFuture<'static, Result<(), ApiError>> + Clone + Send + 'static,
{
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, call) = (store.clone(), call.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while started.elapsed() < TIME {
                    let asked = Instant::now();
                    call(store.clone(), caller + CALLERS * waits.len() as i64).await?;
                    waits.push(asked.elapsed());
                }
                Ok::<_, ApiError>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for caller in callers {
        waits.extend(caller.await??);
    }
    waits.sort();
    let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
    let (median, slow) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    println!("{name:8} {rate:8.0}/s   p50 {median:9.1?}   p99 {slow:9.1?}   longest {:9.1?}", waits[waits.len() - 1]);
    Ok(())
}

async fn create_table(store: &SqliteStore) -> Result<(), ApiError> {
    store::write(store, deadline(), |tx| {
        Box::pin(async move {
            let columns = "name TEXT, note TEXT, price INTEGER, stock INTEGER, created INTEGER, updated INTEGER";
            tx.execute(&format!("CREATE TABLE r (id BLOB PRIMARY KEY, {columns}, version INTEGER)"), &[]).await?;
            Ok(())
        })
    })
    .await?;
    for id in 0..ROWS / 100 {
        store::write(store, deadline(), move |tx| {
            Box::pin(async move {
                for row in 0..100 {
                    insert_row(tx, -1 - id * 100 - row).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

async fn insert(store: Arc<SqliteStore>, id: i64) -> Result<(), ApiError> {
    store::write(&*store, deadline(), move |tx| Box::pin(insert_row(tx, id))).await
}

async fn insert_row(tx: &mut dyn store::Tx, id: i64) -> Result<(), ApiError> {
    let values = [
        Value::Uuid(uuid(id)),
        Value::Text("A name of the usual length".to_owned()),
        Value::Null,
        Value::Decimal(rust_decimal::Decimal::new(id, 2)),
        Value::Int(3),
        Value::Timestamp(jiff::Timestamp::now()),
        Value::Timestamp(jiff::Timestamp::now()),
        Value::Int(1),
    ];
    let args: Vec<Arg> = COLUMNS.iter().zip(&values).map(|(ty, value)| Arg::One(*ty, value)).collect();
    tx.execute("INSERT INTO r VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &args).await?;
    Ok(())
}

async fn select(store: Arc<SqliteStore>, sql: &'static str, call: i64) -> Result<(), ApiError> {
    let id = Value::Uuid(uuid(-1 - call.wrapping_mul(7919) % ROWS));
    let found = store::read(&*store, deadline(), move |tx| {
        let id = id.clone();
        Box::pin(async move { Ok(tx.query(sql, &[Arg::One(Type::Uuid, &id)], COLUMNS).await?) })
    });
    assert!(!found.await?.is_empty());
    Ok(())
}

/// Rows made beforehand have negative numbers.
fn uuid(id: i64) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(id as u64))
}

fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(10)
}
