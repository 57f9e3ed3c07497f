//! Opening and closing.

use std::time::Duration;

use apigen_runtime::{
    error::Code,
    store::{
        Store,
        postgres::{Options, PostgresStore},
    },
};
use futures_util::FutureExt;

use crate::support::{Database, insert, numbers, numbers_by, options, soon, until_no_session_is_left, with_table};

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_runs_and_refuses_the_rest() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    with_table(&store).await;
    let mut slow = numbers_by(&store, soon(), "SELECT 1 FROM pg_sleep(0.3)").boxed();
    assert!((&mut slow).now_or_never().is_none());
    let mut close = store.close();
    assert!((&mut close).now_or_never().is_none(), "a job is still running");
    assert_eq!(insert(&store, 2).await.unwrap_err().code, Code::Unavailable);
    let (slow, ()) = tokio::join!(slow, close);
    assert_eq!(slow, Ok(vec![1]));
    store.close().await;
    assert_eq!(numbers_by(&store, soon(), "SELECT 1").await.unwrap_err().code, Code::Unavailable);
    assert!(store.ready().await.is_err());
    assert!(store.migrate(&[]).await.is_err());
    until_no_session_is_left(&database).await;
}

#[tokio::test]
async fn no_more_connections_than_allowed() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(Options { connections: 3, ..options() }).await;
    let all = (0..20).map(|_| numbers(&store, "SELECT pg_backend_pid() FROM pg_sleep(0.01)"));
    let mut sessions = futures_util::future::join_all(all).await.concat();
    sessions.sort_unstable();
    sessions.dedup();
    assert_eq!(sessions.len(), 3);
}

async fn connect_error(url: &str) -> String {
    let options = Options { connect_timeout: Duration::from_millis(300), ..options() };
    match PostgresStore::connect(url, options).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test]
async fn databases_that_cannot_be_used_are_explained() {
    let Some(database) = Database::create().await else { return };
    let url = database.url();
    assert!(connect_error(&format!("{url}_gone")).await.contains("does not exist"));
    let nobody = connect_error("postgres://me:secret@127.0.0.1:1/shop").await;
    assert!(nobody.contains("onnection refused") && !nobody.contains("secret"), "{nobody}");
    let latin = format!("{}_latin", url.rsplit('/').next().unwrap());
    let outsider = database.outsider().await;
    let create = format!("CREATE DATABASE {latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    outsider.batch_execute(&create).await.unwrap();
    let error = connect_error(&format!("{url}_latin")).await;
    outsider.batch_execute(&format!("DROP DATABASE {latin} WITH (FORCE)")).await.unwrap();
    assert_eq!(error, "the database's encoding is LATIN1; create it with ENCODING 'UTF8'");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://me@{}/shop", listener.local_addr().unwrap());
    let error = connect_error(&url).await;
    assert!(error.contains("takes too long"), "{error}");
}
