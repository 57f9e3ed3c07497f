//! Cursors: page tokens that nobody but this service can make or read (AIP-158, AES-GCM-SIV).

use crate::{
    descriptor::{Resource, Sort},
    value::Record,
};

/// Seals and opens cursors.
pub struct CursorKey {
    cipher: aes_gcm_siv::Aes256GcmSiv,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

/// The list that a cursor belongs to: it is refused for any other.
#[derive(Debug)]
pub struct Scope {
    pub resource: &'static Resource,
    /// The full order, `id` last.
    pub sort: Vec<Sort>,
    /// SHA-256 over everything else that selects the rows: filter, parent.
    pub hash: [u8; 16],
}

impl CursorKey {
    pub fn new(secret: &[u8; 32]) -> CursorKey {
        CursorKey { cipher: <aes_gcm_siv::Aes256GcmSiv as aes_gcm_siv::KeyInit>::new(secret.into()) }
    }

    pub(crate) fn seal(&self, scope: &Scope, record: &Record, backward: bool) -> String {
        let _ = (&self.cipher, scope, record, backward);
        todo!()
    }
}
