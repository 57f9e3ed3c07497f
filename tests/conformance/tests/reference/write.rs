//! What is sent with a write, and what the rules make of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::{
    domain::{Column, Identity, Shape},
    world::{Handle, Outcome, Reason, Row},
};

/// A JSON object in the making. What isn't in it is absent.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// By position of the column.
    pub values: BTreeMap<usize, Json>,
    /// By position of the parent.
    pub links: BTreeMap<usize, Link>,
    pub id: Option<Json>,
    /// A member that nothing declares.
    pub stray: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    To(Handle),
    /// The id of a row that there never was.
    Nowhere,
    Null,
}

/// Stands for a row that there never was.
pub const NOBODY: Handle = usize::MAX;

/// If-Match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    None,
    /// This version.
    Version(i64),
}

/// What an update sets.
#[derive(Default)]
pub struct Sets {
    pub values: BTreeMap<usize, Json>,
    pub links: BTreeMap<usize, Option<Handle>>,
}

type Wrong = BTreeSet<(String, &'static str)>;

impl Guard {
    pub fn judge(self, version: i64) -> Option<Reason> {
        (self != Guard::None && self != Guard::Version(version)).then_some(Reason::Stale)
    }
}

impl Link {
    fn handle(self) -> Option<Handle> {
        match self {
            Link::To(handle) => Some(handle),
            Link::Nowhere => Some(NOBODY),
            Link::Null => None,
        }
    }
}

impl Body {
    pub fn new_row(&self, shape: &Shape) -> Outcome<(Vec<Json>, Vec<Option<Handle>>)> {
        let mut wrong = self.strays();
        if shape.id == Identity::Text {
            wrong.extend(self.judge_id());
        }
        let fresh = |(index, column): (usize, &Column)| fresh(column, self.values.get(&index), &mut wrong);
        let values = shape.columns.iter().enumerate().map(fresh).collect();
        let links = self.all_links(shape, &mut wrong);
        judged((values, links), wrong)
    }

    pub fn replacement(&self, shape: &Shape, row: &Row) -> Outcome<(Vec<Json>, Vec<Option<Handle>>)> {
        let mut wrong = self.strays();
        let mut values = Vec::new();
        for (index, column) in shape.columns.iter().enumerate() {
            let (sent, stored) = (self.values.get(&index), &row.values[index]);
            values.push(match sent {
                _ if !column.create_only => fresh(column, sent, &mut wrong),
                None => stored.clone(),
                Some(sent) => {
                    kept(column, sent, Some(stored), &mut wrong);
                    stored.clone()
                }
            });
        }
        let links = self.all_links(shape, &mut wrong);
        judged((values, links), wrong)
    }

    pub fn changes(&self, shape: &Shape) -> Outcome<Sets> {
        let (mut wrong, mut sets) = (self.strays(), Sets::default());
        for (index, sent) in &self.values {
            let column = &shape.columns[*index];
            if column.create_only {
                kept(column, sent, None, &mut wrong);
            } else if let Some(value) = changed(column, sent, &mut wrong) {
                sets.values.insert(*index, value);
            }
        }
        for (index, link) in &self.links {
            let parent = &shape.parents[*index];
            if *link == Link::Null && !parent.optional {
                wrong.insert((parent.field.to_owned(), "REQUIRED"));
            }
            sets.links.insert(*index, link.handle());
        }
        judged(sets, wrong)
    }

    fn strays(&self) -> Wrong {
        self.stray.then(|| ("stray".to_owned(), "UNKNOWN_FIELD")).into_iter().collect()
    }

    fn judge_id(&self) -> Option<(String, &'static str)> {
        let wrong = match self.id.as_ref().and_then(Json::as_str) {
            None => "REQUIRED",
            Some(id) if !(1..=2).contains(&id.len()) || id.chars().any(|c| !('a'..='c').contains(&c)) => "PATTERN",
            Some(_) => return None,
        };
        Some(("id".to_owned(), wrong))
    }

    fn all_links(&self, shape: &Shape, wrong: &mut Wrong) -> Vec<Option<Handle>> {
        let link = |(index, parent): (usize, &crate::domain::Parent)| {
            let link = self.links.get(&index).and_then(|link| link.handle());
            if link.is_none() && !parent.optional {
                wrong.insert((parent.field.to_owned(), "REQUIRED"));
            }
            link
        };
        shape.parents.iter().enumerate().map(link).collect()
    }
}

fn judged<T>(judged: T, wrong: Wrong) -> Outcome<T> {
    if wrong.is_empty() { Ok(judged) } else { Err(Reason::Invalid(wrong).into()) }
}

/// The value in a new row.
fn fresh(column: &Column, sent: Option<&Json>, wrong: &mut Wrong) -> Json {
    match sent.filter(|sent| !sent.is_null()) {
        Some(sent) => sound(column, sent, wrong).unwrap_or(Json::Null),
        None if column.presence.filled() => column.kind.default(),
        None if column.kind == crate::value::Kind::Words => json!([]),
        None => {
            if column.presence.required() {
                wrong.insert((column.name.to_owned(), "REQUIRED"));
            }
            Json::Null
        }
    }
}

/// The value that an update sets.
fn changed(column: &Column, sent: &Json, wrong: &mut Wrong) -> Option<Json> {
    match sent {
        Json::Null if column.kind == crate::value::Kind::Words => Some(json!([])),
        Json::Null if column.presence.required() => {
            wrong.insert((column.name.to_owned(), "REQUIRED"));
            None
        }
        Json::Null => Some(Json::Null),
        sent => sound(column, sent, wrong),
    }
}

/// What can't be changed may be sent with a replacement, as it is. What no row can have is another value, too.
fn kept(column: &Column, sent: &Json, stored: Option<&Json>, wrong: &mut Wrong) {
    let same = match column.kind.judge(sent) {
        _ if sent.is_null() => stored.is_some_and(Json::is_null),
        Ok(value) => stored == Some(&value),
        Err(code) if code.starts_with("INVALID") => {
            wrong.insert((column.name.to_owned(), code));
            return;
        }
        Err(_) => false,
    };
    if !same {
        wrong.insert((column.name.to_owned(), "CREATE_ONLY"));
    }
}

fn sound(column: &Column, sent: &Json, wrong: &mut Wrong) -> Option<Json> {
    match column.kind.judge(sent) {
        Ok(value) => Some(value),
        Err(code) => {
            wrong.insert((column.name.to_owned(), code));
            None
        }
    }
}
