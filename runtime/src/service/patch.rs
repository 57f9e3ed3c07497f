//! Updates that say what to do with a row as its caller sees it, so that it must be read first.

use std::sync::Arc;

use super::{
    Call, Input, Operation, Service, Write, refusal,
    write::{ATTEMPTS, Change, key_of},
};
use crate::{
    descriptor::Resource,
    error::{ApiError, Code},
    etag::Precondition,
    reach::Reach,
    store,
    value::{Record, Value},
};

/// Changes that are known only once the row is.
pub trait Patch: Send + Sync {
    /// What to set in a row. What its caller may not read is null in it.
    fn onto(&self, resource: &'static Resource, row: &Record) -> Result<Box<dyn Input + '_>, ApiError>;
}

impl Service {
    /// The row must be as it was read when it is written; whoever loses the race reads again.
    pub async fn patch(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        patch: &dyn Patch,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let reach = self.begin(call, resource, Operation::Update).await?;
        let key = key_of(resource, id, precondition)?;
        for _ in 0..ATTEMPTS {
            let row = self.as_read(call, (resource, &reach), &key, id).await?;
            if !precondition.admits(row.version) {
                return Err(refusal::etag(resource, id, precondition));
            }
            let input = patch.onto(resource, &row)?;
            let (reach, key) = (reach.clone(), key.clone());
            let unchanged = Precondition { versions: Some(vec![row.version]), ..Precondition::NONE };
            let precondition = &unchanged;
            let change = Change { write: Write::Update, resource, reach, key, id, input: &*input, precondition };
            match self.change(call, &change).await {
                Err(error) if error.code == Code::EtagMismatch => {}
                Err(error) => return Err(error),
                Ok(record) => return self.completed(call, resource, record).await,
            }
        }
        Err(ApiError::new(Code::Conflict, format!("other requests keep changing the {} {id}", resource.name)))
    }

    /// A row that may be written, as its caller would read it.
    async fn as_read(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        key: &Value,
        id: &str,
    ) -> Result<Record, ApiError> {
        let (service, asked) = (self.clone(), Arc::new((call.clone(), key.clone(), reach.clone(), id.to_owned())));
        let row = store::read(&*self.store, call.deadline, move |tx| {
            let (service, asked) = (service.clone(), asked.clone());
            Box::pin(async move {
                let (call, key, reach, id) = &*asked;
                let row = service.unchanged(tx, resource, (key, reach), id, &Precondition::NONE).await?;
                service.seen(tx, call, resource, row).await
            })
        });
        self.completed(call, resource, row.await?).await
    }
}
