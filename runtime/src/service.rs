//! The one way through which every protocol reads and writes: authorise, decode and validate, then one transaction.
//!
//! Adapters turn a request into a [`Call`] and arguments, and the answer into their format. They know no SQL and no policy,
//! and this layer knows no protocol: where an error must name a parameter in the caller's words, the adapter passes them
//! in as [`Spelling`].

mod actions;
mod around;
pub(crate) mod batch;
pub(crate) mod computed;
mod entangled;
mod hidden;
mod hooked;
pub mod level;
mod links;
mod login;
mod nested;
mod password;
mod patch;
mod performed;
mod policy;
mod put;
mod read;
pub(crate) mod refusal;
mod release;
pub mod rows;
mod transition;
mod ways;
mod write;

use std::{collections::HashMap, sync::Arc, time::Instant};

pub use crate::{deprecation::Notices, limit::Meter};
pub use actions::Acted;
pub use batch::{Atomicity, Batch, Done, Outcome, Step, Steps, Task};
pub use links::Linking;
pub use login::Exchange;
pub(crate) use password::hash_at_once;
pub use patch::Patch;
pub(crate) use policy::within_tenant;
pub use put::{Missing, Put};
pub use rows::{Fetch, Read, Rows, WHOLE};
pub use ways::Way;
pub(crate) use write::{stamp, touch};

use self::level::Fetched;
use crate::{
    auth::Logins,
    cursor::CursorKey,
    descriptor::{Api, Field, Relation, Resource, Sort},
    error::{ApiError, Violation},
    filter::Filter,
    hooks::Registry,
    principal::Principal,
    sql::{Columns, Parent},
    store::Store,
    validate::Patterns,
    value::{Record, Value},
};

/// One request of one caller, whatever the protocol.
#[derive(Debug, Clone)]
pub struct Call {
    pub principal: Principal,
    pub request_id: Arc<str>,
    /// When the caller stops waiting. Statements that would start later don't.
    pub deadline: Instant,
    /// What replies carry of the fields that hooks compute.
    pub computed: Computed,
    /// Counts what the caller does, where the spec limits that.
    pub meter: Option<Arc<Meter>>,
    /// Hears of what the caller does, where the spec deprecates something.
    pub notices: Option<Arc<Notices>>,
}

/// Which of the fields that hooks compute the service's replies carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Computed {
    /// All that the caller may read.
    #[default]
    All,
    /// None: the adapter knows what is shown, and asks for that when it has all rows.
    Later,
}

/// What a write brings, still in the protocol's form, so that permission is decided before anything of it is judged.
pub trait Input: Send + Sync {
    /// Reads the members that the caller may send. What has the wrong type or isn't declared becomes a violation; a
    /// member that only the server sets is left out in silence.
    ///
    /// `current` is the row as it is, where [`Input::needs_current`] asked for it.
    fn decode(
        &self,
        resource: &'static Resource,
        write: Write,
        current: Option<&Record>,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError>;

    /// The rows that a create brings along for a relation.
    fn nested(&self, _relation: &'static Relation) -> Vec<Box<dyn Input + '_>> {
        Vec::new()
    }

    /// Whether an update says what to change *inside* a value, so that what is stored must be read first.
    fn needs_current(&self, _resource: &'static Resource) -> bool {
        false
    }
}

/// What an action is sent, still in the protocol's form.
pub trait Arguments: Send + Sync {
    /// Reads the values of these fields, in their order: `None` is absent.
    fn decode(&self, fields: &'static [Field], violations: &mut Vec<Violation>)
    -> Result<Vec<Option<Value>>, ApiError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Create,
    /// What wasn't sent stays.
    Update,
    /// What wasn't sent becomes what a create would make of it (PUT, a mask of `*`).
    Replace,
}

/// Decoded input in the order of the resource's fields: `None` is absent, `Some(Value::Null)` an explicit null.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub values: Vec<Option<Value>>,
}

impl Draft {
    pub fn empty(resource: &Resource) -> Draft {
        Draft { values: vec![None; resource.fields.len()] }
    }
}

/// How a protocol names the arguments of a list, for errors.
#[derive(Debug)]
pub struct Spelling {
    pub page_size: &'static str,
    pub cursor: &'static str,
    pub sort: &'static str,
    pub skip: &'static str,
}

/// What a read is to show, still in the protocol's form, so that permission is decided before anything of it is judged.
pub trait Look: Send + Sync {
    /// `None`: rows as they are.
    fn rows(&self, resource: &'static Resource) -> Result<Option<Rows>, ApiError>;
}

/// What a list was asked for, likewise.
pub trait Query: Look {
    fn read(&self, resource: &'static Resource) -> Result<ListArgs, ApiError>;
}

/// Rows as they are.
#[derive(Debug, Clone, Copy)]
pub struct Everything;

impl Look for Everything {
    fn rows(&self, _: &'static Resource) -> Result<Option<Rows>, ApiError> {
        Ok(None)
    }
}

impl Look for ListArgs {
    fn rows(&self, _: &'static Resource) -> Result<Option<Rows>, ApiError> {
        Ok(None)
    }
}

impl Query for ListArgs {
    fn read(&self, _: &'static Resource) -> Result<ListArgs, ApiError> {
        Ok(self.clone())
    }
}

/// What a plan has read of a list's arguments. What is wrong with them is told only to those who may list.
pub type Asked = Result<ListArgs, ApiError>;

/// The arguments of a list.
#[derive(Debug, Clone)]
pub struct ListArgs {
    pub spelling: &'static Spelling,
    /// `None`: the resource's default. Too large is lowered, negative is refused, 0 gives an empty page.
    pub page_size: Option<i64>,
    /// Where the last page ended, as that page told.
    pub cursor: Option<String>,
    /// Read towards the start (`last`/`before`, or a cursor of `prev`). The order of a page never changes.
    pub backward: bool,
    /// `None`: the resource's default.
    pub sort: Option<Vec<Sort>>,
    pub filter: Option<Filter>,
    /// Words that must occur in the fields that the resource is searched by.
    pub q: Option<String>,
    /// Also count all rows that match.
    pub total: bool,
    /// What is passed over, from the start or from the cursor.
    pub skip: Skip,
}

/// How far into a list to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// Negative is refused.
    Rows(i64),
    /// Whole pages, of the size that the list comes to have.
    Pages(u32),
}

/// Some rows of a list, in its order.
#[derive(Debug, Clone)]
pub struct Page {
    pub records: Vec<Record>,
    /// One per record: a page that starts just behind it (or ends just before it, read backward).
    pub cursors: Cursors,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: Option<u64>,
}

/// A page, and what is shown of its rows.
#[derive(Debug)]
pub struct Listing {
    pub page: Page,
    pub rows: Arc<Rows>,
    /// One per fetch of the rows.
    pub below: Vec<Result<Fetched, ApiError>>,
}

/// A row, and what is shown of it.
#[derive(Debug)]
pub struct Shown {
    pub record: Record,
    pub rows: Arc<Rows>,
    /// One per fetch of the rows.
    pub below: Vec<Result<Fetched, ApiError>>,
}

/// Makes cursors for the records of one list when they are asked for.
#[derive(Debug, Clone)]
pub struct Cursors {
    pub(crate) key: Arc<CursorKey>,
    pub(crate) scope: Arc<crate::cursor::Scope>,
}

impl Cursors {
    /// An opaque, authenticated, URL-safe text that continues the list behind `record`, or before it.
    pub fn of(&self, record: &Record, backward: bool) -> String {
        self.key.seal(&self.scope, record, backward)
    }

    /// Of the same list below one row.
    fn below(&self, way: Parent, parent: &Value) -> Cursors {
        Cursors { key: self.key.clone(), scope: Arc::new(self.scope.below(way, parent)) }
    }
}

/// All operations of one api on one store.
pub struct Service {
    pub api: &'static Api,
    pub store: Arc<dyn Store>,
    cursor_key: Arc<CursorKey>,
    columns: HashMap<&'static str, Arc<Columns>>,
    /// What most reads show.
    whole: Arc<Rows>,
    patterns: Patterns,
    hashing: tokio::sync::Semaphore,
    hooks: Registry,
    /// Where the spec lets callers log in.
    logins: Option<Logins>,
}

impl Service {
    /// Fails for descriptors that no generator would emit (a pattern that doesn't compile).
    pub fn new(api: &'static Api, store: Arc<dyn Store>, cursor_key: CursorKey) -> anyhow::Result<Service> {
        let columns = api.resources.iter().map(|resource| (resource.name, Arc::new(Columns::of(resource)))).collect();
        Ok(Service {
            api,
            store,
            cursor_key: Arc::new(cursor_key),
            columns,
            whole: Arc::default(),
            patterns: Patterns::compile(api)?,
            hashing: tokio::sync::Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)),
            hooks: Registry::default(),
            logins: None,
        })
    }

    /// The same with the user's code around its writes.
    #[must_use]
    pub fn with_hooks(self, hooks: Registry) -> Service {
        Service { hooks, ..self }
    }

    /// The same with tokens for those who log in.
    #[must_use]
    pub(crate) fn with_logins(self, logins: Option<Logins>) -> Service {
        Service { logins, ..self }
    }

    fn look(&self, look: &(impl Look + ?Sized), resource: &'static Resource) -> Result<Arc<Rows>, ApiError> {
        Ok(look.rows(resource)?.map_or_else(|| self.whole.clone(), Arc::new))
    }

    pub(crate) fn columns(&self, resource: &'static Resource) -> &Arc<Columns> {
        match self.columns.get(resource.name) {
            Some(columns) => columns,
            None => unreachable!("{} isn't a resource of {}", resource.name, self.api.name),
        }
    }
}

/// What a call wants to do, as policy sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    List,
    Get,
    Create,
    Update,
    Replace,
    Delete,
    Undelete,
    /// Several of the others at once.
    Batch,
    /// By its name.
    Act(&'static str),
}
