//! A database that tells what it is asked, and how it would read it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apigen_runtime::{
    cursor::CursorKey,
    descriptor::{Migration, Type},
    error::ApiError,
    principal::{Caller, Principal},
    service::{Call, Computed, Service},
    store::{
        Arg, Dialect, Job, Output, Store, StoreError, Tx,
        postgres::{self, PostgresStore},
        sqlite::{self, SqliteStore},
    },
    value::Value,
};
use futures_util::future::BoxFuture;

use crate::postgres as database;

/// The shop's service, on such a database, and an administrator's call.
pub struct Shop {
    pub service: Arc<Service>,
    pub call: Call,
    statements: Statements,
}

impl Shop {
    /// On SQLite, and on PostgreSQL where there is one.
    pub async fn all() -> Vec<Shop> {
        let sqlite = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).unwrap();
        let mut shops = vec![Shop::on(Arc::new(sqlite)).await];
        if database::url().is_some() {
            let store = PostgresStore::connect(&database::database(), postgres::Options::default()).await;
            shops.push(Shop::on(Arc::new(store.unwrap())).await);
        }
        shops
    }

    async fn on(store: Arc<dyn Store>) -> Shop {
        let statements = Statements::default();
        let store = Explained(store, statements.clone());
        store.migrate(shop_server::API.migrations).await.unwrap();
        let key = CursorKey::new("a secret for the tests").unwrap();
        let service = Arc::new(Service::new(&shop_server::API, Arc::new(store), key).unwrap());
        let (roles, scopes) = (vec!["admin".to_owned()], vec!["*".to_owned()]);
        let caller = Caller { subject: "usr_01h455vb4pex5vsknk084sn02q".to_owned(), roles, scopes, tenant: None };
        let principal = Principal::Caller(Arc::new(caller));
        let deadline = Instant::now() + Duration::from_secs(60);
        let call = Call { principal, request_id: "test".into(), deadline, computed: Computed::All, meter: None };
        Shop { service, call, statements }
    }

    /// What has been read since the last time.
    pub fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// The steps of all that has been read since the last time.
    pub fn steps(&self) -> Vec<String> {
        self.take().into_iter().flat_map(|statement| statement.plan).collect()
    }
}

/// A statement that reads.
#[derive(Debug)]
pub struct Statement {
    pub sql: String,
    /// A line per step.
    pub plan: Vec<String>,
}

type Statements = Arc<Mutex<Vec<Statement>>>;

/// A database that tells how it would read before it does.
struct Explained(Arc<dyn Store>, Statements);

impl Store for Explained {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        let (job, statements) = (Arc::new(tokio::sync::Mutex::new(job)), self.1.clone());
        let explained: Job = Box::new(move |tx| {
            let (job, statements) = (job.clone(), statements.clone());
            Box::pin(async move {
                let mut tx = Explaining { tx, statements };
                let mut job = job.lock().await;
                job(&mut tx).await
            })
        });
        self.0.read(explained, deadline)
    }

    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.0.write(job, deadline)
    }

    fn migrate(&self, migrations: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>> {
        self.0.migrate(migrations)
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.ready()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}

struct Explaining<'t> {
    tx: &'t mut dyn Tx,
    statements: Statements,
}

impl Tx for Explaining<'_> {
    fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        args: &'a [Arg<'a>],
        columns: &'a [Type],
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, StoreError>> {
        Box::pin(async move {
            let rows = match self.tx.dialect() {
                Dialect::Sqlite => {
                    let steps = [Type::Int64, Type::Int64, Type::Int64, Type::String];
                    self.tx.query(&format!("EXPLAIN QUERY PLAN {sql}"), args, &steps).await?
                }
                Dialect::Postgres => {
                    // Few rows are best read all, and sorted; the plans are to be those for many.
                    for unwanted in ["seqscan", "bitmapscan", "sort"] {
                        self.tx.execute(&format!("SET LOCAL enable_{unwanted} = off"), &[]).await?;
                    }
                    self.tx.query(&format!("EXPLAIN (COSTS OFF) {sql}"), args, &[Type::String]).await?
                }
            };
            let detail = |row: Vec<Value>| match row.into_iter().next_back() {
                Some(Value::Text(detail)) => detail,
                other => panic!("{other:?} is no step of a plan"),
            };
            let plan = rows.into_iter().map(detail).collect();
            self.statements.lock().unwrap().push(Statement { sql: sql.to_owned(), plan });
            self.tx.query(sql, args, columns).await
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.tx.execute(sql, args)
    }
}
