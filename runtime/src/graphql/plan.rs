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
    descriptor::{Resource, Type},
    error::ApiError,
    graphql::schema::Mutation,
    service::Rows,
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
