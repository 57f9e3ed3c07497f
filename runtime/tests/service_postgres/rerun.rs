//! A transaction that lost against another one runs again, its hooks too.

use std::sync::atomic::Ordering;

use crate::{database::Database, hooks::Pottery};

#[tokio::test]
async fn hooks_run_again_with_their_transaction() {
    if Database::create().await.is_none() {
        return;
    }
    let pottery = Pottery::open().await;
    let mug = pottery.mug("retried").await.unwrap();
    assert_eq!((pottery.runs.load(Ordering::SeqCst), mug.version), (2, 1));
}
