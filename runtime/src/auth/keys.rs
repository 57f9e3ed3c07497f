//! API keys: secrets for programs, kept in the database. A key is `ak_4f9a1c20b7de_…`: its id, which may be shown, and behind
//! it what nobody is shown again. Only a hash of it is stored; it has so many random bits that guessing is hopeless, so that
//! the hash needn't be slow.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{REMEMBERED, Recognised, invalid_token};
use crate::{
    descriptor::{Migration, Type},
    error::ApiError,
    principal::Caller,
    store::{self, Arg, Statements, Store},
    value::{self, Timestamp, Value},
};

/// The table that keys are kept in, for specs with `auth`.
pub(crate) const MIGRATION: Migration = Migration {
    name: "apigen_0001_keys",
    sqlite: "CREATE TABLE apigen_keys (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    subject TEXT,
    roles TEXT NOT NULL,
    scopes TEXT NOT NULL,
    tenant TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;
",
    postgres: "CREATE TABLE apigen_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL,
    subject TEXT,
    roles TEXT NOT NULL,
    scopes TEXT NOT NULL,
    tenant TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
",
};

/// What every key begins with.
const PREFIX: &str = "ak_";
/// In the order of [`TYPES`] and [`Key::of`].
const COLUMNS: &str =
    "id, name, hash, subject, roles, scopes, tenant, created_at, expires_at, revoked_at, last_used_at";
const TYPES: [Type; 11] = [
    Type::String,
    Type::String,
    Type::Bytes,
    Type::String,
    Type::String,
    Type::String,
    Type::String,
    Type::Timestamp,
    Type::Timestamp,
    Type::Timestamp,
    Type::Timestamp,
];
/// The use of a key is noted so often at most.
const NOTED: Duration = Duration::from_secs(60);
/// For what isn't part of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// With its prefix: `ak_4f9a1c20b7de`.
    pub id: String,
    pub name: String,
    hash: Vec<u8>,
    /// Whom it stands for, where that is a row.
    pub subject: Option<String>,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
    pub tenant: Option<String>,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

/// What a new key is to be.
pub(super) struct NewKey {
    pub name: String,
    pub subject: Option<String>,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
    pub tenant: Option<String>,
    pub expires_at: Option<Timestamp>,
}

/// All keys of one database.
#[derive(Clone)]
pub(super) struct Keys(Arc<dyn Store>);

impl Keys {
    pub fn of(store: Arc<dyn Store>) -> Keys {
        Keys(store)
    }

    /// Whom a key that was sent stands for.
    pub async fn recognise(&self, text: &str, deadline: Instant) -> Result<Recognised, ApiError> {
        let unknown = || invalid_token("the API key isn't known here");
        let id = id_of(text).ok_or_else(unknown)?;
        let key = self.find(id, deadline).await?.ok_or_else(unknown)?;
        if !bool::from(key.hash.ct_eq(&hash(text))) {
            return Err(unknown());
        }
        let now = value::now();
        if key.revoked_at.is_some() {
            return Err(invalid_token("the API key was revoked"));
        }
        if key.expires_at.is_some_and(|end| end <= now) {
            return Err(invalid_token("the API key has expired"));
        }
        self.note_use(&key, now);
        let left = key.expires_at.map(|end| end.duration_since(now).unsigned_abs());
        let until = Instant::now() + left.unwrap_or(REMEMBERED).min(REMEMBERED);
        // Who is no row is called by the key's id, which no row can have.
        let Key { id, subject, roles, scopes, tenant, .. } = key;
        Ok(Recognised {
            caller: Caller { subject: subject.unwrap_or(id), roles, scopes, tenant },
            until,
            session: None,
        })
    }

    /// Whether there ever was one.
    pub async fn any(&self) -> Result<bool, ApiError> {
        Ok(!self.select("LIMIT 1", Vec::new(), Instant::now() + PATIENCE).await?.is_empty())
    }

    /// In the order in which they were made.
    pub async fn list(&self) -> Result<Vec<Key>, ApiError> {
        self.select("ORDER BY created_at, id", Vec::new(), Instant::now() + PATIENCE).await
    }

    /// The key, which can't be had again.
    pub async fn create(&self, new: NewKey) -> Result<String, ApiError> {
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        let id = &uuid::Uuid::new_v4().simple().to_string()[..12];
        let id = format!("{PREFIX}{id}");
        let secret = URL_SAFE_NO_PAD.encode(secret.map(uuid::Uuid::into_bytes).concat());
        let key = format!("{id}_{secret}");
        let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
        let values = vec![
            Value::Text(id),
            Value::Text(new.name),
            Value::Bytes(hash(&key).to_vec()),
            text(new.subject),
            Value::Text(new.roles.join(" ")),
            Value::Text(new.scopes.join(" ")),
            text(new.tenant),
            Value::Timestamp(value::now()),
            new.expires_at.map_or(Value::Null, Value::Timestamp),
            Value::Null,
            Value::Null,
        ];
        let mark = self.0.dialect().mark();
        let marks: Vec<_> = (1..=values.len()).map(|number| format!("{mark}{number}")).collect();
        let sql = format!("INSERT INTO apigen_keys ({COLUMNS}) VALUES ({})", marks.join(", "));
        let values = TYPES.into_iter().zip(values).collect();
        self.execute(sql, values).await?;
        Ok(key)
    }

    /// Whether there is such a key; it may have been revoked before.
    pub async fn revoke(&self, id: &str) -> Result<bool, ApiError> {
        let mark = self.0.dialect().mark();
        let sql = format!("UPDATE apigen_keys SET revoked_at = coalesce(revoked_at, {mark}1) WHERE id = {mark}2");
        let values =
            vec![(Type::Timestamp, Value::Timestamp(value::now())), (Type::String, Value::Text(id.to_owned()))];
        Ok(self.execute(sql, values).await? > 0)
    }

    async fn find(&self, id: &str, deadline: Instant) -> Result<Option<Key>, ApiError> {
        let condition = format!("WHERE id = {}1", self.0.dialect().mark());
        Ok(self.select(&condition, vec![(Type::String, Value::Text(id.to_owned()))], deadline).await?.pop())
    }

    /// Beside the request, which has no need of it.
    fn note_use(&self, key: &Key, now: Timestamp) {
        let since = key.last_used_at.map(|last| now.duration_since(last).unsigned_abs());
        if since.is_some_and(|since| since < NOTED) {
            return;
        }
        let (keys, id) = (self.clone(), key.id.clone());
        tokio::spawn(async move {
            let mark = keys.0.dialect().mark();
            let sql = format!("UPDATE apigen_keys SET last_used_at = {mark}1 WHERE id = {mark}2");
            let values = vec![(Type::Timestamp, Value::Timestamp(now)), (Type::String, Value::Text(id))];
            if let Err(error) = keys.execute(sql, values).await {
                tracing::warn!(%error, "can't note that an API key was used");
            }
        });
    }

    async fn select(&self, rest: &str, values: Vec<(Type, Value)>, deadline: Instant) -> Result<Vec<Key>, ApiError> {
        let sql: Arc<str> = format!("SELECT {COLUMNS} FROM apigen_keys {rest}").into();
        let values: Arc<[(Type, Value)]> = values.into();
        let rows = store::read_by(Statements::One, &*self.0, deadline, move |tx| {
            let (sql, values) = (sql.clone(), values.clone());
            Box::pin(async move { Ok(tx.query(&sql, &arguments(&values), &TYPES).await?) })
        });
        Ok(rows.await?.into_iter().map(Key::of).collect())
    }

    async fn execute(&self, sql: String, values: Vec<(Type, Value)>) -> Result<u64, ApiError> {
        let sql: Arc<str> = sql.into();
        let values: Arc<[(Type, Value)]> = values.into();
        let changed = store::write_by(Statements::One, &*self.0, Instant::now() + PATIENCE, move |tx| {
            let (sql, values) = (sql.clone(), values.clone());
            Box::pin(async move { Ok(tx.execute(&sql, &arguments(&values)).await?) })
        });
        changed.await
    }
}

fn arguments(values: &[(Type, Value)]) -> Vec<Arg<'_>> {
    values.iter().map(|(ty, value)| Arg::One(*ty, value)).collect()
}

impl Key {
    fn of(row: Vec<Value>) -> Key {
        let mut row = row.into_iter();
        let mut next = || row.next().unwrap_or(Value::Null);
        let text = |value: Value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let words = |value: Value| {
            text(value).unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<String>>()
        };
        let time = |value: Value| match value {
            Value::Timestamp(time) => Some(time),
            _ => None,
        };
        Key {
            id: text(next()).unwrap_or_default(),
            name: text(next()).unwrap_or_default(),
            hash: match next() {
                Value::Bytes(hash) => hash,
                _ => Vec::new(),
            },
            subject: text(next()),
            roles: words(next()),
            scopes: words(next()),
            tenant: text(next()),
            created_at: time(next()),
            expires_at: time(next()),
            revoked_at: time(next()),
            last_used_at: time(next()),
        }
    }
}

/// The id of a key in the form that they have, whether there is one or not.
fn id_of(text: &str) -> Option<&str> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let fits = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && secret.len() == 43;
    fits.then(|| &text[..PREFIX.len() + id.len()])
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

#[cfg(all(test, feature = "auth", feature = "sqlite"))]
mod tests;
