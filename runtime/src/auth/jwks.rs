//! The keys that an issuer publishes (JWK Set, RFC 7517): read from a file or fetched, kept, and looked at anew when a token
//! names one that isn't there, but not as often as tokens ask for it.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use axum::body::Bytes;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde::Deserialize;
use url::Url;

use super::fetch;

/// Keys may come and go, so they are looked at anew after this time.
const AGE: Duration = Duration::from_secs(5 * 60);
/// Between two attempts, however many tokens name keys that nobody knows.
const PAUSE: Duration = Duration::from_secs(10);
/// More than an issuer has.
const MOST: usize = 100;

/// Public keys, all of them at one time.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    /// The one algorithm that it is for.
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

/// Where keys come from, and those that came last. Cheap to clone.
#[derive(Clone)]
pub(super) struct KeySet(Arc<Inner>);

struct Inner {
    source: Source,
    current: RwLock<(Arc<Keys>, Instant)>,
    /// When the last attempt began. Whoever makes the next one holds it.
    tried: tokio::sync::Mutex<Instant>,
    pause: Duration,
}

#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    Url(Url),
}

impl Source {
    /// Reads `JWT_JWKS`.
    pub fn parse(text: &str) -> anyhow::Result<Source> {
        if !text.contains("://") {
            return Ok(Source::File(text.into()));
        }
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        url.map(Source::Url).context("JWT_JWKS must be a file, or a URL that begins with https:// or http://")
    }

    async fn read(&self) -> anyhow::Result<Keys> {
        let text = match self {
            Source::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || std::fs::read(path)).await?.map(Bytes::from)?
            }
            Source::Url(url) => fetch::get(url).await?,
        };
        Keys::parse(&text)
    }
}

impl KeySet {
    /// A file must be readable. An issuer that can't be reached may come back: until then there are no keys.
    pub async fn open(source: Source) -> anyhow::Result<KeySet> {
        KeySet::with_pause(source, PAUSE).await
    }

    async fn with_pause(source: Source, pause: Duration) -> anyhow::Result<KeySet> {
        let keys = match (source.read().await, &source) {
            (Ok(keys), _) => keys,
            (Err(error), Source::File(path)) => {
                return Err(error.context(format!("can't read the keys in {} (JWT_JWKS)", path.display())));
            }
            (Err(error), Source::Url(_)) => {
                tracing::warn!("can't fetch the keys for tokens (JWT_JWKS), so none are accepted yet: {error:#}");
                Keys::default()
            }
        };
        let now = Instant::now();
        let current = RwLock::new((Arc::new(keys), now));
        Ok(KeySet(Arc::new(Inner { source, current, tried: tokio::sync::Mutex::new(now), pause })))
    }

    /// The keys as they were last seen. If that is some time ago, they are looked at anew for those who come later.
    pub fn current(&self) -> Arc<Keys> {
        let (keys, seen) = self.last();
        if seen.elapsed() > AGE {
            let (set, keys) = (self.clone(), keys.clone());
            tokio::spawn(async move { set.renewed(keys).await });
        }
        keys
    }

    /// The keys after another look, unless there was one a moment ago, or somebody else has had it since `known`.
    pub async fn renewed(&self, known: Arc<Keys>) -> Arc<Keys> {
        let mut tried = self.0.tried.lock().await;
        let (keys, _) = self.last();
        if !Arc::ptr_eq(&keys, &known) || tried.elapsed() < self.0.pause {
            return keys;
        }
        *tried = Instant::now();
        match self.0.source.read().await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = (keys.clone(), Instant::now());
                keys
            }
            Err(error) => {
                tracing::warn!("can't look for new keys for tokens (JWT_JWKS), so the old ones stay: {error:#}");
                keys
            }
        }
    }

    fn last(&self) -> (Arc<Keys>, Instant) {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Keys {
    /// Leaves out what can't check a token's signature: keys for encryption, of unknown kinds, or too weak.
    fn parse(text: &[u8]) -> anyhow::Result<Keys> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(text).context("it isn't a JWK Set (RFC 7517)")?;
        ensure!(set.keys.len() <= MOST, "it has more than {MOST} keys");
        let mut keys = Vec::new();
        for json in set.keys {
            let id = json.get("kid").and_then(|id| id.as_str()).unwrap_or("without kid").to_owned();
            match key(json) {
                Ok(key) => keys.push(key),
                Err(error) => tracing::warn!("a key in JWT_JWKS is left out ({id}): {error:#}"),
            }
        }
        Ok(Keys(keys))
    }

    /// Those that may have signed a token. A token without `kid` may be of any key for its algorithm.
    pub fn find<'a>(&'a self, id: Option<&'a str>, algorithm: Algorithm) -> impl Iterator<Item = &'a Key> {
        self.0.iter().filter(move |key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn key(json: serde_json::Value) -> anyhow::Result<Key> {
    let jwk: Jwk = serde_json::from_value(json).context("it isn't a JWK that is understood here")?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        bail!("it isn't for signatures");
    }
    let algorithm = algorithm(&jwk)?;
    let key = DecodingKey::from_jwk(&jwk).context("its numbers can't be read")?;
    Ok(Key { id: jwk.common.key_id, algorithm, key })
}

/// The one algorithm that a key is for: what it says, if its kind has that, or the usual one of its kind.
fn algorithm(jwk: &Jwk) -> anyhow::Result<Algorithm> {
    let usual = match &jwk.algorithm {
        AlgorithmParameters::RSA(numbers) => {
            // Four base64 digits are three bytes.
            let bits = numbers.n.trim_start_matches('A').len() * 6;
            ensure!((2040..=4104).contains(&bits), "it has {bits} bits, and RSA keys have 2048 to 4096");
            Algorithm::RS256
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P384 => Algorithm::ES384,
        AlgorithmParameters::OctetKeyPair(curve) if curve.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        AlgorithmParameters::OctetKey(_) => bail!("it is a secret, which nobody publishes: use JWT_SECRET"),
        _ => bail!("its kind isn't understood here"),
    };
    let Some(said) = jwk.common.key_algorithm else { return Ok(usual) };
    let said = Algorithm::try_from(said).context("its algorithm isn't understood here")?;
    let fits = said == usual || said.family() == AlgorithmFamily::Rsa && usual.family() == AlgorithmFamily::Rsa;
    ensure!(fits, "its algorithm isn't one for its kind");
    Ok(said)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
