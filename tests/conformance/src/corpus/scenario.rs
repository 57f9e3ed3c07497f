//! Scenarios as they are written. A key that nobody knows is an error.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub create: Option<Create>,
    pub get: Option<Get>,
    pub update: Option<Update>,
    pub delete: Option<Item>,
    pub list: Option<List>,
    pub related: Option<Related>,
    pub undelete: Option<Item>,
    pub act: Option<Act>,
    pub link: Option<Link>,
    pub unlink: Option<Link>,
    pub batch: Option<Batch>,
    /// REST alone has JSON Patches.
    pub patch: Option<Patch>,
    /// gRPC alone has streams of requests.
    pub import: Option<Import>,
    /// GraphQL has no replacement of its own.
    pub replace: Option<Update>,
    /// Saves the answer for later steps.
    #[serde(rename = "as")]
    pub name: Option<String>,
    pub expect: Option<Json>,
    pub error: Option<Expected>,
    #[serde(default)]
    pub only: Vec<Protocol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Rest,
    Graphql,
    Grpc,
}

impl Protocol {
    pub const ALL: [Protocol; 3] = [Protocol::Rest, Protocol::Graphql, Protocol::Grpc];
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    pub resource: String,
    pub input: Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Get {
    pub resource: String,
    pub id: Json,
    /// What alone is shown beside the id: `name,address.city`. GraphQL selects it.
    pub fields: Option<String>,
    #[serde(default)]
    pub with: With,
}

/// Relations to follow from a row, by name. GraphQL reads them along with the row, and so does REST where all of them lead
/// to one row each; otherwise further requests do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct With(pub BTreeMap<String, Follow>);

impl With {
    /// The paths of its relations, if each leads to one row: REST embeds these.
    pub fn paths(&self) -> Option<Vec<String>> {
        let along = |(name, follow): (&String, &Follow)| {
            let below = follow.with.paths().filter(|_| follow.column.is_none())?;
            Some(
                [name.clone()].into_iter().chain(below.iter().map(|path| format!("{name}.{path}"))).collect::<Vec<_>>(),
            )
        };
        self.0.iter().map(along).collect::<Option<Vec<_>>>().map(|paths| paths.concat())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// Where the relation leads.
    pub resource: String,
    /// Of a has_many: the field of `resource` that holds this row's id. A belongs_to holds its id in `<relation>_id`.
    pub column: Option<String>,
    #[serde(default)]
    pub with: With,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub resource: String,
    pub id: Json,
    pub etag: Option<String>,
}

/// An action of one row, or without `id` of none in particular. What returns something that is no row answers with that.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    pub resource: String,
    /// `cancel`
    pub action: String,
    #[serde(default)]
    pub id: Json,
    /// It only reads.
    #[serde(default)]
    pub safe: bool,
    pub input: Option<Json>,
    pub etag: Option<String>,
}

/// Several writes, as REST sends them: `{ update: { id: $book.id, etag: $book.etag, title: New } }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub resource: String,
    pub operations: Vec<Json>,
    /// All or nothing, unless this is false.
    pub atomic: Option<bool>,
}

/// RFC 6902.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    pub resource: String,
    pub id: Json,
    pub operations: Json,
    pub etag: Option<String>,
}

/// Rows to create, each on its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    pub resource: String,
    pub rows: Vec<Json>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    pub resource: String,
    pub id: Json,
    pub input: Json,
    pub etag: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub resource: String,
    #[serde(flatten)]
    pub args: Args,
}

/// A list of `resource` through the has_many `relation` of one row of `of`. `column` is the field that holds its id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Related {
    pub resource: String,
    pub of: String,
    pub id: Json,
    pub relation: String,
    #[serde(default)]
    pub column: String,
    /// Of a many_to_many: the relation that leads back.
    pub inverse: Option<String>,
    #[serde(flatten)]
    pub args: Args,
}

/// Rows that a many_to_many of one row is to have, or not to have any more.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub resource: String,
    pub id: Json,
    pub relation: String,
    /// Where the relation leads.
    pub target: String,
    pub ids: Vec<Json>,
}

/// `where` becomes REST's parameters, GraphQL's input and gRPC's filter. Parameters can't say `and`, `or` and `not`, so
/// with one of these it is REST's filter, too. `filter` is AIP-160 text, which GraphQL lacks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Args {
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    /// The cursor leads towards the start.
    pub backward: bool,
    pub sort: Option<String>,
    /// As of a [`Get`].
    pub fields: Option<String>,
    pub q: Option<String>,
    #[serde(rename = "where")]
    pub conditions: Option<Json>,
    pub filter: Option<String>,
    pub total: bool,
    /// The number of a page, from 1, of `limit` rows each. GraphQL and gRPC pass over the rows before it.
    pub page: Option<i64>,
}

impl Args {
    /// The rows before the page.
    pub fn skip(&self) -> Option<i64> {
        Some((self.page? - 1) * self.limit.expect("a page by its number has a limit"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub code: String,
    #[serde(default)]
    pub violations: Vec<ExpectedViolation>,
    /// Part of the message.
    pub message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedViolation {
    pub at: String,
    pub code: String,
}

/// All scenarios of a folder, by file, in order of their names.
pub fn read(folder: &Path) -> Vec<(String, Vec<Scenario>)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a readable scenario");
        // `n` is a note, not a no.
        let options = serde_saphyr::options! { strict_booleans: true };
        let scenarios = serde_saphyr::from_str_with_options(&text, options)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_name().expect("a file").to_string_lossy().into_owned(), scenarios)
    };
    files.into_iter().map(read).collect()
}
