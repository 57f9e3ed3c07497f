//! Makes a plan of a valid operation: collects and merges fields per object type, coerces arguments, shares equal
//! fetches, and counts what the answer could cost while doing so.

use apollo_compiler::{
    Name,
    collections::{HashSet, IndexMap},
    executable::{ExecutableDocument, Field, Operation, Selection as Syntax, SelectionSet},
    parser::SourceSpan,
};
use serde_json::{Map, Value as Json};

use super::{
    ConnectionField, DetailField, EdgeField, EntryField, MutationField, Nodes, PageInfoField, PayloadField, Plan,
    QueryPlan, ResultField, RootField, RowField, Selected, Selection, Shape, Shown, UserErrorField, What,
};
use crate::{
    descriptor::{Relation, RelationKind, Resource, Returns, Type},
    error::ApiError,
    graphql::{
        arguments,
        schema::{Member, MutationKind, Query, Schema, member_of},
    },
    service::{Asked, Fetch, ListArgs, Read, Rows, refusal},
    value::{Value, parse_id},
};

/// The answer could have more fields than are allowed.
#[derive(Debug)]
pub(crate) struct TooComplex {
    /// The field that went beyond the limit.
    pub(crate) span: Option<SourceSpan>,
}

pub(crate) struct Planner<'d> {
    pub(crate) schema: &'d Schema,
    pub(crate) document: &'d ExecutableDocument,
    pub(crate) variables: &'d Map<String, Json>,
    /// How many more fields the answer may have.
    pub(crate) budget: u64,
}

/// Fields of the document that answer one response key: as a rule there is one.
struct Merged<'d> {
    first: &'d Field,
    others: Vec<&'d Field>,
}

/// Selection sets that together describe one object.
type Sets<'d> = [&'d SelectionSet];

impl<'d> Planner<'d> {
    pub(crate) fn plan(mut self, operation: &'d Operation) -> Result<Plan, TooComplex> {
        let sets = [&operation.selection_set];
        if operation.is_mutation() {
            self.mutation(&sets).map(Plan::Mutation)
        } else {
            self.query(&sets).map(|plan| Plan::Query(plan.into()))
        }
    }

    fn query(&mut self, sets: &Sets<'d>) -> Result<QueryPlan, TooComplex> {
        let mut rows = Rows::default();
        let selection =
            self.select(type_name(sets), sets, |planner, field, sets| planner.root(&mut rows, field, sets))?;
        Ok(QueryPlan { rows, selection })
    }

    fn root(&mut self, rows: &mut Rows, field: &'d Field, sets: &Sets<'d>) -> Result<RootField, TooComplex> {
        let Some(query) = self.schema.query(&field.name) else { return Ok(RootField::Introspection) };
        self.charge(1, field)?;
        let arguments = match arguments::coerce(&self.schema.sdl, field, self.variables) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(RootField::Refused(error)),
        };
        match query {
            Query::List(resource) => {
                let (args, arguments) = list_args(resource, Ok(arguments));
                let weight = page_size(resource, args.as_ref().ok());
                let fetch = rows.fetch(field, arguments, resource, Read::List(args));
                Ok(RootField::List(fetch, self.connection(&mut rows.fetches[fetch], sets, weight)?))
            }
            Query::Get(resource) => {
                let id = arguments::id(arguments.get("id"));
                let row = self.by_id(rows, field, sets, resource, &id)?;
                Ok(RootField::Get { resource, id, row })
            }
            Query::Node => {
                let id = arguments::id(arguments.get("id"));
                let row = match self.schema.resource_of(&id) {
                    Some(resource) => self.by_id(rows, field, sets, resource, &id)?,
                    None => None,
                };
                Ok(RootField::Node(row))
            }
            Query::Act(resource, action) => {
                let id = arguments::id(arguments.get("id"));
                let input = arguments::input(&arguments);
                let fetch = rows.fetch(field, arguments, resource, Read::Act { action, id, input });
                Ok(RootField::Act(fetch, self.shown(&mut rows.fetches[fetch].rows, &action.returns, sets)?))
            }
            Query::Nodes => self.nodes(rows, field, sets, &arguments).map(RootField::Nodes),
        }
    }

    fn by_id(
        &mut self,
        rows: &mut Rows,
        field: &'d Field,
        sets: &Sets<'d>,
        resource: &'static Resource,
        id: &str,
    ) -> Result<Option<(usize, Selection<RowField>)>, TooComplex> {
        let Some(value) = parse_id(resource.id(), id) else { return Ok(None) };
        let key = Map::from_iter([("id".to_owned(), Json::from(id))]);
        let fetch = rows.fetch(field, key, resource, Read::ByIds(vec![value]));
        Ok(Some((fetch, self.row(&mut rows.fetches[fetch].rows, resource, sets, 1)?)))
    }

    fn nodes(
        &mut self,
        rows: &mut Rows,
        field: &'d Field,
        sets: &Sets<'d>,
        arguments: &Map<String, Json>,
    ) -> Result<Nodes, TooComplex> {
        let asked = arguments.get("ids").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<(&'static Resource, Vec<Value>)> = Vec::new();
        let mut slots = Vec::with_capacity(asked.len());
        for id in asked {
            let id = arguments::id(Some(id));
            let resource = self.schema.resource_of(&id);
            slots.push(resource.and_then(|resource| Some((resource, parse_id(resource.id(), &id)?))).map(
                |(resource, value)| {
                    let group = ids.iter().position(|(known, _)| known.name == resource.name).unwrap_or_else(|| {
                        ids.push((resource, Vec::new()));
                        ids.len() - 1
                    });
                    ids[group].1.push(value);
                    (group, ids[group].1.len() - 1)
                },
            ));
        }
        let mut groups = Vec::with_capacity(ids.len());
        for (resource, ids) in ids {
            let weight = ids.len() as u64;
            self.charge(weight, field)?;
            // One field, several fetches.
            let mut key = arguments.clone();
            key.insert("__typename".to_owned(), resource.name.into());
            let fetch = rows.fetch(field, key, resource, Read::ByIds(ids));
            groups.push((fetch, self.row(&mut rows.fetches[fetch].rows, resource, sets, weight)?));
        }
        Ok(Nodes { groups, slots })
    }

    fn row(
        &mut self,
        rows: &mut Rows,
        resource: &'static Resource,
        sets: &Sets<'d>,
        weight: u64,
    ) -> Result<Selection<RowField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(resource.name, sets, |planner, field, sets| {
            planner.charge_again(&mut once, weight, field)?;
            match planner.schema.member(resource, &field.name) {
                Some(Member::Column(index)) => {
                    rows.show(resource, index);
                    let shape = planner.shape(&resource.fields[index].ty, sets, weight)?;
                    Ok(RowField::Column { index, shape })
                }
                Some(Member::Etag) => Ok(RowField::Etag),
                Some(Member::Relation(relation)) => planner.relation(rows, resource, relation, field, sets, weight),
                None => unreachable!("the schema was checked: {}.{}", resource.name, field.name),
            }
        })
    }

    fn relation(
        &mut self,
        rows: &mut Rows,
        owner: &'static Resource,
        relation: &'static Relation,
        field: &'d Field,
        sets: &Sets<'d>,
        weight: u64,
    ) -> Result<RowField, TooComplex> {
        let target = relation.target;
        let arguments = arguments::coerce(&self.schema.sdl, field, self.variables);
        let (read, arguments) = match relation.kind {
            RelationKind::BelongsTo { column } => match owner.field_index(column) {
                Some(column) => (Read::BelongsTo { column }, Map::new()),
                None => unreachable!("{}.{} has its id in {column}", owner.name, relation.name),
            },
            RelationKind::HasOne { .. } => {
                let (args, arguments) = list_args(target, Ok(Map::from_iter([("first".to_owned(), Json::from(1))])));
                (Read::Children { owner, relation, args }, arguments)
            }
            RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => {
                let (args, arguments) = list_args(target, arguments);
                let below = weight.saturating_mul(page_size(target, args.as_ref().ok()));
                let fetch = rows.fetch(field, arguments, target, Read::Children { owner, relation, args });
                let connection = self.connection(&mut rows.fetches[fetch], sets, below)?;
                return Ok(RowField::Many(fetch, connection));
            }
        };
        self.charge(weight, field)?;
        let fetch = rows.fetch(field, arguments, target, read);
        Ok(RowField::One(fetch, self.row(&mut rows.fetches[fetch].rows, target, sets, weight)?))
    }

    fn connection(
        &mut self,
        fetch: &mut Fetch,
        sets: &Sets<'d>,
        weight: u64,
    ) -> Result<Selection<ConnectionField>, TooComplex> {
        let resource = fetch.resource;
        self.select(type_name(sets), sets, |planner, field, sets| {
            Ok(match field.name.as_str() {
                "edges" => {
                    planner.charge(weight, field)?;
                    ConnectionField::Edges(planner.edge(&mut fetch.rows, resource, sets, weight)?)
                }
                "nodes" => {
                    planner.charge(weight, field)?;
                    ConnectionField::Nodes(planner.row(&mut fetch.rows, resource, sets, weight)?)
                }
                "pageInfo" => ConnectionField::PageInfo(planner.page_info(sets)?),
                _ => {
                    fetch.read.count();
                    ConnectionField::TotalCount
                }
            })
        })
    }

    fn edge(
        &mut self,
        rows: &mut Rows,
        resource: &'static Resource,
        sets: &Sets<'d>,
        weight: u64,
    ) -> Result<Selection<EdgeField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge_again(&mut once, weight, field)?;
            Ok(match field.name.as_str() {
                "node" => EdgeField::Node(planner.row(rows, resource, sets, weight)?),
                _ => EdgeField::Cursor,
            })
        })
    }

    fn page_info(&mut self, sets: &Sets<'d>) -> Result<Selection<PageInfoField>, TooComplex> {
        self.select("PageInfo", sets, |_, field, _| {
            Ok(match field.name.as_str() {
                "hasNextPage" => PageInfoField::HasNextPage,
                "hasPreviousPage" => PageInfoField::HasPreviousPage,
                "startCursor" => PageInfoField::StartCursor,
                _ => PageInfoField::EndCursor,
            })
        })
    }

    fn shape(&mut self, ty: &'static Type, sets: &Sets<'d>, weight: u64) -> Result<Shape, TooComplex> {
        let mut once = HashSet::default();
        Ok(match ty {
            Type::List(item) => Shape::List(Box::new(self.shape(item, sets, weight)?)),
            Type::Map(value) => Shape::Map(self.select(type_name(sets), sets, |planner, field, sets| {
                planner.charge_again(&mut once, weight, field)?;
                Ok(match field.name.as_str() {
                    "key" => EntryField::Key,
                    _ => EntryField::Value(planner.shape(value, sets, weight)?),
                })
            })?),
            Type::Object(object) => Shape::Object(self.select(object.name, sets, |planner, field, sets| {
                planner.charge_again(&mut once, weight, field)?;
                match member_of(object.fields, &field.name) {
                    Some((index, member)) => Ok((index, planner.shape(&member.ty, sets, weight)?)),
                    None => unreachable!("the schema was checked: {}.{}", object.name, field.name),
                }
            })?),
            leaf => Shape::Leaf(leaf),
        })
    }

    fn mutation(&mut self, sets: &Sets<'d>) -> Result<Selection<MutationField>, TooComplex> {
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge(1, field)?;
            let Some(mutation) = planner.schema.mutation(&field.name) else {
                unreachable!("the schema was checked: Mutation.{}", field.name)
            };
            let arguments = arguments::coerce(&planner.schema.sdl, field, planner.variables);
            let mut rows = Rows::default();
            let payload = planner.select(type_name(sets), sets, |planner, field, sets| {
                Ok(match field.name.as_str() {
                    "userErrors" => PayloadField::UserErrors(planner.user_error(sets)?),
                    "deletedId" => PayloadField::DeletedId,
                    _ if matches!(mutation.kind, MutationKind::Batch) => {
                        let weight = arguments.as_ref().map_or(1, arguments::operations);
                        PayloadField::Results(planner.results(&mut rows, mutation.resource, sets, weight)?)
                    }
                    _ => PayloadField::Result(planner.shown(&mut rows, &mutation.returns(), sets)?),
                })
            })?;
            Ok(MutationField { mutation, arguments, rows: rows.into(), payload })
        })
    }

    /// Of several writes, by the field of each one's result.
    fn results(
        &mut self,
        rows: &mut Rows,
        resource: &'static Resource,
        sets: &Sets<'d>,
        weight: u64,
    ) -> Result<Selection<ResultField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge_again(&mut once, weight, field)?;
            Ok(match field.name.as_str() {
                "index" => ResultField::Index,
                "deletedId" => ResultField::DeletedId,
                "userErrors" => ResultField::UserErrors(planner.user_error(sets)?),
                _ => {
                    planner.charge(weight, field)?;
                    ResultField::Row(planner.row(rows, resource, sets, weight)?)
                }
            })
        })
    }

    fn shown(&mut self, rows: &mut Rows, returns: &Returns, sets: &Sets<'d>) -> Result<Shown, TooComplex> {
        Ok(match returns {
            Returns::Row(resource) => Shown::Row(self.row(rows, resource, sets, 1)?),
            Returns::Rows(resource) => Shown::Rows(self.row(rows, resource, sets, UNSIZED_PAGE)?),
            Returns::Value { result } => Shown::Value(self.shape(&result.ty, sets, 1)?),
            Returns::Nothing => unreachable!("the schema was checked: what returns nothing has no field for it"),
        })
    }

    fn user_error(&mut self, sets: &Sets<'d>) -> Result<Selection<UserErrorField>, TooComplex> {
        self.select("UserError", sets, |planner, field, sets| {
            Ok(match field.name.as_str() {
                "code" => UserErrorField::Code,
                "message" => UserErrorField::Message,
                "details" => UserErrorField::Details(planner.detail(sets)?),
                _ => UserErrorField::Field,
            })
        })
    }

    fn detail(&mut self, sets: &Sets<'d>) -> Result<Selection<DetailField>, TooComplex> {
        self.select("ErrorDetail", sets, |_, field, _| {
            Ok(match field.name.as_str() {
                "name" => DetailField::Name,
                _ => DetailField::Value,
            })
        })
    }

    /// The fields of one object, in the order of the document, each planned by `plan`.
    fn select<F>(
        &mut self,
        type_name: &str,
        sets: &Sets<'d>,
        mut plan: impl FnMut(&mut Self, &'d Field, &Sets<'d>) -> Result<F, TooComplex>,
    ) -> Result<Selection<F>, TooComplex> {
        let mut merged = IndexMap::default();
        let mut visited = HashSet::default();
        for set in sets {
            merged.reserve(set.selections.len());
            self.collect(type_name, set, &mut visited, &mut merged);
        }
        let mut fields = Vec::with_capacity(merged.len());
        for (key, Merged { first, others }) in merged {
            let alone = [&first.selection_set];
            let together: Vec<_>;
            let below: &Sets<'d> = if others.is_empty() {
                &alone
            } else {
                together = alone.into_iter().chain(others.iter().map(|field| &field.selection_set)).collect();
                &together
            };
            let what = match self.schema.unserved(type_name, &first.name) {
                Some(name) => What::Unserved(refusal::not_served(name)),
                None if first.name == "__typename" => What::Typename,
                None => What::Field(plan(self, first, below)?),
            };
            let nullable = !first.definition.ty.is_non_null();
            fields.push(Selected { key: key.clone(), span: first.name.location(), nullable, what });
        }
        // They differ where an interface is selected.
        let type_name = if sets[0].ty == type_name { sets[0].ty.clone() } else { Name::new_unchecked(type_name) };
        Ok(Selection { type_name, fields })
    }

    /// CollectFields of the GraphQL specification.
    fn collect(
        &self,
        type_name: &str,
        set: &'d SelectionSet,
        visited: &mut HashSet<&'d Name>,
        merged: &mut IndexMap<&'d Name, Merged<'d>>,
    ) {
        for selection in set.selections.iter().filter(|selection| self.included(selection)) {
            match selection {
                Syntax::Field(field) => {
                    let same = merged.entry(field.response_key()).and_modify(|same| same.others.push(field));
                    same.or_insert_with(|| Merged { first: field, others: Vec::new() });
                }
                Syntax::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.schema.applies(condition, type_name)) {
                        self.collect(type_name, &inline.selection_set, visited, merged);
                    }
                }
                Syntax::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    if visited.insert(&spread.fragment_name)
                        && self.schema.applies(fragment.type_condition(), type_name)
                    {
                        self.collect(type_name, &fragment.selection_set, visited, merged);
                    }
                }
            }
        }
    }

    /// What `@skip` and `@include` say.
    fn included(&self, selection: &Syntax) -> bool {
        let says = |directive: &str| {
            let condition = selection.directives().get(directive)?.specified_argument_by_name("if")?;
            match condition.as_variable() {
                Some(name) => self.variables.get(name.as_str())?.as_bool(),
                None => condition.to_bool(),
            }
        };
        !says("skip").unwrap_or(false) && says("include").unwrap_or(true)
    }

    /// Charges for a field of an object that has been asked for before.
    fn charge_again(&mut self, once: &mut HashSet<&'d Name>, weight: u64, field: &'d Field) -> Result<(), TooComplex> {
        if once.insert(&field.name) { Ok(()) } else { self.charge(weight, field) }
    }

    fn charge(&mut self, weight: u64, field: &Field) -> Result<(), TooComplex> {
        match self.budget.checked_sub(weight.max(1)) {
            Some(rest) => {
                self.budget = rest;
                Ok(())
            }
            None => Err(TooComplex { span: field.name.location() }),
        }
    }
}

impl Rows {
    /// The number of the fetch with this field and these arguments, added unless it is there.
    fn fetch(&mut self, field: &Field, arguments: Map<String, Json>, resource: &'static Resource, read: Read) -> usize {
        let same = |fetch: &Fetch| fetch.key.0 == field.name.as_str() && fetch.key.1 == arguments;
        self.fetches.iter().position(same).unwrap_or_else(|| {
            let rows = match read {
                // Whatever its rows are of.
                Read::Act { .. } => Rows::default(),
                _ => Rows::of(resource),
            };
            self.fetches.push(Fetch { key: (field.name.to_string(), arguments), resource, read, rows });
            self.fetches.len() - 1
        })
    }
}

impl Read {
    /// Also counts all rows.
    fn count(&mut self) {
        if let Read::List(Ok(args)) | Read::Children { args: Ok(args), .. } = self {
            args.total = true;
        }
    }
}

fn list_args(
    resource: &'static Resource,
    arguments: Result<Map<String, Json>, ApiError>,
) -> (Asked, Map<String, Json>) {
    match arguments {
        Ok(arguments) => (arguments::list(resource, &arguments), arguments),
        Err(error) => (Err(error), Map::new()),
    }
}

/// What a page counts for when its size isn't asked for. Few lists fill their default page; those that do meet the
/// limit on rows.
const UNSIZED_PAGE: u64 = 5;

/// How many rows a page may have, for the complexity of what is below them.
fn page_size(resource: &Resource, args: Option<&ListArgs>) -> u64 {
    let asked = args.and_then(|args| args.page_size).map(|size| u64::try_from(size).unwrap_or(0));
    asked.unwrap_or(UNSIZED_PAGE).clamp(1, resource.list.max_page_size.max(1).into())
}

fn type_name<'d>(sets: &Sets<'d>) -> &'d str {
    sets[0].ty.as_str()
}
