//! A connection while a job has it. Whoever drops it in the middle (a caller who went away, a deadline) leaves a statement
//! running and a transaction open, so the server is told to stop and the pool never sees that connection again.

use std::{ops::Deref, pin::pin, time::Duration};

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::FutureExt;

use super::{error::Fate, tls::Connector};

/// How often the server is told to stop.
const CANCELLATIONS: u32 = 20;
/// How long it may take to do so.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long it may take to reach it.
const REACH: Duration = Duration::from_secs(5);

pub(super) struct Lease {
    object: Option<Object>,
    /// Whoever cancels connects once more.
    connector: Connector,
}

impl Lease {
    pub(super) fn new(object: Object, connector: Connector) -> Lease {
        Lease { object: Some(object), connector }
    }

    /// Returns the connection to its pool, or closes it.
    pub(super) fn end(mut self, fate: Fate) {
        if let (Some(object), Fate::Lost) = (self.object.take(), fate) {
            drop(Object::take(object));
        }
    }
}

impl Deref for Lease {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.object.as_ref().unwrap_or_else(|| unreachable!("a lease has its connection until its end"))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        let client = Object::take(object);
        // Without a runtime there is nobody to send it; closing the socket must do.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(cancel(client, self.connector.clone()));
        }
    }
}

/// Cancels until the connection has nothing left to do: a cancellation that comes between two statements ends neither. Only
/// then is it closed; earlier, its process might already be another client's when the message arrives.
async fn cancel(client: ClientWrapper, connector: Connector) {
    let token = client.cancel_token();
    let mut idle = pin!(client.batch_execute("ROLLBACK"));
    // The first poll puts it into the connection's queue, behind everything else.
    let mut ended = idle.as_mut().now_or_never().is_some();
    for _ in 0..CANCELLATIONS {
        if ended {
            return;
        }
        let told = tokio::time::timeout(REACH, token.cancel_query(connector.clone())).await;
        if !matches!(told, Ok(Ok(()))) {
            return tracing::warn!(?told, "a statement that nobody waits for couldn't be cancelled");
        }
        ended = tokio::time::timeout(PATIENCE, &mut idle).await.is_ok();
    }
    tracing::warn!("a statement that nobody waits for goes on although it was cancelled");
}
