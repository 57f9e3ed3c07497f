//! PostgreSQL behind a pool of connections. A job is a future that runs where its caller waits, on a connection of its own
//! and in one transaction.
//!
//! A read is one round trip: BEGIN, the time that is left and the first statement travel together, and nobody waits for
//! the end of a transaction that has nothing to keep. A read of one statement goes without a transaction: whoever waits
//! for it cancels it when time is up. A write is two round trips, the second being its COMMIT; one of a single statement
//! is that statement alone. Statements that don't need each other's answers travel together. Knows nothing about resources.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use deadpool_postgres::Pool;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use super::{Dialect, Job, Output, Store, StoreError};
use crate::{descriptor::Migration, error::ApiError};

mod constraints;
mod error;
mod lease;
mod migrate;
mod open;
mod tls;
mod tx;
mod url;
mod values;

use constraints::Constraints;
use lease::Lease;
use open::Opened;
use tls::Connector;
use tx::{Access, End, PostgresTx};

/// How often a job runs at most when its transaction keeps losing against others.
const ATTEMPTS: u32 = 5;
/// The longest pause before the second attempt; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(10);
/// The server ends a statement at the deadline; this much later we stop waiting for it to do so.
const GRACE: Duration = Duration::from_millis(100);

/// How a store is sized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Connections, for reads and writes together.
    pub connections: usize,
    /// Requests that may wait for a connection.
    pub queue: usize,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// The server itself ends what runs longer, should nobody be left to cancel it.
    pub statement_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            connections: 10,
            queue: 1024,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
        }
    }
}

/// How statements reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statements {
    /// Prepared once per connection.
    Prepared,
    /// Parsed anew each time, for a pooler that gives every transaction another connection (`?pgbouncer=true`, or found out).
    Unnamed,
}

/// A PostgreSQL database, open until [`Store::close`].
pub struct PostgresStore {
    pool: Pool,
    statements: Statements,
    connector: Connector,
    constraints: Constraints,
    /// One permit for every request that has a connection or waits for one.
    turns: Semaphore,
    /// All of them.
    capacity: u32,
    closing: AtomicBool,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host/database?sslmode=verify-full&pgbouncer=true`.
    pub async fn connect(url: &str, options: Options) -> anyhow::Result<PostgresStore> {
        let Opened { pool, statements, connector } = open::open(url, &options).await?;
        let capacity = u32::try_from(options.connections + options.queue).unwrap_or(u32::MAX >> 3);
        Ok(PostgresStore {
            pool,
            statements,
            connector,
            constraints: Constraints::default(),
            turns: Semaphore::new(capacity as usize),
            capacity,
            closing: AtomicBool::new(false),
        })
    }

    /// Runs a job to its end, again if its transaction lost. Dropping the future cancels what it runs.
    async fn run(&self, access: Access, mut job: Job, deadline: Instant) -> Result<Output, ApiError> {
        let _turn = self.turn()?;
        if Instant::now() >= deadline {
            return Err(StoreError::Deadline.into());
        }
        let end = if access.is_bare() { deadline } else { deadline + GRACE };
        let answer = pin!(async {
            for attempt in 1.. {
                match self.attempt(access, &mut job, deadline).await? {
                    End::Lost(_) if attempt < ATTEMPTS => Box::pin(tokio::time::sleep(pause(attempt))).await,
                    End::Lost(result) | End::Final(result) => return result,
                }
            }
            unreachable!("the last attempt returns")
        });
        tokio::time::timeout_at(end.into(), answer).await.unwrap_or_else(|_| Err(StoreError::Deadline.into()))
    }

    fn turn(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        if self.closing.load(Ordering::Relaxed) {
            return Err(error::closed());
        }
        self.turns.try_acquire().map_err(|error| match error {
            TryAcquireError::NoPermits => StoreError::Unavailable("too many requests wait for the database".to_owned()),
            TryAcquireError::Closed => error::closed(),
        })
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        let object = self.pool.get().await.map_err(error::of_pool)?;
        Ok(Lease::new(object, self.connector.clone()))
    }

    async fn attempt(&self, access: Access, job: &mut Job, deadline: Instant) -> Result<End, StoreError> {
        let lease = self.lease().await?;
        let mut tx = PostgresTx::new(&lease, access, deadline, self.statements, &self.constraints);
        // A panic's own message is on stderr, and a lost connection costs less than a torn transaction.
        let result = AssertUnwindSafe(async { job(&mut tx).await }).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(ApiError::internal("a job panicked")));
        let (end, fate) = tx.end(result).await;
        lease.end(fate);
        Ok(end)
    }
}

/// Different for each of those that got in each other's way.
fn pause(attempt: u32) -> Duration {
    let longest = PAUSE * 2_u32.saturating_pow(attempt - 1);
    let random = uuid::Uuid::new_v4().as_bytes()[0];
    longest * u32::from(random) / 255
}

impl Store for PostgresStore {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.run(Access::Read, job, deadline))
    }

    fn read_one(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.run(Access::ReadOne, job, deadline))
    }

    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.run(Access::Write, job, deadline))
    }

    fn write_one(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.run(Access::WriteOne, job, deadline))
    }

    fn migrate(&self, migrations: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let _turn = self.turn().map_err(error::to_anyhow)?;
            let lease = self.lease().await.map_err(error::to_anyhow)?;
            let migrated = migrate::migrate(&lease, migrations).await;
            // Its transaction may still be open.
            lease.end(if migrated.is_ok() { error::Fate::Usable } else { error::Fate::Lost });
            migrated
        })
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let _turn = self.turn()?;
            let ready = tokio::time::timeout(Duration::from_secs(1), async {
                let lease = self.lease().await?;
                let ready = open::check_writable(&lease).await;
                lease.end(if ready.is_ok() { error::Fate::Usable } else { error::Fate::Lost });
                ready
            });
            let ready = ready.await;
            if !matches!(ready, Ok(Ok(()))) {
                // Whatever took this connection may have taken the others that wait for their next job.
                self.pool.retain(|_, _| false);
            }
            ready.unwrap_or_else(|_| Err(StoreError::Unavailable("the database takes too long".to_owned())))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.closing.store(true, Ordering::Relaxed);
            // Everybody's turn is over once all permits are here.
            if self.turns.acquire_many(self.capacity).await.is_ok() {
                self.turns.close();
                self.pool.close();
            }
        })
    }
}
