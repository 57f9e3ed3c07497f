//! The server that a test of the user's starts: whole, in this process, and one's own.

use std::net::TcpStream;

use apigen_conformance::shop;
use serde_json::{Value as Json, json};
use shop_server::{
    hooks::{ApiError, Caller, Decimal, OrderItemHooks, TestServer, Tx},
    rows::order_item::NewOrderItem,
};

struct Hooks;

impl OrderItemHooks for Hooks {
    async fn unit_price(&self, tx: &mut Tx<'_>, new: &NewOrderItem) -> Result<Decimal, ApiError> {
        Ok(tx.get(&new.product_id).await?.price)
    }
}

fn start() -> TestServer {
    shop_server::server(Hooks).test()
}

async fn create(server: &TestServer, product: &Json) -> u16 {
    let admin =
        Caller { subject: "usr_01jekcbzgtfgxsvbjfmdnqrz4y".into(), roles: vec!["admin".into()], ..Caller::default() };
    let request =
        reqwest::Client::new().post(server.url() + "/v1/products").bearer_auth(server.token(admin)).json(product);
    request.send().await.expect("an answer").status().as_u16()
}

async fn names(server: &TestServer) -> Json {
    let query = json!({ "query": "{ products { nodes { name } } }" });
    let request = reqwest::Client::new().post(server.url() + "/graphql").json(&query);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

#[tokio::test]
async fn servers_in_one_process_share_nothing() {
    let (one, other) = (start(), start());
    let (mug, cup) = (shop::product("Mug"), shop::product("Cup"));
    assert_eq!([create(&one, &mug).await, create(&other, &mug).await, create(&other, &cup).await], [201, 201, 201]);
    assert_eq!(names(&one).await, json!({ "data": { "products": { "nodes": [{ "name": "Mug" }] } } }));
    assert_eq!(names(&other).await["data"]["products"]["nodes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn it_ends_with_what_holds_it() {
    let server = start();
    let address = server.url().replace("http://", "");
    // One that nobody closes keeps no server alive.
    let _idle = TcpStream::connect(&address).expect("it listens");
    drop(server);
    TcpStream::connect(&address).expect_err("nobody listens any more");
}

#[tokio::test]
async fn rows_can_come_from_elsewhere() {
    let server = start();
    let nobody = Caller { subject: "usr_01jekcbzgtfgxsvbjfmdnqrz4y".into(), ..Caller::default() };
    let product = shop::product("Mug").to_string();
    let id = server.seed(&nobody, "Product", &product);
    assert!(id.starts_with("prd_"), "{id}");
    assert_eq!(names(&server).await, json!({ "data": { "products": { "nodes": [{ "name": "Mug" }] } } }));
}

#[test]
#[should_panic(expected = "no Product comes to be")]
fn they_keep_the_rules() {
    start().seed(&Caller::default(), "Product", r#"{"name": "Mug"}"#);
}
