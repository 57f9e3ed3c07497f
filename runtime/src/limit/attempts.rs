//! How often anybody may try to log in: as one account, wherever they call from, and from one address, whatever they try.
//! Attempts count whether they succeed or not, and whether there is such an account or not.

use std::sync::Arc;

use super::{Key, Meter, Policy, key};
use crate::{descriptor::Rate, error::ApiError};

#[derive(Debug)]
pub(super) struct Attempts {
    account: Arc<Policy>,
    address: Arc<Policy>,
}

impl Attempts {
    pub fn new() -> Attempts {
        let a_minute = |name: &str, requests| Arc::new(Policy::new(name.to_owned(), Rate { requests, seconds: 60 }));
        Attempts { account: a_minute("login.account", 10), address: a_minute("login.address", 30) }
    }
}

impl Meter {
    /// Counts an attempt to log in. Who may not call from an address uses up no account's attempts.
    pub async fn attempt(&self, account: &str) -> Result<(), ApiError> {
        self.in_general().await?;
        let Some(attempts) = &self.limiter.attempts else { return Ok(()) };
        self.count_attempt(&attempts.address, &self.address_key()).await?;
        // Whoever compares names otherwise than we do must not get attempts for each spelling.
        self.count_attempt(&attempts.account, &key("account", [&account.to_lowercase(), ""])).await
    }

    /// What can't be counted elsewhere is counted here, because passwords could be guessed meanwhile.
    async fn count_attempt(&self, policy: &Arc<Policy>, key: &Key) -> Result<(), ApiError> {
        let counted = self.limiter.count(policy, key).await?;
        self.judge(policy, counted.unwrap_or_else(|| policy.counter.count(key)))
    }
}
