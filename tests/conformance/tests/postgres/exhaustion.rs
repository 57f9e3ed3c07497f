//! All connections held by statements that don't end.

use std::time::{Duration, Instant};

use apigen_conformance::{
    postgres,
    server::Server,
    shop::{Rest, header},
};
use serde_json::{Value as Json, json};
use shop_server::client::{ListUsersRequest, user_service_client::UserServiceClient};
use tokio::task::JoinSet;

use super::{channel, outsider};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
const POOL: usize = 2;
/// For an answer's way, on a busy machine.
const SLACK: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_all_connections_taken_waits_until_the_deadline() {
    if postgres::url().is_none() {
        return;
    }
    let url = postgres::database();
    let timeout = REQUEST_TIMEOUT.as_secs().to_string();
    let server =
        Server::start(&[("DATABASE_URL", &url), ("REQUEST_TIMEOUT", &timeout), ("DB_POOL_SIZE", &POOL.to_string())]);
    let outsider = outsider(&url).await;
    outsider.batch_execute("BEGIN; LOCK TABLE products, users").await.unwrap();
    let rest = Rest::of(&server);
    let mut slow = JoinSet::new();
    for _ in 0..POOL * 2 {
        let rest = rest.clone();
        slow.spawn(async move { rest.get("/v1/products").send().await.expect("an answer").status().as_u16() });
    }
    until_waiting(&outsider, POOL).await;

    let (over_rest, over_graphql, over_grpc) =
        tokio::join!(over_rest(&rest), over_graphql(&rest), over_grpc(&server.base_url));
    assert_eq!((over_rest.as_str(), over_graphql.as_str()), ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"));
    assert_eq!(over_grpc, Some(tonic::Code::DeadlineExceeded));
    assert_eq!(slow.join_all().await, [504; POOL * 2]);

    // Still locked: what nobody waits for is cancelled, so whoever needs other tables is served.
    assert_eq!(rest.get("/v1/orders").send().await.unwrap().status(), 200);
    until_waiting(&outsider, 0).await;
    outsider.batch_execute("ROLLBACK").await.unwrap();
    for path in ["/v1/products", "/v1/users", "/readyz"] {
        assert_eq!(rest.get(path).send().await.unwrap().status(), 200, "{path}");
    }
    // Those that were given up end when PostgreSQL gets to it.
    until(async || sessions(&outsider, "true").await <= POOL, "more connections than allowed").await;
}

async fn until_waiting(outsider: &tokio_postgres::Client, count: usize) {
    let waiting = async || sessions(outsider, "wait_event_type = 'Lock'").await == count;
    until(waiting, &format!("never did {count} sessions wait for a lock")).await;
}

async fn until(condition: impl AsyncFn() -> bool, otherwise: &str) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(30), "{otherwise}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Of the server, for which this holds.
async fn sessions(outsider: &tokio_postgres::Client, condition: &str) -> usize {
    // Within a transaction the view would stay as it was.
    let sql = format!(
        "SELECT pg_stat_clear_snapshot(), (SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'apigen' AND {condition})"
    );
    let count: i64 = outsider.query_one(&sql, &[]).await.unwrap().get(1);
    usize::try_from(count).unwrap()
}

async fn in_time<T>(answer: impl Future<Output = T>) -> T {
    let answer = tokio::time::timeout(REQUEST_TIMEOUT + SLACK, answer).await;
    answer.expect("an answer soon after the deadline")
}

async fn over_rest(rest: &Rest) -> String {
    let response = in_time(rest.get("/v1/users").send()).await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (504, ""));
    code(&response.json::<Json>().await.unwrap()["code"])
}

async fn over_graphql(rest: &Rest) -> String {
    let request = json!({ "query": "{ users { edges { node { id } } } }" });
    let body: Json = in_time(rest.post("/graphql", &request).send()).await.unwrap().json().await.unwrap();
    code(&body["errors"][0]["extensions"]["code"])
}

fn code(code: &Json) -> String {
    code.as_str().unwrap_or_else(|| panic!("no code: {code}")).to_owned()
}

async fn over_grpc(url: &str) -> Option<tonic::Code> {
    let mut client = UserServiceClient::new(channel(url.to_owned()).await);
    in_time(client.list_users(ListUsersRequest::default())).await.err().map(|status| status.code())
}
