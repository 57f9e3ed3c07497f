//! A connection while a job has it. Whoever drops it in the middle (a caller who went away, a deadline) leaves a statement
//! running and a transaction open, so the server is told to stop and the pool never sees that connection again.

use std::ops::Deref;

use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::NoTls;

use super::error::Fate;

pub(super) struct Lease(Option<Object>);

impl Lease {
    pub(super) fn new(object: Object) -> Lease {
        Lease(Some(object))
    }

    /// Returns the connection to its pool, or closes it.
    pub(super) fn end(mut self, fate: Fate) {
        if let (Some(object), Fate::Lost) = (self.0.take(), fate) {
            drop(Object::take(object));
        }
    }
}

impl Deref for Lease {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.0.as_ref().unwrap_or_else(|| unreachable!("a lease has its connection until its end"))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.0.take() else { return };
        let client = Object::take(object);
        let cancel = client.cancel_token();
        // Without a runtime there is nobody to send it; closing the socket must do.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Closed first, the server's process might be another client's when the message arrives.
                if let Err(error) = cancel.cancel_query(NoTls).await {
                    tracing::warn!(%error, "a statement that nobody waits for couldn't be cancelled");
                }
                drop(client);
            });
        }
    }
}
