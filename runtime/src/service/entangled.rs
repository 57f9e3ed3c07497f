//! Batches whose deletes reach what the operations behind them are about: rows that they take out of references, and
//! references to what is gone.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Service, batch::Ready, write::Set};
use crate::{descriptor::Resource, error::ApiError, etag::Precondition, store::Tx, value::Value};

/// A change that must find its row as it was judged, and its place in the batch.
pub(super) struct Held(usize, Set);

/// Where a delete comes before a change, its row may be another version by then, by the batch itself. So all that are
/// changed are held to their versions beforehand, and to none when their turn comes.
pub(super) fn hold(ready: &mut [Ready]) -> Vec<Held> {
    let first = ready.iter().position(|ready| matches!(ready, Ready::Gone(_))).unwrap_or(ready.len());
    let mut held: Vec<Held> = Vec::new();
    if !ready[first..].iter().any(|ready| matches!(ready, Ready::Set(_))) {
        return held;
    }
    let created = ready.iter().filter(|ready| matches!(ready, Ready::New(_)));
    let created: Vec<Value> = created.map(|ready| ready.key().clone()).collect();
    for (index, ready) in ready.iter_mut().enumerate() {
        let Ready::Set(set) = ready else { continue };
        let judged = Set { values: Vec::new(), ..set.clone() };
        set.precondition = Precondition::NONE;
        if !created.contains(&set.key) && held.iter().all(|Held(_, other)| other.key != set.key) {
            held.push(Held(index, judged));
        }
    }
    held
}

impl Service {
    /// `turn`: the operation that is to blame if one fails.
    pub(super) async fn check_held(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        held: &[Held],
        turn: &AtomicUsize,
    ) -> Result<(), ApiError> {
        for Held(index, set) in held {
            turn.store(*index, Ordering::Relaxed);
            self.lock(tx, resource, (&set.key, &set.reach), &set.id, &set.precondition).await?;
        }
        Ok(())
    }

    /// What a batch has deleted is there again once the batch has failed, and nobody could tell then why it did.
    pub(super) async fn check_behind(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        earlier: &[Ready],
        ready: &Ready,
    ) -> Result<(), ApiError> {
        match earlier.iter().any(|ready| matches!(ready, Ready::Gone(_))) {
            true => self.find_references(tx, &ready.origin().call, resource, &ready.values()).await,
            false => Ok(()),
        }
    }
}

impl Ready {
    /// What is deleted together comes back together, and each delete of a batch is one of its own: so each has a time of
    /// its own, too.
    pub(super) fn delay(&mut self, index: usize) {
        if let Ready::Gone(set) = self {
            set.now += jiff::SignedDuration::from_micros(i64::try_from(index).unwrap_or_default());
        }
    }

    /// The row's; null where the database makes it.
    fn key(&self) -> &Value {
        match self {
            Ready::New(new) => &new.values[0],
            Ready::Set(set) | Ready::Gone(set) => &set.key,
        }
    }

    /// What it writes, by field; null where it leaves what is there.
    fn values(&self) -> Vec<Value> {
        match self {
            Ready::New(new) => new.values.clone(),
            Ready::Set(set) | Ready::Gone(set) => {
                set.values.iter().map(|value| value.clone().unwrap_or(Value::Null)).collect()
            }
        }
    }
}
