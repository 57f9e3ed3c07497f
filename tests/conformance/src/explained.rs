//! A database that tells what it is asked, and how it would read it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apigen_runtime::{
    cursor::CursorKey,
    descriptor::{Api, Field, Id, Migration, Resource, Type},
    error::ApiError,
    principal::{Caller, Principal},
    service::{Call, Computed, Service},
    store::{
        Arg, Dialect, Job, Output, Store, StoreError, Tx,
        postgres::{self, PostgresStore},
        sqlite::{self, SqliteStore},
    },
    value::{Value, id_text},
};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::postgres as database;

/// A service on such a database, and a call of somebody who has every role.
pub struct Server {
    pub api: &'static Api,
    pub service: Arc<Service>,
    pub call: Call,
    statements: Statements,
}

impl Server {
    /// On SQLite, and on PostgreSQL where there is one.
    pub async fn all(api: &'static Api) -> Vec<Server> {
        Server::on_all(api, Answers::Rows).await
    }

    /// The same with tables that seem to be full, but answer nothing.
    pub async fn planning(api: &'static Api) -> Vec<Server> {
        Server::on_all(api, Answers::Nothing).await
    }

    async fn on_all(api: &'static Api, answers: Answers) -> Vec<Server> {
        let sqlite = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).unwrap();
        let mut servers = vec![Server::on(Arc::new(sqlite), api, answers).await];
        if database::url().is_some() {
            let url = database::database();
            let store = PostgresStore::connect(&url, postgres::Options::default()).await;
            servers.push(Server::on(Arc::new(store.unwrap()), api, answers).await);
            if answers == Answers::Nothing {
                // SQLite plans without knowing how many rows there are.
                database::ask(&url, include_str!("explained/rows.sql"));
            }
        }
        servers
    }

    async fn on(store: Arc<dyn Store>, api: &'static Api, answers: Answers) -> Server {
        let statements = Statements::default();
        let store = Explained { store, statements: statements.clone(), answers };
        store.migrate(api.migrations).await.unwrap();
        let key = CursorKey::new("a secret for the tests").unwrap();
        let service = Arc::new(Service::new(api, Arc::new(store), key).unwrap());
        let roles = api.auth.into_iter().flat_map(|auth| auth.roles).map(|(role, _)| (*role).to_owned()).collect();
        let call = call(api, roles, vec!["*".to_owned()]);
        Server { api, service, call, statements }
    }

    /// The same for somebody without a role, who may do what belongs to them.
    pub fn without_roles(&self) -> Server {
        let call = call(self.api, Vec::new(), Vec::new());
        Server { call, service: self.service.clone(), statements: self.statements.clone(), ..*self }
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

fn call(api: &'static Api, roles: Vec<String>, scopes: Vec<String>) -> Call {
    let id = |resource: &Resource| id_text(resource.id(), &some(&resource.fields[0]));
    let auth = api.auth.as_ref();
    let subject = auth.and_then(|auth| auth.principal).map_or_else(|| "somebody".to_owned(), id);
    let tenant = auth.and_then(|auth| auth.tenant.as_ref()).map(|tenant| id(tenant.resource));
    let principal = Principal::Caller(Arc::new(Caller { subject, roles, scopes, tenant }));
    let deadline = Instant::now() + Duration::from_secs(60);
    Call { principal, request_id: "test".into(), deadline, computed: Computed::All, meter: None, notices: None }
}

/// Some value of a field's type: which one makes no difference to a plan.
pub fn some(field: &Field) -> Value {
    match field.ty {
        Type::Id(Id::Prefixed(_) | Id::Uuid) | Type::Uuid => Value::Uuid(Uuid::nil()),
        Type::Id(Id::Int64) | Type::Int32 | Type::Int64 => Value::Int(1),
        Type::Bool => Value::Bool(true),
        Type::Float64 => Value::Float(1.0),
        Type::Decimal { .. } => Value::Decimal("1".parse().unwrap()),
        Type::Timestamp => Value::Timestamp(jiff::Timestamp::UNIX_EPOCH),
        Type::Date => Value::Date(jiff::civil::date(2026, 1, 1)),
        Type::Duration => Value::Duration(1),
        Type::Enum(of) => Value::Enum(of.values[0]),
        _ => Value::Text("a".to_owned()),
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

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answers {
    Rows,
    Nothing,
}

/// A database that tells how it would read before it does.
struct Explained {
    store: Arc<dyn Store>,
    statements: Statements,
    answers: Answers,
}

impl Store for Explained {
    fn dialect(&self) -> Dialect {
        self.store.dialect()
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        let job = Arc::new(tokio::sync::Mutex::new(job));
        let (statements, answers) = (self.statements.clone(), self.answers);
        let explained: Job = Box::new(move |tx| {
            let (job, statements) = (job.clone(), statements.clone());
            Box::pin(async move {
                let mut tx = Explaining { tx, statements, answers };
                let mut job = job.lock().await;
                job(&mut tx).await
            })
        });
        self.store.read(explained, deadline)
    }

    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.store.write(job, deadline)
    }

    fn migrate(&self, migrations: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>> {
        self.store.migrate(migrations)
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.ready()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}

struct Explaining<'t> {
    tx: &'t mut dyn Tx,
    statements: Statements,
    answers: Answers,
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
                    // Of the rows that are there all could be read as fast; of those of years they couldn't.
                    self.tx.execute("SET LOCAL enable_seqscan = off", &[]).await?;
                    self.tx.query(&format!("EXPLAIN (COSTS OFF) {sql}"), args, &[Type::String]).await?
                }
            };
            let detail = |row: Vec<Value>| match row.into_iter().next_back() {
                Some(Value::Text(detail)) => detail,
                other => panic!("{other:?} is no step of a plan"),
            };
            let plan = rows.into_iter().map(detail).collect();
            self.statements.lock().unwrap().push(Statement { sql: sql.to_owned(), plan });
            match self.answers {
                Answers::Rows => self.tx.query(sql, args, columns).await,
                Answers::Nothing => Ok(Vec::new()),
            }
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.tx.execute(sql, args)
    }
}
