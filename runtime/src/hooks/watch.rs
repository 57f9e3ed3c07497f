//! Running a hook inside a transaction: what it mustn't do there becomes an error that names it.
//!
//! SQLite polls a job once, so a hook that waits for anything but its transaction couldn't go on. PostgreSQL could, while
//! other requests wait for the rows that it has locked. So on both it is the same error.

use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::runtime::Handle;

use super::{Access, Done};
use crate::{error::ApiError, service::Call, store::Dialect};

/// A hook that holds SQLite's one writer longer than this is worth a line in the log.
const SLOW: Duration = Duration::from_millis(5);

/// What hooks get of the request that they belong to.
#[derive(Clone)]
pub(crate) struct Origin {
    pub call: Call,
    /// So that on a thread of the database, too, timers and sockets can be made, if not waited for.
    runtime: Option<Handle>,
}

impl Origin {
    pub fn of(call: &Call) -> Origin {
        Origin { call: call.clone(), runtime: Handle::try_current().ok() }
    }

    /// `hook`: its name. `dialect` and `access`: of its transaction. `busy`: whether it waits for that.
    pub async fn watch<T>(
        &self,
        hook: &str,
        (dialect, access): (Dialect, Access),
        busy: &AtomicBool,
        work: Done<'_, T>,
    ) -> Result<T, ApiError> {
        let mut work = AssertUnwindSafe(work).catch_unwind();
        let mut spent = Duration::ZERO;
        let result = poll_fn(|context| {
            let _entered = self.runtime.as_ref().map(Handle::enter);
            let started = Instant::now();
            let polled = work.poll_unpin(context);
            spent += started.elapsed();
            match polled {
                Poll::Ready(Ok(result)) => Poll::Ready(result),
                // The panic's own hook has said where.
                Poll::Ready(Err(_)) => Poll::Ready(Err(ApiError::internal(format!("the hook {hook} panicked")))),
                Poll::Pending if busy.load(Ordering::Relaxed) => Poll::Pending,
                Poll::Pending => Poll::Ready(Err(ApiError::internal(format!(
                    "the hook {hook} waited for something other than its transaction; \
                     do that in a hook before the transaction, or after its commit"
                )))),
            }
        });
        let result = result.await;
        if (dialect, access) == (Dialect::Sqlite, Access::Write) && spent > SLOW {
            tracing::warn!(hook, ?spent, "a hook held up all other writes; do slow work before the transaction");
        }
        result
    }
}

/// A panic outside the transaction, as an error that names the hook.
pub(crate) async fn caught<T>(hook: &str, work: Done<'_, T>) -> Result<T, ApiError> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|_| Err(ApiError::internal(format!("the hook {hook} panicked"))))
}
