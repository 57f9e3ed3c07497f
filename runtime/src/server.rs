//! The accept loop: HTTP/1.1 and HTTP/2 on one port, header and keep-alive timers, and an end that loses nothing.
//!
//! Our own over hyper-util, because `axum::serve` has no timers (a client could hold a connection by sending its head one
//! byte a minute) and no way to give up after a grace period.

mod first_bytes;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tower::ServiceExt;

use first_bytes::FirstBytes;

use crate::limit::Peer;

/// A request's head must arrive within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// An HTTP/2 peer that doesn't answer a ping within this time is gone.
const PING: Duration = Duration::from_secs(20);
/// When no file descriptor is left, accepting again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Shorter than nearly all timers of requests.
const PULSE: Duration = Duration::from_secs(1);

pub async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("can't listen on {address} (set LISTEN_ADDR)"))
}

/// What the accept loop enforces.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Clients beyond them wait in the system's backlog.
    pub connections: usize,
    /// How long running requests may go on once the server is told to stop.
    pub grace: Duration,
}

/// Serves until `stop` completes, then lets running requests finish.
pub async fn serve(listener: TcpListener, routes: Router, stop: impl Future<Output = ()>, limits: Limits) {
    let builder = builder();
    let room = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
    let connections = GracefulShutdown::new();
    // Whenever a timer becomes the earliest of all, tokio wakes a thread by a system call. Beside this one, those that
    // come with every request never are.
    let mut pulse = JoinSet::new();
    pulse.spawn(async {
        loop {
            tokio::time::sleep(PULSE).await;
        }
    });
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            accepted = accept(&listener, &room) => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "can't accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let routes = routes.clone().map_request(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let service = TowerToHyperService::new(routes);
        let connection =
            builder.serve_connection(TokioIo::new(FirstBytes::within(HEAD_TIMEOUT, stream)), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.grace, connections.shutdown()).await.is_err() {
        tracing::warn!(
            seconds = limits.grace.as_secs(),
            "some requests were still running when the grace period ended"
        );
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    if room.available_permits() == 0 {
        tracing::warn!("as many clients are connected as may be (MAX_CONNECTIONS): others wait");
    }
    let place = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(256);
    builder
}

/// Completes on SIGTERM or Ctrl-C. They are caught from this call on, not only once someone waits.
#[cfg(unix)]
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("can't catch SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("can't catch SIGTERM")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
        }
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
