//! Where to go from a row: itself, what it relates to, what can be done with it as it is.
//!
//! Decided from the rules, the caller and the row alone. What other rows would have to be asked about (a path of several
//! relations, whether there is a row at the end of one) stays in: to follow it may still be refused.

use super::{Call, Operation, Service, policy};
use crate::{
    descriptor::{Action, Field, Relation, RelationKind, Resource, Target},
    error::ApiError,
    reach::{Condition, Reach},
    validate::parse_literal,
    value::{Record, Value},
};

#[derive(Debug, Clone, Copy)]
pub enum Way {
    Itself,
    Along(&'static Relation),
    /// To the row with the id in this field.
    To(&'static Relation, usize),
    Act(&'static Action),
}

impl Service {
    /// All ways from a row, in the order of the spec.
    pub fn ways(&self, call: &Call, resource: &'static Resource, record: &Record) -> Vec<Way> {
        let may = |operation| {
            !call.is_gone(resource, Some(operation))
                && open(policy::authorise(call, resource, operation), resource, record)
        };
        let readable = open(policy::permit(call, resource, Operation::Get), resource, record);
        let itself = may(Operation::Get).then_some(Way::Itself);
        let relations = resource.relations.iter().filter_map(|relation| {
            if call.is_gone(relation.target, None) {
                return None;
            }
            let (from, target) = policy::permit_following(call, resource, relation).ok()?;
            let followed = fulfils(&from, resource, record);
            match relation.kind {
                RelationKind::BelongsTo { column } => {
                    let column = resource.field_index(column)?;
                    let near = &record.values[column];
                    let there = relation.target.operations.get && !near.is_null();
                    (there && followed && leads_to(&target, near)).then_some(Way::To(relation, column))
                }
                _ => (readable && followed).then_some(Way::Along(relation)),
            }
        });
        let actions = resource.actions.iter().filter(|action| action.target == Target::Item);
        let actions = actions.filter(|action| may(Operation::Act(action.name)) && allows(action, resource, record));
        itself.into_iter().chain(relations).chain(actions.map(Way::Act)).collect()
    }
}

/// Whether the row's state is one that the action begins in.
fn allows(action: &Action, resource: &'static Resource, record: &Record) -> bool {
    let Some(transition) = &action.transition else { return true };
    has(resource, record, transition.field, transition.from)
}

fn open(reach: Result<Reach, ApiError>, resource: &'static Resource, record: &Record) -> bool {
    reach.is_ok_and(|reach| fulfils(&reach, resource, record))
}

/// Whether the row is within reach, or only other rows could tell.
fn fulfils(reach: &Reach, resource: &'static Resource, record: &Record) -> bool {
    let holds = |condition: &Condition| match condition {
        // It was read within the caller's.
        Condition::OfTenant(_) => true,
        Condition::Has(name, literals) => has(resource, record, name, literals),
        Condition::LeadsTo([], id) => record.id() == id,
        Condition::LeadsTo([only], id) => refers(resource, record, only, id),
        Condition::LeadsTo(..) => true,
    };
    reach.parts().iter().all(|rows| rows.iter().any(|conditions| conditions.iter().all(holds)))
}

/// The same of a row of which no more is known than its id.
fn leads_to(reach: &Reach, row: &Value) -> bool {
    let holds = |condition: &Condition| !matches!(condition, Condition::LeadsTo([], id) if row != id);
    reach.parts().iter().all(|rows| rows.iter().any(|conditions| conditions.iter().all(holds)))
}

fn has(resource: &'static Resource, record: &Record, name: &str, literals: &[&str]) -> bool {
    let Some(index) = resource.field_index(name) else { unreachable!("{} has a field {name}", resource.name) };
    let (field, value) = (&resource.fields[index], &record.values[index]);
    hidden(field, value) || literals.iter().any(|literal| parse_literal(&field.ty, literal) == *value)
}

fn refers(resource: &'static Resource, record: &Record, relation: &str, id: &Value) -> bool {
    let Some(relation) = resource.relation(relation) else {
        unreachable!("{} has a relation {relation}", resource.name)
    };
    let RelationKind::BelongsTo { column } = relation.kind else { return true };
    let Some(index) = resource.field_index(column) else { unreachable!("{} has a field {column}", resource.name) };
    hidden(&resource.fields[index], &record.values[index]) || record.values[index] == *id
}

/// Whether it may be that the caller isn't shown the value.
fn hidden(field: &Field, value: &Value) -> bool {
    field.readers.is_some() && value.is_null()
}
