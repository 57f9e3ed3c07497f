//! One protocol, seen from a scenario: operations in, answers in one form out.

use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};

use super::scenario::{
    Act, Args, Batch, Create, Get, Import, Item, Link, List, Patch, Protocol, Related, Update, With,
};

/// A step with its references resolved.
#[derive(Debug, Clone)]
pub enum Operation {
    Create(Create),
    Get(Get),
    Update(Update),
    Delete(Item),
    List(List),
    Related(Related),
    Undelete(Item),
    Act(Act),
    Link(Link),
    Unlink(Link),
    Replace(Update),
    Batch(Batch),
    Import(Import),
    Patch(Patch),
}

pub type Outcome = Result<Reply, Failure>;

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// A record in REST's spelling, or `{data, has_more, next, prev, total}`, or null.
    pub value: Json,
    pub etag: Option<String>,
}

impl Reply {
    pub fn of(value: Json) -> Reply {
        Reply { value, etag: None }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure {
    pub code: String,
    /// Absent where GraphQL has only the violations (`userErrors`).
    pub message: Option<String>,
    pub violations: Vec<Violation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// `ship_to.country`, or `page_size`, `cursor`, `sort`, `filter` for arguments, whatever a protocol calls them.
    pub at: String,
    /// Absent in GraphQL's `userErrors`, whose code is the error's.
    pub code: Option<String>,
    pub message: String,
}

impl Failure {
    /// What one of several writes was refused by. GraphQL has a message of its own only where there are no violations,
    /// whose codes it doesn't tell.
    pub fn of_one(&self) -> Json {
        let violations = self.violations.iter().map(|it| json!({ "at": it.at, "message": it.message }));
        match self.violations.as_slice() {
            [] => json!({ "code": self.code, "message": self.message }),
            _ => json!({ "code": self.code, "violations": violations.collect::<Vec<_>>() }),
        }
    }
}

pub trait Driver: Sync {
    fn protocol(&self) -> Protocol;
    fn run<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome>;
}

/// The code of what GraphQL's own types refuse: it has neither the catalogue's code nor violations.
pub const UNTYPED: &str = "BAD_USER_INPUT";

/// Reads by further requests what lies along relations of a row, and puts it into the row.
pub fn follow<'a>(
    driver: &'a dyn Driver,
    resource: &'a str,
    row: &'a mut Json,
    with: &'a With,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        for (name, along) in &with.0 {
            let mut found = match &along.column {
                Some(column) => {
                    let related = Related {
                        resource: along.resource.clone(),
                        of: resource.to_owned(),
                        id: row["id"].clone(),
                        relation: name.clone(),
                        column: column.clone(),
                        inverse: None,
                        args: Args::default(),
                    };
                    driver.run(&Operation::Related(related)).await?.value["data"].take()
                }
                None => {
                    let id = row[format!("{name}_id")].clone();
                    let get = Get { resource: along.resource.clone(), id, fields: None, with: With::default() };
                    driver.run(&Operation::Get(get)).await?.value
                }
            };
            match &mut found {
                Json::Array(rows) => {
                    for row in rows {
                        follow(driver, &along.resource, row, &along.with).await?;
                    }
                }
                row => follow(driver, &along.resource, row, &along.with).await?,
            }
            row[name] = found;
        }
        Ok(())
    })
}

/// The one name of an argument of lists.
pub fn argument(name: &str) -> String {
    match name {
        "limit" | "page_size" | "first" | "last" => "page_size",
        "cursor" | "page_token" | "after" | "before" => "cursor",
        "sort" | "order_by" | "orderBy" => "sort",
        "filter" => "filter",
        "read_mask" => "fields",
        name if name == "where" || name.starts_with("where.") => "filter",
        other => other,
    }
    .to_owned()
}

/// A message that starts with the name of an argument, with its one name.
pub fn message(text: &str) -> String {
    match text.split_once(": ") {
        Some((name, rest)) if !name.contains(' ') => format!("{}: {rest}", argument(name)),
        _ => text.to_owned(),
    }
}
