//! The whole way, over the service and rows in SQLite.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::{Router, body::Body};
use futures_util::future::BoxFuture;
use http::{Request, header};
use serde_json::{Value as Json, json as j};
use tower::ServiceExt;

use super::fixture::{API, call};
use crate::{
    cursor::CursorKey,
    descriptor::{Migration, Type},
    error::ApiError,
    graphql::{Options, router},
    service::Service,
    store::{
        Arg, Dialect, Job, Output, Store, StoreError, Tx,
        sqlite::{self, SqliteStore},
    },
    value::Value,
};

static MIGRATIONS: [Migration; 1] = [Migration {
    name: "0001_initial",
    sqlite: "CREATE TABLE users (
            id BLOB PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, name TEXT NOT NULL UNIQUE, nickname TEXT,
            visits INTEGER NOT NULL, role TEXT NOT NULL, address TEXT, labels TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE orders (
            id BLOB PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, total INTEGER NOT NULL,
            customer_id BLOB NOT NULL REFERENCES users, gift_to_id BLOB REFERENCES users
        ) STRICT;
        CREATE TABLE order_items (
            id BLOB PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, quantity INTEGER NOT NULL,
            order_id BLOB NOT NULL REFERENCES orders
        ) STRICT;",
    postgres: "",
}];

/// The store, counting the statements that queries run.
struct Counting {
    store: SqliteStore,
    statements: Arc<AtomicUsize>,
}

struct CountingTx<'t> {
    tx: &'t mut dyn Tx,
    statements: Arc<AtomicUsize>,
}

impl Store for Counting {
    fn dialect(&self) -> Dialect {
        self.store.dialect()
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        let (job, statements) = (Arc::new(tokio::sync::Mutex::new(job)), self.statements.clone());
        let counted: Job = Box::new(move |tx| {
            let (job, statements) = (job.clone(), statements.clone());
            Box::pin(async move { job.lock().await(&mut CountingTx { tx, statements }).await })
        });
        self.store.read(counted, deadline)
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

impl Tx for CountingTx<'_> {
    fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        args: &'a [Arg<'a>],
        columns: &'a [Type],
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, StoreError>> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.tx.query(sql, args, columns)
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.tx.execute(sql, args)
    }
}

struct Shop {
    router: Router,
    statements: Arc<AtomicUsize>,
}

impl Shop {
    async fn open() -> Shop {
        let store = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).expect("it opens");
        store.migrate(&MIGRATIONS).await.expect("the tables are made");
        let cursor_key = CursorKey::new("a secret for tests").expect("it is long enough");
        let statements = Arc::new(AtomicUsize::new(0));
        let store = Counting { store, statements: statements.clone() };
        let service = Service::new(&API, Arc::new(store), cursor_key).expect("the descriptors are fine");
        let router = router(Arc::new(service), Options::default()).expect("the schema fits");
        Shop { router: router.layer(axum::Extension(call())), statements }
    }

    async fn ask(&self, query: &str, variables: Json) -> Json {
        let body = Body::from(j!({ "query": query, "variables": variables }).to_string());
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json").body(body);
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("infallible");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    async fn data(&self, query: &str, variables: Json) -> Json {
        let body = self.ask(query, variables).await;
        assert!(body.get("errors").is_none(), "{body}");
        body["data"].clone()
    }

    async fn user(&self, name: &str) -> Json {
        let query = "mutation($i: CreateUserInput!) { createUser(input: $i) {
            user { id name nickname role address { street lines } labels { key value } etag } userErrors { message } } }";
        let input = j!({
            "name": name, "nickname": "n", "role": "STORE_KEEPER",
            "address": { "street": "Main", "lines": "1st" }, "labels": [{ "key": "vip", "value": "yes" }],
        });
        let payload = self.data(query, j!({ "i": input })).await["createUser"].clone();
        assert_eq!(payload["userErrors"], j!([]));
        payload["user"].clone()
    }
}

#[tokio::test]
async fn rows_are_written_and_read_back() {
    let shop = Shop::open().await;
    let user = shop.user("ada").await;
    assert_eq!(
        user,
        j!({
            "id": user["id"], "name": "ada", "nickname": "n", "role": "STORE_KEEPER",
            "address": { "street": "Main", "lines": ["1st"] }, "labels": [{ "key": "vip", "value": "yes" }], "etag": "\"v1\"",
        })
    );

    let create = "mutation($i: CreateOrderInput!) { createOrder(input: $i) { order {
        id total customer { name orders { nodes { total customer { id } } } } giftTo { name } } } }";
    let input = j!({ "total": "12.50", "customerId": user["id"] });
    let order = shop.data(create, j!({ "i": input })).await["createOrder"]["order"].clone();
    let customer =
        j!({ "name": "ada", "orders": { "nodes": [{ "total": "12.50", "customer": { "id": user["id"] } }] } });
    assert_eq!(order, j!({ "id": order["id"], "total": "12.50", "customer": customer, "giftTo": null }));

    let body = shop.ask("{ order(id: \"ord_x\") { id } }", j!({})).await;
    assert_eq!(body["errors"][0]["message"], "there is no Order with the id ord_x");

    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } users(where: { name: { eq: \"ada\" } }) { totalCount } }";
    let data = shop.data(query, j!({ "ids": [order["id"], user["id"], "x"] })).await;
    let order = j!({ "__typename": "Order", "id": order["id"] });
    let user = j!({ "__typename": "User", "id": user["id"] });
    assert_eq!(data, j!({ "nodes": [order, user, null], "users": { "totalCount": 1 } }));
}

#[tokio::test]
async fn a_level_is_one_statement() {
    let shop = Shop::open().await;
    for name in ["a", "b", "c", "d"] {
        let user = shop.user(name).await;
        for _ in 0..3 {
            let query = "mutation($i: CreateOrderInput!) { createOrder(input: $i) { order { id } } }";
            shop.data(query, j!({ "i": { "total": "1", "customerId": user["id"], "giftToId": user["id"] } })).await;
        }
    }
    shop.statements.store(0, Ordering::Relaxed);
    let query = "{ users { totalCount nodes { name orders { nodes {
        customer { name orders(first: 1) { nodes { id } } } giftTo { name } } } } } }";
    let data = shop.data(query, j!({})).await;
    assert_eq!(data["users"]["nodes"][3]["orders"]["nodes"].as_array().map(Vec::len), Some(3));
    // The users and their number, the orders, the customers, their orders, and those who got gifts.
    assert_eq!(shop.statements.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn updates_tell_absent_from_null_and_check_the_etag() {
    let shop = Shop::open().await;
    let id = shop.user("ada").await["id"].clone();
    let query = "mutation($id: ID!, $n: String, $m: String) { updateUser(id: $id, ifMatch: $m, input: { role: ADMIN, nickname: $n }) {
        user { nickname role etag } userErrors { code } } }";
    let data = shop.data(query, j!({ "id": id })).await;
    assert_eq!(data["updateUser"]["user"], j!({ "nickname": "n", "role": "ADMIN", "etag": "\"v2\"" }));
    let body = shop.ask(query, j!({ "id": id, "n": null, "m": "\"v1\"" })).await;
    assert_eq!((&body["data"], &body["errors"][0]["extensions"]["code"]), (&j!(null), &j!("ETAG_MISMATCH")));
    let data = shop.data(query, j!({ "id": id, "n": null, "m": "\"v2\"" })).await;
    assert_eq!(data["updateUser"]["user"], j!({ "nickname": null, "role": "ADMIN", "etag": "\"v3\"" }));
}

#[tokio::test]
async fn mutations_run_in_order_and_tell_what_was_wrong() {
    let shop = Shop::open().await;
    let query = "mutation {
        a: createUser(input: { name: \"bob\" }) { user { name } userErrors { code field } }
        b: createUser(input: { name: \"bob\" }) { user { name } userErrors { code field } }
        c: createUser(input: { name: \"eve\" }) { user { name } userErrors { code field } }
    }";
    assert_eq!(
        shop.data(query, j!({})).await,
        j!({
            "a": { "user": { "name": "bob" }, "userErrors": [] },
            "b": { "user": null, "userErrors": [{ "code": "ALREADY_EXISTS", "field": ["name"] }] },
            "c": { "user": { "name": "eve" }, "userErrors": [] },
        })
    );
    let id = shop.data("{ users(first: 1) { nodes { id } } }", j!({})).await["users"]["nodes"][0]["id"].clone();
    let gone = "mutation($id: ID!) { deleteUser(id: $id) { deletedId } }";
    assert_eq!(shop.data(gone, j!({ "id": id })).await, j!({ "deleteUser": { "deletedId": id } }));
    let body = shop.ask(gone, j!({ "id": id })).await;
    assert_eq!(
        (&body["errors"][0]["path"], &body["errors"][0]["extensions"]["status"]),
        (&j!(["deleteUser"]), &j!(404))
    );
}

#[tokio::test]
async fn pages_go_forward_and_back() {
    let shop = Shop::open().await;
    for name in ["a", "b", "c", "d", "e"] {
        shop.user(name).await;
    }
    let query = "query($first: Int, $after: String, $last: Int, $before: String) {
        users(first: $first, after: $after, last: $last, before: $before, orderBy: { field: NAME, direction: DESC }) {
            nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |variables: Json| {
        let users = shop.data(query, variables).await["users"].clone();
        let names: String =
            users["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["name"].as_str()).collect();
        (
            names,
            users["pageInfo"]["hasPreviousPage"] == true,
            users["pageInfo"]["hasNextPage"] == true,
            users["pageInfo"].clone(),
        )
    };
    let (names, previous, next, info) = page(j!({ "first": 2 })).await;
    assert_eq!((names.as_str(), previous, next), ("ed", false, true));
    let (names, previous, next, info) = page(j!({ "first": 2, "after": info["endCursor"] })).await;
    assert_eq!((names.as_str(), previous, next), ("cb", true, true));
    let (names, previous, next, _) = page(j!({ "last": 2, "before": info["startCursor"] })).await;
    assert_eq!((names.as_str(), previous, next), ("ed", false, true));
    let (names, previous, next, _) = page(j!({ "last": 2 })).await;
    assert_eq!((names.as_str(), previous, next), ("ba", true, false));
    let body = shop.ask(query, j!({ "first": -1 })).await;
    assert_eq!(body["errors"][0]["extensions"]["errors"][0]["parameter"], "first");
}
