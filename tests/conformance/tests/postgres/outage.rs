//! Sessions that are ended, and a server that is down for a while.

use std::time::Duration;

use apigen_conformance::{cluster::Cluster, pooler::Pooler, postgres, server::Server};

use super::{
    outsider,
    writers::{Answer, REQUEST_TIMEOUT, Writers, until_ready},
};

/// Sessions, of which the server has up to four.
const KILLS: i64 = 60;

fn start(url: &str) -> Server {
    let timeout = REQUEST_TIMEOUT.as_secs().to_string();
    Server::start(&[("DATABASE_URL", url), ("REQUEST_TIMEOUT", &timeout), ("DB_POOL_SIZE", "4")])
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_ended_are_replaced() {
    if postgres::url().is_some() {
        let url = postgres::database();
        survive_kills(&start(&url), &url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poolers_sessions_that_are_ended_are_replaced() {
    if Pooler::installed() {
        let pooler = Pooler::start("");
        survive_kills(&start(&pooler.url), &pooler.direct).await;
    }
}

async fn survive_kills(server: &Server, url: &str) {
    let mut writers = Writers::start(server).await;
    let outsider = outsider(url).await;
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut ended = 0;
    while ended < KILLS {
        ended += outsider.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
        writers.until_all_write_again().await;
    }
    until_ready(server, 200).await;
    writers.check(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_waited_for() {
    if !Cluster::installed() {
        return;
    }
    let cluster = Cluster::start();
    let server = start(&cluster.url("127.0.0.1"));
    until_ready(&server, 200).await;
    let mut writers = Writers::start(&server).await;
    for mode in ["fast", "immediate", "fast"] {
        cluster.down(mode);
        writers.until_all_hear(Answer::Unavailable).await;
        until_ready(&server, 503).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        cluster.up();
        writers.until_all_write_again().await;
        until_ready(&server, 200).await;
    }
    writers.check(&server).await;
}
