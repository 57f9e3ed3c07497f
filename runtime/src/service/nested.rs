//! Rows that are created along with another one, in the same transaction: all of them, or nothing.

use std::sync::Arc;

use super::{
    Call, Input, Service, Write,
    hooked::{Changed, Written},
    policy, write,
};
use crate::{
    check,
    descriptor::{Id, Relation, RelationKind, Resource, Type},
    error::{self, ApiError, Code, Segment, Violation},
    hooks::{Change, Origin},
    reach::Reach,
    sql,
    store::Tx,
    value::{Record, Value},
};

/// A complete new row, and those that come with it.
#[derive(Clone)]
pub(super) struct New {
    pub origin: Origin,
    /// What it must be one of.
    pub reach: Reach,
    pub values: Vec<Value>,
    pub nested: Vec<Nested>,
}

#[derive(Clone)]
pub(super) struct Nested {
    relation: &'static Relation,
    /// Where it stands in what was sent.
    pub place: Vec<Segment>,
    /// The field that gets the id of the row that it comes with.
    pub field: usize,
    /// What it must be one of.
    reach: Reach,
    pub values: Vec<Value>,
}

impl Nested {
    pub fn resource(&self) -> &'static Resource {
        self.relation.target
    }
}

impl Service {
    /// Judges the rows that come with a new one; what is wrong is told from where they stand. What that one must be for
    /// them narrows its own `reach`.
    pub(super) fn nested(
        &self,
        call: &Call,
        (resource, reach): (&'static Resource, &mut Reach),
        input: &dyn Input,
        now: jiff::Timestamp,
        violations: &mut Vec<Violation>,
    ) -> Result<Vec<Nested>, ApiError> {
        let mut rows = Vec::new();
        for relation in resource.nested() {
            let inputs = input.nested(relation);
            if inputs.is_empty() {
                continue;
            }
            let (from, own) = policy::permit_nested(call, resource, relation)?;
            *reach = std::mem::take(reach).and(from);
            for (index, input) in inputs.into_iter().enumerate() {
                let mut row = self.nested_row(call, (relation, own.clone()), index, &*input, now, violations)?;
                write::stamp(relation.target, &mut row.values, now);
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn nested_row(
        &self,
        call: &Call,
        (relation, reach): (&'static Relation, Reach),
        index: usize,
        input: &dyn Input,
        now: jiff::Timestamp,
        violations: &mut Vec<Violation>,
    ) -> Result<Nested, ApiError> {
        let (target, field) = (relation.target, child_field(relation));
        let mut place = vec![Segment::Field { name: relation.name, camel: relation.camel }];
        if matches!(relation.kind, RelationKind::HasMany { .. }) {
            place.push(Segment::Index(index));
        }
        let (mut draft, settable, mut validation) = self.decode(call, target, input, Write::Create, None, now)?;
        let reach = reach.and(settable);
        // Whose it is goes without saying, and isn't known yet.
        draft.values[field] = Some(placeholder(&target.fields[field].ty));
        let mut values = validation.create(target, draft);
        write::fill_principal(call, target, &mut values)?;
        check::judge(target, |index| &values[index], &mut validation.violations);
        for violation in validation.violations {
            error::note(violations, || violation.within(&place));
        }
        Ok(Nested { relation, place, field, reach, values })
    }

    /// Inserts the row and what comes with it; then its hook, which finds them, has its turn.
    pub(super) async fn insert_all(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        new: &New,
    ) -> Result<Written, ApiError> {
        let mut values = new.values.clone();
        self.admit(tx, resource, &values, &new.reach).await?;
        self.insert_filled(tx, &new.origin, resource, &mut values).await?;
        let mut changes = Vec::new();
        for row in &new.nested {
            let mut own = row.values.clone();
            own[row.field] = values[0].clone();
            self.admit(tx, row.resource(), &own, &row.reach).await?;
            let changed = self.insert_one(tx, &new.origin, row.resource(), own).await;
            changes.extend(changed.map_err(|error| error.within(&row.place))?);
        }
        let record = self.inserted(tx, resource, values).await?;
        if self.hooks_of(resource).is_none() {
            return Ok(Written { record, changes });
        }
        let changed = self.settle(tx, &new.origin, resource, Change::Create(record)).await?;
        let record = changed.record().clone();
        changes.insert(0, changed);
        Ok(Written { record, changes })
    }

    async fn insert_one(
        &self,
        tx: &mut dyn Tx,
        origin: &Origin,
        resource: &'static Resource,
        mut values: Vec<Value>,
    ) -> Result<Option<Changed>, ApiError> {
        self.insert_filled(tx, origin, resource, &mut values).await?;
        if self.hooks_of(resource).is_none() {
            return Ok(None);
        }
        let record = self.inserted(tx, resource, values).await?;
        self.settle(tx, origin, resource, Change::Create(record)).await.map(Some)
    }

    /// A row that was just inserted, as it is read.
    pub(crate) async fn inserted(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        values: Vec<Value>,
    ) -> Result<Record, ApiError> {
        let columns = self.columns(resource);
        if !columns.aggregated() {
            return Ok(Record::new(values, 1));
        }
        let record = sql::by_id(tx.dialect(), columns, &values[0]).records(tx, columns).await?.pop();
        record.ok_or_else(|| ApiError::internal("a row that was just inserted can't be read"))
    }

    /// After a foreign key refused a create: which relation of which row points at nothing.
    pub(super) async fn missing_references_of_all(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        new: &New,
        error: ApiError,
    ) -> ApiError {
        let values = new.values.iter().cloned().enumerate().collect();
        let mut error = self.missing_references(call, resource, values, error).await;
        for row in &new.nested {
            if error.code != Code::FailedPrecondition {
                return error;
            }
            let given = row.values.iter().cloned().enumerate().filter(|(index, _)| *index != row.field).collect();
            let found = self.missing_references(call, row.resource(), given, error).await;
            error = if found.code == Code::FailedPrecondition { found } else { found.within(&row.place) };
        }
        error
    }
}

fn child_field(relation: &'static Relation) -> usize {
    let (RelationKind::HasMany { column } | RelationKind::HasOne { column }) = relation.kind else {
        unreachable!("{} isn't the other side of a belongs_to", relation.name)
    };
    relation.target.field_index(column).unwrap_or_else(|| unreachable!("{} has a field {column}", relation.target.name))
}

/// Stands for an id that isn't known yet.
fn placeholder(ty: &Type) -> Value {
    match ty {
        Type::Id(Id::Int64) => Value::Int(0),
        Type::Id(Id::Text) => Value::Text(String::new()),
        _ => Value::Uuid(uuid::Uuid::nil()),
    }
}
