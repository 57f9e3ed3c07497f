//! Credentials that were found good a moment ago. Knows nothing about what they are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sha2::{Digest, Sha256};

use super::Kind;
use crate::principal::Caller;

/// Callers that are remembered at the same time.
const ROOM: usize = 4096;

/// Who sent them, told without keeping them.
pub type Fingerprint = [u8; 32];

/// A token isn't a key, even if it is spelled alike.
pub fn fingerprint(kind: Kind, credentials: &str) -> Fingerprint {
    Sha256::new().chain_update([kind as u8]).chain_update(credentials).finalize().into()
}

#[derive(Debug, Default)]
pub struct Cache(Mutex<HashMap<Fingerprint, (Arc<Caller>, Instant)>>);

impl Cache {
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<Arc<Caller>> {
        let known = self.known();
        let (caller, until) = known.get(fingerprint)?;
        (Instant::now() < *until).then(|| caller.clone())
    }

    pub fn keep(&self, fingerprint: Fingerprint, caller: Arc<Caller>, until: Instant) {
        let mut known = self.known();
        if known.len() >= ROOM {
            let now = Instant::now();
            known.retain(|_, (_, until)| now < *until);
        }
        // Only good credentials get in, so it takes thousands of callers within a minute to fill it.
        if known.len() >= ROOM {
            known.clear();
        }
        known.insert(fingerprint, (caller, until));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Fingerprint, (Arc<Caller>, Instant)>> {
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

    fn caller(subject: &str) -> Arc<Caller> {
        let subject = subject.to_owned();
        Arc::new(Caller { subject, roles: Vec::new(), scopes: Vec::new(), tenant: None })
    }

    #[test]
    fn nothing_is_believed_beyond_its_time() {
        let cache = Cache::default();
        let now = Instant::now();
        cache.keep(token("a"), caller("ann"), now + Duration::from_secs(60));
        cache.keep(token("b"), caller("bob"), now);
        assert_eq!(cache.get(&token("a")).unwrap().subject, "ann");
        assert_eq!(cache.get(&token("b")), None);
        assert_eq!(cache.get(&token("c")), None);
        assert_eq!(cache.get(&fingerprint(Kind::Key, "a")), None);
    }

    #[test]
    fn it_stays_small() {
        let cache = Cache::default();
        let until = Instant::now() + Duration::from_secs(60);
        let caller = caller("ann");
        for number in 0..ROOM * 2 + 1 {
            cache.keep(token(&number.to_string()), caller.clone(), until);
        }
        assert!(cache.known().len() <= ROOM);
        assert!(cache.get(&token(&(ROOM * 2).to_string())).is_some(), "the last one is known");
    }
}
