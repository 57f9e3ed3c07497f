//! Streams of rows: how much of one is read before its time, and what limits hold for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use apigen_conformance::server::Server;
use futures_util::{StreamExt, stream};
use shop_server::client::{
    ImportProductsRequest, ImportProductsResponse, Product, product_service_client::ProductServiceClient,
};
use tonic::Code;

use super::{channel, details::Details, mug};

/// A message of so many bytes, about.
fn row(bytes: usize) -> ImportProductsRequest {
    ImportProductsRequest { product: Some(Product { description: Some("x".repeat(bytes)), ..mug() }) }
}

#[tokio::test]
async fn a_stream_may_be_larger_than_any_body() {
    let server = Server::start(&[("BODY_LIMIT", "100000")]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let rows: Vec<_> = (0..40).map(|_| row(20_000)).collect();
    let summary = client.import_products(stream::iter(rows)).await.unwrap().into_inner();
    assert_eq!(summary, ImportProductsResponse { created: 40, failures: Vec::new() });

    let rows = [row(10), row(200_000), row(10)];
    let status = client.import_products(stream::iter(rows)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(Details::of(&status).info.reason, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_stream_may_last_longer_than_any_request() {
    let server = Server::start(&[("REQUEST_TIMEOUT", "1")]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let slowly = |pause: u64, rows: usize| {
        stream::iter(0..rows).then(move |_| async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            row(10)
        })
    };
    let summary = client.import_products(slowly(300, 5)).await.unwrap().into_inner();
    assert_eq!(summary.created, 5);

    let status = client.import_products(slowly(1500, 2)).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert_eq!(Details::of(&status).info.reason, "DEADLINE_EXCEEDED");

    let mut impatient = tonic::Request::new(slowly(300, 20));
    impatient.set_timeout(Duration::from_millis(700));
    let status = client.import_products(impatient).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
}

#[tokio::test]
async fn rows_are_read_no_faster_than_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let server = Server::start_on(&database, &[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let other = rusqlite::Connection::open(&database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let rows = stream::iter(0..2_000).map(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        row(10_000)
    });
    let import = tokio::spawn(async move { client.import_products(rows).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    // What HTTP/2 keeps underway comes on top of the rows that wait for the database.
    let early = sent.load(Ordering::Relaxed);
    assert!(early < 500, "{early} rows have been taken although none can be written");

    other.execute_batch("ROLLBACK").unwrap();
    let summary = import.await.unwrap().unwrap().into_inner();
    assert_eq!((summary.created, sent.load(Ordering::Relaxed)), (2_000, 2_000), "{:?}", summary.failures.first());
}

#[tokio::test]
async fn no_more_than_a_hundred_failures_are_told() {
    let server = Server::start(&[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let free = |_| ImportProductsRequest { product: Some(Product { price: Some("-1".to_owned()), ..mug() }) };
    let rows: Vec<_> = (0..150).map(free).chain([row(10)]).collect();
    let summary = client.import_products(stream::iter(rows)).await.unwrap().into_inner();
    assert_eq!((summary.created, summary.failures.len()), (1, 100));
    let last = &summary.failures[99];
    assert_eq!((last.index, last.code, last.reason.as_str()), (99, Code::InvalidArgument as i32, "VALIDATION_FAILED"));
    assert_eq!((last.violations[0].field.as_str(), last.violations[0].reason.as_str()), ("price", "MINIMUM"));
}
