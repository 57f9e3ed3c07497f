//! Makes the plan of a valid operation: collects and merges fields per object type, looks names up, shares equal fetches,
//! and counts the objects of the answer.

use apollo_compiler::{
    Name,
    collections::{HashSet, IndexMap},
    executable::{ExecutableDocument, Field, Operation, Selection as Syntax, SelectionSet},
};

use super::{
    Assumption, ConnectionField, DetailField, EdgeField, EntryField, Fetch, Group, Kind, MutationField, Nodes,
    PageInfoField, PayloadField, Places, Plan, QueryPlan, Read, ResultField, RootField, RowField, Selected, Selection,
    Shape, Shown, TooComplex, UserErrorField, What,
};
use crate::{
    descriptor::{Relation, RelationKind, Resource, Returns, Type},
    fields::Fields,
    graphql::{
        arguments::{Arguments, Variables},
        schema::{Member, MutationKind, Query, Schema, member_of},
    },
    service::refusal,
};

/// What a field of the answer takes, roughly, with its fetch.
const FIELD_BYTES: usize = 256;

/// Plans one operation for all requests whose variables agree with these in what the planner makes assumptions about.
pub(crate) struct Planner<'d> {
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    variables: Variables<'d>,
    assumptions: Vec<Assumption>,
    /// How many more objects the answer may have, each list being one row.
    budget: u64,
    /// How many objects each row counts for at the place that is being planned.
    objects: u64,
    /// Roughly what the plan takes.
    bytes: usize,
}

/// Fields of the document that answer one response key: as a rule there is one.
struct Merged<'d> {
    first: &'d Field,
    others: Vec<&'d Field>,
}

/// Selection sets that together describe one object.
type Sets<'d> = [&'d SelectionSet];

impl<'d> Planner<'d> {
    pub(crate) fn new(
        schema: &'d Schema,
        document: &'d ExecutableDocument,
        variables: Variables<'d>,
        budget: u64,
    ) -> Planner<'d> {
        let bytes = size_of::<Plan>();
        Planner { schema, document, variables, assumptions: Vec::new(), budget, objects: 0, bytes }
    }

    pub(crate) fn plan(mut self, operation: &'d Operation) -> Result<Plan, TooComplex> {
        let sets = [&operation.selection_set];
        let kind = if operation.is_mutation() {
            Kind::Mutation(self.mutation(&sets)?)
        } else {
            Kind::Query(self.query(&sets)?)
        };
        let Planner { assumptions, objects, bytes, .. } = self;
        Ok(Plan { operation: operation.name.clone(), kind, assumptions, objects, bytes })
    }

    fn query(&mut self, sets: &Sets<'d>) -> Result<QueryPlan, TooComplex> {
        let mut places = Places::default();
        let selection =
            self.select(type_name(sets), sets, |planner, field, sets| planner.root(&mut places, field, sets))?;
        Ok(QueryPlan { places, selection })
    }

    fn root(&mut self, places: &mut Places, field: &'d Field, sets: &Sets<'d>) -> Result<RootField, TooComplex> {
        let Some(query) = self.schema.query(&field.name) else { return Ok(RootField::Introspection) };
        self.charge(field)?;
        let arguments = self.arguments(field);
        Ok(match query {
            Query::List(resource) => {
                let fetch = places.fetch(field, arguments, resource, Read::List);
                RootField::List(
                    fetch,
                    self.below(&mut places.fetches[fetch], |planner, fetch| planner.connection(fetch, sets))?,
                )
            }
            Query::Get(resource) => {
                let (fetch, row) = self.by_id(places, field, sets, (resource, arguments.clone()))?;
                RootField::Get { resource, arguments, fetch, row }
            }
            Query::Node => {
                let resource = self.resources(&arguments).pop();
                let row = resource.map(|resource| self.by_id(places, field, sets, (resource, arguments.clone())));
                RootField::Node { arguments, row: row.transpose()? }
            }
            Query::Act(resource, action) => {
                let fetch = places.fetch(field, arguments, resource, Read::Act(action));
                let shown = self.below(&mut places.fetches[fetch], |planner, fetch| {
                    planner.shown(&mut fetch.below, &action.returns, sets)
                })?;
                RootField::Act(fetch, shown)
            }
            Query::Nodes => RootField::Nodes(self.nodes(places, field, sets, arguments)?),
        })
    }

    fn arguments(&mut self, field: &Field) -> Arguments {
        let arguments = Arguments::of(&self.schema.sdl, field);
        self.bytes += arguments.bytes();
        arguments
    }

    /// To which resources ids belong, which the plan then takes for granted.
    fn resources(&mut self, arguments: &Arguments) -> Vec<&'static Resource> {
        let resources = super::resources(self.schema, arguments, self.variables);
        let names = resources.iter().map(|resource| resource.name).collect();
        self.assume(Assumption::Resources(arguments.clone(), names));
        resources
    }

    fn assume(&mut self, assumption: Assumption) {
        if !self.assumptions.contains(&assumption) {
            self.bytes += size_of::<Assumption>();
            self.assumptions.push(assumption);
        }
    }

    /// Plans what is below a fetch, and has its rows count for that.
    fn below<T>(
        &mut self,
        fetch: &mut Fetch,
        plan: impl FnOnce(&mut Self, &mut Fetch) -> Result<T, TooComplex>,
    ) -> Result<T, TooComplex> {
        let above = std::mem::take(&mut self.objects);
        let planned = plan(self, fetch)?;
        fetch.objects += std::mem::replace(&mut self.objects, above);
        Ok(planned)
    }

    fn by_id(
        &mut self,
        places: &mut Places,
        field: &'d Field,
        sets: &Sets<'d>,
        (resource, arguments): (&'static Resource, Arguments),
    ) -> Result<(usize, Selection<RowField>), TooComplex> {
        let fetch = places.fetch(field, arguments, resource, Read::ById);
        Ok((fetch, self.rows_of(&mut places.fetches[fetch], sets)?))
    }

    fn nodes(
        &mut self,
        places: &mut Places,
        field: &'d Field,
        sets: &Sets<'d>,
        arguments: Arguments,
    ) -> Result<Nodes, TooComplex> {
        let mut groups = Vec::new();
        for resource in self.resources(&arguments) {
            let fetch = places.fetch(field, arguments.clone(), resource, Read::ByIds);
            let row = self.below(&mut places.fetches[fetch], |planner, fetch| {
                planner.charge(field)?;
                planner.row(&mut fetch.below, resource, sets)
            })?;
            groups.push(Group { resource, fetch, row });
        }
        Ok(Nodes { arguments, groups })
    }

    fn rows_of(&mut self, fetch: &mut Fetch, sets: &Sets<'d>) -> Result<Selection<RowField>, TooComplex> {
        self.below(fetch, |planner, fetch| planner.row(&mut fetch.below, fetch.resource, sets))
    }

    fn row(
        &mut self,
        places: &mut Places,
        resource: &'static Resource,
        sets: &Sets<'d>,
    ) -> Result<Selection<RowField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(resource.name, sets, |planner, field, sets| {
            planner.charge_again(&mut once, field)?;
            match planner.schema.member(resource, &field.name) {
                Some(Member::Column(index)) => {
                    places.show(resource, index);
                    let shape = planner.shape(&resource.fields[index].ty, sets)?;
                    Ok(RowField::Column { index, shape })
                }
                Some(Member::Etag) => Ok(RowField::Etag),
                Some(Member::Relation(relation)) => planner.relation(places, resource, relation, field, sets),
                None => unreachable!("the schema was checked: {}.{}", resource.name, field.name),
            }
        })
    }

    fn relation(
        &mut self,
        places: &mut Places,
        owner: &'static Resource,
        relation: &'static Relation,
        field: &'d Field,
        sets: &Sets<'d>,
    ) -> Result<RowField, TooComplex> {
        let target = relation.target;
        let (read, arguments) = match relation.kind {
            RelationKind::BelongsTo { column } => match owner.field_index(column) {
                Some(column) => (Read::BelongsTo { column }, Arguments::none()),
                None => unreachable!("{}.{} has its id in {column}", owner.name, relation.name),
            },
            RelationKind::HasOne { .. } => (Read::One(owner, relation), Arguments::first()),
            RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => {
                let fetch = places.fetch(field, self.arguments(field), target, Read::Many(owner, relation));
                let fetched = &mut places.fetches[fetch];
                return Ok(RowField::Many(
                    fetch,
                    self.below(fetched, |planner, fetch| planner.connection(fetch, sets))?,
                ));
            }
        };
        self.charge(field)?;
        let fetch = places.fetch(field, arguments, target, read);
        Ok(RowField::One(fetch, self.rows_of(&mut places.fetches[fetch], sets)?))
    }

    fn connection(&mut self, fetch: &mut Fetch, sets: &Sets<'d>) -> Result<Selection<ConnectionField>, TooComplex> {
        let resource = fetch.resource;
        self.select(type_name(sets), sets, |planner, field, sets| {
            Ok(match field.name.as_str() {
                "edges" => {
                    planner.charge(field)?;
                    ConnectionField::Edges(planner.edge(&mut fetch.below, resource, sets)?)
                }
                "nodes" => {
                    planner.charge(field)?;
                    ConnectionField::Nodes(planner.row(&mut fetch.below, resource, sets)?)
                }
                "pageInfo" => ConnectionField::PageInfo(planner.page_info(sets)?),
                _ => {
                    fetch.total = true;
                    ConnectionField::TotalCount
                }
            })
        })
    }

    fn edge(
        &mut self,
        places: &mut Places,
        resource: &'static Resource,
        sets: &Sets<'d>,
    ) -> Result<Selection<EdgeField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge_again(&mut once, field)?;
            Ok(match field.name.as_str() {
                "node" => EdgeField::Node(planner.row(places, resource, sets)?),
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

    fn shape(&mut self, ty: &'static Type, sets: &Sets<'d>) -> Result<Shape, TooComplex> {
        let mut once = HashSet::default();
        Ok(match ty {
            Type::List(item) => Shape::List(Box::new(self.shape(item, sets)?)),
            Type::Map(value) => Shape::Map(self.select(type_name(sets), sets, |planner, field, sets| {
                planner.charge_again(&mut once, field)?;
                Ok(match field.name.as_str() {
                    "key" => EntryField::Key,
                    _ => EntryField::Value(planner.shape(value, sets)?),
                })
            })?),
            Type::Object(object) => Shape::Object(self.select(object.name, sets, |planner, field, sets| {
                planner.charge_again(&mut once, field)?;
                match member_of(object.fields, &field.name) {
                    Some((index, member)) => Ok((index, planner.shape(&member.ty, sets)?)),
                    None => unreachable!("the schema was checked: {}.{}", object.name, field.name),
                }
            })?),
            leaf => Shape::Leaf(leaf),
        })
    }

    fn mutation(&mut self, sets: &Sets<'d>) -> Result<Selection<MutationField>, TooComplex> {
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge(field)?;
            let Some(mutation) = planner.schema.mutation(&field.name) else {
                unreachable!("the schema was checked: Mutation.{}", field.name)
            };
            let above = std::mem::take(&mut planner.objects);
            let mut below = Places::default();
            let payload = planner.select(type_name(sets), sets, |planner, field, sets| {
                Ok(match field.name.as_str() {
                    "userErrors" => PayloadField::UserErrors(planner.user_error(sets)?),
                    "deletedId" => PayloadField::DeletedId,
                    _ if matches!(mutation.kind, MutationKind::Batch) => {
                        PayloadField::Results(planner.results(&mut below, mutation.resource, sets)?)
                    }
                    _ => PayloadField::Result(planner.shown(&mut below, &mutation.returns(), sets)?),
                })
            })?;
            let objects = std::mem::replace(&mut planner.objects, above);
            Ok(MutationField { mutation, arguments: planner.arguments(field), below, objects, payload })
        })
    }

    /// Of several writes, by the field of each one's result.
    fn results(
        &mut self,
        places: &mut Places,
        resource: &'static Resource,
        sets: &Sets<'d>,
    ) -> Result<Selection<ResultField>, TooComplex> {
        let mut once = HashSet::default();
        self.select(type_name(sets), sets, |planner, field, sets| {
            planner.charge_again(&mut once, field)?;
            Ok(match field.name.as_str() {
                "index" => ResultField::Index,
                "deletedId" => ResultField::DeletedId,
                "userErrors" => ResultField::UserErrors(planner.user_error(sets)?),
                _ => {
                    planner.charge(field)?;
                    ResultField::Row(planner.row(places, resource, sets)?)
                }
            })
        })
    }

    fn shown(&mut self, places: &mut Places, returns: &Returns, sets: &Sets<'d>) -> Result<Shown, TooComplex> {
        Ok(match returns {
            Returns::Row(resource) => Shown::Row(self.row(places, resource, sets)?),
            Returns::Rows(resource) => Shown::Rows(self.row(places, resource, sets)?),
            Returns::Value { result } => Shown::Value(self.shape(&result.ty, sets)?),
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
        self.bytes += merged.len() * FIELD_BYTES;
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
                Some(name) => What::Unserved(Box::new(refusal::not_served(name))),
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
        &mut self,
        type_name: &str,
        set: &'d SelectionSet,
        visited: &mut HashSet<&'d Name>,
        merged: &mut IndexMap<&'d Name, Merged<'d>>,
    ) {
        for selection in &set.selections {
            if !self.included(selection) {
                continue;
            }
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
    fn included(&mut self, selection: &Syntax) -> bool {
        !self.says(selection, "skip").unwrap_or(false) && self.says(selection, "include").unwrap_or(true)
    }

    fn says(&mut self, selection: &Syntax, directive: &str) -> Option<bool> {
        let condition = selection.directives().get(directive)?.specified_argument_by_name("if")?;
        let Some(name) = condition.as_variable() else { return condition.to_bool() };
        let value = super::switch(name, self.variables);
        self.assume(Assumption::Switch(name.clone(), value));
        value
    }

    /// Charges for a field of an object that has been asked for before.
    fn charge_again(&mut self, once: &mut HashSet<&'d Name>, field: &'d Field) -> Result<(), TooComplex> {
        if once.insert(&field.name) { Ok(()) } else { self.charge(field) }
    }

    fn charge(&mut self, field: &Field) -> Result<(), TooComplex> {
        self.budget = self.budget.checked_sub(1).ok_or(TooComplex { span: field.name.location() })?;
        self.objects += 1;
        Ok(())
    }
}

impl Places {
    fn show(&mut self, resource: &'static Resource, index: usize) {
        self.fields.get_or_insert_with(|| Fields::of(resource)).add(index);
    }

    /// The number of the fetch of this field with these arguments, added unless it is there.
    fn fetch(&mut self, field: &Field, arguments: Arguments, resource: &'static Resource, read: Read) -> usize {
        let same = |fetch: &Fetch| {
            fetch.field == field.name && fetch.resource.name == resource.name && fetch.arguments == arguments
        };
        self.fetches.iter().position(same).unwrap_or_else(|| {
            let fields = match read {
                // Whatever its rows are of.
                Read::Act(_) => None,
                _ => Some(Fields::of(resource)),
            };
            let (span, below) = (field.name.location(), Places { fields, fetches: Vec::new() });
            let field = field.name.clone();
            self.fetches.push(Fetch { field, span, arguments, resource, read, total: false, objects: 0, below });
            self.fetches.len() - 1
        })
    }
}

fn type_name<'d>(sets: &Sets<'d>) -> &'d str {
    sets[0].ty.as_str()
}
