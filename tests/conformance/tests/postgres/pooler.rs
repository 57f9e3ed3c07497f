//! PgBouncer, which gives every transaction another session.

use apigen_conformance::{
    pooler::Pooler,
    server::Server,
    shop::{Rest, product},
};
use tokio::task::JoinSet;

/// More than PgBouncer has sessions.
const CLIENTS: usize = 12;

async fn serves(url: &str) -> Server {
    let server = Server::start(&[("DATABASE_URL", url)]);
    let rest = Rest::of(&server);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let rest = rest.clone();
        clients.spawn(async move {
            for number in 0..20 {
                let path = rest.create_path("/v1/products", &product(&format!("Mug {client}-{number}"))).await;
                assert_eq!(rest.get(&path).send().await.unwrap().status(), 200);
            }
        });
    }
    clients.join_all().await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_stays_prepared_behind_a_pooler() {
    if !Pooler::installed() {
        return;
    }
    let pooler = Pooler::start("");
    let told = serves(&format!("{}?pgbouncer=true", pooler.url)).await;
    assert!(!told.log().contains("behind a pooler"), "{}", told.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_nobody_spoke_of_is_found_out() {
    if !Pooler::installed() {
        return;
    }
    // One refuses settings, the other forgets them.
    for settings in ["", "ignore_startup_parameters = options"] {
        let pooler = Pooler::start(settings);
        let found_out = serves(&pooler.url).await;
        assert!(found_out.log().contains("behind a pooler"), "{}", found_out.log());
    }
}
