//! Fills a plan with the variables of one request, and counts what the answer could cost while doing so.

use std::sync::Arc;

use apollo_compiler::parser::SourceSpan;

use super::{Fetch, Kind, MutationField, Places, Plan, Read, What};
use crate::{
    descriptor::{Resource, Returns},
    error::ApiError,
    graphql::{
        arguments::{self, Values, Variables},
        schema::MutationKind,
    },
    service::{self, Asked, ListArgs, Rows},
    value::parse_id,
};

/// What a page counts for when its size isn't asked for. Few lists fill their default page; those that do meet the
/// limit on rows.
const UNSIZED_PAGE: u64 = 5;

/// The answer could have more objects than are allowed.
#[derive(Debug)]
pub(crate) struct TooComplex {
    /// The field that went beyond the limit.
    pub(crate) span: Option<SourceSpan>,
}

/// What one request reads or writes.
#[derive(Debug)]
pub(crate) enum Filled {
    Query(Arc<Rows>),
    /// One per field of the selection that is an operation.
    Mutation(Vec<Write>),
}

#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) arguments: Result<Values, ApiError>,
    /// Read below the row that was written.
    pub(crate) rows: Arc<Rows>,
}

impl Plan {
    /// `budget`: how many objects the answer may have.
    pub(crate) fn fill(&self, variables: Variables<'_>, budget: u64) -> Result<Filled, TooComplex> {
        let mut filler = Filler { variables, budget: budget.saturating_sub(self.objects) };
        match &self.kind {
            Kind::Query(query) => filler.rows(&query.places, 1).map(|rows| Filled::Query(rows.into())),
            Kind::Mutation(selection) => {
                let writes = selection.fields.iter().filter_map(|selected| match &selected.what {
                    What::Field(field) => Some(filler.write(field, selected.span)),
                    What::Typename | What::Unserved(_) => None,
                });
                writes.collect::<Result<_, _>>().map(Filled::Mutation)
            }
        }
    }
}

struct Filler<'r> {
    variables: Variables<'r>,
    /// How many more objects the answer may have.
    budget: u64,
}

impl Filler<'_> {
    fn write(&mut self, field: &MutationField, span: Option<SourceSpan>) -> Result<Write, TooComplex> {
        let arguments = field.arguments.values(self.variables);
        let weight = match (field.mutation.kind, field.mutation.returns()) {
            (MutationKind::Batch, _) => arguments.as_ref().map_or(1, arguments::operations).max(1),
            (_, returns) => returned(&returns),
        };
        self.charge(weight, field.objects, span)?;
        Ok(Write { arguments, rows: self.rows(&field.below, weight)?.into() })
    }

    /// `weight`: how many rows there may be above.
    fn rows(&mut self, places: &Places, weight: u64) -> Result<Rows, TooComplex> {
        let fetches = places.fetches.iter().map(|fetch| self.fetch(fetch, weight)).collect::<Result<_, _>>()?;
        Ok(Rows { fields: places.fields.clone(), fetches })
    }

    fn fetch(&mut self, fetch: &Fetch, above: u64) -> Result<service::Fetch, TooComplex> {
        let (read, weight) = read(fetch, fetch.arguments.values(self.variables));
        let weight = weight.saturating_mul(above);
        self.charge(weight, fetch.objects, fetch.span)?;
        let rows = self.rows(&fetch.below, weight)?;
        Ok(service::Fetch { name: fetch.resource.name, resource: fetch.resource, read, rows })
    }

    fn charge(&mut self, weight: u64, objects: u64, span: Option<SourceSpan>) -> Result<(), TooComplex> {
        self.budget = self.budget.checked_sub(weight.saturating_mul(objects)).ok_or(TooComplex { span })?;
        Ok(())
    }
}

/// With how many rows there may be for each above.
fn read(fetch: &Fetch, values: Result<Values, ApiError>) -> (service::Read, u64) {
    let resource = fetch.resource;
    match (fetch.read, values) {
        (Read::BelongsTo { column }, _) => (service::Read::BelongsTo { column }, 1),
        (Read::One(owner, relation), values) => {
            (service::Read::Children { owner, relation, args: list(fetch, values) }, 1)
        }
        (Read::Many(owner, relation), values) => {
            let args = list(fetch, values);
            let rows = page_size(resource, args.as_ref().ok());
            (service::Read::Children { owner, relation, args }, rows)
        }
        (_, Err(error)) => (service::Read::Refused(error), 1),
        (Read::List, values) => {
            let args = list(fetch, values);
            let rows = page_size(resource, args.as_ref().ok());
            (service::Read::List(args), rows)
        }
        (Read::ById, Ok(values)) => {
            (service::Read::ByIds(arguments::ids(&values).map(|id| parse_id(resource.id(), id)).collect()), 1)
        }
        (Read::ByIds, Ok(values)) => {
            let ids: Vec<_> = arguments::ids(&values).filter_map(|id| parse_id(resource.id(), id)).map(Some).collect();
            let rows = ids.len().max(1) as u64;
            (service::Read::ByIds(ids), rows)
        }
        (Read::Act(action), Ok(mut values)) => {
            let (id, input) = (arguments::id(&values), arguments::input(&mut values));
            (service::Read::Act { action, id, input }, returned(&action.returns))
        }
    }
}

fn list(fetch: &Fetch, values: Result<Values, ApiError>) -> Asked {
    let args = arguments::list(fetch.resource, &values?)?;
    Ok(ListArgs { total: fetch.total, ..args })
}

/// How many rows a page may have, for the complexity of what is below them.
fn page_size(resource: &Resource, args: Option<&ListArgs>) -> u64 {
    let asked = args.and_then(|args| args.page_size).map(|size| u64::try_from(size).unwrap_or(0));
    asked.unwrap_or(UNSIZED_PAGE).clamp(1, resource.list.max_page_size.max(1).into())
}

fn returned(returns: &Returns) -> u64 {
    if matches!(returns, Returns::Rows(_)) { UNSIZED_PAGE } else { 1 }
}
