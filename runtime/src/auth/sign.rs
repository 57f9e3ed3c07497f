//! Making tokens: JSON Web Tokens that a server with the same options accepts (RFC 9068). Knows nothing about who may have
//! one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value as Json, json};

use super::jwt;
use crate::{descriptor::Auth, error::ApiError, options::Options};

/// Signs with the first secret of `JWT_SECRET`.
pub(crate) struct Signer {
    key: EncodingKey,
    header: Header,
    /// The claims of all tokens.
    fixed: Map<String, Json>,
    /// The claim that names a tenant.
    tenant: Option<&'static str>,
}

impl Signer {
    pub fn new(auth: &Auth, options: &Options, secret: Option<&str>) -> anyhow::Result<Signer> {
        let secret = secret.context("JWT_SECRET is missing: tokens are signed with it")?;
        let secrets = jwt::secrets(secret)?;
        let fixed = [("iss", &options.jwt_issuer), ("aud", &options.jwt_audience)];
        let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
        Ok(Signer {
            key: EncodingKey::from_secret(secrets[0].as_bytes()),
            header: Header { typ: Some("at+jwt".to_owned()), ..Header::default() },
            fixed: fixed.collect(),
            tenant: auth.tenant.as_ref().map(|tenant| tenant.claim),
        })
    }

    /// A token that is good for so long, and says what else is known of its caller.
    pub fn sign<'c>(
        &self,
        subject: &str,
        lifetime: Duration,
        tenant: Option<&str>,
        claims: impl IntoIterator<Item = (&'c str, Json)>,
    ) -> Result<String, ApiError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let own = [
            ("sub", json!(subject)),
            ("iat", json!(now.as_secs())),
            ("exp", json!((now + lifetime).as_secs())),
            ("jti", json!(uuid::Uuid::new_v4().to_string())),
        ];
        let tenant = self.tenant.zip(tenant).map(|(claim, id)| (claim, json!(id)));
        let mut all = self.fixed.clone();
        all.extend(own.into_iter().chain(claims).chain(tenant).map(|(name, value)| (name.to_owned(), value)));
        jsonwebtoken::encode(&self.header, &all, &self.key).map_err(ApiError::internal)
    }
}
