//! How often callers may call: the spec's rates, each counted per caller, for all protocols together.
//!
//! A [`Limiter`] lives as long as the server, a [`Meter`] as long as a request. A rate of an action holds in place of its
//! resource's, and that in place of the general one, which counts a request once. The service counts operations, and the
//! edge what comes to none. What was counted is told by the header fields of draft-ietf-httpapi-ratelimit-headers-10.

mod address;
mod attempts;
mod memory;
#[cfg(feature = "redis")]
mod shared;
#[cfg(not(feature = "redis"))]
#[path = "limit/unshared.rs"]
mod shared;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

pub use self::address::{Peer, Proxies};
use self::{attempts::Attempts, memory::Counter, shared::Shared};
use crate::{
    descriptor::{Api, Rate},
    error::{ApiError, Code},
    principal::Principal,
};

const STANDING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Whose requests are counted together, told without keeping more of them than this.
type Key = [u8; 16];

/// A rate of the spec, with what has been counted of it.
#[derive(Debug)]
struct Policy {
    /// `authenticated`, `Order`, `Order.cancel`.
    name: String,
    rate: Rate,
    counter: Counter,
}

/// What counting one more came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// So many more have room now.
    Room(u32),
    /// There is room for one after this time.
    Full(Duration),
}

/// What becomes of requests that can't be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Uncounted {
    /// They are let through.
    Open,
    /// They are refused.
    Closed,
}

/// Where requests of several instances of a server are counted together.
#[derive(Debug)]
pub struct Place<'a> {
    pub url: &'a str,
    pub uncounted: Uncounted,
}

/// All rates of one api.
#[derive(Debug)]
pub struct Limiter {
    /// Counts in place of this process's memory, and what becomes of what it can't count.
    shared: Option<(Shared, Uncounted)>,
    anonymous: Option<Arc<Policy>>,
    authenticated: Option<Arc<Policy>>,
    /// By the resource's name, and by the action's where it is the action's own.
    own: HashMap<(&'static str, Option<&'static str>), Arc<Policy>>,
    /// Where the spec lets callers log in.
    attempts: Option<Attempts>,
}

impl Limiter {
    /// `None`: the spec limits nothing. Without a place, requests are counted in this process's memory.
    pub fn of(api: &Api, place: Option<Place<'_>>) -> anyhow::Result<Option<Limiter>> {
        let shared = match place {
            Some(Place { url, uncounted }) => Some((Shared::open(url, api.name, uncounted)?, uncounted)),
            None => None,
        };
        let policy = |name: String, rate: Option<Rate>| rate.map(|rate| Arc::new(Policy::new(name, rate)));
        let mut own = HashMap::new();
        for resource in api.resources {
            let name = resource.name;
            own.extend(policy(name.to_owned(), resource.limit).map(|policy| ((name, None), policy)));
            for action in resource.actions {
                let policy = policy(format!("{name}.{}", action.name), action.limit);
                own.extend(policy.map(|policy| ((name, Some(action.name)), policy)));
            }
        }
        let anonymous = policy("anonymous".to_owned(), api.limits.anonymous);
        let authenticated = policy("authenticated".to_owned(), api.limits.authenticated);
        let attempts = api.login().map(|_| Attempts::new());
        let limits = anonymous.is_some() || authenticated.is_some() || !own.is_empty() || attempts.is_some();
        Ok(limits.then_some(Limiter { shared, anonymous, authenticated, own, attempts }))
    }

    /// `None`: it couldn't be counted, and that does no harm.
    async fn count(&self, policy: &Policy, key: &Key) -> Result<Option<Counted>, ApiError> {
        let Some((shared, uncounted)) = &self.shared else { return Ok(Some(policy.counter.count(key))) };
        // On the heap, lest every request has room for it.
        match (Box::pin(shared.count(policy, key)).await, uncounted) {
            (None, Uncounted::Closed) => Err(not_counted()),
            (counted, _) => Ok(counted),
        }
    }
}

/// Counts what one request does.
#[derive(Debug)]
pub struct Meter {
    limiter: Arc<Limiter>,
    /// Whose requests are counted together, once one is: hashing costs more than most of what comes to no rate.
    principal: Principal,
    /// Where the request comes from, whoever calls.
    address: Option<IpAddr>,
    /// The rate that holds unless what the request is for has its own.
    general: Option<Arc<Policy>>,
    /// Something was counted, or was to be.
    judged: AtomicBool,
    /// The general rate was.
    judged_in_general: AtomicBool,
    /// What has been counted, in that order; of each policy the last.
    counted: Mutex<Vec<(Arc<Policy>, Counted)>>,
}

impl Meter {
    /// Callers are told apart by whom they act for, without credentials by where they call from.
    pub fn of(limiter: &Arc<Limiter>, principal: &Principal, address: Option<IpAddr>) -> Meter {
        let general = match principal {
            Principal::Anonymous => &limiter.anonymous,
            Principal::Caller(_) => &limiter.authenticated,
        };
        let (limiter, principal, general) = (limiter.clone(), principal.clone(), general.clone());
        let (judged, judged_in_general) = (AtomicBool::new(false), AtomicBool::new(false));
        Meter { limiter, principal, address, general, judged, judged_in_general, counted: Mutex::default() }
    }

    fn key(&self) -> Key {
        match self.principal.caller() {
            None => self.address_key(),
            Some(caller) => key("authenticated", [&caller.subject, caller.tenant.as_deref().unwrap_or_default()]),
        }
    }

    fn address_key(&self) -> Key {
        key("anonymous", [&self.address.map(|address| address.to_string()).unwrap_or_default(), ""])
    }

    /// Before a request is looked at: counts it, if nothing that it may be for has a rate of its own.
    pub async fn begin(&self) -> Result<(), ApiError> {
        if self.limiter.own.is_empty() { self.in_general().await } else { Ok(()) }
    }

    /// Counts an operation.
    pub async fn operation(&self, resource: &'static str, action: Option<&'static str>) -> Result<(), ApiError> {
        let own = &self.limiter.own;
        match own.get(&(resource, action)).or_else(|| own.get(&(resource, None))) {
            Some(policy) => self.count(policy).await,
            None => self.in_general().await,
        }
    }

    /// Behind a request: counts one that came to no operation.
    pub async fn end(&self) -> Result<(), ApiError> {
        if self.judged.load(Ordering::Relaxed) { Ok(()) } else { self.in_general().await }
    }

    async fn in_general(&self) -> Result<(), ApiError> {
        match &self.general {
            Some(policy) if !self.judged_in_general.swap(true, Ordering::Relaxed) => self.count(policy).await,
            _ => Ok(()),
        }
    }

    async fn count(&self, policy: &Arc<Policy>) -> Result<(), ApiError> {
        self.judged.store(true, Ordering::Relaxed);
        match self.limiter.count(policy, &self.key()).await? {
            None => Ok(()),
            Some(counted) => self.judge(policy, counted),
        }
    }

    fn judge(&self, policy: &Arc<Policy>, counted: Counted) -> Result<(), ApiError> {
        let mut all = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(other, _)| !Arc::ptr_eq(other, policy));
        all.push((policy.clone(), counted));
        match counted {
            Counted::Room(_) => Ok(()),
            Counted::Full(wait) => Err(refusal(policy, wait)),
        }
    }

    /// Tells what has been counted (§3 and §4 of the draft).
    pub fn tell(&self, headers: &mut HeaderMap) {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_empty() {
            return;
        }
        let list = |item: &dyn Fn(&Policy, Counted) -> String| {
            let items: Vec<_> = counted.iter().map(|(policy, counted)| item(policy, *counted)).collect();
            HeaderValue::from_str(&items.join(", ")).ok()
        };
        let policies =
            list(&|Policy { name, rate, .. }, _| format!("\"{name}\";q={};w={}", rate.requests, rate.seconds));
        let standings = list(&|policy, counted| policy.standing(counted));
        for (name, value) in [(POLICY, policies), (STANDING, standings)] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }
}

impl Policy {
    fn new(name: String, rate: Rate) -> Policy {
        Policy { name, rate, counter: Counter::new(rate) }
    }

    /// `"authenticated";r=599;t=1`: `t` is when all is there again, or with nothing left, when there is more.
    fn standing(&self, counted: Counted) -> String {
        let one = self.rate.interval();
        let (left, time) = match counted {
            Counted::Room(0) => (0, one),
            Counted::Room(left) => (left, one * (self.rate.requests - left)),
            Counted::Full(wait) => (0, wait),
        };
        format!("\"{}\";r={left};t={}", self.name, whole_seconds(time))
    }
}

impl Rate {
    /// After each of these there is room for one request more.
    fn interval(self) -> Duration {
        (Duration::from_secs(self.seconds.into()) / self.requests.max(1)).max(Duration::from_nanos(1))
    }
}

/// Never too early.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn key(kind: &str, parts: [&str; 2]) -> Key {
    let mut hash = Sha256::new_with_prefix(kind);
    for part in parts {
        // Lengths keep parts apart.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

fn refusal(policy: &Policy, wait: Duration) -> ApiError {
    let Rate { requests, seconds } = policy.rate;
    let noun = if requests == 1 { "request" } else { "requests" };
    let unit = match seconds {
        1 => "a second",
        60 => "a minute",
        3600 => "an hour",
        _ => "a day",
    };
    ApiError::new(Code::RateLimited, format!("the limit {} allows {requests} {noun} {unit}", policy.name))
        .with("policy", policy.name.as_str())
        .with("requests", requests.to_string())
        .with("seconds", seconds.to_string())
        .retry_after(wait)
}

fn not_counted() -> ApiError {
    ApiError::new(Code::Unavailable, "requests can't be counted at the moment, so none is let through")
        .retry_after(Duration::from_secs(1))
}

#[cfg(test)]
mod tests;
