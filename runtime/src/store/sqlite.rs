//! SQLite behind a few threads: readers, each with its own connection, and one writer that groups commits. Requests reach
//! them through bounded queues; a full queue is an answer (UNAVAILABLE), not a wait.
//!
//! A look-up by id takes a few microseconds, and waking a reader as many again. So it borrows an idle reader's connection
//! and runs where it is asked for. One that works for longer than [`PATIENCE`] is interrupted, and a reader runs it anew; one
//! that waits for a slow disk can't be, but sends those behind it to the readers.
//!
//! Knows nothing about resources: it runs jobs. A database in memory has one connection, which its reader and its writer
//! take turns with.

use std::{
    future::Future,
    num::NonZero,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Dialect, Job, Output, Store, StoreError};
use crate::{
    descriptor::{Migration, Type},
    error::{ApiError, Code},
};

mod error;
mod migrate;
mod open;
mod reader;
mod tx;
mod values;
mod writer;

use open::Location;
use reader::Reader;
use tx::Access;

/// How long a look-up may hold up whoever asked for it, and all others on their thread.
const PATIENCE: Duration = Duration::from_millis(2);
/// After one that took longer (of a large row, from a slow disk), so many go to the readers.
const DETOURS: u32 = 100;

/// How a store is sized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads and connections that read.
    pub readers: usize,
    /// Requests that may wait for a reader, and as many for the writer.
    pub queue: usize,
    /// How long to wait for another process that writes to the same file.
    pub busy_timeout: Duration,
}

impl Default for Options {
    /// A reader per core, at least two.
    fn default() -> Options {
        let cores = thread::available_parallelism().map_or(2, NonZero::get);
        Options { readers: cores.max(2), queue: 1024, busy_timeout: Duration::from_secs(5) }
    }
}

/// An SQLite database, open until [`Store::close`] or until it is dropped.
pub struct SqliteStore {
    /// `None` once the store is closed.
    queues: RwLock<Option<Queues>>,
    /// How many look-ups don't run where they are asked for, because one took too long there.
    detours: AtomicU32,
    threads: Mutex<Threads>,
    /// The writer's connection, for migrations; its thread owns it.
    connection: Weak<Mutex<Connection>>,
    busy_timeout: Duration,
}

struct Queues {
    reads: Sender<Request>,
    writes: Sender<Request>,
    /// Whose connections look-ups borrow.
    readers: Vec<Reader>,
}

#[derive(Default)]
struct Threads {
    readers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

/// A job on its way to a thread.
struct Request {
    job: Job,
    access: Access,
    deadline: Instant,
    /// Closed when the caller goes away.
    reply: oneshot::Sender<Result<Output, ApiError>>,
    /// What the job logs belongs to the caller's request.
    span: tracing::Span,
}

type Shared = Arc<Mutex<Connection>>;

impl SqliteStore {
    /// Opens `sqlite:./data/shop.db`, `sqlite::memory:` or a plain path. A file and its folder are created if need be.
    pub fn open(url_or_path: &str, options: Options) -> anyhow::Result<SqliteStore> {
        let location = Location::parse(url_or_path)?;
        let first = Reader::new(location.connect(options.busy_timeout)?)?;
        let connection = first.connection.clone();
        let readers = match &location {
            Location::Memory => vec![first],
            Location::File(_) => {
                let more = (0..options.readers.max(1)).map(|_| Reader::new(location.connect(options.busy_timeout)?));
                more.collect::<anyhow::Result<_>>()?
            }
        };
        let (reads, read_queue) = bounded(options.queue.max(1));
        let (writes, write_queue) = bounded(options.queue.max(1));
        let mut threads = Threads::default();
        for reader in &readers {
            threads.start_reader(read_queue.clone(), reader.clone())?;
        }
        let weak = Arc::downgrade(&connection);
        threads.start_writer(write_queue, connection)?;
        Ok(SqliteStore {
            queues: RwLock::new(Some(Queues { reads, writes, readers })),
            detours: AtomicU32::new(0),
            threads: Mutex::new(threads),
            connection: weak,
            busy_timeout: options.busy_timeout,
        })
    }

    /// Queues a job and waits for its answer. Dropping the future takes the job back, or interrupts it if it reads.
    async fn submit(&self, access: Access, job: Job, deadline: Instant) -> Result<Output, ApiError> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Request { job, access, deadline, reply, span: tracing::Span::current() })?;
        // A thread drops a reply only when it is torn down.
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    /// Runs a look-up at once if a connection is idle. `None`: a reader is to run it.
    fn look_up_here(&self, job: &mut Job, deadline: Instant) -> Option<Result<Output, ApiError>> {
        if self.detours.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            return None;
        }
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        let started = Instant::now();
        let end = deadline.min(started + PATIENCE);
        let result = queues.as_ref()?.readers.iter().find_map(|reader| reader.read_if_idle(job, end))?;
        if started.elapsed() > PATIENCE {
            self.detours.store(DETOURS, Relaxed);
        }
        let interrupted = matches!(&result, Err(error) if error.code == Code::DeadlineExceeded);
        (!interrupted).then_some(result)
    }

    fn enqueue(&self, request: Request) -> Result<(), StoreError> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        let queues = queues.as_ref().ok_or_else(closed)?;
        let sender = match request.access {
            Access::ReadOne | Access::Read => &queues.reads,
            Access::Write => &queues.writes,
        };
        sender.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("too many requests wait for the database".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_owned())
}

impl Threads {
    fn start_reader(&mut self, queue: Receiver<Request>, reader: Reader) -> anyhow::Result<()> {
        let thread = start(format!("sqlite-reader-{}", self.readers.len()), move || reader.serve(queue))?;
        self.readers.push(thread);
        Ok(())
    }

    fn start_writer(&mut self, queue: Receiver<Request>, connection: Shared) -> anyhow::Result<()> {
        self.writer = Some(start("sqlite-writer".to_owned(), move || writer::serve(queue, connection))?);
        Ok(())
    }

    /// Lets the readers finish first: the writer's last act, the checkpoint, needs the file for itself.
    fn join(self, queues: Queues) {
        drop((queues.reads, queues.readers));
        self.readers.into_iter().for_each(join);
        drop(queues.writes);
        self.writer.into_iter().for_each(join);
    }
}

fn start(name: String, body: impl FnOnce() + Send + 'static) -> anyhow::Result<JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(body).context("starting a database thread")
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a database thread panicked");
    }
}

/// A panic never leaves a connection in a state that the next BEGIN doesn't notice.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for SqliteStore {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.submit(Access::Read, job, deadline))
    }

    fn read_one(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.submit(Access::ReadOne, job, deadline))
    }

    fn look_up(&self, mut job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(async move {
            match self.look_up_here(&mut job, deadline) {
                Some(result) => result,
                None => self.submit(Access::ReadOne, job, deadline).await,
            }
        })
    }

    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(self.submit(Access::Write, job, deadline))
    }

    fn migrate(&self, migrations: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let connection = self.connection.upgrade().context("the database is closed")?;
            let busy_timeout = self.busy_timeout;
            blocking(move || migrate::migrate(&lock(&connection), migrations, busy_timeout)).await?
        })
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let job: Job = Box::new(|tx| {
                Box::pin(async move {
                    // Unlike `SELECT 1`, this looks into the file.
                    tx.query("SELECT count(*) FROM sqlite_schema", &[], &[Type::Int64]).await?;
                    Ok(Box::new(()) as Output)
                })
            });
            let deadline = Instant::now() + Duration::from_secs(1);
            self.read_one(job, deadline).await.map(drop).map_err(|error| StoreError::Unavailable(error.message))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let queues = self.queues.write().unwrap_or_else(PoisonError::into_inner).take();
            let Some(queues) = queues else { return };
            let threads = std::mem::take(&mut *lock(&self.threads));
            if let Err(error) = blocking(move || threads.join(queues)).await {
                tracing::error!(%error, "closing the database failed");
            }
        })
    }
}

fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = anyhow::Result<T>> {
    let task = tokio::task::spawn_blocking(work);
    async move { task.await.context("a database task was cut short") }
}
