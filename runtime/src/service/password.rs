//! Passwords: only their hashes are kept, by argon2id, and only those are compared. Knows nothing about whose they are.

use argon2::{
    Argon2, PasswordVerifier,
    password_hash::{self, PasswordHash, PasswordHasher, SaltString},
};

use super::Service;
use crate::{
    error::ApiError,
    value::{Secret, Value},
};

/// What is compared where there is no hash, so that the answer takes as long as where there is one. Nothing is known to
/// have it.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$OtxLHAU0fFMPvRxByALl/A$3hAF0G03dnvVZgJluwBr1E1fKZweIE52H4VmezbxrJg";

impl Service {
    /// argon2id takes tens of milliseconds and 19 MiB each, so it runs beside the async threads, a few at a time.
    pub(super) async fn hash_passwords(&self, values: impl Iterator<Item = &mut Value>) -> Result<(), ApiError> {
        for value in values {
            if let Value::Password(Secret(clear)) = value {
                let _turn = self.hashing.acquire().await.map_err(ApiError::internal)?;
                let clear = std::mem::take(clear);
                let hash = tokio::task::spawn_blocking(move || hash_password(&clear)).await;
                *value = Value::Text(hash.map_err(ApiError::internal)?.map_err(ApiError::internal)?);
            }
        }
        Ok(())
    }

    /// Whether a text is the one that was hashed; never where there is no hash.
    pub(super) async fn verify_password(&self, hash: Option<String>, clear: Secret) -> Result<bool, ApiError> {
        let _turn = self.hashing.acquire().await.map_err(ApiError::internal)?;
        let verified = tokio::task::spawn_blocking(move || verify(hash.as_deref(), &clear.0)).await;
        verified.map_err(ApiError::internal)
    }
}

/// Hashes where nothing may be waited for, so for a hook that writes one inside its transaction.
pub(crate) fn hash_at_once<'v>(values: impl Iterator<Item = &'v mut Value>) -> Result<(), ApiError> {
    for value in values {
        if let Value::Password(Secret(text)) = value {
            let text = std::mem::take(text);
            let hashed = PasswordHash::new(&text).is_ok();
            *value = Value::Text(if hashed { text } else { hash_password(&text).map_err(ApiError::internal)? });
        }
    }
    Ok(())
}

fn hash_password(clear: &str) -> Result<String, password_hash::Error> {
    let salt = SaltString::encode_b64(uuid::Uuid::new_v4().as_bytes())?;
    Ok(Argon2::default().hash_password(clear.as_bytes(), &salt)?.to_string())
}

fn verify(hash: Option<&str>, clear: &str) -> bool {
    let known = PasswordHash::new(hash.unwrap_or(NOBODYS));
    let same = known.is_ok_and(|known| Argon2::default().verify_password(clear.as_bytes(), &known).is_ok());
    same && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash() {
        let hash = hash_password("correct horse").unwrap();
        assert!(verify(Some(&hash), "correct horse"));
        assert!(!verify(Some(&hash), "Correct horse"));
        assert!(!verify(Some("no hash"), "no hash"));
        assert!(!verify(None, "correct horse"));
    }

    #[test]
    fn nobodys_hash_takes_as_much_work_as_others() {
        let own = hash_password("correct horse").unwrap();
        let (own, nobodys) = (PasswordHash::new(&own).unwrap(), PasswordHash::new(NOBODYS).unwrap());
        assert_eq!((own.algorithm, own.version, &own.params), (nobodys.algorithm, nobodys.version, &nobodys.params));
        let length = |hash: &PasswordHash<'_>| hash.hash.map(|hash| hash.len());
        assert_eq!(length(&own), length(&nobodys));
    }
}
