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
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches};
use tokio::{runtime::Handle, sync::oneshot};

#[cfg(feature = "testing")]
pub use self::scenario::{Sample, given, scenario};
use crate::{
    auth,
    codec::json::{JsonForm, JsonInput},
    descriptor::Api,
    hooks::Registry,
    options::{Cli, Grants, Options, Rates},
    principal::{Caller, Principal},
    service::{Call, Computed, Service},
    serving::Serving,
    value::id_text,
};

/// A row that takes longer doesn't come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server in development mode, with made-up secrets and the defaults of all other options, whatever the environment says.
/// Callers may call as often as they like.
///
/// It runs in threads of its own, so that tests may be async or not and have several of them, and ends when it is dropped,
/// without waiting for requests.
pub struct TestServer {
    api: &'static Api,
    options: Arc<Options>,
    started: Started,
    /// Dropped to stop it.
    running: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a server is reached that runs.
struct Started {
    address: SocketAddr,
    service: Arc<Service>,
    /// Of its threads.
    runtime: Handle,
}

impl TestServer {
    /// Panics if it can't start, saying why.
    pub fn start(api: &'static Api, hooks: Registry) -> TestServer {
        start(api, hooks).unwrap_or_else(|error| panic!("the server can't start: {error:#}"))
    }

    /// `http://127.0.0.1:43210`: REST and gRPC are there, and GraphQL at `/graphql`.
    pub fn url(&self) -> String {
        format!("http://{}", self.started.address)
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

    /// Creates a row whoever may create such rows, and tells its id: one that comes from elsewhere, as tenants do. All else
    /// is as if `caller` created it: it is of their tenant, keeps the rules, and runs hooks.
    ///
    /// `resource` is its name in the spec, `row` what a create over REST would send, in JSON. Panics if that is refused.
    pub fn seed(&self, caller: &Caller, resource: &str, row: &str) -> String {
        let target = self.api.resources.iter().find(|each| each.name == resource);
        let target = target.unwrap_or_else(|| panic!("there is no resource {resource}"));
        let row = serde_json::from_str(row).unwrap_or_else(|error| panic!("{error}: {row}"));
        let (service, principal) = (self.started.service.clone(), Principal::Caller(Arc::new(caller.clone())));
        let (done, record) = mpsc::channel();
        // It needs the clock of the server's threads, and the caller's may be one of another runtime.
        self.started.runtime.spawn(async move {
            let deadline = Instant::now() + PATIENCE;
            let call = Call {
                principal,
                request_id: "seed".into(),
                deadline,
                computed: Computed::Later,
                meter: None,
                notices: None,
            };
            drop(done.send(service.seed(&call, target, &JsonInput::from_body(row, JsonForm::Rest)).await));
        });
        match record.recv() {
            Ok(Ok(record)) => id_text(target.id(), record.id()),
            Ok(Err(error)) => panic!("no {resource} comes to be: {error:?}"),
            Err(_) => panic!("no {resource} comes to be: it panicked"),
        }
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
    let (send, started) = mpsc::channel();
    let theirs = options.clone();
    let serve = move || {
        let ended = serve(api, hooks, &theirs, stopped, |started| drop(send.send(Ok(started))));
        ended.unwrap_or_else(|error| drop(send.send(Err(error))));
    };
    let thread = thread::Builder::new().name(format!("{} under test", api.name)).spawn(serve)?;
    let started = started.recv().context("it panicked")??;
    Ok(TestServer { api, options, started, running: Some(running), thread: Some(thread) })
}

/// Until the other end of `stopped` is dropped.
fn serve(
    api: &'static Api,
    hooks: Registry,
    options: &Options,
    stopped: oneshot::Receiver<()>,
    started: impl FnOnce(Started),
) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let serving = Serving::start(api, hooks, options).await?;
        let (address, service) = (serving.address()?, serving.service());
        started(Started { address, service, runtime: Handle::current() });
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
