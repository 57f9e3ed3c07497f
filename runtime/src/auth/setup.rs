//! From what an operator has set to how callers are recognised.

use std::sync::Arc;

use anyhow::{Context, bail};

use super::{Authentication, Logins, Recognise, cache::Cache, keys::Keys, sign::Signer};
use crate::{
    descriptor::Api,
    options::{Grants, Mode, Options},
    store::Store,
};

/// How callers of an api are recognised; `own` is the user's part of it. `None`: nobody is asked, because the spec has no
/// `auth`.
pub(crate) async fn authentication(
    api: &'static Api,
    own: Option<Arc<dyn Recognise>>,
    options: &Options,
    store: Arc<dyn Store>,
) -> anyhow::Result<Option<Authentication>> {
    let Some(auth) = api.auth else {
        for name in set(options) {
            tracing::warn!("{name} has no effect: the spec has no `auth`");
        }
        return Ok(None);
    };
    let secret = secret(api, options)?;
    let ways = secret.is_some() || options.jwt_jwks.is_some() || own.is_some();
    let keys = Keys::of(store.clone());
    if !ways && options.mode() == Mode::Production && !keys.any().await? {
        bail!(
            "JWT_SECRET is missing, and so is JWT_JWKS, and there are no API keys: nobody could show who they are. Set \
             one of them, make a key by `keys create`, or start with --dev"
        );
    }
    Ok(Some(Authentication {
        auth,
        own,
        #[cfg(feature = "auth")]
        tokens: tokens(secret.as_deref(), options).await?,
        keys,
        #[cfg(feature = "auth")]
        store,
        recent: Arc::new(Cache::default()),
    }))
}

/// How those who log in get their tokens, if the spec lets anybody.
pub(crate) fn logins(
    api: &Api,
    authentication: Option<&Authentication>,
    options: &Options,
) -> anyhow::Result<Option<Logins>> {
    let Some((login, Authentication { auth, recent, .. })) = api.login().zip(authentication) else { return Ok(None) };
    let signer = Signer::new(auth, options, secret(api, options)?.as_deref()).context("the spec has `auth.login`")?;
    Ok(Some(Logins::new(auth, login, signer, recent.clone())))
}

/// The names of the options that are only for specs with `auth`, if they are set.
fn set(options: &Options) -> impl Iterator<Item = &'static str> {
    let all = [
        ("JWT_SECRET", &options.jwt_secret),
        ("JWT_JWKS", &options.jwt_jwks),
        ("JWT_ISSUER", &options.jwt_issuer),
        ("JWT_AUDIENCE", &options.jwt_audience),
    ];
    all.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name)
}

#[cfg(feature = "auth")]
fn secret(api: &Api, options: &Options) -> anyhow::Result<Option<String>> {
    super::mint::secret(api, options)
}

#[cfg(not(feature = "auth"))]
fn secret(_: &Api, options: &Options) -> anyhow::Result<Option<String>> {
    match set(options).next() {
        Some(name) => bail!("{name} is set, and this program was built without the feature `auth`"),
        None => Ok(None),
    }
}

#[cfg(feature = "auth")]
async fn tokens(secret: Option<&str>, options: &Options) -> anyhow::Result<Option<super::jwt::Tokens>> {
    use super::{
        jwks::{KeySet, Source},
        jwt::{Tokens, secrets},
    };
    let secrets = secret.map(secrets).transpose()?.unwrap_or_default();
    let published = match options.jwt_jwks.as_deref().map(Source::parse).transpose()? {
        None => None,
        Some(source) => Some(KeySet::open(source).await?),
    };
    if published.is_some() && options.jwt_audience.is_none() && options.mode() == Mode::Production {
        tracing::warn!("JWT_AUDIENCE isn't set: tokens that the issuer made for other services are good here too");
    }
    let any = !secrets.is_empty() || published.is_some();
    Ok(any.then(|| Tokens::new(&secrets, published, options)))
}

/// A token for trying a server out in development, which one with the same options accepts.
#[cfg(feature = "auth")]
pub(crate) fn made_up_token(api: &Api, options: &Options, subject: &str, grants: &Grants) -> anyhow::Result<String> {
    super::mint::token(api, options, subject, grants)
}

#[cfg(not(feature = "auth"))]
pub(crate) fn made_up_token(_: &Api, _: &Options, _: &str, _: &Grants) -> anyhow::Result<String> {
    bail!("there are no tokens: this program was built without the feature `auth`")
}

/// One that nobody can guess.
pub(crate) fn made_up_secret() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}
