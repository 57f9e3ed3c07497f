//! Scenarios as they are written. A key that nobody knows is an error.

use std::path::Path;

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
    pub get: Option<Item>,
    pub update: Option<Update>,
    pub delete: Option<Item>,
    pub list: Option<List>,
    pub related: Option<Related>,
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
pub struct Item {
    pub resource: String,
    pub id: Json,
    pub etag: Option<String>,
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
    pub column: String,
    #[serde(flatten)]
    pub args: Args,
}

/// `where` becomes REST's parameters, GraphQL's input and gRPC's filter; `filter` is AIP-160 text, which GraphQL lacks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Args {
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    /// The cursor leads towards the start.
    pub backward: bool,
    pub sort: Option<String>,
    #[serde(rename = "where")]
    pub conditions: Option<Json>,
    pub filter: Option<String>,
    pub total: bool,
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
