//! `apigen generate`: spec in, files out.

use std::{
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::{Outcome, console::Console, load, produce, settings::Settings};
use crate::{
    Loaded,
    diagnostic::Format,
    emit::{self, OpenApi, Runtime, Target, rust::RequiredHook, stubs},
    files::{Edited, Force, Output, Recovered, Report},
    lock,
    model::Model,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The spec, a YAML file; its lock lies beside it
    spec: PathBuf,
    /// Folder for everything that is written but the lock
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[arg(long, value_enum, default_value_t = Target::All)]
    target: Target,
    /// Version of the OpenAPI document
    #[arg(long, value_enum, default_value_t)]
    openapi: OpenApi,
    /// Where the server finds its runtime: `copy` writes its source into DIR, `path:DIR` refers to a folder
    #[arg(long, value_name = "copy|path:DIR", default_value = "copy")]
    runtime: Runtime,
    /// Fail if the lock would change
    #[arg(long)]
    locked: bool,
    /// Overwrite or delete apigen's files even if someone edited them
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, console: &Console) -> anyhow::Result<Outcome> {
    let numbers = || std::fs::read(crate::lock_path(&options.spec)).ok();
    let before = numbers();
    let Some(mut loaded) = load_numbered(options, console)? else { return Ok(Outcome::Rejected) };
    let emit = emit_options(options)?;
    let settings = Settings { spec: loaded.model.spec.clone(), emit };
    // Migrations follow what is there, so that has to be whole.
    let output = Output::open(&options.out)?;
    if numbers() != before {
        // By a run that this one has waited for.
        let Some(again) = load_numbered(options, console)? else { return Ok(Outcome::Rejected) };
        loaded = again;
    }
    let Some(mut files) = produce(&loaded.model, &settings.emit, &options.out, Some(&output), console)? else {
        return Ok(Outcome::Rejected);
    };
    files.remember(settings.after(&options.out)?.to_string());
    if loaded.lock_changed {
        files.beside(crate::lock_path(&options.spec), lock::render(&loaded.lock));
    }
    let missing = missing_hooks(&loaded.model, &settings.emit, &options.out)?;
    let force = if options.force { Force::Yes } else { Force::No };
    let report = output.write(&files, force).map_err(with_way_out)?;
    tell(&report, &options.out, console)?;
    if !missing.is_empty() {
        console.note(&ask_for(&missing, &loaded.model));
    }
    // The program ends here, and the system takes back whole pages faster than a million pieces can be given back.
    std::mem::forget((loaded, files));
    Ok(Outcome::Done)
}

/// `None`, told to the user, if the spec is rejected, or the lock would change and mustn't.
fn load_numbered(options: &Options, console: &Console) -> anyhow::Result<Option<Loaded>> {
    let loaded = load(&options.spec, console)?;
    if options.locked && loaded.as_ref().is_some_and(|loaded| loaded.lock_changed) {
        let lock = crate::lock_path(&options.spec);
        console.error(&format!("{} would change: run without --locked, and commit it", lock.display()));
        return Ok(None);
    }
    Ok(loaded)
}

/// The hooks that the user's code can't have yet: those since the last run into the folder. A first run writes them.
fn missing_hooks(model: &Model, options: &emit::Options, out: &Path) -> anyhow::Result<Vec<RequiredHook>> {
    if !options.target.has_server() || !out.join(stubs::CODE).exists() {
        return Ok(Vec::new());
    }
    let list = out.join(stubs::LIST);
    match std::fs::read_to_string(&list) {
        Ok(before) => Ok(stubs::added(model, &before)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(stubs::added(model, "")),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", list.display())),
    }
}

fn ask_for(hooks: &[RequiredHook], model: &Model) -> String {
    let (code, server) = (stubs::CODE, model.api.server_crate.replace('-', "_"));
    let stubs = stubs::stubs(hooks).join("\n\n");
    format!(
        "the server needs new hooks; write them in {code}, where `{server}::{{hooks, rows}}` are in scope:\n\n{stubs}\n"
    )
}

/// What the user can do about edited files.
fn with_way_out(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Edited>() {
        Ok(edited) => anyhow!("{edited}\nmove your changes elsewhere, or pass --force to give them up"),
        Err(other) => other,
    }
}

fn emit_options(options: &Options) -> anyhow::Result<emit::Options> {
    let runtime = match &options.runtime {
        Runtime::Copy => Runtime::Copy,
        Runtime::Path(folder) => Runtime::Path(seen_from(&options.out, Path::new(folder))?),
    };
    Ok(emit::Options { target: options.target, openapi: options.openapi, runtime })
}

/// The runtime's folder as the output refers to it: unless it was given as an absolute path, so that both can move together.
fn seen_from(out: &Path, folder: &Path) -> anyhow::Result<String> {
    if !folder.join("Cargo.toml").is_file() {
        bail!("no crate in {}: it has no Cargo.toml", folder.display());
    }
    if folder.is_absolute() {
        return text(folder);
    }
    let (from, to) = (normal(out)?, normal(folder)?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let segments = up.chain(to.components().skip(shared)).map(|segment| text(Path::new(&segment)));
    Ok(segments.collect::<anyhow::Result<Vec<_>>>()?.join("/"))
}

/// Absolute, without `.` and `..`.
fn normal(path: &Path) -> anyhow::Result<PathBuf> {
    let absolute = std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
    let mut normal = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    Ok(normal)
}

fn text(path: &Path) -> anyhow::Result<String> {
    path.to_str().map(str::to_owned).with_context(|| format!("{} isn't UTF-8, as Cargo.toml must be", path.display()))
}

fn tell(report: &Report, out: &Path, console: &Console) -> anyhow::Result<()> {
    match report.recovered {
        Some(Recovered::Finished) => console.note("an interrupted run was finished first"),
        Some(Recovered::TakenBack) => console.note("an interrupted run was taken back first"),
        None => {}
    }
    if console.format == Format::Json {
        return console.json(report);
    }
    if console.is_quiet() {
        return Ok(());
    }
    let mut text = String::new();
    if console.is_verbose() {
        text.extend(report.written.iter().map(|path| format!("write  {path}\n")));
        text.extend(report.deleted.iter().map(|path| format!("delete {path}\n")));
    }
    let (written, deleted, unchanged) = (report.written.len(), report.deleted.len(), report.unchanged);
    text += &format!("{}: {written} written, {deleted} deleted, {unchanged} unchanged\n", out.display());
    console.data(&text)
}
