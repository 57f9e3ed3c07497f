//! Every scenario over REST, GraphQL and gRPC, on SQLite and PostgreSQL, with the same results and the same errors.

use apigen_conformance::{
    corpus::{Database, Domain, folder, run},
    generated, postgres,
    server::Server,
};

/// SQLite, and PostgreSQL where there is one.
fn databases(sqlite: fn() -> Server, postgres: fn() -> Server) -> Vec<Database> {
    let mut databases: Vec<Database> = vec![("SQLite", sqlite)];
    if postgres::url().is_some() {
        databases.push(("PostgreSQL", postgres));
    }
    databases
}

#[tokio::test]
async fn the_shop_answers_alike() {
    run(&Domain {
        name: "shop".to_owned(),
        version: "v1".to_owned(),
        contracts: folder("../../generated-example/contracts"),
        scenarios: folder("scenarios/shop"),
        databases: databases(|| Server::start(&[]), || Server::start(&[("DATABASE_URL", &postgres::database())])),
        resources: &[
            ("User", "Users", "users"),
            ("Product", "Products", "products"),
            ("Order", "Orders", "orders"),
            ("OrderItem", "OrderItems", "order-items"),
        ],
    })
    .await;
}

#[tokio::test]
async fn every_type_answers_alike() {
    run(&Domain {
        name: "every_type".to_owned(),
        version: "v2".to_owned(),
        contracts: generated::folder().join("contracts"),
        scenarios: folder("scenarios/every_type"),
        databases: databases(|| generated::start(None), || generated::start(Some(&postgres::database()))),
        resources: &[("Thing", "Things", "things"), ("Person", "People", "people"), ("Badge", "Badges", "badges")],
    })
    .await;
}
