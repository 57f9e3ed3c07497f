//! The command line: arguments, exit codes, and what goes to which stream. Diagnostics go to stderr, data to stdout.

mod check;
mod console;
mod explain;
mod generate;
mod settings;

use std::{ffi::OsString, path::Path, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use self::console::Console;
use crate::{
    Loaded,
    diagnostic::{Color, Format},
    emit,
    files::{Files, Output},
    migrations::{self, History},
    model::Model,
};

/// One spec in; OpenAPI, GraphQL SDL, protobuf and a Rust server out.
#[derive(Debug, Parser)]
#[command(name = "apigen", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Args)]
struct Global {
    /// Form of the diagnostics; json also of what `generate` and `check` tell
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Say nothing but what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Name every file
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write contracts and server
    Generate(generate::Options),
    /// Say what is wrong with a spec, and where generated files differ from it
    Check(check::Options),
    /// Tell what the code of a mistake means, with a wrong and a right spec
    Explain(explain::Options),
    /// Print the JSON Schema of specs, with which editors complete keys and mark mistakes
    Schema,
}

/// How a run that could be done ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Spec rejected, output or lock stale.
    Rejected,
}

/// Runs apigen with a program's arguments, the program's own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help is no mistake: clap knows the stream and the code of each. A closed stream has no reader to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let console = Console::new(&cli.global);
    let outcome = match cli.verb {
        Verb::Generate(options) => generate::run(&options, &console),
        Verb::Check(options) => check::run(&options, &console),
        Verb::Explain(options) => explain::run(&options, &console),
        Verb::Schema => console.data(crate::SPEC_SCHEMA).map(|()| Outcome::Done),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Rejected) => ExitCode::from(1),
        Err(error) => {
            console.error(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Reads a spec and tells what is to be told about it; `None` if it is rejected.
fn load(spec: &Path, console: &Console) -> anyhow::Result<Option<Loaded>> {
    match crate::load(spec)? {
        Ok(loaded) => {
            console.warnings(&loaded.warnings);
            Ok(Some(loaded))
        }
        Err(mistakes) => {
            console.diagnostics(&mistakes);
            Ok(None)
        }
    }
}

/// What a run into `out` writes, for `output` to take if it is open; `None`, told to the user, if the tables that are there can't become the spec's.
fn produce(
    model: &Model,
    options: &emit::Options,
    out: &Path,
    output: Option<&Output>,
    console: &Console,
) -> anyhow::Result<Option<Files>> {
    // Contracts alone have no tables.
    let history = if options.target.has_server() { History::read(out)? } else { History::default() };
    match emit::all(model, options, || migrations::follow(model, &history), output) {
        Ok(files) => Ok(Some(files)),
        Err(refused) => {
            console.error(&refused.to_string());
            Ok(None)
        }
    }
}
