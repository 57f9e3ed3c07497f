//! Every scenario over REST, GraphQL and gRPC, with the same results and the same errors.

use apigen_conformance::{
    corpus::{Domain, folder, run},
    generated,
    server::Server,
};

#[tokio::test]
async fn the_shop_answers_alike_over_all_protocols() {
    run(&Domain {
        name: "shop".to_owned(),
        version: "v1".to_owned(),
        contracts: folder("../../generated-example/contracts"),
        scenarios: folder("scenarios/shop"),
        start: || Server::start(&[]),
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
async fn every_type_answers_alike_over_all_protocols() {
    run(&Domain {
        name: "every_type".to_owned(),
        version: "v2".to_owned(),
        contracts: generated::folder().join("contracts"),
        scenarios: folder("scenarios/every_type"),
        start: generated::start,
        resources: &[("Thing", "Things", "things"), ("Person", "People", "people"), ("Badge", "Badges", "badges")],
    })
    .await;
}
