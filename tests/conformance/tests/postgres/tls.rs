//! `sslmode`, as libpq means it, before a PostgreSQL with a certificate and one without.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use apigen_conformance::{
    cluster::Cluster,
    command::{run_to_end, shop},
    server::Server,
    shop::Rest,
};

use super::outsider;

/// Whether the server's connections are encrypted.
async fn encrypted(cluster: &Cluster, host: &str, query: &str) -> bool {
    let _server = Server::start(&[("DATABASE_URL", &format!("{}{query}", cluster.url(host)))]);
    let sql =
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'apigen'";
    let outsider = outsider(&format!("{}?sslmode=disable", cluster.url("127.0.0.1"))).await;
    outsider.query_one(sql, &[]).await.unwrap().get(0)
}

/// A start that fails, with these words.
fn refused(cluster: &Cluster, host: &str, query: &str, words: &[&str]) {
    let url = format!("{}{query}", cluster.url(host));
    let ended = run_to_end(shop().arg("migrate").env("DATABASE_URL", url));
    assert_eq!(ended.code, Some(2), "{query}: {ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "{query}: no {word:?} in {ended:?}");
    }
}

fn with_root(mode: &str, root: &Path) -> String {
    format!("?sslmode={mode}&sslrootcert={}", root.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_as_safe_as_sslmode_says() {
    if !Cluster::installed() {
        return;
    }
    let cluster = Cluster::start();
    refused(&cluster, "localhost", "?sslmode=require", &["server does not support TLS"]);
    assert!(!encrypted(&cluster, "localhost", "").await, "without a certificate `prefer` does without");

    let (root, stranger) = (cluster.encrypt(), cluster.stranger());
    for query in ["", "?sslmode=prefer", "?sslmode=require"] {
        assert!(encrypted(&cluster, "127.0.0.1", query).await, "{query}");
    }
    assert!(!encrypted(&cluster, "127.0.0.1", "?sslmode=disable").await);
    assert!(encrypted(&cluster, "localhost", &with_root("verify-full", &root)).await);
    assert!(encrypted(&cluster, "127.0.0.1", &with_root("verify-ca", &root)).await, "it's signed, whomever it names");

    refused(&cluster, "127.0.0.1", &with_root("verify-full", &root), &["certificate", "127.0.0.1"]);
    for mode in ["verify-full", "verify-ca", "require"] {
        refused(&cluster, "localhost", &with_root(mode, &stranger), &["invalid peer certificate"]);
    }
    refused(&cluster, "localhost", "?sslmode=verify-full", &["certificate"]);
    refused(&cluster, "localhost", &with_root("verify-full", Path::new("/nowhere.pem")), &["/nowhere.pem"]);
    refused(&cluster, "localhost", "?sslmode=allow", &["sslmode must be"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_is_cancelled_over_tls_too() {
    if !Cluster::installed() {
        return;
    }
    let cluster = Cluster::start();
    let root = cluster.encrypt();
    let url = format!("{}{}", cluster.url("localhost"), with_root("verify-full", &root));
    let server = Server::start(&[("DATABASE_URL", &url), ("REQUEST_TIMEOUT", "1")]);
    let outsider = outsider(&format!("{}?sslmode=disable", cluster.url("127.0.0.1"))).await;
    outsider.batch_execute("BEGIN; LOCK TABLE products").await.unwrap();
    let answer = Rest::of(&server).get("/v1/products/prd_01h455vb4pex5vsknk084sn02q").send().await.unwrap();
    assert_eq!(answer.status(), 504, "{}", answer.text().await.unwrap());
    let start = Instant::now();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    while outsider.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "a statement goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
