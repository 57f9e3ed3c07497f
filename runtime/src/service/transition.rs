//! Moves of one row from state to state: actions that the server does by itself.

use super::{Service, actions::Asked, refusal};
use crate::{
    check,
    descriptor::{Action, Change, Resource, Transition},
    error::ApiError,
    etag::Precondition,
    hooks::Deed,
    sql,
    store::Tx,
    validate::{self, parse_literal},
    value::{Record, Value, now},
};

impl Service {
    /// The row as it is now, and what hooks hear of it, where there are any.
    pub(super) async fn moved(
        &self,
        tx: &mut dyn Tx,
        asked: &Asked,
        transition: &'static Transition,
    ) -> Result<(Record, Option<Deed>), ApiError> {
        let Asked { resource, reach, .. } = asked;
        if self.hooks_of(resource).is_none() {
            return Ok((self.move_row(tx, asked, transition).await?, None));
        }
        let (key, id) = asked.about();
        let before = self.lock(tx, resource, (key, reach), id, &Precondition::NONE).await?;
        let after = self.move_row(tx, asked, transition).await?;
        let (after, deed) = self.settle_act(tx, asked, (before, after)).await?;
        Ok((after, Some(deed)))
    }

    /// One statement where all goes well; only a refusal asks why.
    async fn move_row(
        &self,
        tx: &mut dyn Tx,
        asked: &Asked,
        transition: &'static Transition,
    ) -> Result<Record, ApiError> {
        let Asked { resource, action, reach, precondition, .. } = asked;
        let (key, id) = asked.about();
        let inputs = asked.inputs.as_ref().map_err(Clone::clone)?;
        if let Err(error) = self.check_inputs(tx, &asked.origin.call, action, inputs).await {
            let exists = self.exists_in(tx, resource, (0, key), reach).await?;
            return Err(if exists { error } else { refusal::not_found(resource, id) });
        }
        let values = changes(resource, action, transition, inputs);
        let states = states(resource, transition);
        let columns = self.columns(resource);
        let statement = sql::transit(tx.dialect(), columns, (key, reach), &values, precondition, &states);
        if let Some(record) = self.write_row(tx, resource, key, &statement).await? {
            let mut violations = Vec::new();
            check::judge(resource, |index| &record.values[index], &mut violations);
            return if violations.is_empty() { Ok(record) } else { Err(ApiError::validation(violations)) };
        }
        let record = self.unchanged(tx, resource, (key, reach), id, precondition).await?;
        Err(refusal::state(resource, id, (action, transition), &record.values[states.0]))
    }
}

/// What the action makes of the row, by field: `None` keeps what is stored.
fn changes(
    resource: &'static Resource,
    action: &'static Action,
    transition: &'static Transition,
    inputs: &[Value],
) -> Vec<Option<Value>> {
    let Transition { field, to, set, .. } = transition;
    let now = now();
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
