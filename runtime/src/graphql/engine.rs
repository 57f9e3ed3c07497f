//! One request from its text to the bytes of its answer. Knows nothing about HTTP.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    ExecutableDocument,
    executable::Operation,
    introspection,
    request::coerce_variable_values,
    response::{ExecutionResponse, JsonMap},
    validation::Valid,
};
use serde_json::{Map, Value as Json};

use super::{
    Options,
    arguments::{self, Variables},
    complete::{self, Completer, Failure},
    document::{Document, Documents},
    mutate,
    plan::{Filled, Kind, Plan, Planner, QueryPlan, TooComplex},
    response::{self, RequestError, Stage},
    schema::Schema,
};
use crate::{
    descriptor::Api,
    service::{
        Call, Computed, Rows, Service,
        level::{self, Level, Reader, Snapshot},
    },
    store,
};

/// The schema, its limits and the documents of late.
pub(crate) struct Engine {
    pub(crate) schema: Schema,
    pub(crate) options: Options,
    documents: Documents,
}

/// What a caller sends.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Request {
    pub(crate) query: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Option<JsonMap>,
    /// None is known; but it must be a map.
    pub(crate) extensions: Option<HashMap<String, serde::de::IgnoredAny>>,
}

/// Which operations the way of asking allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    All,
    Queries,
}

/// A request that may be executed.
pub(crate) struct Prepared {
    pub(crate) document: Arc<Document>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) filled: Filled,
    variables: Valid<JsonMap>,
    values: Map<String, Json>,
}

/// Why a request isn't executed.
#[derive(Debug)]
pub(crate) enum Rejection {
    Request(Vec<RequestError>),
    /// A mutation, asked for in a way that may only read.
    Mutation,
}

impl From<RequestError> for Rejection {
    fn from(error: RequestError) -> Rejection {
        Rejection::Request(vec![error])
    }
}

impl Engine {
    pub(crate) fn new(api: &'static Api, options: Options) -> anyhow::Result<Engine> {
        Ok(Engine { schema: Schema::new(api)?, options, documents: Documents::default() })
    }

    /// Everything that can be wrong with a request before a row is read.
    pub(crate) fn prepare(&self, request: &Request, allowed: Allowed) -> Result<Prepared, Rejection> {
        let text = request.query.as_deref().unwrap_or_default();
        let document = self.documents.get(&self.schema, &self.options, text).map_err(Rejection::Request)?;
        let operation_name = request.operation_name.as_deref().filter(|name| !name.is_empty());
        let operation = operation(&document.executable, operation_name)?;
        if allowed == Allowed::Queries && !operation.is_query() {
            return Err(Rejection::Mutation);
        }
        let variables = self.variables(&document.executable, operation, request.variables.as_ref())?;
        let values = json(&self.schema, operation, &variables);
        let (plan, filled) = self.plan(&document, operation, self.schema.variables(&values)).map_err(|beyond| {
            let message = format!(
                "the operation's complexity is more than {}: every row that it could read counts",
                self.options.max_complexity
            );
            RequestError::new(Stage::Validation, message, beyond.span, &document.executable.sources)
        })?;
        Ok(Prepared { plan, filled, variables, values, document })
    }

    fn variables(
        &self,
        document: &ExecutableDocument,
        operation: &Operation,
        given: Option<&JsonMap>,
    ) -> Result<Valid<JsonMap>, RequestError> {
        let none = JsonMap::new();
        let given = given.unwrap_or(&none);
        let refused = |error| RequestError::of_request(Stage::Variables, &error, &document.sources);
        let mut coerced = coerce_variable_values(&self.schema.sdl, operation, given).map_err(refused)?.into_inner();
        // The library leaves the defaults as they are written: a single value isn't a list yet.
        for variable in operation.variables.iter().filter(|variable| !given.contains_key(variable.name.as_str())) {
            let Some(default) = &variable.default_value else { continue };
            let value = arguments::literal(&self.schema.sdl, &variable.ty, default, &Map::new()).map_err(|error| {
                RequestError::new(Stage::Variables, error.message, variable.location(), &document.sources)
            })?;
            coerced.insert(variable.name.as_str(), value.unwrap_or_default().into());
        }
        Ok(Valid::assume_valid(coerced))
    }

    fn plan(
        &self,
        document: &Document,
        operation: &Operation,
        variables: Variables<'_>,
    ) -> Result<(Arc<Plan>, Filled), TooComplex> {
        let budget = self.options.max_complexity;
        let kept = document.plan(|plan| plan.fits(operation.name.as_ref(), &self.schema, variables));
        let plan = match kept {
            Some(plan) => plan,
            None => {
                let planner = Planner::new(&self.schema, &document.executable, variables, budget);
                let plan = Arc::new(planner.plan(operation)?);
                self.documents.keep_plan(document, &plan);
                plan
            }
        };
        let filled = plan.fill(variables, budget)?;
        Ok((plan, filled))
    }

    /// The answer, in the form of a GraphQL response, and the code of its first error.
    pub(crate) async fn execute(
        &self,
        service: &Arc<Service>,
        call: &Call,
        mut prepared: Prepared,
    ) -> (Vec<u8>, Option<&'static str>) {
        let call = &Call { computed: Computed::Later, ..call.clone() };
        let max_rows = self.options.max_rows;
        let completer = match (&prepared.plan.kind, &mut prepared.filled) {
            (Kind::Query(query), Filled::Query(rows)) => {
                let level = read(service, call, rows, max_rows).await;
                self.complete(&prepared, query, &level)
            }
            (Kind::Mutation(selection), Filled::Mutation(writes)) => {
                mutate::run(service, call, selection, std::mem::take(writes), max_rows).await
            }
            (_, filled) => unreachable!("a plan of another kind was filled: {filled:?}"),
        };
        let code = completer.errors.first().map(|error| error.error.reason());
        let sources = &prepared.document.executable.sources;
        (response::executed(&completer.out, &completer.errors, &call.request_id, sources), code)
    }

    /// The data of a query whose rows are there.
    pub(crate) fn complete<'p>(&self, prepared: &Prepared, query: &'p QueryPlan, level: &Level) -> Completer<'p> {
        let mut answers = None;
        complete::query(&query.selection, level, self.schema.variables(&prepared.values), |completer, key| {
            introspection_field(completer, key, answers.get_or_insert_with(|| self.introspect(prepared)).as_ref())
        })
    }

    fn introspect(&self, prepared: &Prepared) -> Option<ExecutionResponse> {
        let Prepared { document, plan, variables, .. } = prepared;
        let operation = document.executable.operations.get(plan.operation.as_deref()).ok()?;
        let Schema { sdl, implementers, .. } = &self.schema;
        introspection::partial_execute(sdl, implementers, &document.executable, operation, variables).ok()
    }
}

fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Result<&'d Operation, RequestError> {
    match document.operations.get(name) {
        Ok(operation) => Ok(operation),
        Err(error) => Err(RequestError::of_request(Stage::Operation, &error, &document.sources)),
    }
}

fn introspection_field(
    completer: &mut Completer<'_>,
    key: &str,
    answers: Option<&ExecutionResponse>,
) -> Result<(), Failure> {
    match answers.and_then(|answers| answers.data.as_ref()).and_then(|data| data.get(key)) {
        Some(value) => completer.json(value),
        None => Err(Failure::Missing),
    }
}

/// Reads all rows of a query in one snapshot. If that can't be done, every field says why.
async fn read(service: &Arc<Service>, call: &Call, rows: &Arc<Rows>, max_rows: usize) -> Level {
    if rows.fetches.is_empty() {
        return Level::default();
    }
    for fetch in &rows.fetches {
        let Some(operation) = fetch.read.operation() else { continue };
        if let Err(error) = service.begin_read(call, fetch.resource, operation).await {
            return Level::failed(rows, Vec::new(), &error);
        }
    }
    let statements = service.statements_of(call, rows);
    let captured = (service.clone(), call.clone(), rows.clone());
    let read = store::read_by(statements, &*service.store, call.deadline, move |tx| {
        let (service, call, rows) = captured.clone();
        Box::pin(async move {
            let mut snapshot = Snapshot { service: &service, call: &call, tx };
            Reader::new(&mut snapshot, max_rows).below(&rows, Vec::new()).await
        })
    });
    let mut level = read.await.unwrap_or_else(|error| Level::failed(rows, Vec::new(), &error));
    level::compute(service, call, (None, rows), &mut level).await;
    level
}

fn json(schema: &Schema, operation: &Operation, variables: &JsonMap) -> Map<String, Json> {
    let variables = variables.iter().map(|(name, value)| {
        let variable = operation.variables.iter().find(|variable| variable.name == name.as_str());
        let value = arguments::json(&schema.sdl, variable.map(|variable| &*variable.ty), value);
        (name.as_str().to_owned(), value)
    });
    variables.collect()
}
