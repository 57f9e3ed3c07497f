//! Clients that write over all three protocols, whatever happens to the database, and keep book of what they were told.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apigen_conformance::staff::Channel;
use apigen_conformance::{
    server::Server,
    shop::{Rest, header},
};
use serde_json::{Value as Json, json};
use shop_server::client::{CreateProductRequest, Product, product_service_client::ProductServiceClient};
use tokio::task::JoinSet;

use super::channel;

/// What requests may take, and what an answer may take: its way, and a busy machine.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);
const SLACK: Duration = Duration::from_secs(3);
/// How long the server may take to notice that its database is back.
const PATIENCE: Duration = Duration::from_secs(60);
const PROTOCOLS: [Protocol; 3] = [Protocol::Rest, Protocol::Graphql, Protocol::Grpc];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Rest,
    Graphql,
    Grpc,
}

/// What a writer was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Kept,
    /// UNAVAILABLE, and when to try again.
    Unavailable,
    /// DEADLINE_EXCEEDED
    Late,
    /// INTERNAL, because the connection broke during the commit.
    Unknown,
}

/// Each row's SKU, who wrote it, and the answer.
type Book = Arc<Mutex<Vec<(String, Protocol, Answer)>>>;

pub struct Writers {
    book: Book,
    tasks: JoinSet<()>,
}

impl Writers {
    /// Starts them, and returns when each has written something.
    pub async fn start(server: &Server) -> Writers {
        let mut writers = Writers { book: Book::default(), tasks: JoinSet::new() };
        for protocol in PROTOCOLS {
            let (client, book) = (Client::of(protocol, server).await, writers.book.clone());
            writers.tasks.spawn(write_on(client, protocol, book));
        }
        writers.until_all_write_again().await;
        writers
    }

    /// Waits until each protocol has had a row kept from now on.
    pub async fn until_all_write_again(&mut self) {
        self.until_all_hear(Answer::Kept).await;
    }

    pub async fn until_all_hear(&mut self, answer: Answer) {
        let (start, from) = (Instant::now(), self.book.lock().unwrap().len());
        let heard = |protocol| {
            let book = self.book.lock().unwrap();
            book[from..].iter().any(|(_, by, told)| (*by, *told) == (protocol, answer))
        };
        while !PROTOCOLS.into_iter().all(heard) {
            if let Some(ended) = self.tasks.try_join_next() {
                ended.expect("a writer goes on");
            }
            assert!(start.elapsed() < PATIENCE, "not all protocols hear {answer:?}: {:?}", self.counts());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn counts(&self) -> Vec<(Answer, usize)> {
        let book = self.book.lock().unwrap();
        let count = |answer| book.iter().filter(|(_, _, told)| *told == answer).count();
        [Answer::Kept, Answer::Unavailable, Answer::Late, Answer::Unknown].map(|answer| (answer, count(answer))).into()
    }

    /// Ends them, and compares what they were told with what is there: all rows that were kept, none that had to be
    /// tried again, each once.
    pub async fn check(mut self, server: &Server) {
        self.tasks.shutdown().await;
        let there = skus(&Rest::of(server)).await;
        for (sku, protocol, answer) in self.book.lock().unwrap().iter() {
            match answer {
                Answer::Kept => assert!(there.contains(sku), "{sku} was acknowledged over {protocol:?} and is lost"),
                Answer::Unavailable => assert!(!there.contains(sku), "{sku} is there, UNAVAILABLE over {protocol:?}"),
                Answer::Late | Answer::Unknown => {}
            }
        }
        eprintln!("{:?}", self.counts());
    }
}

/// Of all products, each of which must be there once.
async fn skus(rest: &Rest) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut path = "/v1/products?limit=1000".to_owned();
    loop {
        let page: Json = rest.get(&path).send().await.unwrap().json().await.unwrap();
        for row in page["data"].as_array().unwrap_or_else(|| panic!("no rows: {page}")) {
            assert!(found.insert(row["sku"].as_str().unwrap().to_owned()), "{row} is there twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        path = format!("/v1/products?limit=1000&cursor={cursor}");
    }
}

async fn write_on(mut client: Client, protocol: Protocol, book: Book) {
    for number in 0.. {
        let sku = format!("{protocol:?}-{number}");
        let start = Instant::now();
        let answer = client.write(&sku).await;
        let took = start.elapsed();
        assert!(took < REQUEST_TIMEOUT + SLACK, "{sku} took {took:?}: {answer:?}");
        book.lock().unwrap().push((sku, protocol, answer));
        if answer != Answer::Kept {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

enum Client {
    Rest(Rest),
    Graphql(Rest),
    Grpc(ProductServiceClient<Channel>),
}

impl Client {
    async fn of(protocol: Protocol, server: &Server) -> Client {
        match protocol {
            Protocol::Rest => Client::Rest(Rest::of(server)),
            Protocol::Graphql => Client::Graphql(Rest::of(server)),
            Protocol::Grpc => Client::Grpc(ProductServiceClient::new(channel(server.base_url.clone()).await)),
        }
    }

    async fn write(&mut self, sku: &str) -> Answer {
        match self {
            Client::Rest(rest) => over_rest(rest, sku).await,
            Client::Graphql(rest) => over_graphql(rest, sku).await,
            Client::Grpc(client) => over_grpc(client, sku).await,
        }
    }
}

fn row(sku: &str) -> Json {
    json!({ "sku": sku, "name": "Mug", "price": "12.50", "stock": 40 })
}

async fn over_rest(rest: &Rest, sku: &str) -> Answer {
    let response = rest.post("/v1/products", &row(sku)).send().await.expect("an answer");
    let (status, retry) = (response.status(), header(&response, "retry-after"));
    let body: Json = response.json().await.expect("JSON");
    if status == 201 {
        return Answer::Kept;
    }
    refusal(body["code"].as_str(), body["detail"].as_str(), retry == "1", &body.to_string())
}

async fn over_graphql(rest: &Rest, sku: &str) -> Answer {
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id } userErrors { message } } }";
    let request = json!({ "query": query, "variables": { "input": row(sku) } });
    let body: Json = rest.post("/graphql", &request).send().await.expect("an answer").json().await.expect("JSON");
    if body["data"]["createProduct"]["product"]["id"].is_string() {
        return Answer::Kept;
    }
    let error = &body["errors"][0];
    let retry = error["extensions"]["retry_after"] == 1;
    refusal(error["extensions"]["code"].as_str(), error["message"].as_str(), retry, &body.to_string())
}

async fn over_grpc(client: &mut ProductServiceClient<Channel>, sku: &str) -> Answer {
    let product = Product {
        sku: Some(sku.to_owned()),
        name: Some("Mug".to_owned()),
        price: Some("12.50".to_owned()),
        stock: Some(40),
        ..Product::default()
    };
    let Err(status) = client.create_product(CreateProductRequest { product: Some(product) }).await else {
        return Answer::Kept;
    };
    let code = match status.code() {
        tonic::Code::Unavailable => "UNAVAILABLE",
        tonic::Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        tonic::Code::Internal => "INTERNAL",
        _ => "another code",
    };
    let retry = String::from_utf8_lossy(status.details()).contains("google.rpc.RetryInfo");
    refusal(Some(code), Some(status.message()), retry, &format!("{status:?}"))
}

/// Nothing else may be answered while a database is away.
fn refusal(code: Option<&str>, message: Option<&str>, retry: bool, body: &str) -> Answer {
    let unknown = message.is_some_and(|message| message.ends_with("whether the write was kept is unknown"));
    match code {
        Some("UNAVAILABLE") if retry => Answer::Unavailable,
        Some("DEADLINE_EXCEEDED") => Answer::Late,
        Some("INTERNAL") if unknown && !retry => Answer::Unknown,
        _ => panic!("{body}"),
    }
}

/// Waits until the server says of itself that it's ready, or that it isn't.
pub async fn until_ready(server: &Server, status: u16) {
    let (rest, start) = (Rest::of(server), Instant::now());
    loop {
        let told = rest.get("/readyz").send().await.expect("an answer").status();
        if told == status {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "/readyz says {told} and not {status}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
