//! Which published keys are used, and how often they are asked for.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{super::fixture::*, *};

fn parsed(keys: &[Json]) -> Keys {
    Keys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn names(keys: &Keys) -> Vec<&str> {
    keys.0.iter().map(|key| key.id.as_deref().unwrap_or("-")).collect()
}

#[test]
fn keys_that_cannot_check_signatures_are_left_out() {
    let rsa = Issuer::of(Algorithm::RS256).jwk("rsa");
    let p256 = Issuer::of(Algorithm::ES256).jwk("p256");
    let keys = parsed(&[
        rsa.clone(),
        without(with(rsa.clone(), "kid", json!("silent")), "alg"),
        with(with(rsa.clone(), "kid", json!("stronger")), "alg", json!("PS512")),
        without(with(rsa.clone(), "alg", json!("RS256")), "kid"),
        p256.clone(),
        with(rsa.clone(), "use", json!("enc")),
        with(rsa.clone(), "alg", json!("RSA-OAEP")),
        with(rsa.clone(), "alg", json!("ES256")),
        with(rsa.clone(), "alg", json!("HS256")),
        with(rsa.clone(), "n", json!("AQAB")),
        with(rsa, "n", json!("x".repeat(2000))),
        with(p256.clone(), "crv", json!("P-521")),
        with(p256, "alg", json!("ES384")),
        json!({ "kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "alg": "HS256" }),
        json!({ "kty": "new" }),
        json!("text"),
    ]);
    assert_eq!(names(&keys), ["rsa", "silent", "stronger", "-", "p256"]);
    assert_eq!(keys.0[1].algorithm, Algorithm::RS256, "the usual one");
    assert_eq!(keys.0[2].algorithm, Algorithm::PS512, "the one that it names");
}

#[test]
fn what_is_no_set_is_an_error() {
    for text in ["", "{}", "[]", "<html>", r#"{"keys": 1}"#] {
        assert!(Keys::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Keys::parse(json!({ "keys": vec![json!({}); 101] }).to_string().as_bytes()).is_err());
}

#[test]
fn sources_are_files_and_urls() {
    assert!(matches!(Source::parse("/etc/keys.json").unwrap(), Source::File(_)));
    assert!(matches!(Source::parse("keys.json").unwrap(), Source::File(_)));
    assert!(matches!(Source::parse("https://id.example/keys").unwrap(), Source::Url(_)));
    for wrong in ["ftp://id.example/keys", "file:///etc/passwd", "https://"] {
        assert!(Source::parse(wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_file_must_be_there() {
    let error = KeySet::open(Source::File("/nowhere/keys.json".into())).await.err().expect("an error");
    assert_eq!(error.to_string(), "can't read the keys in /nowhere/keys.json (JWT_JWKS)");
}

/// Publishes what `set` holds, and counts how often it is asked.
struct Publisher {
    url: Url,
    set: Arc<std::sync::Mutex<Option<Json>>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    async fn start(set: Option<Json>) -> Publisher {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys.json?a=b", listener.local_addr().unwrap());
        let set = Arc::new(std::sync::Mutex::new(set));
        let asked = Arc::new(AtomicUsize::new(0));
        let publisher = Publisher { url: Url::parse(&url).unwrap(), set: set.clone(), asked: asked.clone() };
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                assert!(head.starts_with(b"GET /keys.json?a=b HTTP/1.1\r\n"));
                asked.fetch_add(1, Ordering::SeqCst);
                let set = set.lock().unwrap().clone();
                let status = if set.is_some() { "200 OK" } else { "503 Service Unavailable" };
                let body = json!({ "keys": set.unwrap_or_default() }).to_string();
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        publisher
    }

    fn publish(&self, set: Option<Json>) {
        *self.set.lock().unwrap() = set;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn keys(&self, pause: Duration) -> KeySet {
        KeySet::with_pause(Source::Url(self.url.clone()), pause).await.unwrap()
    }
}

#[tokio::test]
async fn new_keys_are_found_when_a_token_names_one() {
    let publisher = Publisher::start(Some(json!([Issuer::of(Algorithm::RS256).jwk("old")]))).await;
    let keys = publisher.keys(Duration::ZERO).await;
    assert_eq!((names(&keys.current()), publisher.asked()), (vec!["old"], 1));
    publisher.publish(Some(json!([Issuer::of(Algorithm::ES256).jwk("new")])));
    assert_eq!(names(&*keys.renewed(keys.current()).await), ["new"]);
    assert_eq!((names(&keys.current()), publisher.asked()), (vec!["new"], 2));
}

#[tokio::test]
async fn however_many_tokens_ask_it_is_asked_once() {
    let publisher = Publisher::start(Some(json!([Issuer::of(Algorithm::RS256).jwk("old")]))).await;
    let keys = publisher.keys(Duration::from_secs(600)).await;
    for _ in 0..50 {
        assert_eq!(names(&*keys.renewed(keys.current()).await), ["old"]);
    }
    assert_eq!(publisher.asked(), 1, "it was asked at the start, which isn't long ago");

    let eager = publisher.keys(Duration::ZERO).await;
    let known = eager.current();
    publisher.publish(Some(json!([Issuer::of(Algorithm::RS256).jwk("new")])));
    let all = (0..50).map(|_| eager.renewed(known.clone()));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|keys| names(keys) == ["new"]));
    assert_eq!(publisher.asked(), 3, "who waits takes what the first one got");
}

#[tokio::test]
async fn an_issuer_that_is_away_takes_no_keys_along() {
    let publisher = Publisher::start(None).await;
    let keys = publisher.keys(Duration::ZERO).await;
    assert!(keys.current().is_empty(), "it isn't there yet");
    publisher.publish(Some(json!([Issuer::of(Algorithm::EdDSA).jwk("here")])));
    assert_eq!(names(&*keys.renewed(keys.current()).await), ["here"]);
    publisher.publish(None);
    assert_eq!(names(&*keys.renewed(keys.current()).await), ["here"]);
}
