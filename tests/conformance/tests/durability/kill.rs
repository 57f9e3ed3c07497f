//! SIGKILL under concurrent writes, again and again on the same file.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apigen_conformance::{
    server::Server,
    shop::{Rest, id},
    staff,
};
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use shop_server::client::{CreateProductRequest, Product, product_service_client::ProductServiceClient};
use tokio::task::JoinSet;

const ROUNDS: usize = 50;
const WRITERS: usize = 8;
const WRITING: Duration = Duration::from_millis(200);
/// How long the first answer of a round may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ids of rows whose creation was answered, and their SKUs.
type Acknowledged = HashMap<String, String>;

/// What all writers have written so far.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Acknowledged>>);

impl Written {
    fn add(&self, id: &str, sku: String) {
        self.0.lock().unwrap().insert(id.to_owned(), sku);
    }

    fn so_far(&self) -> Acknowledged {
        self.0.lock().unwrap().clone()
    }

    async fn more_than(&self, before: usize) {
        let started = Instant::now();
        while self.0.lock().unwrap().len() <= before {
            assert!(started.elapsed() < PATIENCE, "nothing was written behind row {before}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_acknowledged_is_there_after_any_number_of_kills() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let written = Written::default();
    for round in 0..ROUNDS {
        let mut server = Server::start_on(&database, &[]);
        let before = written.so_far().len();
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (name, written) = (format!("{round}-{writer}"), written.clone());
            match writer % 3 {
                0 => writers.spawn(over_rest(Rest::of(&server), name, written)),
                1 => writers.spawn(over_graphql(Rest::of(&server), name, written)),
                _ => writers.spawn(over_grpc(server.base_url.clone(), name, written)),
            };
        }
        written.more_than(before).await;
        tokio::time::sleep(WRITING).await;
        server.kill();
        writers.join_all().await;
        check(&Server::start_on(&database, &[]), &written.so_far(), round).await;
        intact(&database);
    }
    let acknowledged = written.so_far();
    for (protocol, writer) in [("REST", 0), ("GraphQL", 1), ("gRPC", 2)] {
        let suffix = format!("-{writer}-");
        assert!(acknowledged.values().any(|sku| sku.contains(&suffix)), "nothing was written over {protocol}");
    }
    eprintln!("{} acknowledged rows survived {ROUNDS} kills", acknowledged.len());
}

/// Everything in a row follows from its SKU, so that half a row is recognised.
fn stock(sku: &str) -> i32 {
    sku.bytes().map(i32::from).sum()
}

fn description(sku: &str) -> String {
    format!("{sku} ").repeat(50)
}

fn row(sku: &str) -> Json {
    let description = description(sku);
    json!({
        "sku": sku, "name": format!("Name of {sku}"), "description": description, "price": "12.50", "stock": stock(sku),
        "tags": [sku, "x"],
    })
}

/// Each writer goes on until the server dies.
async fn over_rest(rest: Rest, name: String, written: Written) {
    for number in 0.. {
        let sku = format!("{name}-{number}");
        let Ok(response) = rest.post("/v1/products", &row(&sku)).send().await else { break };
        let status = response.status();
        let Ok(body) = response.json::<Json>().await else { break };
        assert_eq!(status, 201, "{body}");
        written.add(id(&body), sku);
    }
}

async fn over_graphql(rest: Rest, name: String, written: Written) {
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id } userErrors { message } } }";
    for number in 0.. {
        let sku = format!("{name}-{number}");
        let request = json!({ "query": query, "variables": { "input": row(&sku) } });
        let Ok(response) = rest.post("/graphql", &request).send().await else { break };
        let Ok(body) = response.json::<Json>().await else { break };
        written.add(id(&body["data"]["createProduct"]["product"]), sku);
    }
}

async fn over_grpc(url: String, name: String, written: Written) {
    let Ok(channel) = staff::channel(url).await else { return };
    let mut client = ProductServiceClient::new(channel);
    for number in 0.. {
        let sku = format!("{name}-{number}");
        let product = Product {
            sku: Some(sku.clone()),
            name: Some(format!("Name of {sku}")),
            description: Some(description(&sku)),
            price: Some("12.50".to_owned()),
            stock: Some(stock(&sku)),
            tags: vec![sku.clone(), "x".to_owned()],
            ..Product::default()
        };
        let Ok(response) = client.create_product(CreateProductRequest { product: Some(product) }).await else { break };
        written.add(&response.into_inner().product.expect("the new product").id, sku);
    }
}

/// Reads all rows, page by page: all that were acknowledged are there, and all that are there are whole.
async fn check(server: &Server, acknowledged: &Acknowledged, round: usize) {
    let rest = Rest::of(server);
    let mut missing: HashSet<&str> = acknowledged.keys().map(String::as_str).collect();
    let mut seen = HashSet::new();
    let mut path = "/v1/products?limit=1000".to_owned();
    loop {
        let page: Json = rest.get(&path).send().await.unwrap().json().await.unwrap();
        for found in page["data"].as_array().unwrap() {
            let sku = found["sku"].as_str().unwrap();
            assert!(seen.insert(sku.to_owned()), "{sku} is there twice");
            if missing.remove(id(found)) {
                assert_eq!(acknowledged[id(found)], sku);
            }
            for (member, value) in row(sku).as_object().unwrap() {
                assert_eq!(&found[member], value, "{sku} is half-written");
            }
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/products?limit=1000&cursor={cursor}");
    }
    assert!(missing.is_empty(), "{} of {} rows are lost after round {round}", missing.len(), acknowledged.len());
}

/// SQLite's own opinion, indexes included. The server has just been killed once more.
fn intact(database: &Path) {
    let connection = Connection::open(database).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}
