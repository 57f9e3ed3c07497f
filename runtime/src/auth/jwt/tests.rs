//! What a token may be, and each thing that it may not be.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::{super::fixture::*, *};
use crate::auth::jwks::{KeySet, Source};

fn tokens(command: &[&str]) -> Tokens {
    Tokens::new(&[SECRET], None, &options(command))
}

/// Keys of all kinds, by the names of their algorithms.
async fn with_published(file: &std::path::Path) -> Tokens {
    let keys: Vec<_> =
        [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(|of| Issuer::of(of).jwk(&format!("{of:?}"))).into();
    std::fs::write(file, json!({ "keys": keys }).to_string()).unwrap();
    let published = KeySet::open(Source::File(file.to_owned())).await.unwrap();
    Tokens::new(&[SECRET], Some(published), &options(&[]))
}

/// `ok`, or the description.
async fn outcome(tokens: &Tokens, token: &str) -> String {
    match tokens.verify(token).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            assert_eq!(error.code, Code::Unauthenticated);
            let challenge =
                format!("Bearer realm=\"api\", error=\"invalid_token\", error_description=\"{}\"", error.message);
            assert_eq!(error.metadata, [("www_authenticate", challenge)]);
            error.message
        }
    }
}

fn signed(claims: &serde_json::Value) -> String {
    Issuer::of(Algorithm::HS256).sign(claims)
}

#[tokio::test]
async fn good_tokens_of_every_algorithm() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = with_published(&folder.path().join("keys.json")).await;
    assert_eq!(outcome(&tokens, &signed(&claims())).await, "ok");
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let issuer = Issuer::of(algorithm);
        let kid = format!("{algorithm:?}");
        assert_eq!(outcome(&tokens, &issuer.sign_as(&issuer.header(Some(&kid)), &claims())).await, "ok", "{kid}");
        assert_eq!(outcome(&tokens, &issuer.sign(&claims())).await, "ok", "{kid} without kid");
    }
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_never_the_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = with_published(&folder.path().join("keys.json")).await;
    let unknown = "no key that is known here is one for this token";
    for none in ["none", "None", "nOnE", ""] {
        let token = forged(&json!({ "alg": none, "typ": "JWT" }), &claims(), b"");
        assert_eq!(outcome(&tokens, &token).await, "the token can't be read");
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(outcome(&tokens, &Issuer::of(algorithm).sign(&claims())).await, unknown);
    }
    // The public key as if it were a secret, in each of the forms that it has.
    let published = Issuer::of(Algorithm::RS256).jwk("RS256");
    let modulus = published["n"].as_str().unwrap();
    for secret in [modulus.as_bytes(), published.to_string().as_bytes()] {
        let confused = Issuer { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(secret) };
        let token = confused.sign_as(&confused.header(Some("RS256")), &claims());
        assert_eq!(outcome(&tokens, &token).await, "the signature of the token isn't right");
    }
    // A key's own family isn't enough.
    for algorithm in [Algorithm::RS512, Algorithm::PS256] {
        let issuer = Issuer::of(algorithm);
        assert_eq!(outcome(&tokens, &issuer.sign_as(&issuer.header(Some("RS256")), &claims())).await, unknown);
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_name_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let tokens = with_published(&file).await;
    let issuer = Issuer::of(Algorithm::RS256);
    let path = file.to_str().unwrap();
    for kid in ["", "ES256", "rs256", "' OR 1=1 --", "../../../../dev/null", "RS256\0", path] {
        let token = issuer.sign_as(&issuer.header(Some(kid)), &claims());
        assert_eq!(outcome(&tokens, &token).await, "no key that is known here is one for this token", "{kid}");
    }
}

#[tokio::test]
async fn keys_that_a_token_brings_are_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = with_published(&folder.path().join("keys.json")).await;
    let stranger =
        Issuer { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(b"of somebody else altogether, hm") };
    let rsa = Issuer::of(Algorithm::RS256);
    let jwk = serde_json::from_value(rsa.jwk("mine")).unwrap();
    let header = Header {
        jku: Some("https://evil.example/keys.json".to_owned()),
        x5u: Some("https://evil.example/cert.pem".to_owned()),
        jwk: Some(jwk),
        ..stranger.header(None)
    };
    assert_eq!(outcome(&tokens, &stranger.sign_as(&header, &claims())).await, "the signature of the token isn't right");
    let header = Header { alg: Algorithm::RS256, kid: Some("mine".to_owned()), ..header };
    assert_eq!(
        outcome(&tokens, &rsa.sign_as(&header, &claims())).await,
        "no key that is known here is one for this token"
    );
    let header = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) };
    assert_eq!(
        outcome(&tokens, &Issuer::of(Algorithm::HS256).sign_as(&header, &claims())).await,
        "the token has critical extensions, and none are understood"
    );
}

#[tokio::test]
async fn times_are_right_to_a_minute() {
    let tokens = tokens(&[]);
    let exp = |at: u64| with(claims(), "exp", json!(at));
    let nbf = |at: u64| with(claims(), "nbf", json!(at));
    assert_eq!(outcome(&tokens, &signed(&exp(now() - 50))).await, "ok");
    assert_eq!(outcome(&tokens, &signed(&exp(now() - 70))).await, "the token has expired");
    assert_eq!(outcome(&tokens, &signed(&without(claims(), "exp"))).await, "the claim exp is missing");
    for nonsense in [json!("soon"), json!(null), json!(-1), json!([])] {
        assert_ne!(outcome(&tokens, &signed(&with(claims(), "exp", nonsense))).await, "ok");
    }
    assert_eq!(outcome(&tokens, &signed(&nbf(now() + 50))).await, "ok");
    assert_eq!(outcome(&tokens, &signed(&nbf(now() + 70))).await, "the token isn't good yet");
    assert_ne!(outcome(&tokens, &signed(&with(claims(), "nbf", json!("later")))).await, "ok");
}

#[tokio::test]
async fn a_token_is_good_no_longer_than_it_says() {
    let good_for = tokens(&[]).verify(&signed(&with(claims(), "exp", json!(now() - 30)))).await.unwrap().good_for;
    assert!(good_for <= Duration::from_secs(30), "{good_for:?}");
}

#[tokio::test]
async fn issuer_and_audience_count_where_they_are_set() {
    let tokens = tokens(&["--jwt-issuer", "https://id.example", "--jwt-audience", "shop"]);
    let good = with(with(claims(), "iss", json!("https://id.example")), "aud", json!("shop"));
    assert_eq!(outcome(&tokens, &signed(&good)).await, "ok");
    assert_eq!(outcome(&tokens, &signed(&with(good.clone(), "aud", json!(["a", "shop"])))).await, "ok");
    let wrong = [
        (with(good.clone(), "iss", json!("https://id.example/")), "the token is of another issuer"),
        (with(good.clone(), "aud", json!(["a", "b"])), "the token is for another audience"),
        (with(good.clone(), "aud", json!("shop2")), "the token is for another audience"),
        (without(good.clone(), "iss"), "the claim iss is missing"),
        (without(good.clone(), "aud"), "the claim aud is missing"),
    ];
    for (claims, why) in wrong {
        assert_eq!(outcome(&tokens, &signed(&claims)).await, why);
    }
    let anyones = super::Tokens::new(&[SECRET], None, &options(&[]));
    assert_eq!(outcome(&anyones, &signed(&good)).await, "ok", "what isn't set doesn't count");
}

#[tokio::test]
async fn only_access_tokens_are_ones() {
    let tokens = tokens(&[]);
    let issuer = Issuer::of(Algorithm::HS256);
    let typed =
        |typ: Option<&str>| issuer.sign_as(&Header { typ: typ.map(str::to_owned), ..issuer.header(None) }, &claims());
    for good in [None, Some("JWT"), Some("jwt"), Some("at+jwt"), Some("AT+JWT"), Some("application/at+jwt")] {
        assert_eq!(outcome(&tokens, &typed(good)).await, "ok", "{good:?}");
    }
    for bad in ["logout+jwt", "dpop+jwt", "secevent+jwt", "JWE", "", "application/", "applicatiön/jwt"] {
        let why = "the token is of another type than JWT or at+jwt";
        assert_eq!(outcome(&tokens, &typed(Some(bad))).await, why, "{bad}");
    }
}

#[tokio::test]
async fn secrets_change_without_anyone_noticing() {
    let (old, new) = (SECRET, "another secret that is long enough");
    let issued_before = signed(&claims());
    let both = secrets(&format!("{new}, {old}")).unwrap().join(",");
    let both = Tokens::new(&secrets(&both).unwrap(), None, &options(&[]));
    assert_eq!(outcome(&both, &issued_before).await, "ok");
    let issuer = Issuer { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(new.as_bytes()) };
    assert_eq!(outcome(&both, &issuer.sign(&claims())).await, "ok");
    let only_new = Tokens::new(&[new], None, &options(&[]));
    assert_eq!(outcome(&only_new, &issued_before).await, "the signature of the token isn't right");
}

#[test]
fn short_secrets_are_none() {
    assert_eq!(secrets(&"x".repeat(32)).unwrap().len(), 1);
    for short in ["", "x", &"x".repeat(31), &format!("{},short", "x".repeat(32)), &format!("{},", "x".repeat(32))] {
        let error = secrets(short).unwrap_err().to_string();
        assert_eq!(error, "JWT_SECRET must have at least 32 characters; of `new,old`, each of them");
    }
}

#[tokio::test]
async fn nonsense_is_refused_in_peace() {
    let tokens = tokens(&[]);
    let good = signed(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let cut = good[..good.len() - 1].to_owned();
    let other = signed(&with(claims(), "sub", json!("bob")));
    let swapped = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
    let odd =
        ["", ".", "..", "...", "a.b.c", parts[0], &format!("{good}.x"), &cut, &swapped, "ä.ö.ü", &"a".repeat(8192)];
    for token in odd {
        assert_ne!(outcome(&tokens, token).await, "ok", "{token}");
    }
    for not_an_object in [json!([]), json!("text"), json!(1), json!(null)] {
        assert_eq!(outcome(&tokens, &signed(&not_an_object)).await, "the token can't be read");
    }
}

#[test]
fn claims_come_in_more_than_one_form() {
    let serde_json::Value::Object(claims) = json!({
        "sub": "ann", "empty": "", "number": 42, "one": "admin", "several": "a  b", "list": ["a", "b c"], "mixed": ["a", 1],
    }) else {
        unreachable!("an object")
    };
    let claims = Claims(claims);
    assert_eq!(claims.text("sub").unwrap(), Some("ann"));
    assert_eq!((claims.text("empty").unwrap(), claims.text("absent").unwrap()), (None, None));
    assert!(claims.text("number").is_err());
    assert_eq!(claims.id("number").unwrap().as_deref(), Some("42"));
    assert_eq!(claims.words("absent").unwrap(), [""; 0]);
    assert_eq!(claims.words("one").unwrap(), ["admin"]);
    assert_eq!(claims.words("several").unwrap(), ["a", "b"]);
    assert_eq!(claims.words("list").unwrap(), ["a", "b c"]);
    assert!(claims.words("mixed").is_err() && claims.words("number").is_err());
}
