//! What a folder was generated from and with: the manifest's first line, by which `check` knows what to expect.

use std::{fmt, path::Path, str::FromStr};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::{
    emit::{Options, Target},
    files,
};

/// `apigen generate specs/shop.yaml --target all --openapi 3.0 --runtime copy`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// The spec's path as it was given.
    pub(super) spec: String,
    /// Its runtime's path is relative to the folder, so this isn't quite what was typed.
    pub(super) emit: Options,
}

impl Settings {
    /// Those of a run without options.
    pub(super) fn new(spec: &str) -> Settings {
        Settings { spec: spec.to_owned(), emit: Options::default() }
    }

    /// Those of the run that last wrote to a folder, if one did.
    pub(super) fn of(out: &Path) -> anyhow::Result<Option<Settings>> {
        let line = files::settings(out)?;
        let read = line.map(|line| line.parse()).transpose();
        read.with_context(|| format!("cannot tell how {} was generated: generate it again", out.display()))
    }

    /// What the folder holds after this run: contracts alone leave a server in place, and the other way round.
    pub(super) fn after(&self, out: &Path) -> anyhow::Result<Settings> {
        let before: Option<Settings> = files::settings(out)?.and_then(|line| line.parse().ok());
        let mut after = self.clone();
        let Some(before) = before else { return Ok(after) };
        if self.emit.target != before.emit.target {
            after.emit.target = Target::All;
        }
        if !self.emit.target.has_server() {
            after.emit.runtime = before.emit.runtime;
        }
        if !self.emit.target.has_contracts() {
            after.emit.openapi = before.emit.openapi;
        }
        Ok(after)
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { target, openapi, runtime } = &self.emit;
        let (target, openapi) = (name(target), name(openapi));
        write!(f, "apigen generate {} --target {target} --openapi {openapi} --runtime {runtime}", self.spec)
    }
}

impl FromStr for Settings {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Settings> {
        let parts = line.strip_prefix("apigen generate ").and_then(|rest| rest.split_once(" --target "));
        let read = parts.and_then(|(spec, rest)| {
            let (target, rest) = rest.split_once(" --openapi ")?;
            let (openapi, runtime) = rest.split_once(" --runtime ")?;
            let emit = Options { target: value(target)?, openapi: value(openapi)?, runtime: runtime.parse().ok()? };
            Some(Settings { spec: spec.to_owned(), emit })
        });
        read.with_context(|| format!("`{line}` isn't how apigen says it"))
    }
}

/// As the command line takes it.
fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn value<V: ValueEnum>(text: &str) -> Option<V> {
    V::from_str(text, false).ok()
}
