//! Tokens: JSON Web Tokens (RFC 7519), judged as RFC 8725 and RFC 9068 ask. Which algorithm a key is for is said by the key,
//! never by the token; keys that a token brings or points at (`jwk`, `jku`, `x5c`, `x5u`) are never used.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header, Validation, errors::ErrorKind};
use serde_json::{Map, Value as Json};

use super::{invalid_token, jwks::KeySet};
use crate::{
    error::{ApiError, Code},
    options::Options,
};

/// How far the clocks of whoever issues tokens and of this machine may be apart, in seconds.
const SKEW: u64 = 60;
/// A secret that is shorter, in bytes, can be guessed (RFC 7518 §3.2).
const SHORTEST_SECRET: usize = 32;

/// Judges tokens.
pub(super) struct Tokens {
    /// `JWT_SECRET`: the first one signs, all are good.
    secrets: Vec<DecodingKey>,
    /// `JWT_JWKS`.
    published: Option<KeySet>,
    issuer: Option<String>,
    audience: Option<String>,
}

/// A token whose signature and times are right.
pub(super) struct Verified {
    pub claims: Claims,
    /// How long the token goes on to be good.
    pub good_for: Duration,
    pub signature: Signature,
}

/// Whose key has signed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// `JWT_SECRET`.
    Secret,
    /// One of `JWT_JWKS`.
    Published,
}

/// What a token says.
pub(super) struct Claims(Map<String, Json>);

/// The secrets of `JWT_SECRET`, `new,old`.
pub(super) fn secrets(text: &str) -> anyhow::Result<Vec<&str>> {
    let secrets: Vec<&str> = text.split(',').map(str::trim).collect();
    ensure!(
        secrets.iter().all(|secret| secret.len() >= SHORTEST_SECRET),
        "JWT_SECRET must have at least {SHORTEST_SECRET} characters; of `new,old`, each of them"
    );
    Ok(secrets)
}

impl Tokens {
    pub fn new(secrets: &[&str], published: Option<KeySet>, options: &Options) -> Tokens {
        Tokens {
            secrets: secrets.iter().map(|secret| DecodingKey::from_secret(secret.as_bytes())).collect(),
            published,
            issuer: options.jwt_issuer.clone(),
            audience: options.jwt_audience.clone(),
        }
    }

    pub async fn verify(&self, token: &str) -> Result<Verified, ApiError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid_token("the token can't be read"))?;
        check(&header)?;
        let validation = self.validation(header.alg);
        if header.alg.family() == AlgorithmFamily::Hmac {
            let secrets = self.secrets.iter().map(|secret| (Algorithm::HS256, secret));
            return verified(judged(token, &validation, header.alg, secrets)?, Signature::Secret);
        }
        let Some(published) = &self.published else { return Err(unknown_key()) };
        let mut keys = published.current();
        if keys.find(header.kid.as_deref(), header.alg).next().is_none() {
            keys = published.renewed(keys).await;
        }
        if keys.is_empty() {
            // What a token is worth can't be told, so its caller isn't told that it is worth nothing.
            return Err(ApiError::new(
                Code::Unavailable,
                "the keys that tokens are checked with can't be had right now",
            )
            .retry_after(Duration::from_secs(5)));
        }
        let found = keys.find(header.kid.as_deref(), header.alg);
        let found = found.map(|key| (key.algorithm, &key.key));
        verified(judged(token, &validation, header.alg, found)?, Signature::Published)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = SKEW;
        validation.validate_nbf = true;
        let mut required = vec!["exp", "sub"];
        validation.validate_aud = self.audience.is_some();
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

/// What a header mustn't say, whatever the key.
fn check(header: &Header) -> Result<(), ApiError> {
    if header.crit.is_some() {
        return Err(invalid_token("the token has critical extensions, and none are understood"));
    }
    // Many issuers leave it out; another kind of JWT (RFC 8725 §3.11) is never an access token.
    let kind = header.typ.as_deref().unwrap_or("JWT");
    let kind = kind.get(..12).filter(|start| start.eq_ignore_ascii_case("application/")).map_or(kind, |_| &kind[12..]);
    if kind.eq_ignore_ascii_case("JWT") || kind.eq_ignore_ascii_case("at+jwt") {
        Ok(())
    } else {
        Err(invalid_token("the token is of another type than JWT or at+jwt"))
    }
}

/// The token by the first key that has signed it; keys for another algorithm aren't tried.
fn judged<'k>(
    token: &str,
    validation: &Validation,
    algorithm: Algorithm,
    keys: impl Iterator<Item = (Algorithm, &'k DecodingKey)>,
) -> Result<Claims, ApiError> {
    let mut refusal = unknown_key();
    for (_, key) in keys.filter(|(own, _)| *own == algorithm) {
        match jsonwebtoken::decode::<Map<String, Json>>(token, key, validation) {
            Ok(decoded) => return Ok(Claims(decoded.claims)),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                refusal = invalid_token("the signature of the token isn't right");
            }
            Err(error) => return Err(refused(error.kind())),
        }
    }
    Err(refusal)
}

fn verified(claims: Claims, signature: Signature) -> Result<Verified, ApiError> {
    let expires =
        claims.0.get("exp").and_then(Json::as_f64).ok_or_else(|| invalid_token("the claim exp is missing"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let good_for = Duration::try_from_secs_f64(expires + SKEW as f64).unwrap_or_default().saturating_sub(now);
    Ok(Verified { claims, good_for, signature })
}

fn unknown_key() -> ApiError {
    invalid_token("no key that is known here is one for this token")
}

fn refused(why: &ErrorKind) -> ApiError {
    invalid_token(match why {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token isn't good yet",
        ErrorKind::InvalidIssuer => "the token is of another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(claim) => return invalid_token(&format!("the claim {claim} is missing")),
        _ => "the token can't be read",
    })
}

impl Claims {
    /// `None`: absent, or empty, which says as little.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.0.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) if text.is_empty() => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid_token(&format!("the claim {name} isn't a text"))),
        }
    }

    /// An id, which issuers may have as a number.
    pub fn id(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.get(name) {
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            _ => Ok(self.text(name)?.map(str::to_owned)),
        }
    }

    /// Words with spaces between them, or a list of words.
    pub fn words(&self, name: &str) -> Result<Vec<String>, ApiError> {
        let wrong = || invalid_token(&format!("the claim {name} is neither a text nor a list of texts"));
        match self.0.get(name) {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(Json::String(text)) => Ok(text.split_whitespace().map(str::to_owned).collect()),
            Some(Json::Array(list)) => {
                list.iter().map(|word| word.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
