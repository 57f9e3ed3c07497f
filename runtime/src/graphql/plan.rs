//! What the requests of one operation read and what their answers look like, with all names looked up and all fields
//! merged. A plan is kept with its document; what it lacks, the values of arguments, a request fills in ([`Filled`]).
//!
//! Two trees: [`Places`] says which rows to read below which, [`Selection`] what to write; a selection points into the
//! places by the number of a fetch. So two aliases of one relation with the same arguments share a fetch.

mod build;
mod fill;

use apollo_compiler::{Name, parser::SourceSpan};

pub(crate) use build::Planner;
pub(crate) use fill::{Filled, TooComplex, Write};

use crate::{
    descriptor::{Action, Relation, Resource, Type},
    error::ApiError,
    fields::Fields,
    graphql::{
        arguments::{self, Arguments, Variables},
        schema::{Mutation, Schema},
    },
    value::parse_id,
};

/// A whole operation.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) operation: Option<Name>,
    pub(crate) kind: Kind,
    /// What it is good for: requests whose variables agree with all of this.
    assumptions: Vec<Assumption>,
    /// How many objects of the answer are no rows.
    objects: u64,
    /// Roughly what it takes.
    pub(crate) bytes: usize,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Query(QueryPlan),
    /// Its root fields run one after another.
    Mutation(Selection<MutationField>),
}

/// Something that variables decide about the form of a plan.
#[derive(Debug, Clone, PartialEq)]
enum Assumption {
    /// A variable of `@skip` or `@include` has this value.
    Switch(Name, Option<bool>),
    /// The ids that `node` or `nodes` asks for belong to these resources, in the order of their names.
    Resources(Arguments, Vec<&'static str>),
}

impl Plan {
    pub(crate) fn fits(&self, operation: Option<&Name>, schema: &Schema, variables: Variables<'_>) -> bool {
        self.operation.as_ref() == operation
            && self.assumptions.iter().all(|assumption| match assumption {
                Assumption::Switch(name, value) => switch(name, variables) == *value,
                Assumption::Resources(arguments, names) => resources(schema, arguments, variables)
                    .iter()
                    .map(|resource| resource.name)
                    .eq(names.iter().copied()),
            })
    }

    /// Whether it is good for the same requests.
    pub(crate) fn equals(&self, other: &Plan) -> bool {
        self.operation == other.operation && self.assumptions == other.assumptions
    }
}

fn switch(name: &Name, variables: Variables<'_>) -> Option<bool> {
    variables.values.get(name.as_str())?.as_bool()
}

/// To which resources the ids of `node` or `nodes` belong, in the order of their names.
fn resources(schema: &Schema, arguments: &Arguments, variables: Variables<'_>) -> Vec<&'static Resource> {
    let values = arguments.values(variables).unwrap_or_default();
    let known = |id: &str| schema.resource_of(id).filter(|resource| parse_id(resource.id(), id).is_some());
    let mut resources: Vec<_> = arguments::ids(&values).filter_map(known).collect();
    resources.sort_by_key(|resource| resource.name);
    resources.dedup_by_key(|resource| resource.name);
    resources
}

#[derive(Debug)]
pub(crate) struct QueryPlan {
    pub(crate) places: Places,
    pub(crate) selection: Selection<RootField>,
}

/// Rows at one place of the answer.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// `None`: whatever the rows are of, all.
    fields: Option<Fields>,
    fetches: Vec<Fetch>,
}

/// One fetch of a request, but for the values of its arguments.
#[derive(Debug)]
struct Fetch {
    /// The field that asks for it.
    field: Name,
    span: Option<SourceSpan>,
    arguments: Arguments,
    resource: &'static Resource,
    read: Read,
    /// Also counts all rows.
    total: bool,
    /// How many objects of the answer each row counts for.
    objects: u64,
    below: Places,
}

#[derive(Debug, Clone, Copy)]
enum Read {
    List,
    /// By `id`.
    ById,
    /// By those of `ids` that are ids of the resource.
    ByIds,
    BelongsTo {
        column: usize,
    },
    /// has_one: a page of one.
    One(&'static Resource, &'static Relation),
    Many(&'static Resource, &'static Relation),
    Act(&'static Action),
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
    Unserved(Box<ApiError>),
}

#[derive(Debug)]
pub(crate) enum RootField {
    Introspection,
    /// `order(id:)`: NOT_FOUND when there is no such row.
    Get {
        resource: &'static Resource,
        arguments: Arguments,
        fetch: usize,
        row: Selection<RowField>,
    },
    /// `node(id:)`: null when there is no such row.
    Node {
        arguments: Arguments,
        row: Option<(usize, Selection<RowField>)>,
    },
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
    pub(crate) arguments: Arguments,
    pub(crate) groups: Vec<Group>,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) resource: &'static Resource,
    pub(crate) fetch: usize,
    pub(crate) row: Selection<RowField>,
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
    arguments: Arguments,
    /// Read below the row that was written.
    below: Places,
    /// How many objects of the answer each row counts for.
    objects: u64,
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
