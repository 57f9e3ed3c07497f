//! From a session to the tokens that its caller gets, and the end of both. Whether somebody may have a session was decided
//! before.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{cache::Cache, sessions::Session, sign::Signer};
use crate::{
    descriptor::{Auth, Login},
    error::ApiError,
    sql::Account,
    value::{Uuid, Value},
};

/// How long an access token is good.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What those who log in get their tokens by.
pub(crate) struct Logins {
    pub auth: &'static Auth,
    pub login: &'static Login,
    signer: Signer,
    recent: Arc<Cache>,
}

impl Logins {
    pub(super) fn new(auth: &'static Auth, login: &'static Login, signer: Signer, recent: Arc<Cache>) -> Logins {
        Logins { auth, login, signer, recent }
    }

    /// The values of an `AuthToken`.
    pub fn tokens(&self, session: &Session, account: &Account) -> Result<Vec<Value>, ApiError> {
        let claims = [("sid", json!(session.id.to_string())), ("roles", json!(account.roles))];
        let access = self.signer.sign(&account.id, LIFETIME, account.tenant.as_deref(), claims)?;
        Ok(vec![
            Value::Text(access),
            Value::Text("Bearer".to_owned()),
            Value::Int(LIFETIME.as_secs().cast_signed()),
            Value::Text(session.refresh_token.text()),
        ])
    }

    /// Has this process believe the access tokens of a session that has ended no longer. Others do so within a minute.
    pub fn forget(&self, ended: Option<Uuid>) {
        if let Some(session) = ended {
            self.recent.forget(session);
        }
    }
}
