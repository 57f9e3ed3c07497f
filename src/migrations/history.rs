//! `migrations/schema.yaml`: the schema that all steps lead to, and the checksums of the steps. It is read back together
//! with the steps, and nothing is taken for history that isn't as it was written.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Dialect, FOLDER, Migrations, Refused, Schema, Step, path};
use crate::files;

/// The snapshot, in the folder of the migrations.
pub const PATH: &str = "schema.yaml";

const HEADER: &str = "\
# Kept by apigen: the tables that these migrations lead to, and the SHA-256 of each. Commit it with them, and edit none.
# SHA-256 of the lines below: ";

/// The steps that were written so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    pub(super) steps: Vec<Step>,
    /// What they lead to, as it stands in the snapshot. `None` before the first step.
    pub(super) schema: Option<String>,
    /// Files of a first step that nothing remembers, by path.
    unknown: Vec<(String, String)>,
}

/// What stands in front of the schema.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    migrations: Vec<Checksums>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checksums {
    name: String,
    sqlite: String,
    postgres: String,
}

impl History {
    /// What an output folder holds, nothing where there is none. An error names the file that isn't as it was written.
    pub fn read(out: &Path) -> anyhow::Result<History> {
        History::read_below(out, FOLDER)
    }

    /// The same of a folder that has nothing but migrations.
    pub fn read_folder(migrations: &Path) -> anyhow::Result<History> {
        History::read_below(migrations, "")
    }

    /// `folder` ends with `/`, unless it is empty.
    fn read_below(root: &Path, folder: &str) -> anyhow::Result<History> {
        let read = |path: &str| -> anyhow::Result<Option<String>> {
            let Some(bytes) = files::read(root, &format!("{folder}{path}"))? else { return Ok(None) };
            String::from_utf8(bytes).map(Some).with_context(|| format!("{path} is not UTF-8"))
        };
        let out = root.join(folder);
        let Some(text) = read(PATH)? else { return History::unknown(read) };
        let (steps, schema) = parse(&text).with_context(|| format!("cannot trust {}", out.join(PATH).display()))?;
        let step = |sums: Checksums| -> anyhow::Result<Step> {
            let text = |dialect, sum: &str| {
                let path = path(dialect, &sums.name);
                intact(read(&path)?, sum, &out.join(&path))
            };
            let (sqlite, postgres) = (text(Dialect::Sqlite, &sums.sqlite)?, text(Dialect::Postgres, &sums.postgres)?);
            Ok(Step { name: sums.name, sqlite, postgres })
        };
        let steps = steps.migrations.into_iter().map(step).collect::<anyhow::Result<_>>()?;
        Ok(History { steps, schema: Some(schema.to_owned()), unknown: Vec::new() })
    }

    fn unknown(read: impl Fn(&str) -> anyhow::Result<Option<String>>) -> anyhow::Result<History> {
        let mut history = History::default();
        for path in [Dialect::Sqlite, Dialect::Postgres].map(|dialect| path(dialect, "0001_initial")) {
            history.unknown.extend(read(&path)?.map(|text| (path, text)));
        }
        Ok(history)
    }

    /// Without a snapshot, only a first step that would be written again now is known to be right.
    pub(super) fn check_begun(&self, initial: &Step) -> Result<(), Refused> {
        let dialects = [Dialect::Sqlite, Dialect::Postgres];
        let known = |path: &str, text: &str| {
            dialects.iter().any(|dialect| initial.path(*dialect) == path && initial.text(*dialect) == text)
        };
        let other = self.unknown.iter().filter(|(path, text)| !known(path, text));
        let reasons: Vec<_> = other
            .map(|(path, _)| format!("{FOLDER}{path}: without {FOLDER}{PATH} nobody knows which tables it made"))
            .collect();
        if reasons.is_empty() { Ok(()) } else { Err(Refused { reasons }) }
    }
}

fn intact(found: Option<String>, sum: &str, place: &Path) -> anyhow::Result<String> {
    let what = match found {
        Some(text) if hash(&text) == sum => return Ok(text),
        Some(_) => "isn't as apigen wrote it",
        None => "is gone",
    };
    bail!("{} {what}, and databases may have been made by it: restore it from version control", place.display())
}

/// The same bytes for the same migrations.
pub(super) fn render(migrations: &Migrations) -> String {
    let sums = migrations.steps.iter().map(|step| Checksums {
        name: step.name.clone(),
        sqlite: hash(&step.sqlite),
        postgres: hash(&step.postgres),
    });
    let yaml = yaml(&Steps { migrations: sums.collect() }) + &migrations.schema;
    format!("{HEADER}{}\n{yaml}", hash(&yaml))
}

/// A schema as it stands in the snapshot: whatever is equal in one form is in the other.
pub(super) fn schema_text(schema: &Schema) -> String {
    yaml(schema)
}

/// Reads what [`schema_text`] wrote.
pub(super) fn read_schema(text: &str) -> Result<Schema, Refused> {
    serde_saphyr::from_str(text)
        .map_err(|error| Refused { reasons: vec![format!("{FOLDER}{PATH} can't be understood: {error}")] })
}

fn yaml(value: &impl Serialize) -> String {
    serde_saphyr::to_string(value)
        .unwrap_or_else(|error| unreachable!("lists of words and numbers always become YAML: {error}"))
}

/// The steps, and the text of the schema, which most runs only compare.
fn parse(text: &str) -> anyhow::Result<(Steps, &str)> {
    let parts = text.strip_prefix(HEADER).and_then(|rest| rest.split_once('\n'));
    let Some((_, yaml)) = parts.filter(|(sum, yaml)| hash(yaml) == *sum) else {
        bail!(
            "it isn't as apigen wrote it: restore it from version control; after a merge, take the whole folder \
             `migrations` of one side and generate again"
        );
    };
    let end = yaml.find("\ntables:").context("it has no `tables`")? + 1;
    Ok((serde_saphyr::from_str(&yaml[..end])?, &yaml[end..]))
}

fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
