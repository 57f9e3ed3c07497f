//! What is read of rows, and below them: which fields, and which other rows. Knows neither the rows nor who may see them.

use super::{Asked, Operation};
use crate::{
    codec::json::JsonInput,
    descriptor::{Action, Relation, Resource},
    error::ApiError,
    fields::Fields,
    value::Value,
};

/// What is read of the rows at one place of an answer.
#[derive(Debug, Default)]
pub struct Rows {
    /// `None`: all.
    pub fields: Option<Fields>,
    /// What is read below them.
    pub fetches: Vec<Fetch>,
}

/// Rows as they are, with nothing below them.
pub static WHOLE: Rows = Rows { fields: None, fetches: Vec::new() };

impl Rows {
    /// Rows of which nothing is shown yet.
    pub fn of(resource: &'static Resource) -> Rows {
        Rows { fields: Some(Fields::of(resource)), fetches: Vec::new() }
    }

    /// Shows a field, too.
    pub fn show(&mut self, resource: &'static Resource, index: usize) {
        self.fields.get_or_insert_with(|| Fields::of(resource)).add(index);
    }

    pub fn shows(&self, index: usize) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.has(index))
    }

    /// Whether a field is read: because it is shown, or because it leads to rows below.
    pub fn needs(&self, index: usize) -> bool {
        let leads = |fetch: &Fetch| matches!(fetch.read, Read::BelongsTo { column } if column == index);
        self.shows(index) || self.fetches.iter().any(leads)
    }

    /// The fields of a resource that hooks compute for these rows, by their positions.
    pub fn computed(&self, resource: &Resource) -> Vec<usize> {
        (0..resource.fields.len()).filter(|index| resource.fields[*index].computed && self.shows(*index)).collect()
    }

    /// Whether all of it can be read so.
    pub fn in_one_statement(&self) -> bool {
        match self.fetches.as_slice() {
            [Fetch { read: Read::Act { .. }, .. }] => false,
            [Fetch { read, rows, .. }] => rows.fetches.is_empty() && !read.counts(),
            _ => false,
        }
    }
}

/// One statement (two with totals), whatever the number of rows above.
#[derive(Debug)]
pub struct Fetch {
    /// The relation that leads to them; of what no row leads to, anything.
    pub name: &'static str,
    pub resource: &'static Resource,
    pub read: Read,
    /// Read of these rows, and below them.
    pub rows: Rows,
}

#[derive(Debug)]
pub enum Read {
    List(Asked),
    /// `None`: what was asked for can't be an id of the resource.
    ByIds(Vec<Option<Value>>),
    /// By the ids in this field of the rows above.
    BelongsTo {
        column: usize,
    },
    Children {
        owner: &'static Resource,
        relation: &'static Relation,
        args: Asked,
    },
    /// What an action returns that only reads.
    Act {
        action: &'static Action,
        id: String,
        input: JsonInput<'static>,
    },
    /// The caller's arguments can't be read.
    Refused(ApiError),
}

impl Read {
    /// What it amounts to where no row leads to it, if to anything.
    pub fn operation(&self) -> Option<Operation> {
        Some(match self {
            Read::List(_) | Read::Children { .. } => Operation::List,
            Read::ByIds(_) | Read::BelongsTo { .. } => Operation::Get,
            Read::Act { action, .. } => Operation::Act(action.name),
            Read::Refused(_) => return None,
        })
    }

    fn counts(&self) -> bool {
        matches!(self, Read::List(Ok(args)) | Read::Children { args: Ok(args), .. } if args.total)
    }
}
