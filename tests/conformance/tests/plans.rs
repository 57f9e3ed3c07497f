//! Every list that the shop offers, as both databases plan to read it: what the spec lets callers filter by is looked up in an
//! index, and what it lets them sort by is read in order.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apigen_conformance::postgres as database;
use apigen_runtime::{
    cursor::CursorKey,
    descriptor::{Direction, Field, Id, Relation, RelationKind, Resource, Sort, Type},
    error::ApiError,
    filter::{Compare, Filter, Test},
    principal::{Caller, Principal},
    service::{Call, Computed, ListArgs, Service, Skip, Spelling},
    store::{
        self, Arg, Dialect, Job, Output, Store, StoreError, Tx,
        postgres::{self, PostgresStore},
        sqlite::{self, SqliteStore},
    },
    value::Value,
};
use futures_util::future::BoxFuture;

/// The plans of all statements that read, a line per step.
type Plans = Arc<Mutex<Vec<Vec<String>>>>;

/// A database that tells how it would read before it does.
struct Explained(Arc<dyn Store>, Plans);

impl Store for Explained {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        let (job, plans) = (Arc::new(tokio::sync::Mutex::new(job)), self.1.clone());
        let explained: Job = Box::new(move |tx| {
            let (job, plans) = (job.clone(), plans.clone());
            Box::pin(async move {
                let mut tx = Explaining { tx, plans };
                let mut job = job.lock().await;
                job(&mut tx).await
            })
        });
        self.0.read(explained, deadline)
    }

    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.0.write(job, deadline)
    }

    fn migrate(
        &self,
        migrations: &'static [apigen_runtime::descriptor::Migration],
    ) -> BoxFuture<'_, anyhow::Result<()>> {
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
    plans: Plans,
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
            self.plans.lock().unwrap().push(rows.into_iter().map(detail).collect());
            self.tx.query(sql, args, columns).await
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.tx.execute(sql, args)
    }
}

static SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

fn everything() -> ListArgs {
    ListArgs {
        spelling: &SPELLING,
        page_size: None,
        cursor: None,
        backward: false,
        sort: None,
        filter: None,
        q: None,
        total: false,
        skip: Skip::Rows(0),
    }
}

/// Some value of a field's type: which one makes no difference to a plan.
fn value(field: &Field) -> Value {
    match field.ty {
        Type::Id(Id::Prefixed(_) | Id::Uuid) | Type::Uuid => Value::Uuid(uuid::Uuid::nil()),
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

struct Shop {
    service: Arc<Service>,
    plans: Plans,
    call: Call,
}

impl Shop {
    /// On SQLite, and on PostgreSQL where there is one.
    async fn all() -> Vec<Shop> {
        let sqlite = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).unwrap();
        let mut shops = vec![Shop::on(Arc::new(sqlite)).await];
        if database::url().is_some() {
            let store = PostgresStore::connect(&database::database(), postgres::Options::default()).await;
            shops.push(Shop::on(Arc::new(store.unwrap())).await);
        }
        shops
    }

    async fn on(store: Arc<dyn Store>) -> Shop {
        let plans = Plans::default();
        let store = Explained(store, plans.clone());
        store.migrate(shop_server::API.migrations).await.unwrap();
        let key = CursorKey::new("a secret for the tests").unwrap();
        let service = Arc::new(Service::new(&shop_server::API, Arc::new(store), key).unwrap());
        let (roles, scopes) = (vec!["admin".to_owned()], vec!["*".to_owned()]);
        let caller = Caller { subject: "usr_01h455vb4pex5vsknk084sn02q".to_owned(), roles, scopes, tenant: None };
        let principal = Principal::Caller(Arc::new(caller));
        let deadline = Instant::now() + Duration::from_secs(60);
        let call = Call { principal, request_id: "test".into(), deadline, computed: Computed::All, meter: None };
        Shop { service, plans, call }
    }

    /// The steps of all that is read for a list.
    async fn plan(&self, resource: &'static Resource, args: ListArgs) -> Vec<String> {
        self.plans.lock().unwrap().clear();
        self.service.list(&self.call, resource, &args).await.unwrap();
        self.plans.lock().unwrap().drain(..).flatten().collect()
    }

    /// The same of the lists of so many rows along a relation.
    async fn plan_of(&self, resource: &'static Resource, relation: &'static Relation, parents: usize) -> Vec<String> {
        self.plans.lock().unwrap().clear();
        let (service, call) = (self.service.clone(), self.call.clone());
        let parents = vec![value(&resource.fields[0]); parents];
        let read = store::read(&*self.service.store, self.call.deadline, move |tx| {
            let (service, call, parents) = (service.clone(), call.clone(), parents.clone());
            Box::pin(async move {
                service
                    .children_in(
                        &call,
                        tx,
                        (resource, relation),
                        &parents,
                        &Ok(ListArgs { total: true, ..everything() }),
                    )
                    .await
            })
        });
        read.await.unwrap();
        self.plans.lock().unwrap().drain(..).flatten().collect()
    }
}

/// Looks up rows of the list, not those of another table.
fn searches(step: &str) -> bool {
    step.starts_with("SEARCH t USING") || step.contains("Index Cond: ")
}

fn sorts(step: &str) -> bool {
    step.contains("TEMP B-TREE") || step.trim_start_matches([' ', '-', '>']).starts_with("Sort")
}

/// Reads all rows of a table, in no order.
fn scans(step: &str) -> bool {
    step.contains("Seq Scan")
        || step.starts_with("SCAN ")
            && !step.contains(" INDEX ")
            && !step.contains("VIRTUAL TABLE")
            && !step.contains("rarray")
}

#[tokio::test]
async fn what_can_be_filtered_by_is_looked_up() {
    for shop in Shop::all().await {
        check_filters_of(&shop).await;
    }
}

async fn check_filters_of(shop: &Shop) {
    let mut filters = 0;
    for resource in shop_server::API.resources.iter().filter(|resource| resource.operations.list) {
        for (index, field) in resource.fields.iter().enumerate().filter(|(_, field)| field.filter) {
            for test in [Test::Eq(value(field)), Test::In(vec![value(field), value(field)])] {
                let filter = Some(Filter::Compare(Compare { field: index, test }));
                // Of a few rows PostgreSQL would look at all in their order to find a page, but not to count them.
                let plan = shop.plan(resource, ListArgs { filter, total: true, ..everything() }).await;
                let searched = plan.iter().any(|step| searches(step));
                assert!(
                    searched && !plan.iter().any(|step| scans(step)),
                    "{}.{}: {plan:#?}",
                    resource.name,
                    field.name
                );
                filters += 1;
            }
        }
    }
    assert!(filters > 20, "{filters}");
    // What no index is good for is told apart.
    let users = shop_server::API.resources.iter().find(|resource| resource.name == "User").unwrap();
    let test = Test::Contains("a".to_owned());
    let filter = Some(Filter::Compare(Compare { field: users.field_index("email").unwrap(), test }));
    let plan = shop.plan(users, ListArgs { filter, total: true, ..everything() }).await;
    assert!(!plan.iter().any(|step| searches(step)), "{plan:#?}");
}

#[tokio::test]
async fn what_can_be_sorted_by_is_read_in_order() {
    for shop in Shop::all().await {
        check_orders_of(&shop).await;
    }
}

async fn check_orders_of(shop: &Shop) {
    let mut orders = 0;
    for resource in shop_server::API.resources.iter().filter(|resource| resource.operations.list) {
        let plain = shop.plan(resource, everything()).await;
        assert!(!plain.iter().any(|step| scans(step) || sorts(step)), "{}: {plain:#?}", resource.name);
        for field in resource.fields.iter().filter(|field| field.sort) {
            for direction in [Direction::Ascending, Direction::Descending] {
                let sort = Some(vec![Sort { field: field.name, direction }]);
                let plan = shop.plan(resource, ListArgs { sort, ..everything() }).await;
                let sorted = plan.iter().any(|step| sorts(step) || scans(step));
                assert!(!sorted, "{}.{} {direction:?}: {plan:#?}", resource.name, field.name);
                orders += 1;
            }
        }
    }
    assert!(orders > 10, "{orders}");
}

#[tokio::test]
async fn rows_along_a_relation_are_looked_up() {
    for shop in Shop::all().await {
        check_relations_of(&shop).await;
    }
}

async fn check_relations_of(shop: &Shop) {
    let mut relations = 0;
    for resource in shop_server::API.resources {
        for relation in resource.relations {
            if matches!(relation.kind, RelationKind::BelongsTo { .. }) {
                continue;
            }
            // How PostgreSQL reads several lists at once depends on how many rows it believes to be there.
            let several = if shop.service.store.dialect() == Dialect::Sqlite { 2 } else { 1 };
            for parents in 1..=several {
                let plan = shop.plan_of(resource, relation, parents).await;
                let searched = plan.iter().any(|step| searches(step));
                assert!(
                    searched && !plan.iter().any(|step| scans(step)),
                    "{}.{}: {plan:#?}",
                    resource.name,
                    relation.name
                );
            }
            relations += 1;
        }
    }
    assert!(relations >= 2, "{relations}");
}
