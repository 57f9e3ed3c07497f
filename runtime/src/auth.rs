//! Credentials: who calls, told from a request's headers. The edge asks before anything else of a request is looked at, so
//! that all protocols agree; what a caller may do is the service's business.
//!
//! Tokens (`Authorization: Bearer …`, RFC 6750) and API keys (`X-API-Key: …`) are understood, and whatever an
//! [`Authenticator`] of the user's own understands. gRPC's metadata are headers. Credentials anywhere else, in a URL above
//! all, are never looked for.

mod cache;
#[cfg(feature = "auth")]
mod fetch;
#[cfg(feature = "auth")]
mod jwks;
#[cfg(feature = "auth")]
mod jwt;
pub(crate) mod keys;
mod logins;
pub(crate) mod manage;
#[cfg(feature = "auth")]
mod mint;
pub(crate) mod sessions;
mod setup;
#[cfg(feature = "auth")]
mod sign;
#[cfg(not(feature = "auth"))]
#[path = "auth/unsigned.rs"]
mod sign;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{HeaderName, HeaderValue, header};
use futures_util::future::BoxFuture;

pub use axum::http::HeaderMap;
pub(crate) use logins::Logins;
pub(crate) use setup::{authentication, logins, made_up_secret, made_up_token};

use self::{
    cache::{Cache, Known},
    keys::Keys,
};
#[cfg(feature = "auth")]
use crate::store;
use crate::{
    descriptor::{Auth, Id, Resource, Type},
    error::{ApiError, Code},
    principal::{Caller, Principal},
    value::{self, Uuid},
};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Credentials that are longer, in bytes, aren't looked at.
const LONGEST: usize = 8 * 1024;
/// Good credentials are remembered so long and then judged anew.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Recognises callers in a way of your own: by what a proxy says, a session's cookie, another server's answer.
///
/// It is asked first for every request but those for probes and contracts, once, before anything of the request is judged;
/// so it should be quick, and keep what it had to ask others for.
///
/// - `Ok(Some(caller))`: they call. Scopes that their roles bring are added.
/// - `Ok(None)`: nothing here that it knows; tokens and API keys are looked for next. Without those the caller is anonymous.
/// - `Err(error)`: credentials that aren't good, as [`invalid_token`] says it, or no answer (UNAVAILABLE).
///
/// ```
/// use apigen_runtime::{
///     auth::{Authenticator, HeaderMap, invalid_token},
///     error::ApiError,
///     principal::Caller,
/// };
///
/// /// The proxy in front of this server knows the caller, and lets nobody else set the header.
/// struct Proxy;
///
/// impl Authenticator for Proxy {
///     async fn authenticate(&self, headers: &HeaderMap) -> Result<Option<Caller>, ApiError> {
///         let Some(user) = headers.get("x-forwarded-user") else { return Ok(None) };
///         let subject = user.to_str().map_err(|_| invalid_token("the user's id isn't a text"))?;
///         Ok(Some(Caller { subject: subject.to_owned(), roles: vec![], scopes: vec![], tenant: None }))
///     }
/// }
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// `headers` are the request's, whatever the protocol.
    fn authenticate(&self, headers: &HeaderMap) -> impl Future<Output = Result<Option<Caller>, ApiError>> + Send;
}

/// The same as an object.
pub(crate) trait Recognise: Send + Sync {
    fn recognise<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Option<Caller>, ApiError>>;
}

impl<A: Authenticator> Recognise for A {
    fn recognise<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Option<Caller>, ApiError>> {
        Box::pin(self.authenticate(headers))
    }
}

/// Credentials that aren't good: UNAUTHENTICATED, with the challenge of RFC 6750 §3.1. `description` is shown to the caller,
/// so it mustn't have quotes, backslashes or anything but ASCII.
pub fn invalid_token(description: &str) -> ApiError {
    challenge(Code::Unauthenticated, "invalid_token", description)
}

/// Credentials that can't be told from one another, or aren't any.
fn invalid_request(description: &str) -> ApiError {
    challenge(Code::MalformedRequest, "invalid_request", description)
}

fn challenge(code: Code, error: &str, description: &str) -> ApiError {
    let challenge = format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{description}\"");
    ApiError::new(code, description).with("www_authenticate", challenge)
}

/// How the callers of one api are recognised.
pub(crate) struct Authentication {
    auth: &'static Auth,
    own: Option<Arc<dyn Recognise>>,
    #[cfg(feature = "auth")]
    tokens: Option<jwt::Tokens>,
    keys: Keys,
    /// Where sessions are.
    #[cfg(feature = "auth")]
    store: Arc<dyn store::Store>,
    recent: Arc<Cache>,
}

/// What [`Known`] is made of.
struct Recognised {
    caller: Caller,
    until: Instant,
    session: Option<Uuid>,
}

impl Authentication {
    /// Without credentials, callers are anonymous. Credentials that aren't good are refused even where none are needed.
    pub async fn principal(&self, headers: &HeaderMap, deadline: Instant) -> Result<Principal, ApiError> {
        if let Some(own) = &self.own
            && let Some(caller) = own.recognise(headers).await?
        {
            return Ok(Principal::Caller(Arc::new(self.with_scopes_of_roles(caller))));
        }
        let (kind, text) = match Credentials::of(headers)? {
            None => return Ok(Principal::Anonymous),
            Some(Credentials::Token(text)) => (Kind::Token, text),
            Some(Credentials::Key(text)) => (Kind::Key, text),
        };
        let fingerprint = cache::fingerprint(kind, text);
        if let Some(caller) = self.recent.get(&fingerprint) {
            return Ok(Principal::Caller(caller));
        }
        // On the heap, because it is large and rare.
        let recognised = Box::pin(self.judge(kind, text, deadline)).await?;
        let Recognised { caller, until, session } = recognised;
        let caller = Arc::new(self.with_scopes_of_roles(caller));
        self.recent.keep(fingerprint, Known { caller: caller.clone(), until, session });
        Ok(Principal::Caller(caller))
    }

    async fn judge(&self, kind: Kind, text: &str, deadline: Instant) -> Result<Recognised, ApiError> {
        match kind {
            Kind::Token => self.by_token(text, deadline).await,
            Kind::Key => self.keys.recognise(text, deadline).await,
        }
    }

    #[cfg(feature = "auth")]
    async fn by_token(&self, token: &str, deadline: Instant) -> Result<Recognised, ApiError> {
        let tokens = self.tokens.as_ref().ok_or_else(|| invalid_token("tokens aren't accepted here"))?;
        let verified = tokens.verify(token).await?;
        let caller = self.caller_of(&verified.claims)?;
        let session = self.session_of(&verified, deadline).await?;
        Ok(Recognised { caller, until: Instant::now() + verified.good_for.min(REMEMBERED), session })
    }

    /// Other issuers have sessions of their own, which nothing is known of here.
    #[cfg(feature = "auth")]
    async fn session_of(&self, verified: &jwt::Verified, deadline: Instant) -> Result<Option<Uuid>, ApiError> {
        let by_login = self.auth.login.is_some() && verified.signature == jwt::Signature::Secret;
        let Some(sid) = verified.claims.text("sid")?.filter(|_| by_login) else { return Ok(None) };
        let ended = || invalid_token("the session has ended");
        let id = value::parse_uuid(sid).ok_or_else(ended)?;
        let going_on = store::read_by(store::Statements::One, &*self.store, deadline, move |tx| {
            Box::pin(async move { Ok(sessions::Session::goes_on(tx, id).await?) })
        });
        if going_on.await? { Ok(Some(id)) } else { Err(ended()) }
    }

    #[cfg(not(feature = "auth"))]
    async fn by_token(&self, _: &str, _: Instant) -> Result<Recognised, ApiError> {
        Err(invalid_token("tokens aren't accepted here"))
    }

    /// Whom a token's claims describe.
    #[cfg(feature = "auth")]
    fn caller_of(&self, claims: &jwt::Claims) -> Result<Caller, ApiError> {
        let subject = match (claims.text("sub")?, self.auth.principal) {
            (None, _) => return Err(invalid_token("the claim sub is missing")),
            (Some(subject), None) => subject.to_owned(),
            (Some(subject), Some(resource)) => {
                id_of(resource, subject).ok_or_else(|| invalid_token("the claim sub isn't the id of a caller"))?
            }
        };
        let tenant = match &self.auth.tenant {
            None => None,
            Some(tenant) => match claims.id(tenant.claim)? {
                None => None,
                Some(id) => Some(
                    id_of(tenant.resource, &id)
                        .ok_or_else(|| invalid_token("the claim of the tenant isn't the id of one"))?,
                ),
            },
        };
        Ok(Caller { subject, roles: claims.words("roles")?, scopes: claims.words("scope")?, tenant })
    }

    fn with_scopes_of_roles(&self, mut caller: Caller) -> Caller {
        for (_, scopes) in self.auth.roles.iter().filter(|(role, _)| caller.roles.iter().any(|own| own == role)) {
            for scope in *scopes {
                if !caller.scopes.iter().any(|own| own == scope) {
                    caller.scopes.push((*scope).to_owned());
                }
            }
        }
        caller
    }
}

/// The id of a row in the form that contracts show. `None`: no row can have it.
pub(crate) fn id_of(resource: &Resource, text: &str) -> Option<String> {
    let id = id_kind(resource);
    let mut written = String::new();
    value::write_id(id, &value::parse_id(id, text)?, &mut written);
    Some(written)
}

fn id_kind(resource: &Resource) -> Id {
    match resource.fields.first().map(|field| field.ty) {
        Some(Type::Id(id)) => id,
        _ => unreachable!("the first field of {} is its id", resource.name),
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Token,
    Key,
}

/// What a request brings to show who calls.
#[derive(Debug, PartialEq)]
enum Credentials<'a> {
    Token(&'a str),
    Key(&'a str),
}

impl Credentials<'_> {
    fn of(headers: &HeaderMap) -> Result<Option<Credentials<'_>>, ApiError> {
        match (only(headers, &header::AUTHORIZATION)?, only(headers, &API_KEY)?) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(invalid_request("a token and an API key are two kinds of credentials: send one")),
            (None, Some(key)) => Ok(Some(Credentials::Key(key))),
            (Some(authorization), None) => token(authorization).map(Some),
        }
    }
}

/// The value of a header that may be there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(invalid_request("there are two headers with credentials: send one")),
        (Some(value), None) if value.len() > LONGEST => {
            Err(invalid_request("the credentials are longer than 8192 bytes"))
        }
        (Some(value), None) => text(value).map(Some),
    }
}

fn text(value: &HeaderValue) -> Result<&str, ApiError> {
    value.to_str().map(str::trim).map_err(|_| invalid_request("the credentials have characters that none have"))
}

/// `Bearer TOKEN`; the scheme in any case (RFC 9110 §11.1).
fn token(authorization: &str) -> Result<Credentials<'_>, ApiError> {
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        // A caller that can't know what is wanted is told that, and no error (RFC 6750 §3.1).
        return Err(crate::service::refusal::unauthenticated());
    }
    match token.trim() {
        "" => Err(invalid_request("there is no token behind Bearer")),
        token => Ok(Credentials::Token(token)),
    }
}

#[cfg(all(test, feature = "auth", feature = "sqlite"))]
mod fixture;
#[cfg(all(test, feature = "auth", feature = "sqlite"))]
mod tests;
