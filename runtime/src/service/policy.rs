//! Who may do what: decided from what the spec demands and who calls, before anything of a request is judged.
//!
//! What depends on the caller alone is decided here; what depends on rows becomes a [`Reach`], which statements carry.
//! What isn't permitted is refused.

use std::sync::Arc;

use super::{Call, Draft, Operation, Service, WHOLE, refusal};
use crate::{
    descriptor::{Alternative, Alternatives, Direction, Field, Relation, RelationKind, Requirement, Resource, Tenant},
    error::ApiError,
    order::Key,
    reach::{Condition, Reach, Rows},
    sql::{self, Columns, Sight},
    store::Tx,
    validate::parse_literal,
    value::{Record, Value, parse_id},
};

impl Operation {
    /// As the spec's `access` calls it.
    fn word(self) -> &'static str {
        match self {
            Operation::List => "list",
            Operation::Get => "get",
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Replace => "replace",
            Operation::Delete => "delete",
            Operation::Undelete => "undelete",
            Operation::Batch => "batch",
            Operation::Act(name) => name,
        }
    }

    fn action(self) -> Option<&'static str> {
        if let Operation::Act(name) = self { Some(name) } else { None }
    }

    fn is_offered(self, resource: &Resource) -> bool {
        match self {
            Operation::List => resource.operations.list,
            Operation::Get => resource.operations.get,
            Operation::Create => resource.operations.create,
            Operation::Update => resource.operations.update,
            Operation::Replace => resource.operations.replace,
            Operation::Delete => resource.operations.delete,
            Operation::Undelete => resource.soft_delete,
            Operation::Batch => resource.batch.is_some(),
            Operation::Act(name) => resource.action(name).is_some(),
        }
    }
}

/// The rows that the caller may do it with.
pub(super) fn authorise(call: &Call, resource: &'static Resource, operation: Operation) -> Result<Reach, ApiError> {
    if !operation.is_offered(resource) {
        return Err(refusal::not_offered(resource, operation));
    }
    permit(call, resource, operation)
}

/// The same, if it is still there.
pub(super) fn allow(call: &Call, resource: &'static Resource, operation: Operation) -> Result<Reach, ApiError> {
    call.hear(resource, Some(operation))?;
    authorise(call, resource, operation)
}

impl Call {
    /// Remembers that something deprecated is used, and refuses what is gone. Without an operation it is about the
    /// resource as a whole.
    pub(super) fn hear(&self, resource: &'static Resource, operation: Option<Operation>) -> Result<(), ApiError> {
        match &self.notices {
            Some(notices) => notices.hear(resource.name, operation.map(Operation::word)),
            None => Ok(()),
        }
    }

    pub(super) fn is_gone(&self, resource: &'static Resource, operation: Option<Operation>) -> bool {
        self.notices.as_ref().is_some_and(|notices| notices.is_gone(resource.name, operation.map(Operation::word)))
    }
}

/// The same for rows that a relation leads to, whether or not the operation is offered by itself.
pub(super) fn permit(call: &Call, resource: &'static Resource, operation: Operation) -> Result<Reach, ApiError> {
    let mut reach = match (operation, resource.tenant) {
        // A new tenant isn't the caller's own.
        (Operation::Create, Some(Tenant::Itself)) => Reach::default(),
        _ => within_tenant(call, resource)?,
    };
    let Some(rules) = resource.access else { return Ok(reach) };
    let rule = rules.iter().find(|rule| rule.to.contains(&operation.word()));
    if let Some(rows) = judge(call, resource, rule.map_or(&[], |rule| rule.any))? {
        reach.narrow(rows);
    }
    Ok(reach)
}

/// What the caller may read along a relation: which rows it may be followed from, and which of those at its end are
/// shown.
pub(super) fn permit_following(
    call: &Call,
    owner: &'static Resource,
    relation: &'static Relation,
) -> Result<(Reach, Reach), ApiError> {
    let operation = match relation.kind {
        RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => Operation::List,
        RelationKind::BelongsTo { .. } | RelationKind::HasOne { .. } => Operation::Get,
    };
    let target = permit(call, relation.target, operation)?;
    let from = relation.readers.map(|any| judge(call, owner, any)).transpose()?.flatten();
    Ok((from.map(Reach::of).unwrap_or_default(), target))
}

/// What a new row must be one of that others come along with, and what these must be.
pub(super) fn permit_nested(
    call: &Call,
    owner: &'static Resource,
    relation: &'static Relation,
) -> Result<(Reach, Reach), ApiError> {
    let from = relation.writers.map(|any| judge(call, owner, any)).transpose()?.flatten();
    let target = relation.target;
    call.hear(target, Some(Operation::Create))?;
    // Rows that are never created by themselves come with those that they belong to.
    let own = if target.operations.create { permit(call, target, Operation::Create)? } else { Reach::default() };
    Ok((from.map(Reach::of).unwrap_or_default(), own))
}

/// The rows of the caller's tenant, where tenants share none.
pub(crate) fn within_tenant(call: &Call, resource: &'static Resource) -> Result<Reach, ApiError> {
    Ok(match tenant(call, resource)? {
        Some(id) => Reach::of(vec![vec![Condition::OfTenant(id)]]),
        None => Reach::default(),
    })
}

/// The id of the caller's tenant, where rows have one.
pub(super) fn tenant(call: &Call, resource: &'static Resource) -> Result<Option<Value>, ApiError> {
    let ty = match resource.tenant {
        None => return Ok(None),
        Some(Tenant::Itself) => resource.id(),
        Some(Tenant::Of(id)) => id,
    };
    let Some(caller) = call.principal.caller() else { return Err(refusal::unauthenticated()) };
    let id = caller.tenant.as_deref().and_then(|id| parse_id(ty, id));
    id.map(Some).ok_or_else(refusal::without_tenant)
}

/// `None`: whatever the row.
pub(super) fn judge(call: &Call, resource: &'static Resource, any: Alternatives) -> Result<Option<Rows>, ApiError> {
    let mut rows = Rows::new();
    for conditions in any.iter().filter_map(|alternative| left_of(call, resource, alternative)) {
        if conditions.is_empty() {
            return Ok(None);
        }
        rows.push(conditions);
    }
    if rows.is_empty() { Err(refused(call, any)) } else { Ok(Some(rows)) }
}

/// What is left to be fulfilled by the row. `None`: the caller doesn't fulfil the rest.
fn left_of(call: &Call, resource: &'static Resource, all: Alternative) -> Option<Vec<Condition>> {
    let caller = call.principal.caller();
    let mut left = Vec::new();
    for requirement in all {
        let fulfilled = match requirement {
            Requirement::Authenticated => caller.is_some(),
            Requirement::Role(role) => caller.is_some_and(|caller| caller.has_role(role)),
            Requirement::Scope(scope) => caller.is_some_and(|caller| caller.has_scope(scope)),
            Requirement::Caller(path) => {
                let id = parse_id(end(resource, path).id(), &caller?.subject)?;
                left.push(Condition::LeadsTo(path, id));
                true
            }
            Requirement::When(field, values) => {
                left.push(Condition::Has(field, values));
                true
            }
        };
        if !fulfilled {
            return None;
        }
    }
    Some(left)
}

/// What a path of relations leads to.
fn end(resource: &'static Resource, path: &[&str]) -> &'static Resource {
    path.iter().fold(resource, |resource, name| match resource.relation(name) {
        Some(relation) => relation.target,
        None => unreachable!("{} has a relation {name}", resource.name),
    })
}

fn refused(call: &Call, any: Alternatives) -> ApiError {
    let scope = any.iter().copied().flatten().find_map(|requirement| match requirement {
        Requirement::Scope(scope) => Some(*scope),
        _ => None,
    });
    match call.principal.caller() {
        None => refusal::unauthenticated(),
        Some(_) => refusal::permission_denied(scope),
    }
}

/// Fields that are set need the right to set them. Returns the rows that the caller may set them of.
pub(super) fn permit_setting(call: &Call, resource: &'static Resource, draft: &Draft) -> Result<Reach, ApiError> {
    let mut reach = Reach::default();
    for (field, _) in resource.fields.iter().zip(&draft.values).filter(|(_, value)| value.is_some()) {
        if let Some(any) = field.writers
            && let Some(rows) = judge(call, resource, any)?
        {
            reach.narrow(rows);
        }
    }
    Ok(reach)
}

/// Whether a replacement that doesn't name the field may set it back.
pub(super) fn may_reset(call: &Call, resource: &'static Resource, field: &Field) -> bool {
    field.writers.is_none_or(|any| matches!(judge(call, resource, any), Ok(None)))
}

impl Service {
    /// The rows that the caller may do it with, if there is room for it within the limits of the spec.
    pub(super) async fn begin(
        &self,
        call: &Call,
        resource: &'static Resource,
        operation: Operation,
    ) -> Result<Reach, ApiError> {
        let reach = allow(call, resource, operation)?;
        self.count(call, resource, operation).await?;
        Ok(reach)
    }

    /// What is asked of a read before its rows are: whether it is still there, and whether there is room for it.
    #[cfg(feature = "graphql")]
    pub(crate) async fn begin_read(
        &self,
        call: &Call,
        resource: &'static Resource,
        operation: Operation,
    ) -> Result<(), ApiError> {
        call.hear(resource, Some(operation))?;
        self.count(call, resource, operation).await
    }

    /// Counts an operation once it is permitted: what isn't costs little.
    pub(super) async fn count(
        &self,
        call: &Call,
        resource: &'static Resource,
        operation: Operation,
    ) -> Result<(), ApiError> {
        match &call.meter {
            Some(meter) => meter.operation(resource.name, operation.action()).await,
            None => Ok(()),
        }
    }

    /// What is read of a resource's rows: as far as the caller sees them, what they are to show, lead on by or are in
    /// order by. Hooks that compute something get them whole, and so does whoever is told where to go from them.
    pub(super) fn columns_for(
        &self,
        call: &Call,
        resource: &'static Resource,
        (rows, order): (&super::Rows, &[(Key, Direction)]),
    ) -> Arc<Columns> {
        let whole = rows.fields.is_none() || self.api.protocols.links || !rows.computed(resource).is_empty();
        let orders = |wanted| order.iter().any(|(key, _)| *key == wanted);
        if whole && !resource.has_readers() && !orders(Key::Score) {
            return self.columns(resource).clone();
        }
        let needed = |index| whole || rows.needs(index) || orders(Key::Field(index));
        let columns = Columns::seen(resource, |index, field| match needed(index) {
            true => sight(call, resource, field),
            false => Sight::None,
        });
        Arc::new(if orders(Key::Score) { columns.scored() } else { columns })
    }

    /// A row that was written, as the caller sees it.
    pub(super) async fn seen(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        record: Record,
    ) -> Result<Record, ApiError> {
        if !resource.has_readers() {
            return Ok(record);
        }
        let columns = self.columns_for(call, resource, (&WHOLE, &[]));
        if !columns.depends_on_rows() {
            return Ok(columns.veil(record));
        }
        let seen = sql::by_id(tx.dialect(), &columns, record.id()).records(tx, &columns).await?.pop();
        Ok(seen.unwrap_or_else(|| columns.veil(record)))
    }

    /// Whether a row that is about to be written is one that its caller may write.
    pub(super) async fn admit(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        values: &[Value],
        reach: &Reach,
    ) -> Result<(), ApiError> {
        for rows in reach.parts() {
            let mut admitted = false;
            for conditions in rows {
                admitted = admitted || self.fulfils(tx, resource, values, conditions).await?;
            }
            if !admitted {
                return Err(refusal::permission_denied(None));
            }
        }
        Ok(())
    }

    async fn fulfils(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        values: &[Value],
        conditions: &[Condition],
    ) -> Result<bool, ApiError> {
        for condition in conditions {
            let fulfilled = match condition {
                // It comes to be the caller's.
                Condition::OfTenant(_) => true,
                Condition::Has(name, literals) => has(resource, values, name, literals),
                Condition::LeadsTo(path, id) => match path.split_first() {
                    None => values[0] == *id,
                    Some((first, rest)) => match referred(resource, values, first) {
                        None => false,
                        Some((_, near)) if rest.is_empty() => near == id,
                        Some((target, near)) => {
                            let reach = Reach::of(vec![vec![Condition::LeadsTo(rest, id.clone())]]);
                            self.exists_in(tx, target, (0, near), &reach).await?
                        }
                    },
                },
            };
            if !fulfilled {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Of which rows the caller may read a field.
pub(super) fn sight(call: &Call, resource: &'static Resource, field: &Field) -> Sight {
    match field.readers.map(|any| judge(call, resource, any)) {
        None | Some(Ok(None)) => Sight::All,
        Some(Ok(Some(rows))) => Sight::Some(rows),
        Some(Err(_)) => Sight::None,
    }
}

/// Whether judging a new row takes a look at others.
pub(super) fn looks_around(reach: &Reach) -> bool {
    reach.conditions().any(|condition| matches!(condition, Condition::LeadsTo(path, _) if path.len() > 1))
}

/// Whether it is judged by columns of the row alone.
pub(super) fn keeps_to_the_row(resource: &Resource, reach: &Reach) -> bool {
    let has_column = |name: &&str| {
        resource.relation(name).is_some_and(|relation| matches!(relation.kind, RelationKind::BelongsTo { .. }))
    };
    reach.conditions().all(|condition| match condition {
        Condition::Has(..) | Condition::OfTenant(_) => true,
        Condition::LeadsTo(path, _) => path.len() < 2 && path.iter().all(has_column),
    })
}

fn has(resource: &'static Resource, values: &[Value], name: &str, literals: &[&str]) -> bool {
    let Some(index) = resource.field_index(name) else { unreachable!("{} has a field {name}", resource.name) };
    literals.iter().any(|literal| parse_literal(&resource.fields[index].ty, literal) == values[index])
}

/// The row that a new one refers to along a relation; nothing refers to the new one itself yet.
fn referred<'v>(
    resource: &'static Resource,
    values: &'v [Value],
    relation: &str,
) -> Option<(&'static Resource, &'v Value)> {
    let relation = resource.relation(relation)?;
    let RelationKind::BelongsTo { column } = relation.kind else { return None };
    let near = &values[resource.field_index(column)?];
    (!near.is_null()).then_some((relation.target, near))
}
