//! `apigen check`: is the spec right, and is what was generated from it still fresh? Writes nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    Outcome,
    console::{Console, Style},
    load, produce,
    settings::Settings,
};
use crate::{
    Loaded,
    diagnostic::Format,
    files::{self, Difference, DifferenceKind},
    lock,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The spec, a YAML file; its lock lies beside it
    spec: PathBuf,
    /// Folder that `apigen generate` wrote, compared with what it would write now
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(options: &Options, console: &Console) -> anyhow::Result<Outcome> {
    let Some(loaded) = load(&options.spec, console)? else { return Ok(Outcome::Rejected) };
    let Some(out) = &options.out else { return Ok(Outcome::Done) };
    let Some(differences) = differences(&options.spec, loaded, out, console)? else { return Ok(Outcome::Rejected) };
    tell(&differences, console)?;
    if differences.is_empty() {
        return Ok(Outcome::Done);
    }
    let (spec, folder) = (options.spec.display(), out.display());
    console.error(&format!("{folder} is stale: run `apigen generate {spec} --out {folder}`"));
    Ok(Outcome::Rejected)
}

/// Expects what the last run into the folder was asked for; of a folder without one, everything. `None` if no run can
/// bring the folder up to the spec.
fn differences(
    spec: &Path,
    mut loaded: Loaded,
    out: &Path,
    console: &Console,
) -> anyhow::Result<Option<Vec<Difference>>> {
    let settings = Settings::of(out)?.unwrap_or_else(|| Settings::new(&loaded.model.spec));
    // Headers name the spec as it was called then: a check from another folder finds the same file by another path.
    loaded.model.spec.clone_from(&settings.spec);
    let Some(mut files) = produce(&loaded.model, &settings.emit, out, None, console)? else { return Ok(None) };
    files.remember(settings.to_string());
    if loaded.lock_changed {
        files.beside(crate::lock_path(spec), lock::render(&loaded.lock));
    }
    files::compare(&files, out).map(Some)
}

fn tell(differences: &[Difference], console: &Console) -> anyhow::Result<()> {
    if console.format == Format::Json {
        return console.json(&differences);
    }
    console.data(&differences.iter().map(|difference| describe(difference, console.data_style())).collect::<String>())
}

fn describe(difference: &Difference, style: Style) -> String {
    match &difference.kind {
        DifferenceKind::Missing | DifferenceKind::Unexpected => format!("{difference}\n"),
        DifferenceKind::Stale { diff: None } => format!("{difference} (binary)\n"),
        DifferenceKind::Stale { diff: Some(diff) } => {
            let lines: String = diff.lines().map(|line| paint_line(line, style) + "\n").collect();
            format!("{difference}\n{lines}")
        }
    }
}

fn paint_line(line: &str, style: Style) -> String {
    match line.as_bytes().first() {
        Some(b'+') => style.paint("32", line),
        Some(b'-') => style.paint("31", line),
        Some(b'@') => style.paint("36", line),
        _ => line.to_owned(),
    }
}
