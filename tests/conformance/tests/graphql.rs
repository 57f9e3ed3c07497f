//! What is particular to GraphQL: statuses and media types, the language, introspection, limits.

#[path = "graphql/computed.rs"]
mod computed;
#[path = "graphql/http.rs"]
mod http;
#[path = "graphql/introspection.rs"]
mod introspection;
#[path = "graphql/language.rs"]
mod language;
#[path = "graphql/limits.rs"]
mod limits;
#[path = "graphql/mutations.rs"]
mod mutations;

use apigen_conformance::{
    server::Server,
    shop::{Rest, address, id, order, product, user},
};
use serde_json::{Value as Json, json};

/// Posts a request as the newer media type, and returns status and answer.
async fn post(rest: &Rest, request: &Json) -> (u16, Json) {
    let request = rest.post("/graphql", request).header("accept", "application/graphql-response+json");
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The data of an operation that must succeed.
async fn data(rest: &Rest, query: &str, variables: Json) -> Json {
    let (status, mut answer) = post(rest, &json!({ "query": query, "variables": variables })).await;
    assert!(status == 200 && answer.get("errors").is_none(), "{query:.300}: {answer}");
    answer["data"].take()
}

/// The one error of a request that isn't executed at all.
async fn refused(rest: &Rest, query: &str, variables: Json) -> Json {
    let (status, mut answer) = post(rest, &json!({ "query": query, "variables": variables })).await;
    assert_eq!(status, 400, "{query:.300}: {answer}");
    assert!(answer.get("data").is_none(), "{query:.300}: {answer}");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{query:.300}: {answer}");
    answer["errors"][0].take()
}

/// A user with an order of two products.
struct Shop {
    _server: Server,
    rest: Rest,
    user: Json,
    order: Json,
    products: [Json; 2],
}

async fn shop() -> Shop {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let mut ada = user("Ada Lovelace");
    ada["address"] = address();
    let user = rest.create("/v1/users", &ada).await;
    let mut cup = product("Cup");
    // Two of them will be ordered.
    cup["stock"] = json!(9);
    let products = [rest.create("/v1/products", &product("Mug")).await, rest.create("/v1/products", &cup).await];
    let order = rest.create("/v1/orders", &order(id(&user))).await;
    for (product, quantity) in products.iter().zip([1, 2]) {
        let item = json!({ "order_id": id(&order), "product_id": id(product), "quantity": quantity });
        rest.create("/v1/order-items", &item).await;
    }
    Shop { _server: server, rest, user, order, products }
}
