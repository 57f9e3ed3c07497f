//! What a row leaves behind that goes for good: foreign keys take others along and out of references, but they know nothing
//! of hidden rows and of versions.

use std::collections::HashSet;

use super::{Service, hidden::field};
use crate::{
    descriptor::{Dependent, Field, OnDelete, Resource},
    error::ApiError,
    sql::{self, Which},
    store::Tx,
    value::{Value, id_text},
};

/// Rows that go, each resource's by the text of their ids.
#[derive(Default)]
struct Going(HashSet<(&'static str, String)>);

impl Going {
    /// Those of them that weren't known to go.
    fn add(&mut self, resource: &'static Resource, ids: Vec<Value>) -> Vec<Value> {
        ids.into_iter().filter(|id| self.0.insert((resource.name, id_text(resource.id(), id)))).collect()
    }

    fn others(&self, resource: &'static Resource, ids: Vec<Value>) -> Vec<Value> {
        ids.into_iter().filter(|id| !self.0.contains(&(resource.name, id_text(resource.id(), id)))).collect()
    }
}

impl Service {
    /// Takes the row and all that goes along out of those that stay, each of which is then another version of itself; and
    /// lets no hidden row keep any of them.
    pub(super) async fn release(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        key: &Value,
    ) -> Result<(), ApiError> {
        let (mut going, mut emptied, mut forgotten) = (Going::default(), Vec::new(), Vec::new());
        let mut left = vec![(resource, going.add(resource, vec![key.clone()]))];
        while let Some((resource, ids)) = left.pop() {
            for dependent in resource.dependents {
                let which = match dependent.on_delete {
                    OnDelete::SetNull => {
                        emptied.push((dependent, ids.clone()));
                        continue;
                    }
                    OnDelete::Cascade => Which::All,
                    OnDelete::Restrict if dependent.resource.soft_delete => Which::Hidden,
                    OnDelete::Restrict => continue,
                };
                let along = self.referring_to(tx, dependent, &ids, which).await?;
                let along = going.add(dependent.resource, along);
                if along.is_empty() {
                    continue;
                }
                if which == Which::Hidden {
                    forgotten.push((dependent.resource, along.clone()));
                }
                left.push((dependent.resource, along));
            }
        }
        for (dependent, ids) in emptied {
            let rows = self.referring_to(tx, dependent, &ids, Which::All).await?;
            let rows = going.others(dependent.resource, rows);
            let child = (dependent.resource, Which::All);
            sql::unlink(tx.dialect(), child, field(dependent), (id(dependent), &rows)).execute(tx).await?;
        }
        // What refers to others comes behind them.
        for (resource, ids) in forgotten.into_iter().rev() {
            sql::forget(tx.dialect(), resource, &ids).execute(tx).await?;
        }
        Ok(())
    }

    /// The ids of the rows that refer to one of these.
    async fn referring_to(
        &self,
        tx: &mut dyn Tx,
        dependent: &Dependent,
        ids: &[Value],
        which: Which,
    ) -> Result<Vec<Value>, ApiError> {
        let statement = sql::referring(tx.dialect(), (dependent.resource, which), field(dependent), ids);
        let rows = statement.query(tx, &[id(dependent).ty]).await?;
        Ok(rows.into_iter().filter_map(|mut row| row.pop()).collect())
    }
}

/// Whether foreign keys don't do all that is to be done.
pub(super) fn needs_release(resource: &'static Resource) -> bool {
    fn of(resource: &'static Resource, seen: &mut HashSet<&'static str>) -> bool {
        seen.insert(resource.name)
            && resource.dependents.iter().any(|dependent| match dependent.on_delete {
                OnDelete::SetNull => true,
                OnDelete::Restrict => dependent.resource.soft_delete,
                OnDelete::Cascade => of(dependent.resource, seen),
            })
    }
    of(resource, &mut HashSet::new())
}

fn id(dependent: &Dependent) -> &'static Field {
    &dependent.resource.fields[0]
}
