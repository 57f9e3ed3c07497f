//! The life of a generated server: options, log, database, migrations, routes, listening, draining.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use clap::{CommandFactory, FromArgMatches};

use crate::{
    auth,
    cursor::CursorKey,
    database,
    descriptor::Api,
    edge::{self, Callers, Limits},
    hooks::Registry,
    limit::{Limiter, Proxies},
    log::Log,
    options::{Cli, Command, Grants, KeysCommand, LogFormat, Mode, Options, without_password},
    server,
    service::Service,
    store::{Dialect, Store},
};

/// Between "not ready" and the end of accepting, so that load balancers look away first.
const DRAIN: Duration = Duration::from_millis(200);

/// What a server says whatever RUST_LOG hides: scripts read from it where to ask.
const ALWAYS: &str = "listening=info";

/// `main` of a generated server: reads the command line and runs until told to stop.
pub fn run(api: &'static Api, hooks: Registry) -> ExitCode {
    let command = Cli::command().name(api.name).about(api.title);
    let cli = match Cli::from_arg_matches(&command.get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match execute(api, hooks, &cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn execute(api: &'static Api, hooks: Registry, cli: &Cli) -> anyhow::Result<()> {
    if cli.options.print_config {
        print!("{}", cli.options.print(api.name));
        return Ok(());
    }
    if let Some(Command::Migrate { print: true }) = cli.command {
        print!("{}", migrations(api, database::dialect(&cli.options.database_url(api.name))?));
        return Ok(());
    }
    if let Some(Command::Token { sub, grants }) = &cli.command {
        println!("{}", token(api, &cli.options, sub, grants)?);
        return Ok(());
    }
    let log = start_log(&cli.options)?;
    if cli.options.mode() == Mode::Production {
        std::panic::set_hook(Box::new(log_panic));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start the runtime")?;
    let ended = runtime.block_on(async {
        match &cli.command {
            Some(Command::Token { .. }) => unreachable!("it was made above"),
            Some(Command::Keys(command)) => keys(api, &cli.options, command).await,
            Some(Command::Migrate { .. }) => migrate(api, &cli.options).await,
            None | Some(Command::Serve) => serve(api, hooks, &cli.options).await,
        }
    });
    log.write_out();
    ended
}

#[cfg(feature = "auth")]
fn token(api: &Api, options: &Options, subject: &str, grants: &Grants) -> anyhow::Result<String> {
    crate::auth::mint::token(api, options, subject, grants)
}

#[cfg(not(feature = "auth"))]
fn token(_: &Api, _: &Options, _: &str, _: &Grants) -> anyhow::Result<String> {
    bail!("there are no tokens: this program was built without the feature `auth`")
}

fn start_log(options: &Options) -> anyhow::Result<Log> {
    use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};
    let filter = EnvFilter::try_new(&options.log).with_context(|| format!("can't read RUST_LOG `{}`", options.log))?;
    let filter = filter.add_directive(ALWAYS.parse().context("the directive is well-formed")?);
    // Once nobody reads stderr any more, there is no place left to complain: the attempt would panic in every request.
    let log = Log::to(std::io::stderr()).context("can't start the log")?;
    let format = fmt().with_env_filter(filter).with_target(false).with_writer(log.clone()).log_internal_errors(false);
    match options.log_format {
        LogFormat::Json => format.json().flatten_event(true).finish().init(),
        LogFormat::Text => format.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).finish().init(),
    }
    Ok(log)
}

/// A panic's text may quote what was being read or written, unless it is a literal of the program; its place never does.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let text = panic.payload().downcast_ref::<&str>().copied().unwrap_or("(its text is shown in development mode)");
    tracing::error!(place, text, "panicked");
}

fn migrations(api: &Api, dialect: Dialect) -> String {
    let text = |migration: &crate::descriptor::Migration| match dialect {
        Dialect::Sqlite => format!("-- {}\n{}", migration.name, migration.sqlite),
        Dialect::Postgres => format!("-- {}\n{}", migration.name, migration.postgres),
    };
    all_migrations(api).iter().map(text).collect::<Vec<_>>().join("\n")
}

/// The spec's, and the runtime's own for what the spec asks for.
fn all_migrations(api: &Api) -> Vec<crate::descriptor::Migration> {
    let own = api.auth.map(|_| auth::keys::MIGRATION);
    let own = own.into_iter().chain(api.login().map(|_| auth::sessions::MIGRATION));
    api.migrations.iter().copied().chain(own).collect()
}

/// Opens the database and brings its schema up to date.
async fn open(api: &'static Api, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    let store = database::open(&options.database_url(api.name), options).await?;
    // Once in the life of a program.
    store.migrate(all_migrations(api).leak()).await.context("can't bring the database to this server's schema")?;
    Ok(store)
}

async fn migrate(api: &'static Api, options: &Options) -> anyhow::Result<()> {
    let store = open(api, options).await?;
    store.close().await;
    println!("{} is up to date", without_password(&options.database_url(api.name)));
    Ok(())
}

async fn keys(api: &'static Api, options: &Options, command: &KeysCommand) -> anyhow::Result<()> {
    let auth = api.auth.context("there are no API keys: the spec has no `auth`")?;
    let store = open(api, options).await?;
    let printed = auth::manage::manage(auth, store.clone(), command).await;
    store.close().await;
    print!("{}", printed?);
    Ok(())
}

async fn serve(api: &'static Api, hooks: Registry, options: &Options) -> anyhow::Result<()> {
    let cursor_key = cursor_key(options)?;
    let listener = server::bind(&options.listen_addr).await?;
    let store = open(api, options).await?;
    let authentication = auth::authentication(api, hooks.authenticator(), options, store.clone()).await?;
    let logins = auth::logins(api, authentication.as_ref(), options)?;
    let service = Arc::new(Service::new(api, store.clone(), cursor_key)?.with_hooks(hooks).with_logins(logins));
    let health = Health {
        store: store.clone(),
        draining: Arc::new(AtomicBool::new(false)),
        #[cfg(feature = "grpc")]
        grpc: crate::grpc::Health::serving(api).await,
    };
    let limiter = Limiter::of(api, options.rate_limit_place())?.map(Arc::new);
    let callers = Callers { authentication, limiter, proxies: Proxies(options.trusted_proxies) };
    let routes = routes(&service, &health, callers, options)?;

    let stop_signal = server::stop_signal()?;
    let address = listener.local_addr().context("can't tell the address of the listener")?;
    tracing::info!(target: "listening", "listening on http://{address}");
    if options.mode() == Mode::Development {
        tracing::info!("API reference http://{address}/docs, GraphiQL http://{address}/graphql");
        if api.auth.is_some() {
            tracing::info!("tokens for trying it out: {} --dev token --sub ID --role NAME", program());
        }
    }
    let stop = async {
        stop_signal.await;
        tracing::info!("stopping: running requests may finish");
        health.draining.store(true, Ordering::Relaxed);
        #[cfg(feature = "grpc")]
        health.grpc.stop_serving().await;
        tokio::time::sleep(DRAIN).await;
    };
    let limits = server::Limits { connections: options.max_connections as usize, grace: options.shutdown_grace() };
    server::serve(listener, routes, stop, limits).await;
    store.close().await;
    Ok(())
}

/// As it was typed.
fn program() -> String {
    std::env::args_os().next().unwrap_or_default().to_string_lossy().into_owned()
}

fn cursor_key(options: &Options) -> anyhow::Result<CursorKey> {
    match (&options.cursor_key, options.mode()) {
        (Some(secret), _) => CursorKey::new(secret).context("CURSOR_KEY must have at least 16 characters"),
        (None, Mode::Development) => {
            let made_up = uuid::Uuid::new_v4().to_string();
            CursorKey::new(&made_up).context("a made-up secret is long enough")
        }
        (None, Mode::Production) => {
            bail!("CURSOR_KEY is missing: set it to a secret of at least 16 characters, or start with --dev")
        }
    }
}

/// All routes of all protocols inside the one stack.
fn routes(service: &Arc<Service>, health: &Health, callers: Callers, options: &Options) -> anyhow::Result<Router> {
    let api = service.api;
    let mut routes = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(health.clone()))
        .route("/health", get(ready).with_state(health.clone()))
        .route("/openapi.yaml", get(move || openapi_yaml(api)))
        .route("/openapi.json", get(openapi_json).with_state(openapi_as_json(api)?));
    #[cfg(feature = "rest")]
    {
        routes = routes.merge(crate::rest::router(service.clone()));
    }
    #[cfg(feature = "graphql")]
    {
        let options = crate::graphql::Options {
            development: options.mode() == Mode::Development,
            max_depth: api.protocols.max_depth as usize,
            max_complexity: api.protocols.max_complexity.into(),
            http_draft: api.protocols.http_draft,
            ..Default::default()
        };
        routes = routes.merge(crate::graphql::router(service.clone(), options)?);
    }
    #[cfg(feature = "grpc")]
    {
        let options = crate::grpc::Options {
            max_message_size: options.body_limit,
            health: health.grpc.clone(),
            reflection: match api.protocols.reflection {
                true => crate::grpc::Reflection::On,
                false => crate::grpc::Reflection::Off,
            },
        };
        routes = routes.merge(crate::grpc::router(service.clone(), options)?);
    }
    if options.mode() == Mode::Development {
        routes = routes.merge(crate::explorer::router());
    }
    let limits = Limits {
        body: options.body_limit,
        concurrency: options.max_concurrency as usize,
        request: options.request_timeout(),
        #[cfg(feature = "grpc")]
        streams: crate::grpc::streams(api),
        #[cfg(not(feature = "grpc"))]
        streams: Vec::new(),
        #[cfg(feature = "grpc")]
        domain: api.package,
    };
    Ok(edge::stack(routes, limits, callers))
}

#[derive(Clone)]
struct Health {
    store: Arc<dyn Store>,
    draining: Arc<AtomicBool>,
    #[cfg(feature = "grpc")]
    grpc: crate::grpc::Health,
}

async fn ready(State(health): State<Health>) -> Response {
    if health.draining.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response();
    }
    match health.store.ready().await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database doesn't answer").into_response()
        }
    }
}

async fn openapi_yaml(api: &'static Api) -> Response {
    ([(header::CONTENT_TYPE, "application/yaml")], api.openapi).into_response()
}

/// Made once: reading the YAML takes longer than most requests may.
fn openapi_as_json(api: &Api) -> anyhow::Result<Bytes> {
    let document: serde_json::Value = serde_saphyr::from_str(api.openapi).context("the OpenAPI document isn't YAML")?;
    Ok(document.to_string().into())
}

async fn openapi_json(State(document): State<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}
