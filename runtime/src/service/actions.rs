//! Actions: what was asked for, judged, then done in one transaction, by the server or by a hook.

use std::sync::Arc;

use super::{Arguments, Call, Operation, Service, policy, refusal, write};
use crate::{
    descriptor::{Action, Field, Resource, Returns, Target},
    error::{ApiError, Code, Location, Segment, Violation},
    etag::Precondition,
    hooks::{Deed, Origin},
    reach::Reach,
    store::{self, Tx},
    validate::Validation,
    value::{Record, Value, now, parse_id},
};

/// What came of an action, as it is shown.
#[derive(Debug, Clone)]
pub enum Acted {
    /// The version of the row, if the action moved one.
    Nothing(Option<i64>),
    Row(Record),
    Rows(Vec<Record>),
    Value(Value),
}

/// An action as it was asked for.
pub(crate) struct Asked {
    pub origin: Origin,
    pub resource: &'static Resource,
    pub action: &'static Action,
    pub reach: Reach,
    /// The key of the row that it is about, and its id as the caller wrote it.
    pub row: Option<(Value, String)>,
    /// In the order of the action's inputs. That the row is missing is told before what is wrong with them.
    pub inputs: Result<Vec<Value>, ApiError>,
    pub precondition: Precondition,
}

impl Asked {
    /// The row that a transition moves.
    pub fn about(&self) -> (&Value, &str) {
        let (key, id) = self.row.as_ref().unwrap_or_else(|| unreachable!("a transition is about a row"));
        (key, id)
    }
}

impl Service {
    /// `id`: of the row, where the action is about one.
    pub async fn act(
        self: &Arc<Self>,
        call: &Call,
        (resource, action): (&'static Resource, &'static Action),
        id: &str,
        arguments: &dyn Arguments,
        precondition: &Precondition,
    ) -> Result<Acted, ApiError> {
        let reach = self.begin(call, resource, Operation::Act(action.name)).await?;
        let asked = self.asked(call, (resource, action, reach), id, arguments, precondition)?;
        let acted = self.done(call, asked).await?;
        self.complete_acted(call, action.returns, acted).await
    }

    async fn done(self: &Arc<Self>, call: &Call, mut asked: Asked) -> Result<Acted, ApiError> {
        let service = self.clone();
        if asked.action.safe {
            let asked = Arc::new(asked);
            return store::read(&*self.store, call.deadline, move |tx| {
                let (service, asked) = (service.clone(), asked.clone());
                Box::pin(async move { Ok(service.perform(tx, &asked).await?.0) })
            })
            .await;
        }
        if let (Err(error), Some((key, id))) = (&asked.inputs, &asked.row) {
            self.current(call, (asked.resource, &asked.reach), key, id).await?;
            return Err(error.clone());
        }
        self.before_act(&mut asked).await?;
        let asked = Arc::new(asked);
        let job = asked.clone();
        let written = store::write(&*self.store, call.deadline, move |tx| {
            let (service, asked) = (service.clone(), job.clone());
            Box::pin(async move { service.acted(tx, &asked).await })
        });
        let (acted, deed) = written.await?;
        if let Some(deed) = deed {
            self.after_act(&asked, deed);
        }
        Ok(acted)
    }

    /// The same of an action that only reads, inside a snapshot that is already open.
    pub async fn act_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        (resource, action): (&'static Resource, &'static Action),
        id: &str,
        arguments: &dyn Arguments,
    ) -> Result<Acted, ApiError> {
        let reach = policy::authorise(call, resource, Operation::Act(action.name))?;
        let asked = self.asked(call, (resource, action, reach), id, arguments, &Precondition::NONE)?;
        Ok(self.perform(tx, &asked).await?.0)
    }

    fn asked(
        &self,
        call: &Call,
        (resource, action, reach): (&'static Resource, &'static Action, Reach),
        id: &str,
        arguments: &dyn Arguments,
        precondition: &Precondition,
    ) -> Result<Asked, ApiError> {
        if action.conditional() {
            write::check_required(resource, precondition)?;
        }
        let row = match action.target {
            Target::Collection => None,
            Target::Item => {
                let key = parse_id(resource.id(), id).ok_or_else(|| refusal::not_found(resource, id))?;
                Some((key, id.to_owned()))
            }
        };
        let inputs = match self.inputs(action.input, arguments) {
            Err(error) if error.code != Code::ValidationFailed => return Err(error),
            inputs => inputs,
        };
        let precondition = precondition.clone();
        Ok(Asked { origin: Origin::of(call), resource, action, reach, row, inputs, precondition })
    }

    /// The values of these fields, if all of them keep the rules.
    pub(super) fn inputs(&self, fields: &'static [Field], arguments: &dyn Arguments) -> Result<Vec<Value>, ApiError> {
        let mut violations = Vec::new();
        let sent = arguments.decode(fields, &mut violations)?;
        let mut validation = Validation { patterns: &self.patterns, now: now(), violations };
        let inputs = validation.arguments(fields, sent);
        if validation.violations.is_empty() { Ok(inputs) } else { Err(ApiError::validation(validation.violations)) }
    }

    /// What the caller gets, and what hooks hear of, where there are any.
    async fn acted(&self, tx: &mut dyn Tx, asked: &Asked) -> Result<(Acted, Option<Deed>), ApiError> {
        let Some(transition) = &asked.action.transition else { return self.perform(tx, asked).await };
        let (record, deed) = self.moved(tx, asked, transition).await?;
        let record = self.seen(tx, &asked.origin.call, asked.resource, record).await?;
        let acted = match asked.action.returns {
            Returns::Row(_) => Acted::Row(record),
            Returns::Nothing | Returns::Rows(_) | Returns::Value { .. } => Acted::Nothing(Some(record.version)),
        };
        Ok((acted, deed))
    }

    /// Rows that inputs name must be there.
    pub(super) async fn check_inputs(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        action: &'static Action,
        inputs: &[Value],
    ) -> Result<(), ApiError> {
        let mut violations = Vec::new();
        for (name, target) in action.references {
            let within = policy::within_tenant(call, target)?;
            for (field, value) in action.input.iter().zip(inputs).filter(|(field, _)| field.name == *name) {
                let path = vec![Segment::Field { name: field.name, camel: field.camel }];
                for (path, id) in ids(value, path) {
                    if !self.exists_in(tx, target, (0, id), &within).await? {
                        violations.push(Violation {
                            location: Location::Body(path),
                            code: "NOT_FOUND",
                            message: format!("must be the id of an existing {}", target.name),
                        });
                    }
                }
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(violations)) }
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
