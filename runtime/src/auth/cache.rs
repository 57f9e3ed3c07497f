//! Credentials that were found good a moment ago. Knows nothing about what they are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sha2::{Digest, Sha256};

use super::Kind;
use crate::{principal::Caller, value::Uuid};

/// Callers that are remembered at the same time.
const ROOM: usize = 4096;

/// Who sent them, told without keeping them.
pub type Fingerprint = [u8; 32];

/// A token isn't a key, even if it is spelled alike.
pub fn fingerprint(kind: Kind, credentials: &str) -> Fingerprint {
    Sha256::new().chain_update([kind as u8]).chain_update(credentials).finalize().into()
}

/// Whom credentials are of, and until when that may be believed without a second look.
#[derive(Debug, Clone)]
pub struct Known {
    pub caller: Arc<Caller>,
    pub until: Instant,
    /// The session that they are good as long as, where they are of one.
    pub session: Option<Uuid>,
}

#[derive(Debug, Default)]
pub struct Cache(Mutex<HashMap<Fingerprint, Known>>);

impl Cache {
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<Arc<Caller>> {
        let all = self.all();
        let known = all.get(fingerprint)?;
        (Instant::now() < known.until).then(|| known.caller.clone())
    }

    /// Forgets all credentials of a session.
    pub fn forget(&self, session: Uuid) {
        self.all().retain(|_, known| known.session != Some(session));
    }

    pub fn keep(&self, fingerprint: Fingerprint, new: Known) {
        let mut known = self.all();
        if known.len() >= ROOM {
            let now = Instant::now();
            known.retain(|_, known| now < known.until);
        }
        // Only good credentials get in, so it takes thousands of callers within a minute to fill it.
        if known.len() >= ROOM {
            known.clear();
        }
        known.insert(fingerprint, new);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Fingerprint, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn token(text: &str) -> Fingerprint {
        fingerprint(Kind::Token, text)
    }

    fn known(subject: &str, seconds: u64) -> Known {
        let subject = subject.to_owned();
        let caller = Arc::new(Caller { subject, roles: Vec::new(), scopes: Vec::new(), tenant: None });
        Known { caller, until: Instant::now() + Duration::from_secs(seconds), session: None }
    }

    #[test]
    fn nothing_is_believed_beyond_its_time() {
        let cache = Cache::default();
        cache.keep(token("a"), known("ann", 60));
        cache.keep(token("b"), known("bob", 0));
        assert_eq!(cache.get(&token("a")).unwrap().subject, "ann");
        assert_eq!(cache.get(&token("b")), None);
        assert_eq!(cache.get(&token("c")), None);
        assert_eq!(cache.get(&fingerprint(Kind::Key, "a")), None);
    }

    #[test]
    fn what_is_of_a_session_goes_with_it() {
        let cache = Cache::default();
        let (session, other) = (Uuid::new_v4(), Uuid::new_v4());
        cache.keep(token("a"), Known { session: Some(session), ..known("ann", 60) });
        cache.keep(token("b"), Known { session: Some(other), ..known("ann", 60) });
        cache.keep(token("c"), known("ann", 60));
        cache.forget(session);
        assert_eq!(["a", "b", "c"].map(|text| cache.get(&token(text)).is_some()), [false, true, true]);
    }

    #[test]
    fn it_stays_small() {
        let cache = Cache::default();
        for number in 0..ROOM * 2 + 1 {
            cache.keep(token(&number.to_string()), known("ann", 60));
        }
        assert!(cache.all().len() <= ROOM);
        assert!(cache.get(&token(&(ROOM * 2).to_string())).is_some(), "the last one is known");
    }
}
