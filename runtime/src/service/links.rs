//! Putting the rows of a many_to_many together, and taking them apart. Both may be so already.

use std::sync::Arc;

use super::{Call, Operation, Service, policy, refusal};
use crate::{
    descriptor::{Join, Relation, RelationKind, Resource},
    error::ApiError,
    reach::Reach,
    sql,
    store::{self, Tx},
    value::{Record, Value, parse_id},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    Add,
    Remove,
}

/// What to do to one row and some others.
struct Links {
    call: Call,
    resource: &'static Resource,
    reach: Reach,
    relation: &'static Relation,
    /// What the others must be among.
    within: Reach,
    join: Join,
    linking: Linking,
    /// As the callers wrote them.
    id: String,
    others: Vec<String>,
}

impl Service {
    /// Needs `update` on the side that is named; returns its row.
    pub async fn link(
        self: &Arc<Self>,
        call: &Call,
        (resource, relation): (&'static Resource, &'static Relation),
        id: &str,
        others: &[String],
        linking: Linking,
    ) -> Result<Record, ApiError> {
        let mut reach = self.begin(call, resource, Operation::Update).await?;
        if let Some(any) = relation.writers
            && let Some(rows) = policy::judge(call, resource, any)?
        {
            reach.narrow(rows);
        }
        let RelationKind::ManyToMany(join) = relation.kind else {
            unreachable!("{}.{} doesn't have many on both sides", resource.name, relation.name)
        };
        let within = policy::within_tenant(call, relation.target)?;
        let (call, id, others) = (call.clone(), id.to_owned(), others.to_vec());
        let deadline = call.deadline;
        let links = Arc::new(Links { call, resource, reach, relation, within, join, linking, id, others });
        let service = self.clone();
        store::write(&*self.store, deadline, move |tx| {
            let (service, links) = (service.clone(), links.clone());
            Box::pin(async move {
                let record = service.linked(tx, &links).await?;
                service.seen(tx, &links.call, resource, record).await
            })
        })
        .await
    }

    async fn linked(&self, tx: &mut dyn Tx, links: &Links) -> Result<Record, ApiError> {
        let Links { resource, reach, relation, within, join, id, others, .. } = links;
        let missing = || refusal::not_found(resource, id);
        let near = parse_id(resource.id(), id).ok_or_else(missing)?;
        let columns = self.columns(resource);
        let found = sql::by_id_within(tx.dialect(), columns, &near, reach).records(tx, columns).await?.pop();
        let record = found.ok_or_else(missing)?;
        let ty = relation.target.fields[0].ty;
        let parsed = others.iter().map(|other| (other, parse_id(relation.target.id(), other)));
        if links.linking == Linking::Remove {
            // What can't be an id isn't there either.
            let far: Vec<Value> = parsed.filter_map(|(_, far)| far).collect();
            sql::part(tx.dialect(), join, &near, (ty, &far)).execute(tx).await?;
            return Ok(record);
        }
        for (other, far) in parsed {
            let missing = || refusal::not_found(relation.target, other);
            let far = far.ok_or_else(missing)?;
            if !self.exists_in(tx, relation.target, (0, &far), within).await? {
                return Err(missing());
            }
            sql::pair(tx.dialect(), join, &near, (ty, &far)).execute(tx).await?;
        }
        Ok(record)
    }
}
