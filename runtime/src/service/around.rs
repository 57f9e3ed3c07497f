//! Hooks around actions, whoever does them. Of what an action does it knows only what became of the row.

use std::sync::atomic::AtomicBool;

use tracing::Instrument;

use super::{
    Service,
    actions::Asked,
    hooked::{name, tell},
};
use crate::{
    error::ApiError,
    hooks::{self, Access, Before, Deed},
    sql,
    store::Tx,
    value::Record,
};

impl Service {
    /// What only reads has none.
    pub(super) async fn before_act(&self, asked: &mut Asked) -> Result<(), ApiError> {
        let Asked { origin, resource, action, row, inputs, .. } = asked;
        let Ok(inputs) = inputs else { return Ok(()) };
        if action.safe {
            return Ok(());
        }
        let write = Before::Act(action, row.as_ref().map(|(key, _)| key), inputs);
        match self.before(origin, resource, write).await? {
            None => Ok(()),
            Some(hook) => self.judge(&hook, action.input, inputs.iter_mut().enumerate()),
        }
    }

    /// Runs the hook for a row that was moved, and gives the row as that leaves it.
    pub(super) async fn settle_act(
        &self,
        tx: &mut dyn Tx,
        asked: &Asked,
        (before, after): (Record, Record),
    ) -> Result<(Record, Deed), ApiError> {
        let Asked { origin, resource, action, .. } = asked;
        let Some(hooks) = self.hooks_of(resource) else { unreachable!("{} has hooks", resource.name) };
        let deed = Deed { action, row: Some((before.clone(), after.clone())), input: asked.inputs.clone()? };
        let hook = name(resource, "in", action.name);
        let (busy, kind) = (AtomicBool::new(false), (tx.dialect(), Access::Write));
        let mut own = hooks::Tx::new(tx, self, &origin.call, Access::Write, &hook, &busy);
        let done = origin.watch(&hook, kind, &busy, hooks.in_act(&mut own, &deed)).await;
        let ((), wrote) = own.end(done)?;
        if !wrote {
            return Ok((after, deed));
        }
        let lost = || ApiError::internal(format!("the hook {hook} deleted the row that it is for"));
        let after = self.again(tx, asked, &after).await?.ok_or_else(lost)?;
        Ok((after.clone(), Deed { row: Some((before, after)), ..deed }))
    }

    /// A row as it is now. `None`: it is gone.
    pub(super) async fn again(
        &self,
        tx: &mut dyn Tx,
        asked: &Asked,
        record: &Record,
    ) -> Result<Option<Record>, ApiError> {
        let columns = self.columns(asked.resource);
        Ok(sql::by_id(tx.dialect(), columns, record.id()).records(tx, columns).await?.pop())
    }

    /// Tells hooks what has been committed, while the caller gets the answer.
    pub(super) fn after_act(&self, asked: &Asked, deed: Deed) {
        let Some(hooks) = self.hooks_of(asked.resource).cloned() else { return };
        let call = asked.origin.call.clone();
        let told = async move {
            let hook = name(hooks.resource(), "after", deed.action.name);
            tell(&hook, hooks.after_act(&call, &deed)).await;
        };
        tokio::spawn(told.in_current_span());
    }
}
