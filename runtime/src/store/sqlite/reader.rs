//! A thread that runs read jobs, each in a snapshot of its own, which for a single statement SQLite makes by itself. A job whose deadline passes or whose caller goes away is
//! interrupted in the middle of its statement; only readers ever are.

use std::{
    sync::{Arc, Mutex},
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

/// The read that a connection is busy with, for its progress handler to look at.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<Option<Read>>>);

struct Read {
    deadline: Instant,
    reply: oneshot::Sender<Result<Output, ApiError>>,
}

impl Running {
    /// Makes a connection stop statements of a read that nobody waits for any more. Writes on it are left alone.
    pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<Running> {
        let running = Running::default();
        let watched = running.clone();
        connection.progress_handler(OPERATIONS_BETWEEN_LOOKS, Some(move || watched.is_pointless()))?;
        Ok(running)
    }

    fn is_pointless(&self) -> bool {
        lock(&self.0).as_ref().is_some_and(|read| Instant::now() >= read.deadline || read.reply.is_closed())
    }
}

/// Runs read jobs until the store drops the queue's other end.
pub(super) fn serve(queue: Receiver<Request>, connection: Shared, running: Running) {
    while let Ok(request) = queue.recv() {
        if !request.reply.is_closed() {
            read(&mut lock(&connection), &running, request);
        }
    }
}

fn read(connection: &mut Connection, running: &Running, request: Request) {
    let Request { mut job, access, deadline, reply, span } = request;
    let _entered = span.entered();
    *lock(&running.0) = Some(Read { deadline, reply });
    let result = in_snapshot(connection, &mut job, access, deadline);
    // From here on nothing may be interrupted: a lost ROLLBACK would leave the snapshot open.
    let read = lock(&running.0).take();
    roll_back(connection);
    if let Some(Read { reply, .. }) = read {
        // Whoever waited may have gone away meanwhile.
        let _ = reply.send(result);
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
