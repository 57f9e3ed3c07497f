//! Logging in, going on and logging out: the one way for all protocols. Knows nothing about how tokens are made.

use super::{Arguments, Call, Service, refusal};
use crate::{
    auth::{
        Logins, invalid_token,
        sessions::{RefreshToken, Session, Turn},
    },
    descriptor::{Field, Login, Object, Type},
    error::{ApiError, Code},
    sql::Account,
    store,
    value::{Secret, Value, parse_id},
};

/// What callers give to have tokens, or to have them no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// Credentials for tokens.
    Login,
    /// A refresh token for new tokens.
    Refresh,
    /// A refresh token for nothing.
    Logout,
}

static TOKEN: Field = Field::new("token", "token", Type::Object(&TOKENS));
static DONE: Field = Field::new("done", "done", Type::Bool);
static TOKENS: Object = Object {
    name: "AuthToken",
    fields: &[
        Field::new("access_token", "accessToken", Type::String).read_only(),
        Field::new("token_type", "tokenType", Type::String).read_only(),
        Field::new("expires_in", "expiresIn", Type::Int32).read_only(),
        Field::new("refresh_token", "refreshToken", Type::String).read_only(),
    ],
};
static REFRESH: [Field; 1] = [Field::new("refresh_token", "refreshToken", Type::String)];

impl Exchange {
    pub const ALL: [Exchange; 3] = [Exchange::Login, Exchange::Refresh, Exchange::Logout];

    /// `login`: its mutation, and the last segment of its path.
    pub fn name(self) -> &'static str {
        match self {
            Exchange::Login => "login",
            Exchange::Refresh => "refresh",
            Exchange::Logout => "logout",
        }
    }

    /// What it takes.
    pub fn input(self, login: &Login) -> &'static [Field] {
        match self {
            Exchange::Login => login.credentials,
            Exchange::Refresh | Exchange::Logout => &REFRESH,
        }
    }

    /// What comes of it: an `AuthToken`, or that it is done.
    pub fn result(self) -> &'static Field {
        match self {
            Exchange::Login | Exchange::Refresh => &TOKEN,
            Exchange::Logout => &DONE,
        }
    }
}

impl Service {
    /// A value of [`Exchange::result`].
    pub async fn exchange(
        &self,
        call: &Call,
        exchange: Exchange,
        arguments: &dyn Arguments,
    ) -> Result<Value, ApiError> {
        let Some(logins) = &self.logins else { return Err(refusal::not_served(exchange.name())) };
        let mut inputs = self.inputs(exchange.input(logins.login), arguments)?.into_iter();
        let tokens = match (exchange, inputs.next(), inputs.next()) {
            (Exchange::Login, Some(identifier), Some(Value::Password(secret))) => {
                self.log_in(call, logins, identifier, secret).await?
            }
            (Exchange::Refresh, Some(Value::Text(token)), _) => self.refresh(call, logins, &token).await?,
            (Exchange::Logout, Some(Value::Text(token)), _) => {
                self.log_out(call, logins, &token).await?;
                return Ok(Value::Bool(true));
            }
            (_, first, second) => unreachable!("{exchange:?} takes no {first:?} and {second:?}"),
        };
        Ok(Value::Object(tokens))
    }

    /// Whether there is such an account makes no difference but to who has its password: neither in what is answered nor
    /// in how long that takes.
    async fn log_in(
        &self,
        call: &Call,
        logins: &Logins,
        identifier: Value,
        secret: Secret,
    ) -> Result<Vec<Value>, ApiError> {
        if let (Some(meter), Value::Text(text)) = (&call.meter, &identifier) {
            meter.attempt(text).await?;
        }
        let mut account = self.account(call, logins, identifier).await?;
        let hash = account.as_mut().and_then(|account| account.hash.take());
        let proved = self.verify_password(hash, secret).await?;
        let account = account.filter(|_| proved).ok_or_else(wrong_credentials)?;
        let subject = account.id.clone();
        let session = store::write(&*self.store, call.deadline, move |tx| {
            let subject = subject.clone();
            Box::pin(async move { Ok(Session::begin(tx, &subject).await?) })
        });
        logins.tokens(&session.await?, &account)
    }

    async fn account(&self, call: &Call, logins: &Logins, identifier: Value) -> Result<Option<Account>, ApiError> {
        let (auth, login) = (logins.auth, logins.login);
        store::read_by(store::Statements::One, &*self.store, call.deadline, move |tx| {
            let identifier = identifier.clone();
            Box::pin(async move { Ok(Account::find(tx, (auth, login), &login.credentials[0], identifier).await?) })
        })
        .await
    }

    async fn refresh(&self, call: &Call, logins: &Logins, token: &str) -> Result<Vec<Value>, ApiError> {
        let token = RefreshToken::parse(token).ok_or_else(worthless)?;
        let (auth, login) = (logins.auth, logins.login);
        // A session that must end does so although nobody gets anything: what is refused is refused behind the commit.
        let carried_on = store::write(&*self.store, call.deadline, move |tx| {
            let token = token.clone();
            Box::pin(async move {
                let session = match Session::carry_on(tx, &token).await? {
                    Turn::Next(session) => session,
                    Turn::Over(ended) => return Ok(Err(ended)),
                };
                let account = match parse_id(login.resource.id(), &session.subject) {
                    Some(id) => Account::find(tx, (auth, login), &login.resource.fields[0], id).await?,
                    None => None,
                };
                match account {
                    Some(account) => Ok(Ok((session, account))),
                    None => Ok(Err(Session::end(tx, &token).await?)),
                }
            })
        });
        match carried_on.await? {
            Ok((session, account)) => logins.tokens(&session, &account),
            Err(ended) => {
                logins.forget(ended);
                Err(worthless())
            }
        }
    }

    /// A token that is worth nothing anyway is no mistake (RFC 7009 §2.2).
    async fn log_out(&self, call: &Call, logins: &Logins, token: &str) -> Result<(), ApiError> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(()) };
        let ended = store::write_by(store::Statements::One, &*self.store, call.deadline, move |tx| {
            let token = token.clone();
            Box::pin(async move { Ok(Session::end(tx, &token).await?) })
        });
        logins.forget(ended.await?);
        Ok(())
    }
}

fn wrong_credentials() -> ApiError {
    ApiError::new(Code::Unauthenticated, "no account has these credentials")
        .with("www_authenticate", "Bearer realm=\"api\"")
}

fn worthless() -> ApiError {
    invalid_token("the refresh token isn't good any more")
}
