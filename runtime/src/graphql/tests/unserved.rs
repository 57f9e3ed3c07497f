//! Fields that the contract has and nothing serves yet.

use futures_util::FutureExt;
use serde_json::{Value as Json, json as j};

use super::{
    fixture::{self, Shop, ask_engine, json, request},
    served::service,
};
use crate::{
    descriptor::{Api, Unserved},
    graphql::{
        Options,
        engine::{Allowed, Engine},
    },
};

const fn field(name: &'static str, coordinate: &'static str) -> Unserved {
    Unserved { name, rest: None, graphql: Some(coordinate), grpc: None }
}

static UNSERVED: [Unserved; 4] = [
    field("cancelOrder", "Mutation.cancelOrder"),
    field("previewOrder", "Query.previewOrder"),
    field("watchOrders", "Subscription.orderEvents"),
    field("listOrderNotes", "Order.notes"),
];

const EXTENSION: &str = "
    extend type Mutation { cancelOrder(id: ID!): CancelOrderPayload }
    extend type Query { previewOrder(id: ID!): Preview }
    type Subscription { orderEvents: OrderEvent! }
    extend type Order { notes: [Note!] }
    type CancelOrderPayload { order: Order userErrors: [UserError!]! }
    type Preview { part: PreviewPart }
    type PreviewPart { total: Decimal }
    type OrderEvent { order: Order }
    type Note { text: String }
";

fn engine(unserved: &'static [Unserved], extension: &str) -> anyhow::Result<Engine> {
    let schema = format!("{}{extension}", include_str!("schema.graphql"));
    let api = Api { unserved, ..fixture::api(schema.leak()) };
    Engine::new(Box::leak(Box::new(api)), Options { development: true, ..Options::default() })
}

fn check(query: &str, path: Json, data: Json) {
    let engine = engine(&UNSERVED, EXTENSION).expect("the schema fits");
    let body = if query.starts_with("mutation") {
        let Ok(prepared) = engine.prepare(&request(query, j!({})), Allowed::All) else { panic!("{query} is fine") };
        let (answer, _) =
            engine.execute(&service(), &fixture::call(), prepared).now_or_never().expect("nothing is read");
        String::from_utf8(answer).expect("JSON is UTF-8")
    } else {
        ask_engine(&engine, &mut Shop::new(1), &request(query, j!({})))
    };
    let answer = json(&body);
    let error = &answer["errors"][0];
    assert_eq!((&error["extensions"]["code"], &error["extensions"]["status"]), (&j!("NOT_IMPLEMENTED"), &j!(501)));
    assert_eq!((&error["path"], &answer["data"]), (&path, &data), "{body}");
}

#[test]
fn they_say_so() {
    check("mutation { cancelOrder(id: 1) { order { id } } }", j!(["cancelOrder"]), j!({ "cancelOrder": null }));
    check("{ previewOrder(id: 1) { part { total } } }", j!(["previewOrder"]), j!({ "previewOrder": null }));
    check(
        "{ orders(first: 1) { nodes { total notes { text } } } }",
        j!(["orders", "nodes", 0, "notes"]),
        j!({ "orders": { "nodes": [{ "total": "12.50", "notes": null }] } }),
    );
}

#[test]
fn subscriptions_say_so() {
    let engine = engine(&UNSERVED, EXTENSION).expect("the schema fits");
    let request = request("subscription { orderEvents { order { id } } }", j!({}));
    let Ok(prepared) = engine.prepare(&request, Allowed::All) else { panic!("it is fine") };
    let (answer, _) = engine.execute(&service(), &fixture::call(), prepared).now_or_never().expect("nothing is read");
    let answer = json(&String::from_utf8(answer).expect("JSON is UTF-8"));
    assert_eq!(answer["data"], j!(null));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_IMPLEMENTED");
}

#[test]
fn contract_and_list_agree() {
    let refused = |unserved, extension: &str| engine(unserved, extension).err().map(|error| error.to_string());
    assert_eq!(
        refused(&UNSERVED[..1], "extend type Query { size: Int }").as_deref(),
        Some("no descriptor explains Query.size of the GraphQL schema")
    );
    assert_eq!(refused(&UNSERVED[..1], "").as_deref(), Some("the GraphQL schema has no field Mutation.cancelOrder"));
    assert_eq!(
        refused(&[], "type Subscription { orderEvents: Int }").as_deref(),
        Some("no descriptor explains Subscription.orderEvents of the GraphQL schema")
    );
    assert_eq!(
        refused(&UNSERVED[..1], "extend type Mutation { cancelOrder: Int } type Note { text: String }").as_deref(),
        Some("no descriptor explains the GraphQL type Note")
    );
}
