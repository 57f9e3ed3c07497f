//! What one request reads and what its answer looks like, with all arguments coerced and all fields merged.
//!
//! Two trees: [`Rows`] says which rows to read below which, [`Selection`] what to write; a selection points into the rows
//! by the number of a fetch. So two aliases of one relation with equal arguments share a fetch.

mod build;

use std::sync::Arc;

use apollo_compiler::{Name, parser::SourceSpan};
use serde_json::{Map, Value as Json};

pub(crate) use build::Planner;

use crate::{
    codec::json::JsonInput,
    descriptor::{Action, Relation, Resource, Type},
    error::ApiError,
    graphql::schema::Mutation,
    service::{Asked, Operation},
    value::Value,
};

/// A whole operation.
#[derive(Debug)]
pub(crate) enum Plan {
    Query(Arc<QueryPlan>),
    /// Its root fields run one after another.
    Mutation(Selection<MutationField>),
}

#[derive(Debug)]
pub(crate) struct QueryPlan {
    pub(crate) rows: Rows,
    pub(crate) selection: Selection<RootField>,
}

/// What is read below the rows at one place of the answer, and asked of hooks for them.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Their resource and those of its fields that hooks compute, each once.
    pub(crate) computed: Option<(&'static Resource, Vec<usize>)>,
    pub(crate) fetches: Vec<Fetch>,
}

impl Rows {
    /// Whether all of it can be read so.
    pub(crate) fn in_one_statement(&self) -> bool {
        match self.fetches.as_slice() {
            [Fetch { read: Read::Act { .. }, .. }] => false,
            [Fetch { read, rows, .. }] => rows.fetches.is_empty() && !read.counts(),
            _ => false,
        }
    }
}

/// One statement (two with totals), whatever the number of rows above.
#[derive(Debug)]
pub(crate) struct Fetch {
    /// The field and its arguments: what equal fetches have in common.
    pub(crate) key: (String, Map<String, Json>),
    pub(crate) resource: &'static Resource,
    pub(crate) read: Read,
    /// Read below these rows.
    pub(crate) rows: Rows,
}

#[derive(Debug)]
pub(crate) enum Read {
    List(Asked),
    ByIds(Vec<Value>),
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
        input: JsonInput,
    },
}

impl Read {
    /// What it amounts to where no row leads to it.
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Read::List(_) | Read::Children { .. } => Operation::List,
            Read::ByIds(_) | Read::BelongsTo { .. } => Operation::Get,
            Read::Act { action, .. } => Operation::Act(action.name),
        }
    }

    fn counts(&self) -> bool {
        matches!(self, Read::List(Ok(args)) | Read::Children { args: Ok(args), .. } if args.total)
    }
}

/// The fields of one object of the answer, in its order.
#[derive(Debug)]
pub(crate) struct Selection<F> {
    pub(crate) type_name: Name,
    pub(crate) fields: Vec<Selected<F>>,
}

#[derive(Debug)]
pub(crate) struct Selected<F> {
    /// Alias or name.
    pub(crate) key: Name,
    pub(crate) span: Option<SourceSpan>,
    pub(crate) nullable: bool,
    pub(crate) what: What<F>,
}

#[derive(Debug)]
pub(crate) enum What<F> {
    Typename,
    Field(F),
    /// Nothing serves it.
    Unserved(ApiError),
}

#[derive(Debug)]
pub(crate) enum RootField {
    Introspection,
    /// Its arguments can't be read.
    Refused(ApiError),
    /// `order(id:)`: NOT_FOUND when there is no such row.
    Get {
        resource: &'static Resource,
        id: String,
        row: Option<(usize, Selection<RowField>)>,
    },
    /// `node(id:)`: null when there is no such row.
    Node(Option<(usize, Selection<RowField>)>),
    Nodes(Nodes),
    List(usize, Selection<ConnectionField>),
    Act(usize, Shown),
}

/// What an action returns.
#[derive(Debug)]
pub(crate) enum Shown {
    Row(Selection<RowField>),
    Rows(Selection<RowField>),
    Value(Shape),
}

/// `nodes(ids:)`: one fetch per resource among the ids.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) groups: Vec<(usize, Selection<RowField>)>,
    /// One per id: its group, and its position there.
    pub(crate) slots: Vec<Option<(usize, usize)>>,
}

#[derive(Debug)]
pub(crate) enum RowField {
    Column {
        index: usize,
        shape: Shape,
    },
    Etag,
    /// belongs_to or has_one.
    One(usize, Selection<RowField>),
    Many(usize, Selection<ConnectionField>),
}

#[derive(Debug)]
pub(crate) enum ConnectionField {
    Edges(Selection<EdgeField>),
    Nodes(Selection<RowField>),
    PageInfo(Selection<PageInfoField>),
    TotalCount,
}

#[derive(Debug)]
pub(crate) enum EdgeField {
    Node(Selection<RowField>),
    Cursor,
}

#[derive(Debug)]
pub(crate) enum PageInfoField {
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

/// How a stored value is written.
#[derive(Debug)]
pub(crate) enum Shape {
    Leaf(&'static Type),
    List(Box<Shape>),
    Map(Selection<EntryField>),
    Object(Selection<(usize, Shape)>),
}

#[derive(Debug)]
pub(crate) enum EntryField {
    Key,
    Value(Shape),
}

#[derive(Debug)]
pub(crate) struct MutationField {
    pub(crate) mutation: Mutation,
    pub(crate) arguments: Result<Map<String, Json>, ApiError>,
    /// Read below the row that was written.
    pub(crate) rows: Arc<Rows>,
    pub(crate) payload: Selection<PayloadField>,
}

#[derive(Debug)]
pub(crate) enum PayloadField {
    Result(Shown),
    DeletedId,
    UserErrors(Selection<UserErrorField>),
    /// Of several writes, one each.
    Results(Selection<ResultField>),
}

#[derive(Debug)]
pub(crate) enum ResultField {
    Index,
    Row(Selection<RowField>),
    DeletedId,
    UserErrors(Selection<UserErrorField>),
}

#[derive(Debug)]
pub(crate) enum UserErrorField {
    Code,
    Message,
    Field,
    Details(Selection<DetailField>),
}

#[derive(Debug)]
pub(crate) enum DetailField {
    Name,
    Value,
}
