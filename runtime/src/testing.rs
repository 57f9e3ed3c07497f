//! A whole server for a test: in this process, with a database of its own in memory, on a free port.
//!
//! Knows nothing about how the test asks: there is a URL, for any client.

#![expect(clippy::panic, reason = "a test that gets no server fails by a panic")]

#[cfg(feature = "testing")]
mod client;
#[cfg(feature = "testing")]
mod scenario;

use std::{
    future::pending,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches};
use tokio::sync::oneshot;

#[cfg(feature = "testing")]
pub use self::scenario::{Sample, given, scenario};
use crate::{
    auth,
    descriptor::Api,
    hooks::Registry,
    options::{Cli, Grants, Options, Rates},
    principal::Caller,
    serving::Serving,
};

/// A server in development mode, with made-up secrets and the defaults of all other options, whatever the environment says.
/// Callers may call as often as they like.
///
/// It runs in threads of its own, so that tests may be async or not and have several of them, and ends when it is dropped,
/// without waiting for requests.
pub struct TestServer {
    api: &'static Api,
    options: Arc<Options>,
    address: SocketAddr,
    /// Dropped to stop it.
    running: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// Panics if it can't start, saying why.
    pub fn start(api: &'static Api, hooks: Registry) -> TestServer {
        start(api, hooks).unwrap_or_else(|error| panic!("the server can't start: {error:#}"))
    }

    /// `http://127.0.0.1:43210`: REST and gRPC are there, and GraphQL at `/graphql`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What shows that `caller` calls, for a day: the header `authorization` with `Bearer` and this behind it.
    ///
    /// Panics if nobody can be such a caller: the spec has no `auth`, or no such role, or ids of another form.
    pub fn token(&self, caller: Caller) -> String {
        let Caller { subject, roles, scopes, tenant } = caller;
        let grants = Grants { role: roles, scope: scopes, tenant, expires_in: None };
        auth::made_up_token(self.api, &self.options, &subject, &grants)
            .unwrap_or_else(|error| panic!("{subject} can't have a token: {error:#}"))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.running.take());
        // Had it panicked, that would have been told where it happened.
        self.thread.take().map(JoinHandle::join);
    }
}

fn start(api: &'static Api, hooks: Registry) -> anyhow::Result<TestServer> {
    let options = Arc::new(options(api)?);
    let (running, stopped) = oneshot::channel();
    let (started, address) = mpsc::channel();
    let theirs = options.clone();
    let serve = move || {
        let ended = serve(api, hooks, &theirs, stopped, |address| drop(started.send(Ok(address))));
        ended.unwrap_or_else(|error| drop(started.send(Err(error))));
    };
    let thread = thread::Builder::new().name(format!("{} under test", api.name)).spawn(serve)?;
    let address = address.recv().context("it panicked")??;
    Ok(TestServer { api, options, address, running: Some(running), thread: Some(thread) })
}

/// Until the other end of `stopped` is dropped.
fn serve(
    api: &'static Api,
    hooks: Registry,
    options: &Options,
    stopped: oneshot::Receiver<()>,
    started: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let serving = Serving::start(api, hooks, options).await?;
        started(serving.address()?);
        tokio::select! {
            () = serving.until(pending()) => {},
            _ = stopped => {},
        }
        Ok(())
    })
}

/// The command line of a server, without its twins in the environment.
fn command() -> clap::Command {
    Cli::command().mut_args(|argument| argument.env(None::<&str>))
}

fn options(api: &Api) -> anyhow::Result<Options> {
    let mut line = vec![
        api.name.to_owned(),
        "--dev".into(),
        "--listen-addr=127.0.0.1:0".into(),
        "--database-url=sqlite::memory:".into(),
    ];
    if cfg!(feature = "auth") && api.auth.is_some() {
        line.push(format!("--jwt-secret={}", auth::made_up_secret()));
    }
    let cli = Cli::from_arg_matches(&command().try_get_matches_from(line)?)?;
    Ok(Options { rates: Rates::Ignored, ..cli.options })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Mode;

    #[test]
    fn nothing_is_read_from_the_environment() {
        let named =
            |command: &clap::Command| command.get_arguments().filter(|argument| argument.get_env().is_some()).count();
        assert!(named(&Cli::command()) > 10);
        assert_eq!(named(&command()), 0);
    }

    #[test]
    fn secrets_are_made_up_where_there_are_tokens() {
        let api = Api { name: "shop", ..Api::BLANK };
        let options = options(&api).unwrap();
        assert_eq!((options.mode(), options.jwt_secret), (Mode::Development, None));
        assert_eq!(
            (options.listen_addr.as_str(), options.database_url.as_deref()),
            ("127.0.0.1:0", Some("sqlite::memory:"))
        );
    }
}
