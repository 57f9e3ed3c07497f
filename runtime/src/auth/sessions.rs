//! Sessions: what a login begins, refreshes carry on and a logout ends. Knows nothing about passwords and access tokens.
//!
//! A refresh token is good once. Its first half stays the same as long as the session, its second half is new each time; so
//! whoever brings the first half with another second half has a token that was used before, and it can't be told who of the
//! two was the thief. Then the session ends. Only hashes of both are stored; they have so many random bits that guessing is
//! hopeless, so that the hashes needn't be slow.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    descriptor::{Migration, Type},
    store::{Arg, Dialect, StoreError, Tx},
    value::{self, Timestamp, Uuid, Value},
};

/// The table that sessions are kept in, for specs with `auth.login`. A session that has ended isn't there any more.
pub(crate) const MIGRATION: Migration = Migration {
    name: "apigen_0002_sessions",
    sqlite: "CREATE TABLE apigen_sessions (
    id BLOB PRIMARY KEY NOT NULL,
    subject TEXT NOT NULL,
    family BLOB NOT NULL UNIQUE,
    turn BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX apigen_sessions_expires_at_idx ON apigen_sessions (expires_at);
",
    postgres: "CREATE TABLE apigen_sessions (
    id UUID PRIMARY KEY,
    subject TEXT NOT NULL,
    family BYTEA NOT NULL UNIQUE,
    turn BYTEA NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX apigen_sessions_expires_at_idx ON apigen_sessions (expires_at);
",
};

/// How long a refresh token is good.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Of each half, in bytes.
const HALF: usize = 32;

/// A session with the refresh token that carries it on, which can't be had again.
#[derive(Debug)]
pub(crate) struct Session {
    pub id: Uuid,
    /// Whose it is: the id of a row in the form that contracts show.
    pub subject: String,
    pub refresh_token: RefreshToken,
}

/// What becomes of a session when a token is brought.
#[derive(Debug)]
pub(crate) enum Turn {
    Next(Session),
    /// It has ended now, if it was still there.
    Over(Option<Uuid>),
}

/// Opaque to callers.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    /// The session's.
    family: [u8; HALF],
    /// Its own.
    turn: [u8; HALF],
}

impl RefreshToken {
    fn new() -> RefreshToken {
        RefreshToken { family: random(), turn: random() }
    }

    /// The one that comes after this.
    fn next(&self) -> RefreshToken {
        RefreshToken { family: self.family, turn: random() }
    }

    /// `None`: nothing that was ever given to anybody.
    pub fn parse(text: &str) -> Option<RefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (family, turn) = bytes.split_at_checked(HALF)?;
        Some(RefreshToken { family: family.try_into().ok()?, turn: turn.try_into().ok()? })
    }

    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.family, self.turn].concat())
    }
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

impl Session {
    /// Sessions that nobody carried on are cleared away by those that begin.
    pub async fn begin(tx: &mut dyn Tx, subject: &str) -> Result<Session, StoreError> {
        let now = value::now();
        execute(tx, "DELETE FROM apigen_sessions WHERE expires_at <= ?1", &[time(now)]).await?;
        let (id, refresh_token) = (Uuid::new_v4(), RefreshToken::new());
        let insert = "INSERT INTO apigen_sessions (id, subject, family, turn, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let of = (Type::String, Value::Text(subject.to_owned()));
        let (family, turn) = (hashed(&refresh_token.family), hashed(&refresh_token.turn));
        execute(tx, insert, &[uuid(id), of, family, turn, time(end(now))]).await?;
        Ok(Session { id, subject: subject.to_owned(), refresh_token })
    }

    /// A token that was used before ends its session.
    pub async fn carry_on(tx: &mut dyn Tx, token: &RefreshToken) -> Result<Turn, StoreError> {
        let (now, next) = (value::now(), token.next());
        let update = "UPDATE apigen_sessions SET turn = ?1, expires_at = ?2
            WHERE family = ?3 AND turn = ?4 AND expires_at > ?5 RETURNING id, subject";
        let values = [hashed(&next.turn), time(end(now)), hashed(&token.family), hashed(&token.turn), time(now)];
        let found = query(tx, update, &values, &[Type::Uuid, Type::String]).await?.pop();
        match found.as_deref() {
            Some([Value::Uuid(id), Value::Text(subject)]) => {
                Ok(Turn::Next(Session { id: *id, subject: subject.clone(), refresh_token: next }))
            }
            _ => Session::end(tx, token).await.map(Turn::Over),
        }
    }

    /// By any token that it ever had. `None`: there is no such session.
    pub async fn end(tx: &mut dyn Tx, token: &RefreshToken) -> Result<Option<Uuid>, StoreError> {
        let delete = "DELETE FROM apigen_sessions WHERE family = ?1 RETURNING id";
        let found = query(tx, delete, &[hashed(&token.family)], &[Type::Uuid]).await?.pop();
        Ok(match found.as_deref() {
            Some([Value::Uuid(id)]) => Some(*id),
            _ => None,
        })
    }

    /// Whether it is still going on.
    #[cfg(feature = "auth")]
    pub async fn goes_on(tx: &mut dyn Tx, id: Uuid) -> Result<bool, StoreError> {
        let select = "SELECT id FROM apigen_sessions WHERE id = ?1 AND expires_at > ?2";
        let found = query(tx, select, &[uuid(id), time(value::now())], &[Type::Uuid]).await?;
        Ok(!found.is_empty())
    }
}

async fn execute(tx: &mut dyn Tx, sql: &str, values: &[(Type, Value)]) -> Result<u64, StoreError> {
    let sql = spelled(tx.dialect(), sql);
    tx.execute(&sql, &arguments(values)).await
}

async fn query(
    tx: &mut dyn Tx,
    sql: &str,
    values: &[(Type, Value)],
    columns: &[Type],
) -> Result<Vec<Vec<Value>>, StoreError> {
    let sql = spelled(tx.dialect(), sql);
    tx.query(&sql, &arguments(values), columns).await
}

/// No statement here has a `?` that isn't a parameter's.
fn spelled(dialect: Dialect, sql: &str) -> String {
    sql.replace('?', &dialect.mark().to_string())
}

fn arguments(values: &[(Type, Value)]) -> Vec<Arg<'_>> {
    values.iter().map(|(ty, value)| Arg::One(*ty, value)).collect()
}

fn uuid(id: Uuid) -> (Type, Value) {
    (Type::Uuid, Value::Uuid(id))
}

fn time(time: Timestamp) -> (Type, Value) {
    (Type::Timestamp, Value::Timestamp(time))
}

fn end(now: Timestamp) -> Timestamp {
    now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX)
}

fn hashed(half: &[u8; HALF]) -> (Type, Value) {
    (Type::Bytes, Value::Bytes(Sha256::digest(half).to_vec()))
}

fn random() -> [u8; HALF] {
    let random = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    Sha256::digest(random.concat()).into()
}

#[cfg(all(test, feature = "auth", feature = "sqlite"))]
mod tests;
