//! The user's code: around writes and actions in three phases, before the transaction, inside it, and after its commit;
//! and in place of the server, where an action is for code to do, or a field is for code to compute.
//!
//! A generated crate has a trait of hooks and typed rows per resource, and makes [`ResourceHooks`] of both by [`Typed`];
//! the service layer knows only those. Resources without hooks are written as if this module weren't there.

mod cells;
mod fit;
mod id;
mod lookup;
mod native;
mod param;
mod tx;
mod typed;
mod watch;

use std::{collections::HashMap, sync::Arc};

use futures_util::future::BoxFuture;

pub use cells::{Cells, Changes};
pub(crate) use fit::fit;
pub use id::Id;
pub use lookup::Lookup;
pub use native::Native;
pub use param::Param;
pub(crate) use tx::Access;
pub use tx::Tx;
pub use typed::{Input, New, Patch, Row, Typed};
pub(crate) use watch::{Origin, caught};

use crate::{
    auth::{Authenticator, Recognise},
    descriptor::{Action, Resource},
    error::{ApiError, Code},
    service::Call,
    value::{Record, Value},
};

/// What a hook comes to.
pub type Done<'a, T = ()> = BoxFuture<'a, Result<T, ApiError>>;

/// The hooks of one resource, on rows as the service layer has them.
pub trait ResourceHooks: Send + Sync {
    fn resource(&self) -> &'static Resource;

    /// The fields that [`ResourceHooks::field`] gives, by name.
    fn fields(&self) -> &'static [&'static str];

    fn before<'a>(&'a self, call: &'a Call, write: Before<'a>) -> Done<'a>;

    /// The value of a field of a new row.
    fn field<'a>(&'a self, field: &'static str, tx: &'a mut Tx<'_>, new: &'a [Value]) -> Done<'a, Value>;

    fn in_tx<'a>(&'a self, tx: &'a mut Tx<'_>, change: &'a Change) -> Done<'a>;

    /// Does what an action is for. `row` is what it is about, unless that is no row in particular. Gives what the action
    /// returns: of rows their ids, of nothing null.
    fn act<'a>(
        &'a self,
        action: &'static Action,
        tx: &'a mut Tx<'_>,
        row: Option<&'a Record>,
        input: &'a [Value],
    ) -> Done<'a, Value>;

    /// Inside the transaction of an action that the server does, when its row has moved.
    fn in_act<'a>(&'a self, tx: &'a mut Tx<'_>, deed: &'a Deed) -> Done<'a>;

    /// The values of a field that no row has: a list, one per row.
    fn computed<'a>(&'a self, field: &'static str, lookup: &'a Lookup<'a>, rows: &'a [Record]) -> Done<'a, Value>;

    fn after<'a>(&'a self, call: &'a Call, change: &'a Change) -> Done<'a>;

    fn after_act<'a>(&'a self, call: &'a Call, deed: &'a Deed) -> Done<'a>;
}

/// A write or an action that was asked for and judged. What it brings may still be changed.
#[derive(Debug)]
pub enum Before<'a> {
    Create(&'a mut Vec<Value>),
    /// The row's id, and what will be set.
    Update(&'a Value, &'a mut Vec<Option<Value>>),
    Delete(&'a Value),
    Undelete(&'a Value),
    /// The id of the row that it is about, if it is about one, and what it takes.
    Act(&'static Action, Option<&'a Value>, &'a mut Vec<Value>),
}

/// What a write does to a row.
#[derive(Debug, Clone)]
pub enum Change {
    Create(Record),
    /// The row as it was, and as it is.
    Update(Record, Record),
    /// The row as it was.
    Delete(Record),
    Undelete(Record),
}

/// What an action has done that doesn't only read.
#[derive(Debug, Clone)]
pub struct Deed {
    pub action: &'static Action,
    /// The row that it was about, if it was about one, as it was and as it is, or last was.
    pub row: Option<(Record, Record)>,
    /// What it took, in the order of the action's inputs.
    pub input: Vec<Value>,
}

impl Before<'_> {
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Before::Create(_) => "create",
            Before::Update(..) => "update",
            Before::Delete(_) => "delete",
            Before::Undelete(_) => "undelete",
            Before::Act(action, ..) => action.name,
        }
    }
}

impl Change {
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Change::Create(_) => "create",
            Change::Update(..) => "update",
            Change::Delete(_) => "delete",
            Change::Undelete(_) => "undelete",
        }
    }

    /// The row as it is now, or as it last was.
    pub(crate) fn record(&self) -> &Record {
        let (Change::Create(record) | Change::Update(_, record) | Change::Delete(record) | Change::Undelete(record)) =
            self;
        record
    }

    /// The same, with the row as it has become since.
    pub(crate) fn with(self, record: Record) -> Change {
        match self {
            Change::Create(_) => Change::Create(record),
            Change::Update(before, _) => Change::Update(before, record),
            Change::Delete(_) => Change::Delete(record),
            Change::Undelete(_) => Change::Undelete(record),
        }
    }
}

/// All of the user's code in a server.
#[derive(Default)]
pub struct Registry {
    hooks: HashMap<&'static str, Arc<dyn ResourceHooks>>,
    authenticator: Option<Arc<dyn Recognise>>,
}

impl Registry {
    /// In place of those that the resource had.
    #[must_use]
    pub fn with(mut self, hooks: impl ResourceHooks + 'static) -> Registry {
        self.hooks.insert(hooks.resource().name, Arc::new(hooks));
        self
    }

    /// In place of the one that was there.
    #[must_use]
    pub fn with_authenticator(self, authenticator: impl Authenticator) -> Registry {
        Registry { authenticator: Some(Arc::new(authenticator)), ..self }
    }

    pub(crate) fn authenticator(&self) -> Option<Arc<dyn Recognise>> {
        self.authenticator.clone()
    }

    pub(crate) fn of(&self, resource: &Resource) -> Option<&Arc<dyn ResourceHooks>> {
        self.hooks.get(resource.name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }
}

/// The name of an enum's value.
pub fn enum_value(value: Value) -> &'static str {
    match value {
        Value::Enum(name) => name,
        other => unreachable!("{other:?} stands where the descriptor has an enum"),
    }
}

/// What a hook answers that nobody has written yet, by its name: `OrderItemHooks::unit_price`.
pub fn not_implemented(hook: &str) -> ApiError {
    ApiError::new(Code::NotImplemented, format!("the hook {hook} isn't written yet")).with("hook", hook)
}
