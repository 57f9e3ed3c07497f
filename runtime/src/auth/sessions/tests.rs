use std::{sync::Arc, time::Instant};

use futures_util::future::BoxFuture;

use super::*;
use crate::{
    error::ApiError,
    store::{
        self, Store,
        sqlite::{Options, SqliteStore},
    },
};

const ANN: &str = "usr_01h455vb4pex5vsknk084sn02q";

async fn store() -> Arc<dyn Store> {
    static MIGRATIONS: [Migration; 1] = [MIGRATION];
    let store = SqliteStore::open("sqlite::memory:", Options::default()).unwrap();
    store.migrate(&MIGRATIONS).await.unwrap();
    Arc::new(store)
}

async fn within<T: Send + 'static>(
    store: &Arc<dyn Store>,
    job: impl for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
) -> T {
    store::write(&**store, Instant::now() + Duration::from_secs(5), job).await.unwrap()
}

async fn begin(store: &Arc<dyn Store>) -> Session {
    within(store, |tx| Box::pin(async { Ok(Session::begin(tx, ANN).await?) })).await
}

async fn carry_on(store: &Arc<dyn Store>, token: &RefreshToken) -> Option<Session> {
    let token = token.clone();
    within(store, move |tx| {
        let token = token.clone();
        Box::pin(async move {
            Ok(match Session::carry_on(tx, &token).await? {
                Turn::Next(session) => Some(session),
                Turn::Over(_) => None,
            })
        })
    })
    .await
}

async fn goes_on(store: &Arc<dyn Store>, session: &Session) -> bool {
    let id = session.id;
    within(store, move |tx| Box::pin(async move { Ok(Session::goes_on(tx, id).await?) })).await
}

async fn execute(store: &Arc<dyn Store>, sql: &'static str) -> u64 {
    within(store, move |tx| Box::pin(async move { Ok(tx.execute(sql, &[]).await?) })).await
}

#[tokio::test]
async fn a_token_is_good_once() {
    let store = store().await;
    let first = begin(&store).await;
    let second = carry_on(&store, &first.refresh_token).await.expect("a second one");
    assert_eq!((second.id, &*second.subject), (first.id, ANN));
    let third = carry_on(&store, &second.refresh_token).await.expect("a third one");
    assert!(goes_on(&store, &third).await);
    assert!(carry_on(&store, &first.refresh_token).await.is_none(), "it was used");
    assert!(!goes_on(&store, &third).await, "somebody has stolen one of them");
    assert!(carry_on(&store, &third.refresh_token).await.is_none());
}

#[tokio::test]
async fn a_session_is_ended_by_any_of_its_tokens_and_no_others() {
    let store = store().await;
    let (first, other) = (begin(&store).await, begin(&store).await);
    let second = carry_on(&store, &first.refresh_token).await.expect("a second one");
    let (used, strange) = (first.refresh_token, RefreshToken::new());
    let end = async |token: RefreshToken| {
        within(&store, move |tx| {
            let token = token.clone();
            Box::pin(async move { Ok(Session::end(tx, &token).await?) })
        })
        .await
    };
    assert_eq!(end(strange).await, None);
    assert_eq!(end(used.clone()).await, Some(first.id));
    assert_eq!(end(used).await, None);
    assert!(carry_on(&store, &second.refresh_token).await.is_none());
    assert!(goes_on(&store, &other).await);
}

#[tokio::test]
async fn what_nobody_carries_on_ends_and_is_cleared_away() {
    let store = store().await;
    let (kept, lost) = (begin(&store).await, begin(&store).await);
    let second = carry_on(&store, &kept.refresh_token).await.expect("a second one");
    execute(&store, "UPDATE apigen_sessions SET expires_at = expires_at - 2592000000000 WHERE 1").await;
    assert!(!goes_on(&store, &second).await);
    assert!(carry_on(&store, &lost.refresh_token).await.is_none());
    let new = begin(&store).await;
    assert!(goes_on(&store, &new).await);
    assert_eq!(execute(&store, "DELETE FROM apigen_sessions").await, 1);
}

#[tokio::test]
async fn tokens_are_kept_as_hashes_and_never_shown() {
    let store = store().await;
    let session = begin(&store).await;
    let text = session.refresh_token.text();
    assert_eq!(text.len(), 86, "two times 256 bits");
    let RefreshToken { family, turn } = RefreshToken::parse(&text).expect("it can be read");
    assert_eq!((family, turn), (session.refresh_token.family, session.refresh_token.turn));
    for wrong in ["", "x", &text[1..], &format!("{text}A"), "\0", &"=".repeat(86)] {
        assert!(RefreshToken::parse(wrong).is_none(), "{wrong}");
    }
    assert!(!format!("{session:?}").contains(&text[..20]));
    let rows = within(&store, |tx| {
        let types = &[Type::Bytes, Type::Bytes];
        Box::pin(async { Ok(tx.query("SELECT family, turn FROM apigen_sessions", &[], types).await?) })
    })
    .await;
    let Value::Bytes(kept) = &rows[0][0] else { panic!("bytes") };
    assert_ne!(kept[..], family);
    assert_eq!(kept[..], Sha256::digest(family)[..]);
}
