//! A thread that runs read jobs, each in a snapshot of its own, which for a single statement SQLite makes by itself. A job
//! whose deadline passes or whose caller goes away is interrupted in the middle of its statement; only readers ever are.

use std::{
    sync::{Arc, Mutex, TryLockError},
    time::Instant,
};

use crossbeam_channel::Receiver;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    Request, Shared,
    error::translate,
    lock,
    tx::{Access, SqliteTx, control, roll_back},
};
use crate::{
    error::ApiError,
    store::{Job, Output, StoreError},
};

/// SQLite's virtual machine looks up this often, some tens of microseconds apart.
const OPERATIONS_BETWEEN_LOOKS: i32 = 4096;

/// A connection that reads. Its thread has it while it runs a job; in between, others may borrow it.
#[derive(Clone)]
pub(super) struct Reader {
    pub connection: Shared,
    running: Running,
}

/// The read that a connection is busy with, for its progress handler to look at.
type Running = Arc<Mutex<Option<Read>>>;

struct Read {
    deadline: Instant,
    /// `None`: whoever asked is held up by it, so they can't go away.
    reply: Option<oneshot::Sender<Result<Output, ApiError>>>,
}

impl Read {
    fn is_pointless(&self) -> bool {
        Instant::now() >= self.deadline || self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }
}

impl Reader {
    /// Makes a connection stop statements of a read that nobody waits for any more. Writes on it are left alone.
    pub(super) fn new(mut connection: Connection) -> anyhow::Result<Reader> {
        let running = Running::default();
        let watched = running.clone();
        let is_pointless = move || lock(&watched).as_ref().is_some_and(Read::is_pointless);
        connection.progress_handler(OPERATIONS_BETWEEN_LOOKS, Some(is_pointless))?;
        Ok(Reader { connection: Arc::new(Mutex::new(connection)), running })
    }

    /// Runs read jobs until the store drops the queue's other end.
    pub(super) fn serve(self, queue: Receiver<Request>) {
        while let Ok(Request { mut job, access, deadline, reply, span }) = queue.recv() {
            if reply.is_closed() {
                continue;
            }
            let _entered = span.entered();
            let read = Read { deadline, reply: Some(reply) };
            let (result, read) = self.read(&mut lock(&self.connection), read, &mut job, access);
            if let Some(reply) = read.and_then(|read| read.reply) {
                // Whoever waited may have gone away meanwhile.
                let _ = reply.send(result);
            }
        }
    }

    /// Runs a job of one statement on the caller's thread, unless the connection is busy.
    pub(super) fn read_if_idle(&self, job: &mut Job, deadline: Instant) -> Option<Result<Output, ApiError>> {
        let mut connection = match self.connection.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let (result, _) = self.read(&mut connection, Read { deadline, reply: None }, job, Access::ReadOne);
        Some(result)
    }

    fn read(
        &self,
        connection: &mut Connection,
        read: Read,
        job: &mut Job,
        access: Access,
    ) -> (Result<Output, ApiError>, Option<Read>) {
        let deadline = read.deadline;
        *lock(&self.running) = Some(read);
        let result = in_snapshot(connection, job, access, deadline);
        // From here on nothing may be interrupted: a lost ROLLBACK would leave the snapshot open.
        let read = lock(&self.running).take();
        roll_back(connection);
        (result, read)
    }
}

fn in_snapshot(
    connection: &mut Connection,
    job: &mut Job,
    access: Access,
    deadline: Instant,
) -> Result<Output, ApiError> {
    if Instant::now() >= deadline {
        return Err(StoreError::Deadline.into());
    }
    if access == Access::Read {
        control(connection, "BEGIN DEFERRED").map_err(translate)?;
    }
    SqliteTx::new(connection, access, deadline).run(job)
}
