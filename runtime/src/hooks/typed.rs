//! From typed hooks to those that the service layer knows: once for all resources.

use futures_util::FutureExt;

use super::{Before, Cells, Change, Changes, Deed, Done, Id, Lookup, ResourceHooks, Tx};
use crate::{
    descriptor::{Action, Resource},
    error::ApiError,
    service::Call,
    value::{Record, Value},
};

/// A struct for the rows of a resource, as they are read.
pub trait Row: Sized + Send + Sync + 'static {
    const RESOURCE: &'static Resource;
    type New: New;
    type Patch: Patch;

    fn read(cells: &mut Cells) -> Self;

    fn of(record: &Record) -> Self {
        Self::read(&mut Cells::new(Self::RESOURCE.fields, record.values.clone()))
    }
}

/// A struct for rows that are about to be created.
pub trait New: Sized + Send + Sync {
    fn read(cells: &mut Cells) -> Self;

    fn write(self, cells: &mut Cells);
}

/// A struct for what an update sets.
pub trait Patch: Sized + Send + Sync {
    fn read(changes: &mut Changes) -> Self;

    fn write(self, changes: &mut Changes);
}

/// A struct for what an action takes.
pub trait Input: Sized + Send + Sync {
    fn read(cells: &mut Cells) -> Self;

    fn write(self, cells: &mut Cells);
}

type Outcome<T = ()> = Result<T, ApiError>;

/// The hooks of one resource, on its structs. The methods are those of the trait that users implement.
pub trait Typed: Send + Sync {
    type Row: Row;
    /// The fields that [`Typed::field`] gives.
    const FIELDS: &'static [&'static str] = &[];

    fn field(
        &self,
        field: &'static str,
        _tx: &mut Tx<'_>,
        _new: &<Self::Row as Row>::New,
    ) -> impl Future<Output = Outcome<Value>> + Send {
        async move { unreachable!("no hook gives {field}") }
    }

    /// An action on a row.
    fn act_on(
        &self,
        action: &'static str,
        _tx: &mut Tx<'_>,
        _row: &Self::Row,
        _input: Cells,
    ) -> impl Future<Output = Outcome<Value>> + Send {
        async move { unreachable!("no hook does {action}") }
    }

    /// An action on no row in particular.
    fn act(
        &self,
        action: &'static str,
        _tx: &mut Tx<'_>,
        _input: Cells,
    ) -> impl Future<Output = Outcome<Value>> + Send {
        async move { unreachable!("no hook does {action}") }
    }

    /// Before an action on a row. Gives what the action is to take.
    fn before_act_on(
        &self,
        _action: &'static str,
        _call: &Call,
        _id: &Id<Self::Row>,
        input: Cells,
    ) -> impl Future<Output = Outcome<Cells>> + Send {
        async { Ok(input) }
    }
    /// The same of one on no row in particular.
    fn before_act(
        &self,
        _action: &'static str,
        _call: &Call,
        input: Cells,
    ) -> impl Future<Output = Outcome<Cells>> + Send {
        async { Ok(input) }
    }
    fn in_act(
        &self,
        _action: &'static str,
        _tx: &mut Tx<'_>,
        _before: &Self::Row,
        _after: &Self::Row,
        _input: Cells,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn after_act_on(
        &self,
        _action: &'static str,
        _call: &Call,
        _before: &Self::Row,
        _after: &Self::Row,
        _input: Cells,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn after_act(&self, _action: &'static str, _call: &Call, _input: Cells) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }

    /// One value per row.
    fn computed(
        &self,
        field: &'static str,
        _lookup: &Lookup<'_>,
        _rows: &[Self::Row],
    ) -> impl Future<Output = Outcome<Value>> + Send {
        async move { unreachable!("no hook computes {field}") }
    }

    fn before_create(&self, _call: &Call, _new: &mut <Self::Row as Row>::New) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn before_update(
        &self,
        _call: &Call,
        _id: &Id<Self::Row>,
        _patch: &mut <Self::Row as Row>::Patch,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn before_delete(&self, _call: &Call, _id: &Id<Self::Row>) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn before_undelete(&self, _call: &Call, _id: &Id<Self::Row>) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }

    fn in_create(&self, _tx: &mut Tx<'_>, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn in_update(
        &self,
        _tx: &mut Tx<'_>,
        _before: &Self::Row,
        _after: &Self::Row,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn in_delete(&self, _tx: &mut Tx<'_>, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn in_undelete(&self, _tx: &mut Tx<'_>, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }

    fn after_create(&self, _call: &Call, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn after_update(
        &self,
        _call: &Call,
        _before: &Self::Row,
        _after: &Self::Row,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn after_delete(&self, _call: &Call, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
    fn after_undelete(&self, _call: &Call, _row: &Self::Row) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }
}

impl<T: Typed> ResourceHooks for T {
    fn resource(&self) -> &'static Resource {
        T::Row::RESOURCE
    }

    fn fields(&self) -> &'static [&'static str] {
        T::FIELDS
    }

    fn before<'a>(&'a self, call: &'a Call, write: Before<'a>) -> Done<'a> {
        match write {
            Before::Create(values) => before_create(self, call, values).boxed(),
            Before::Update(id, values) => before_update(self, call, id, values).boxed(),
            Before::Delete(id) => async move { self.before_delete(call, &Id::new(id.clone())).await }.boxed(),
            Before::Undelete(id) => async move { self.before_undelete(call, &Id::new(id.clone())).await }.boxed(),
            Before::Act(action, id, input) => before_act(self, call, action, id, input).boxed(),
        }
    }

    fn field<'a>(&'a self, field: &'static str, tx: &'a mut Tx<'_>, new: &'a [Value]) -> Done<'a, Value> {
        let new = New::read(&mut Cells::new(T::Row::RESOURCE.fields, new.to_vec()));
        Box::pin(async move { Typed::field(self, field, tx, &new).await })
    }

    fn in_tx<'a>(&'a self, tx: &'a mut Tx<'_>, change: &'a Change) -> Done<'a> {
        Box::pin(async move {
            match change {
                Change::Create(row) => self.in_create(tx, &Row::of(row)).await,
                Change::Update(before, after) => self.in_update(tx, &Row::of(before), &Row::of(after)).await,
                Change::Delete(row) => self.in_delete(tx, &Row::of(row)).await,
                Change::Undelete(row) => self.in_undelete(tx, &Row::of(row)).await,
            }
        })
    }

    fn act<'a>(
        &'a self,
        action: &'static Action,
        tx: &'a mut Tx<'_>,
        row: Option<&'a Record>,
        input: &'a [Value],
    ) -> Done<'a, Value> {
        let input = Cells::new(action.input, input.to_vec());
        match row.map(T::Row::of) {
            Some(row) => Box::pin(async move { self.act_on(action.name, tx, &row, input).await }),
            None => Box::pin(async move { Typed::act(self, action.name, tx, input).await }),
        }
    }

    fn in_act<'a>(&'a self, tx: &'a mut Tx<'_>, deed: &'a Deed) -> Done<'a> {
        Box::pin(async move {
            let Some((before, after)) = &deed.row else { unreachable!("{} moves a row", deed.action.name) };
            Typed::in_act(self, deed.action.name, tx, &Row::of(before), &Row::of(after), deed.cells()).await
        })
    }

    fn computed<'a>(&'a self, field: &'static str, lookup: &'a Lookup<'a>, rows: &'a [Record]) -> Done<'a, Value> {
        Box::pin(async move {
            let rows: Vec<T::Row> = rows.iter().map(T::Row::of).collect();
            Typed::computed(self, field, lookup, &rows).await
        })
    }

    fn after<'a>(&'a self, call: &'a Call, change: &'a Change) -> Done<'a> {
        Box::pin(async move {
            match change {
                Change::Create(row) => self.after_create(call, &Row::of(row)).await,
                Change::Update(before, after) => self.after_update(call, &Row::of(before), &Row::of(after)).await,
                Change::Delete(row) => self.after_delete(call, &Row::of(row)).await,
                Change::Undelete(row) => self.after_undelete(call, &Row::of(row)).await,
            }
        })
    }

    fn after_act<'a>(&'a self, call: &'a Call, deed: &'a Deed) -> Done<'a> {
        let (name, input) = (deed.action.name, deed.cells());
        Box::pin(async move {
            match &deed.row {
                Some((before, after)) => self.after_act_on(name, call, &Row::of(before), &Row::of(after), input).await,
                None => Typed::after_act(self, name, call, input).await,
            }
        })
    }
}

impl Deed {
    fn cells(&self) -> Cells {
        Cells::new(self.action.input, self.input.clone())
    }
}

async fn before_create<T: Typed>(hooks: &T, call: &Call, values: &mut Vec<Value>) -> Outcome {
    let mut new = New::read(&mut Cells::new(T::Row::RESOURCE.fields, values.clone()));
    hooks.before_create(call, &mut new).await?;
    let mut cells = Cells::new(T::Row::RESOURCE.fields, std::mem::take(values));
    new.write(&mut cells);
    *values = cells.into_values();
    Ok(())
}

async fn before_update<T: Typed>(hooks: &T, call: &Call, id: &Value, values: &mut Vec<Option<Value>>) -> Outcome {
    let mut patch = Patch::read(&mut Changes::new(T::Row::RESOURCE.fields, values.clone()));
    hooks.before_update(call, &Id::new(id.clone()), &mut patch).await?;
    let mut changes = Changes::new(T::Row::RESOURCE.fields, std::mem::take(values));
    patch.write(&mut changes);
    *values = changes.into_values();
    Ok(())
}

async fn before_act<T: Typed>(
    hooks: &T,
    call: &Call,
    action: &'static Action,
    id: Option<&Value>,
    input: &mut Vec<Value>,
) -> Outcome {
    let cells = Cells::new(action.input, std::mem::take(input));
    let cells = match id {
        Some(id) => hooks.before_act_on(action.name, call, &Id::new(id.clone()), cells).await?,
        None => hooks.before_act(action.name, call, cells).await?,
    };
    *input = cells.into_values();
    Ok(())
}
