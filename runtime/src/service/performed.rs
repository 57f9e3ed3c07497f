//! Actions that hooks do. What a hook returns is shown as the transaction has it: of rows only their ids are taken.

use std::{collections::HashMap, sync::atomic::AtomicBool};

use super::{Acted, Call, Service, WHOLE, actions::Asked};
use crate::{
    descriptor::{Action, Field, Resource, Returns},
    error::ApiError,
    etag::Precondition,
    hooks::{self, Access, Deed},
    reach::EVERYTHING,
    sql,
    store::Tx,
    validate::Validation,
    value::{Record, Value, id_text, now},
};

impl Service {
    /// Nobody else changes the row meanwhile, unless the action only reads.
    pub(super) async fn perform(&self, tx: &mut dyn Tx, asked: &Asked) -> Result<(Acted, Option<Deed>), ApiError> {
        let Asked { origin, resource, action, reach, precondition, .. } = asked;
        let access = if action.safe { Access::Read } else { Access::Write };
        let row = match (&asked.row, access) {
            (None, _) => None,
            (Some((key, id)), Access::Read) => {
                Some(self.unchanged(tx, resource, (key, reach), id, &Precondition::NONE).await?)
            }
            (Some((key, id)), Access::Write) => Some(self.lock(tx, resource, (key, reach), id, precondition).await?),
        };
        let inputs = asked.inputs.as_ref().map_err(Clone::clone)?;
        self.check_inputs(tx, &origin.call, action, inputs).await?;
        let hook = Hook(format!("{}Hooks::{}", resource.name, action.name));
        let Some(hooks) = self.hooks_of(resource) else { return Err(hook.missing()) };
        let (busy, kind) = (AtomicBool::new(false), (tx.dialect(), access));
        let mut own = hooks::Tx::new(tx, self, &origin.call, access, &hook.0, &busy);
        let done = origin.watch(&hook.0, kind, &busy, hooks.act(action, &mut own, row.as_ref(), inputs)).await;
        let (value, wrote) = own.end(done)?;
        let acted = self.shown(tx, &origin.call, &hook, action, value).await?;
        let row = match row {
            Some(before) if wrote => {
                let after = self.again(tx, asked, &before).await?;
                Some((before.clone(), after.unwrap_or(before)))
            }
            row => row.map(|unchanged| (unchanged.clone(), unchanged)),
        };
        Ok((acted, (!action.safe).then(|| Deed { action, row, input: inputs.clone() })))
    }

    async fn shown(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        hook: &Hook,
        action: &Action,
        value: Value,
    ) -> Result<Acted, ApiError> {
        Ok(match action.returns {
            Returns::Nothing => Acted::Nothing(None),
            Returns::Value { result } => Acted::Value(self.fitted(hook, result, value)?),
            Returns::Row(resource) => {
                let columns = self.columns_for(call, resource, (&WHOLE, &[]));
                let found = sql::by_id(tx.dialect(), &columns, &value).records(tx, &columns).await?.pop();
                Acted::Row(found.ok_or_else(|| hook.lost())?)
            }
            Returns::Rows(resource) => match value {
                Value::List(ids) => Acted::Rows(self.rows(tx, call, hook, resource, &ids).await?),
                other => unreachable!("{other:?} isn't a list of ids"),
            },
        })
    }

    /// In the order of their ids here.
    async fn rows(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        hook: &Hook,
        resource: &'static Resource,
        ids: &[Value],
    ) -> Result<Vec<Record>, ApiError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let columns = self.columns_for(call, resource, (&WHOLE, &[]));
        let found = sql::by_ids(tx.dialect(), &columns, ids, &EVERYTHING).records(tx, &columns).await?;
        let text = |id: &Value| id_text(resource.id(), id);
        let found: HashMap<String, Record> = found.into_iter().map(|record| (text(record.id()), record)).collect();
        ids.iter().map(|id| found.get(&text(id)).cloned().ok_or_else(|| hook.lost())).collect()
    }

    /// What isn't stored must keep the spec, too.
    fn fitted(&self, hook: &Hook, result: &'static Field, mut value: Value) -> Result<Value, ApiError> {
        hooks::fit(&result.ty, &mut value).map_err(|why| hook.unfit(&why))?;
        let mut validation = Validation { patterns: &self.patterns, now: now(), violations: Vec::new() };
        validation.judge(result, &value);
        match validation.violations.first() {
            None => Ok(value),
            Some(wrong) => Err(hook.unfit(&format!("is against the spec: {} {}", wrong.location, wrong.message))),
        }
    }
}

/// By its name: `BookHooks::lend_out`.
struct Hook(String);

impl Hook {
    /// Whoever makes servers of generated code can't forget it.
    fn missing(&self) -> ApiError {
        hooks::not_implemented(&self.0)
    }

    fn lost(&self) -> ApiError {
        ApiError::internal(format!("the hook {} returned a row that isn't there", self.0))
    }

    fn unfit(&self, why: &str) -> ApiError {
        ApiError::internal(format!("the hook {} returned something that {why}", self.0))
    }
}
