//! Keys from their making to their end.

use super::{super::fixture, *};
use crate::{error::Code, principal::Caller};

fn new(name: &str) -> NewKey {
    NewKey {
        name: name.to_owned(),
        subject: None,
        roles: vec!["support".to_owned()],
        scopes: vec!["a:read".to_owned(), "b:read".to_owned()],
        tenant: Some("7".to_owned()),
        expires_at: None,
    }
}

async fn recognise(keys: &Keys, text: &str) -> Result<Recognised, String> {
    keys.recognise(text, Instant::now() + PATIENCE).await.map_err(|error| {
        assert_eq!(error.code, Code::Unauthenticated);
        error.message
    })
}

async fn keys() -> Keys {
    Keys::of(fixture::store().await)
}

#[tokio::test]
async fn a_key_stands_for_what_it_was_made_for() {
    let keys = keys().await;
    assert!(!keys.any().await.unwrap());
    let key = keys.create(new("robot")).await.unwrap();
    assert!(keys.any().await.unwrap());
    let id = &key[..15];
    let recognised = recognise(&keys, &key).await.unwrap();
    let scopes = vec!["a:read".to_owned(), "b:read".to_owned()];
    let caller =
        Caller { subject: id.to_owned(), roles: vec!["support".to_owned()], scopes, tenant: Some("7".to_owned()) };
    assert_eq!(recognised.caller, caller);
    assert!(recognised.until <= Instant::now() + REMEMBERED);
    let anns = keys.create(NewKey { subject: Some("ann".to_owned()), ..new("ann's") }).await.unwrap();
    assert_eq!(recognise(&keys, &anns).await.unwrap().caller.subject, "ann");
}

#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let keys = keys().await;
    let key = keys.create(new("robot")).await.unwrap();
    let stored = format!("{:?}", keys.list().await.unwrap());
    let secret = key.rsplit('_').next().unwrap();
    assert!(stored.contains(&key[..15]) && !stored.contains(secret), "{stored}");
}

#[tokio::test]
async fn nothing_is_told_of_keys_to_those_who_have_none() {
    let keys = keys().await;
    let key = keys.create(new("robot")).await.unwrap();
    let other = keys.create(new("other")).await.unwrap();
    let mixed = format!("{}{}", &key[..15], &other[15..]);
    let absent = format!("ak_000000000000{}", &key[15..]);
    let longer = format!("{key}x");
    for wrong in ["", "ak_", "ak__", "nonsense", &key[..15], &key[..20], &mixed, &absent, &longer, &key.to_uppercase()]
    {
        assert_eq!(recognise(&keys, wrong).await.err().as_deref(), Some("the API key isn't known here"), "{wrong}");
    }
}

#[tokio::test]
async fn keys_end() {
    let keys = keys().await;
    let soon = value::now().saturating_add(Duration::from_millis(300)).unwrap();
    let short = keys.create(NewKey { expires_at: Some(soon), ..new("short") }).await.unwrap();
    let until = recognise(&keys, &short).await.unwrap().until;
    assert!(until <= Instant::now() + Duration::from_millis(300), "it is remembered no longer than it is good");
    tokio::time::sleep(Duration::from_millis(310)).await;
    assert_eq!(recognise(&keys, &short).await.err().as_deref(), Some("the API key has expired"));

    let key = keys.create(new("robot")).await.unwrap();
    assert!(keys.revoke(&key[..15]).await.unwrap());
    assert_eq!(recognise(&keys, &key).await.err().as_deref(), Some("the API key was revoked"));
    assert!(keys.revoke(&key[..15]).await.unwrap(), "it stays revoked");
    assert!(!keys.revoke("ak_000000000000").await.unwrap());
}

#[tokio::test]
async fn its_use_is_noted_but_not_each_time() {
    let keys = keys().await;
    let key = keys.create(new("robot")).await.unwrap();
    let last_used = async || keys.list().await.unwrap()[0].last_used_at;
    assert_eq!(last_used().await, None);
    recognise(&keys, &key).await.unwrap();
    let first = loop {
        match last_used().await {
            Some(first) => break first,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    recognise(&keys, &key).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(last_used().await, Some(first));
}
