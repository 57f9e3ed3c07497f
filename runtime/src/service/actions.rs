//! Actions: moves of one row from state to state, in one transaction.

use std::sync::Arc;

use super::{Arguments, Call, Operation, Service, authorise, refusal, write};
use crate::{
    check,
    descriptor::{Action, Change, Resource, Transition},
    error::{ApiError, Code, Location, Segment, Violation},
    etag::Precondition,
    sql,
    store::{self, Tx},
    validate::{self, Validation, parse_literal},
    value::{Record, Value, now, parse_id},
};

/// A move of one row as it was asked for.
struct Move {
    resource: &'static Resource,
    action: &'static Action,
    key: Value,
    /// As the caller wrote it.
    id: String,
    /// In the order of the action's inputs.
    inputs: Vec<Value>,
    /// What to set, by field.
    values: Vec<Option<Value>>,
    precondition: Precondition,
}

impl Service {
    /// Returns the row as it is then.
    pub async fn act(
        self: &Arc<Self>,
        call: &Call,
        (resource, action): (&'static Resource, &'static Action),
        id: &str,
        arguments: &dyn Arguments,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        authorise(call, resource, Operation::Act(action.name))?;
        write::check_required(resource, precondition)?;
        let key = parse_id(resource.id(), id).ok_or_else(|| refusal::not_found(resource, id))?;
        let now = now();
        let inputs = match self.inputs(action, arguments, now) {
            // That the row is missing is told before what is wrong with the values.
            Err(error) if error.code == Code::ValidationFailed => {
                self.current(call, resource, &key, id).await?;
                return Err(error);
            }
            inputs => inputs?,
        };
        let values = changes(resource, action, &inputs, now);
        let (id, precondition) = (id.to_owned(), precondition.clone());
        let asked = Arc::new(Move { resource, action, key, id, inputs, values, precondition });
        let service = self.clone();
        store::write(&*self.store, call.deadline, move |tx| {
            let (service, asked) = (service.clone(), asked.clone());
            Box::pin(async move { service.moved(tx, &asked).await })
        })
        .await
    }

    fn inputs(
        &self,
        action: &'static Action,
        arguments: &dyn Arguments,
        now: jiff::Timestamp,
    ) -> Result<Vec<Value>, ApiError> {
        let mut violations = Vec::new();
        let sent = arguments.decode(action.input, &mut violations)?;
        let mut validation = Validation { patterns: &self.patterns, now, violations };
        let inputs = validation.arguments(action.input, sent);
        if validation.violations.is_empty() { Ok(inputs) } else { Err(ApiError::validation(validation.violations)) }
    }

    /// One statement where all goes well; only a refusal asks why.
    async fn moved(&self, tx: &mut dyn Tx, asked: &Move) -> Result<Record, ApiError> {
        let Move { resource, action, key, id, values, precondition, .. } = asked;
        self.check_inputs(tx, asked).await?;
        let states = states(resource, &action.transition);
        let columns = self.columns(resource);
        let statement = sql::transit(tx.dialect(), columns, key, values, precondition, &states);
        if let Some(record) = self.write_row(tx, resource, key, &statement).await? {
            let mut violations = Vec::new();
            check::judge(resource, |index| &record.values[index], &mut violations);
            return if violations.is_empty() { Ok(record) } else { Err(ApiError::validation(violations)) };
        }
        let record = self.unchanged(tx, resource, key, id, precondition).await?;
        Err(refusal::state(resource, id, action, &record.values[states.0]))
    }

    /// Rows that inputs name must be there.
    async fn check_inputs(&self, tx: &mut dyn Tx, asked: &Move) -> Result<(), ApiError> {
        let mut violations = Vec::new();
        for (name, target) in asked.action.references {
            let inputs = asked.action.input.iter().zip(&asked.inputs);
            for (field, value) in inputs.filter(|(field, _)| field.name == *name) {
                let path = vec![Segment::Field { name: field.name, camel: field.camel }];
                for (path, id) in ids(value, path) {
                    if !self.exists_in(tx, target, 0, id).await? {
                        violations.push(Violation {
                            location: Location::Body(path),
                            code: "NOT_FOUND",
                            message: format!("must be the id of an existing {}", target.name),
                        });
                    }
                }
            }
        }
        if violations.is_empty() {
            return Ok(());
        }
        let exists = self.exists_in(tx, asked.resource, 0, &asked.key).await?;
        let missing = || refusal::not_found(asked.resource, &asked.id);
        Err(if exists { ApiError::validation(violations) } else { missing() })
    }
}

/// The ids of an input, each with its place.
fn ids(value: &Value, path: Vec<Segment>) -> Vec<(Vec<Segment>, &Value)> {
    let within = |segment: Segment| path.iter().cloned().chain([segment]).collect();
    match value {
        Value::Null => Vec::new(),
        Value::List(items) => items.iter().enumerate().map(|(index, id)| (within(Segment::Index(index)), id)).collect(),
        Value::Map(entries) => entries.iter().map(|(key, id)| (within(Segment::Key(key.clone())), id)).collect(),
        id => vec![(path, id)],
    }
}

/// What the action makes of the row, by field: `None` keeps what is stored.
fn changes(
    resource: &'static Resource,
    action: &'static Action,
    inputs: &[Value],
    now: jiff::Timestamp,
) -> Vec<Option<Value>> {
    let Transition { field, to, set, .. } = &action.transition;
    let mut values = vec![None; resource.fields.len()];
    let mut put = |name: &str, value: Value| {
        let index = resource.field_index(name);
        values[index.unwrap_or_else(|| unreachable!("{} has a field {name}", resource.name))] = Some(value);
    };
    put(field, Value::Enum(to));
    for (name, change) in *set {
        put(name, changed(resource, action, name, *change, inputs, now));
    }
    if resource.field_index("updated_at").is_some() {
        put("updated_at", Value::Timestamp(now));
    }
    values
}

fn changed(
    resource: &'static Resource,
    action: &'static Action,
    field: &str,
    change: Change,
    inputs: &[Value],
    now: jiff::Timestamp,
) -> Value {
    match change {
        Change::Nothing => Value::Null,
        Change::Value(literal) => {
            let field = resource.field(field).unwrap_or_else(|| unreachable!("{} has a field {field}", resource.name));
            validate::literal(field, literal, now)
        }
        Change::Input(name) => {
            let input = action.input.iter().position(|input| input.name == name);
            inputs[input.unwrap_or_else(|| unreachable!("{} has an input {name}", action.method))].clone()
        }
    }
}

/// The field that moves, and where the move may begin.
fn states(resource: &'static Resource, transition: &'static Transition) -> (usize, Vec<Value>) {
    let index = resource.field_index(transition.field);
    let index = index.unwrap_or_else(|| unreachable!("{} has a field {}", resource.name, transition.field));
    let ty = &resource.fields[index].ty;
    (index, transition.from.iter().map(|state| parse_literal(ty, state)).collect())
}
