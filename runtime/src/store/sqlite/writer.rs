//! The one thread that writes. It takes all waiting requests into one transaction, because a commit costs a flush of the
//! disk whatever its size, and answers them after the commit.
//!
//! Each request runs within a savepoint, so that a failure stays its own. Never is a write interrupted: SQLite would roll
//! back the whole group. Some errors (a full disk, `ON CONFLICT ROLLBACK`) do that anyway; then the one that ran into it
//! fails, and the others run again, each in a transaction of its own.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rusqlite::Connection;

use super::{
    Request, Shared,
    error::{translate, translate_for_group},
    lock,
    tx::{Access, SqliteTx, control, roll_back},
};
use crate::{
    error::ApiError,
    store::{Output, StoreError},
};

/// How many requests share a transaction at most.
const GROUP: usize = 64;
/// A group that has run this long takes nobody else in.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// A job that holds the writer longer than this is worth a line in the log.
const SLOW: Duration = Duration::from_millis(5);

/// A request of a group and what came of it.
struct Member {
    request: Request,
    /// `None` as long as the job hasn't run, and when it was skipped because nobody waits for it.
    result: Option<Result<Output, ApiError>>,
}

enum Ran {
    /// The result stands, whether good or bad, and the group's transaction goes on.
    Contained,
    /// The group's transaction is gone, or in a state that nobody knows.
    Lost,
}

/// Runs write jobs until the store drops the queue's other end.
pub(super) fn serve(queue: Receiver<Request>, connection: Shared) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![Member::new(first)];
        group.extend(queue.try_iter().take(GROUP - 1).map(Member::new));
        run_group(&mut lock(&connection), group, Some(&queue));
    }
    check_point(&lock(&connection));
}

/// Moves all of the write-ahead log into the database, so that a copy of its one file is a copy of everything.
fn check_point(connection: &Connection) {
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    match busy {
        Ok(false) => {}
        Ok(true) => tracing::info!("another process uses the database, so its write-ahead log stays"),
        Err(error) => tracing::warn!(%error, "the write-ahead log couldn't be moved into the database"),
    }
}

/// Runs a group in one transaction and answers everybody. As long as there is room and time, what arrives on `queue`
/// joins.
fn run_group(connection: &mut Connection, mut group: Vec<Member>, queue: Option<&Receiver<Request>>) {
    roll_back(connection);
    if let Err(error) = control(connection, "BEGIN IMMEDIATE") {
        return fail_all(group, error);
    }
    let started = Instant::now();
    let mut next = 0;
    while next < group.len() {
        if let Ran::Lost = group[next].run(connection) {
            group.remove(next).answer();
            roll_back(connection);
            return group.into_iter().for_each(|member| run_group(connection, vec![member], None));
        }
        next += 1;
        if next == group.len() && next < GROUP && started.elapsed() < GROUP_TIME {
            group.extend(queue.and_then(|queue| queue.try_recv().ok()).map(Member::new));
        }
    }
    match control(connection, "COMMIT") {
        Ok(()) => group.into_iter().for_each(Member::answer),
        Err(error) => {
            roll_back(connection);
            fail_all(group, error);
        }
    }
}

fn fail_all(group: Vec<Member>, error: rusqlite::Error) {
    let error = ApiError::from(translate_for_group(error));
    for member in group {
        Member { result: Some(Err(error.clone())), ..member }.answer();
    }
}

impl Member {
    fn new(request: Request) -> Member {
        Member { request, result: None }
    }

    /// Runs the job within a savepoint, unless nobody waits for it or its deadline has passed.
    fn run(&mut self, connection: &mut Connection) -> Ran {
        if self.request.reply.is_closed() {
            return Ran::Contained;
        }
        if Instant::now() >= self.request.deadline {
            self.result = Some(Err(StoreError::Deadline.into()));
            return Ran::Contained;
        }
        if let Err(error) = control(connection, "SAVEPOINT request") {
            self.result = Some(Err(translate(error).into()));
            return Ran::Lost;
        }
        self.result = Some(self.run_job(connection));
        if connection.is_autocommit() {
            self.fail_if_good("a job passed over an error that rolled its transaction back");
            return Ran::Lost;
        }
        let ends: &[&str] = match self.result {
            Some(Ok(_)) => &["RELEASE request"],
            _ => &["ROLLBACK TO request", "RELEASE request"],
        };
        match ends.iter().try_for_each(|sql| control(connection, sql)) {
            Ok(()) => Ran::Contained,
            Err(error) => {
                self.fail_if_good(&format!("a savepoint couldn't be left: {error}"));
                Ran::Lost
            }
        }
    }

    fn run_job(&mut self, connection: &mut Connection) -> Result<Output, ApiError> {
        let _entered = self.request.span.enter();
        let started = Instant::now();
        let result = SqliteTx::new(connection, Access::Write, self.request.deadline).run(&mut self.request.job);
        let elapsed = started.elapsed();
        if elapsed > SLOW {
            tracing::warn!(?elapsed, "a job held up all other writes; do slow work outside the transaction");
        }
        result
    }

    fn fail_if_good(&mut self, cause: &str) {
        if let Some(Ok(_)) = self.result {
            self.result = Some(Err(ApiError::internal(cause)));
        }
    }

    fn answer(self) {
        if let Some(result) = self.result {
            // Whoever waited may have gone away meanwhile.
            let _ = self.request.reply.send(result);
        }
    }
}
