//! The program that a generated server is: its command line, its log, and what each command does.

use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches};

use crate::{
    auth, database,
    descriptor::Api,
    hooks::Registry,
    log::{self, Log},
    options::{Cli, Command, KeysCommand, LogFormat, Mode, Options, without_password},
    server,
    serving::Serving,
    store::Dialect,
};

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
        println!("{}", auth::made_up_token(api, &cli.options, sub, grants)?);
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

fn start_log(options: &Options) -> anyhow::Result<Log> {
    use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};
    let filter = EnvFilter::try_new(&options.log).with_context(|| format!("can't read RUST_LOG `{}`", options.log))?;
    let filter = filter.add_directive(ALWAYS.parse().context("the directive is well-formed")?);
    // Once nobody reads stderr any more, there is no place left to complain: the attempt would panic in every request.
    let log = Log::to(std::io::stderr()).context("can't start the log")?;
    let format = fmt().with_env_filter(filter).with_target(false).with_writer(log.clone()).log_internal_errors(false);
    let format = format.with_timer(log::Clock);
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
    database::migrations(api).iter().map(text).collect::<Vec<_>>().join("\n")
}

async fn migrate(api: &'static Api, options: &Options) -> anyhow::Result<()> {
    let store = database::open(api, options).await?;
    store.close().await;
    println!("{} is up to date", without_password(&options.database_url(api.name)));
    Ok(())
}

async fn keys(api: &'static Api, options: &Options, command: &KeysCommand) -> anyhow::Result<()> {
    let auth = api.auth.context("there are no API keys: the spec has no `auth`")?;
    let store = database::open(api, options).await?;
    let printed = auth::manage::manage(auth, store.clone(), command).await;
    store.close().await;
    print!("{}", printed?);
    Ok(())
}

async fn serve(api: &'static Api, hooks: Registry, options: &Options) -> anyhow::Result<()> {
    let serving = Serving::start(api, hooks, options).await?;
    let stop_signal = server::stop_signal()?;
    let address = serving.address()?;
    tracing::info!(target: "listening", "listening on http://{address}");
    if options.mode() == Mode::Development {
        tracing::info!("API reference http://{address}/docs, GraphiQL http://{address}/graphql");
        if api.auth.is_some() {
            tracing::info!("tokens for trying it out: {} --dev token --sub ID --role NAME", program());
        }
    }
    serving.until(stop_signal).await;
    Ok(())
}

/// As it was typed.
fn program() -> String {
    std::env::args_os().next().unwrap_or_default().to_string_lossy().into_owned()
}
