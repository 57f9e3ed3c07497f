//! What the shop's servers ask their databases: no more than what is shown, or leads to it.

use apigen_conformance::explained::{Server, Statement};
use apigen_runtime::{graphql, rest};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

struct Client<'s> {
    shop: &'s Server,
    router: Router,
}

impl Client<'_> {
    fn of(shop: &Server) -> Client<'_> {
        let graphql = graphql::router(shop.service.clone(), graphql::Options::default()).unwrap();
        let router = rest::router(shop.service.clone()).merge(graphql).layer(Extension(shop.call.clone()));
        Client { shop, router }
    }

    /// The answer, and what was read for it.
    async fn ask(&self, request: Request<Body>) -> (Json, Vec<Statement>) {
        self.shop.take();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (serde_json::from_slice(&body).unwrap(), self.shop.take())
    }

    async fn get(&self, path: &str) -> (Json, Vec<Statement>) {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn graphql(&self, query: &str) -> (Json, Vec<Statement>) {
        self.post("/graphql", &json!({ "query": query })).await
    }

    async fn post(&self, path: &str, body: &Json) -> (Json, Vec<Statement>) {
        let request = Request::post(path).header("content-type", "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

/// What statements select, without the names of columns that all of them read.
fn selected(statements: &[Statement]) -> Vec<String> {
    let columns = |statement: &Statement| {
        let (columns, _) = statement.sql.strip_prefix("SELECT ").unwrap().split_once(" FROM \"").unwrap();
        columns.replace("t.\"", "").replace('"', "")
    };
    statements.iter().map(columns).collect()
}

#[tokio::test]
async fn embedded_rows_take_a_statement_per_relation() {
    for shop in Server::all(&shop_server::API).await {
        let client = Client::of(&shop);
        let ship_to = json!({ "street": "Main 1", "city": "Ulm", "postal_code": "89073", "country": "DE" });
        let user = json!({ "email": "a@b.example", "name": "Ann", "password": "correcthorse" });
        let user = client.post("/v1/users", &user).await.0;
        let order = json!({ "customer_id": user["id"], "ship_to": ship_to });
        for _ in 0..3 {
            let (order, _) = client.post("/v1/orders", &order).await;
            assert_eq!(order["customer_id"], user["id"], "{order}");
        }
        let (page, statements) = client.get("/v1/orders?expand=customer&fields=note,customer.name").await;
        let customer = json!({ "id": user["id"], "name": "Ann" });
        let shown: Vec<_> = page["data"].as_array().unwrap().iter().map(|order| &order["customer"]).collect();
        assert_eq!(shown, [&customer; 3], "{page}");
        assert_eq!(page["data"][0].get("customer_id"), None, "it leads there, but isn't shown");
        assert_eq!(
            selected(&statements),
            ["id, note, placed_at, customer_id, version", "id, name, version"],
            "{statements:#?}"
        );
        let (order, statements) =
            client.get(&format!("/v1/orders/{}?expand=customer", page["data"][0]["id"].as_str().unwrap())).await;
        assert_eq!((&order["customer"]["email"], statements.len()), (&json!("a@b.example"), 2));
        assert_eq!(order["customer"].get("password"), None);
    }
}

#[tokio::test]
async fn only_what_is_shown_is_read() {
    for shop in Server::all(&shop_server::API).await {
        let client = Client::of(&shop);
        let cases = [
            ("/v1/products?fields=name", "{ products { nodes { name } } }", "id, name, version"),
            // What the next page goes on by.
            (
                "/v1/products?fields=name&sort=-price",
                "{ products(orderBy: [{ field: PRICE, direction: DESC }]) { nodes { name } } }",
                "id, name, price, version",
            ),
            (
                "/v1/orders?fields=ship_to.city",
                "{ orders { nodes { shipTo { city } } } }",
                "id, ship_to, placed_at, version",
            ),
            ("/v1/users?fields=id", "{ users { totalCount: __typename } }", "id, version"),
        ];
        for (path, query, expected) in cases {
            for (answer, statements) in [client.get(path).await, client.graphql(query).await] {
                assert!(answer.get("errors").is_none(), "{answer}");
                assert_eq!(selected(&statements), [expected], "{path}");
            }
        }
    }
}
