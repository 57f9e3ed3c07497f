//! Counts in a Redis, for all instances of a server together. The same arithmetic as in memory, as a script that Redis
//! runs in one go, by its own clock. When Redis doesn't answer, requests aren't counted, and what becomes of them
//! is for the operator to say.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};

use super::{Counted, Key, Policy, Uncounted};

/// How long a request waits for Redis, a new connection included.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long Redis isn't asked any more after it hasn't answered.
const PAUSE: Duration = Duration::from_secs(1);

/// GCRA: of each caller only the time is kept when all requests would be there again. Times are whole microseconds, which
/// Lua's numbers hold without loss for some centuries. Answers how many more have room, or in how long one has.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local one, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + one
local left = now + one * burst - full
if left < 0 then return {-1, -left} end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {math.floor(left / one), 0}
";

#[derive(Debug)]
pub struct Shared {
    client: Client,
    script: Script,
    /// What keys begin with: `shop:limit:`.
    prefix: String,
    connection: tokio::sync::Mutex<Option<MultiplexedConnection>>,
    uncounted: Uncounted,
    outage: Mutex<Option<Outage>>,
}

/// Redis hasn't answered since.
#[derive(Debug)]
struct Outage {
    next_try: Instant,
}

impl Shared {
    /// Fails for what is no URL of a Redis. Whether one is there turns out when it is first needed.
    pub fn open(url: &str, api: &str, uncounted: Uncounted) -> anyhow::Result<Shared> {
        let client = Client::open(url).context("RATE_LIMIT_URL must be like redis://:PASSWORD@HOST:PORT/0")?;
        Ok(Shared {
            client,
            script: Script::new(SCRIPT),
            prefix: format!("{api}:limit:"),
            connection: tokio::sync::Mutex::default(),
            uncounted,
            outage: Mutex::default(),
        })
    }

    /// `None`: it couldn't be counted.
    pub async fn count(&self, policy: &Policy, key: &Key) -> Option<Counted> {
        if !self.may_ask() {
            return None;
        }
        match tokio::time::timeout(PATIENCE, self.ask(policy, key)).await {
            Ok(Ok(counted)) => {
                self.answered();
                Some(counted)
            }
            Ok(Err(error)) => self.failed(&error.to_string()).await,
            Err(_) => self.failed("it doesn't answer in time").await,
        }
    }

    async fn ask(&self, policy: &Policy, key: &Key) -> RedisResult<Counted> {
        let mut connection = self.connection().await?;
        let name = format!("{}{}:{:032x}", self.prefix, policy.name, u128::from_be_bytes(*key));
        let one = u64::try_from(policy.rate.interval().as_micros()).unwrap_or(u64::MAX).max(1);
        let mut asked = self.script.key(name);
        let (left, wait): (i64, u64) = asked.arg(one).arg(policy.rate.requests).invoke_async(&mut connection).await?;
        Ok(u32::try_from(left).map_or(Counted::Full(Duration::from_micros(wait)), Counted::Room))
    }

    /// The one connection, which carries the requests of all callers at once.
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &*connection {
            return Ok(open.clone());
        }
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE));
        let config = config.set_response_timeout(Some(PATIENCE));
        let open = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(connection.insert(open).clone())
    }

    /// During an outage one request after each pause finds out whether it is over.
    fn may_ask(&self) -> bool {
        match &mut *self.outage() {
            None => true,
            Some(outage) if Instant::now() < outage.next_try => false,
            Some(outage) => {
                outage.next_try = Instant::now() + PAUSE;
                true
            }
        }
    }

    fn answered(&self) {
        if self.outage().take().is_some() {
            tracing::info!("Redis answers again: rates are counted");
        }
    }

    /// Says so once, however many requests find out.
    async fn failed(&self, error: &str) -> Option<Counted> {
        self.connection.lock().await.take();
        if self.outage().replace(Outage { next_try: Instant::now() + PAUSE }).is_none() {
            let meanwhile = match self.uncounted {
                Uncounted::Open => "let through",
                Uncounted::Closed => "refused",
            };
            tracing::error!(error, "rates can't be counted in Redis: requests are {meanwhile} until it answers");
        }
        None
    }

    fn outage(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
