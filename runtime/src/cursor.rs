//! Cursors: page tokens that nobody but this service can make or read (AIP-158).
//!
//! A cursor is the position of one row in one list: the values of its sort keys and its id, sealed with AES-GCM-SIV under
//! the list's fingerprint (resource, order, filter, parent), so a cursor of another list doesn't open. It grants nothing:
//! the list that it continues is authorised like any other.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Raw;
use sha2::{Digest, Sha256};

use crate::{
    codec::json::{JsonForm, from_json, scalar_to_json},
    descriptor::{Direction, Resource},
    order::Order,
    sql::Parent,
    value::{Record, Value},
};

/// How long a cursor is good for.
const LIFETIME: Duration = Duration::from_secs(3 * 24 * 3600);
/// Times are kept in whole units of this, so that a row's cursor stays the same text for a while.
const GRAIN: Duration = Duration::from_secs(3600);
/// The mode is safe without a nonce (RFC 8452 §9): all that equal cursors show is that the position is the same.
const NONCE: [u8; 12] = [0; 12];

/// Seals and opens cursors.
pub struct CursorKey {
    /// The first seals; all of them open, so that a key can be replaced without breaking the lists being read.
    ciphers: Vec<Aes256GcmSiv>,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

/// The list that a cursor belongs to.
#[derive(Debug, Clone)]
pub struct Scope {
    pub resource: &'static Resource,
    pub order: Arc<Order>,
    /// Which rows the list has, in any stable form.
    selection: Arc<[u8]>,
    /// Whose children they are, and along which relation.
    parent: Option<(Parent, Value)>,
    /// Made when there is a cursor to be sealed or opened.
    fingerprint: OnceLock<[u8; 32]>,
}

/// An opened cursor.
#[derive(Debug, PartialEq)]
pub struct Position {
    /// The values of the order's keys at the row.
    pub values: Vec<Value>,
    /// The page to read lies before the row.
    pub backward: bool,
}

impl CursorKey {
    /// From one secret or several, separated by commas, the newest first. `None`: a secret has fewer than 16 characters.
    pub fn new(secrets: &str) -> Option<CursorKey> {
        let ciphers = secrets.split(',').map(str::trim).map(|secret| {
            (secret.chars().count() >= 16).then(|| Aes256GcmSiv::new(&Sha256::digest(secret.as_bytes())))
        });
        ciphers.collect::<Option<_>>().map(|ciphers| CursorKey { ciphers })
    }

    pub(crate) fn seal(&self, scope: &Scope, record: &Record, backward: bool) -> String {
        let keys = scope.order.iter();
        let values = keys.map(|(key, _)| scalar_to_json(&key.ty(scope.resource), key.value(record), JsonForm::Rest));
        let mut content: Vec<Raw> = vec![Raw::from(now_in_grains()), Raw::from(u8::from(backward))];
        content.extend(values);
        let content = Raw::Array(content).to_string();
        let payload = Payload { msg: content.as_bytes(), aad: scope.fingerprint() };
        match self.ciphers[0].encrypt(Nonce::from_slice(&NONCE), payload) {
            Ok(sealed) => URL_SAFE_NO_PAD.encode(sealed),
            Err(_) => unreachable!("sealing fails only beyond 64 GiB"),
        }
    }

    /// `None`: tampered with, of another list, or too old.
    pub(crate) fn open(&self, scope: &Scope, cursor: &str) -> Option<Position> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let content = self.ciphers.iter().find_map(|cipher| {
            cipher.decrypt(Nonce::from_slice(&NONCE), Payload { msg: &sealed, aad: scope.fingerprint() }).ok()
        })?;
        let Raw::Array(content) = serde_json::from_slice(&content).ok()? else { return None };
        let [made, backward, values @ ..] = content.as_slice() else { return None };
        let age = now_in_grains().checked_sub(made.as_u64()?)?;
        if age > LIFETIME.as_secs() / GRAIN.as_secs() || values.len() != scope.order.len() {
            return None;
        }
        let types = scope.order.iter().map(|(key, _)| key.ty(scope.resource));
        let values = types.zip(values).map(|(ty, json)| from_json(&ty, json)).collect::<Option<_>>()?;
        Some(Position { values, backward: backward.as_u64()? == 1 })
    }
}

impl Scope {
    /// `selection` says which rows the list has, but for its parent, in any stable form.
    pub fn new(resource: &'static Resource, order: Order, selection: Vec<u8>) -> Scope {
        let (order, selection) = (Arc::new(order), selection.into());
        Scope { resource, order, selection, parent: None, fingerprint: OnceLock::new() }
    }

    /// The same list of the children of one row.
    #[must_use]
    pub fn below(&self, way: Parent, parent: &Value) -> Scope {
        let (order, selection) = (self.order.clone(), self.selection.clone());
        let parent = Some((way, parent.clone()));
        Scope { resource: self.resource, order, selection, parent, fingerprint: OnceLock::new() }
    }

    /// Over everything that decides which rows the list has, and in what order.
    fn fingerprint(&self) -> &[u8; 32] {
        self.fingerprint.get_or_init(|| {
            let mut hash = Sha256::new();
            hash.update(self.resource.name);
            for (key, direction) in self.order.iter() {
                hash.update([0, u8::from(*direction == Direction::Descending)]);
                hash.update(key.column(self.resource));
            }
            hash.update([1]);
            if let Some((way, value)) = &self.parent {
                hash.update(format!("\0{way:?}={value:?}"));
            }
            hash.update(&self.selection);
            hash.finalize().into()
        })
    }
}

fn now_in_grains() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs() / GRAIN.as_secs())
}
