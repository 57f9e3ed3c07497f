//! `migrations/`: the SQL that makes an empty database, and one more numbered step for each later change of the spec, in
//! the dialects of SQLite and PostgreSQL. `migrations/schema.yaml` remembers what the steps lead to, so that the next
//! change is found, and their checksums: a step that was written once is never edited.
//!
//! Rows that are there already keep all they have and get, in a new column, what a create without the field would have
//! given them. What can't be done so is refused. Knows nothing about how rows are read and written, except that every
//! order ends with `id`, in the direction of the key before it.

mod alter;
mod change;
mod constant;
mod create;
mod dialect;
mod fill;
mod history;
mod indexes;
mod joins;
mod names;
mod renames;
mod schema;
mod search;
mod title;

use std::fmt;

pub use self::history::{History, PATH as SNAPSHOT};
use self::{dialect::Dialect, schema::Schema};
use crate::model::Model;

/// Where an output folder has them.
const FOLDER: &str = "migrations/";

/// All steps, in order, and what they lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Migrations {
    steps: Vec<Step>,
    /// As the snapshot has it.
    schema: String,
}

/// One numbered change.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// `0001_initial`.
    name: String,
    sqlite: String,
    postgres: String,
}

/// Why no step can be written, by table and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    reasons: Vec<String>,
}

/// The steps so far and, where the spec's tables aren't what they lead to, the one that is missing.
pub fn follow(model: &Model, history: &History) -> Result<Migrations, Refused> {
    let Some(before) = &history.schema else {
        let initial = initial(model);
        history.check_begun(&initial.steps[0])?;
        return Ok(initial);
    };
    let after = Schema::of(model);
    let text = history::schema_text(&after);
    if *before == text {
        return Ok(Migrations { steps: history.steps.clone(), schema: text });
    }
    let (mut before, mut changes) = (history::read_schema(before)?, Vec::new());
    for was in model.before_renames() {
        let (renamed, more) = renames::follow(&before, &Schema::of(&was), &after);
        before = renamed;
        changes.extend(more);
    }
    changes.extend(change::between(&before, &after, model)?);
    let mut steps = history.steps.clone();
    if !changes.is_empty() {
        let name = format!("{:04}_{}", steps.len() + 1, title::of(&changes));
        steps.push(Step::new(name, |dialect| alter::script(&model.spec, &changes, dialect)));
    }
    Ok(Migrations { steps, schema: text })
}

/// The one step that makes an empty database: all there is where nobody keeps a history.
pub fn initial(model: &Model) -> Migrations {
    let schema = Schema::of(model);
    let step = Step::new("0001_initial".to_owned(), |dialect| create::script(&model.spec, &schema, dialect));
    Migrations { steps: vec![step], schema: history::schema_text(&schema) }
}

impl Migrations {
    /// Path and text of each file, in an output folder.
    pub fn files(&self) -> Vec<(String, String)> {
        self.folder().into_iter().map(|(path, text)| (format!("{FOLDER}{path}"), text)).collect()
    }

    /// The same in a folder that has nothing else.
    pub fn folder(&self) -> Vec<(String, String)> {
        let scripts = self.steps.iter().flat_map(|step| {
            [Dialect::Sqlite, Dialect::Postgres].map(|dialect| (step.path(dialect), step.text(dialect).to_owned()))
        });
        scripts.chain([(history::PATH.to_owned(), history::render(self))]).collect()
    }

    /// `0001_initial`, in order.
    pub fn names(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.name.clone()).collect()
    }
}

impl Step {
    fn new(name: String, script: impl Fn(Dialect) -> String) -> Step {
        Step { name, sqlite: script(Dialect::Sqlite), postgres: script(Dialect::Postgres) }
    }

    fn path(&self, dialect: Dialect) -> String {
        path(dialect, &self.name)
    }

    fn text(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        }
    }
}

fn path(dialect: Dialect, name: &str) -> String {
    format!("{}/{name}.sql", dialect.folder())
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no migration can lead to the spec's tables:")?;
        self.reasons.iter().try_for_each(|reason| write!(f, "\n  {reason}"))?;
        f.write_str(
            "\ntake the change back; or, if there is no database yet whose rows matter, delete the output's folder `migrations` \
             and generate again",
        )
    }
}

impl std::error::Error for Refused {}
