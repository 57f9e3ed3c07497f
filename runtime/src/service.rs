//! The one way through which every protocol reads and writes: authorise, decode and validate, then one transaction.
//!
//! Adapters turn a request into a [`Call`] and arguments, and the answer into their format. They know no SQL and no policy,
//! and this layer knows no protocol: where an error must name a parameter in the caller's words, the adapter passes them
//! in as [`Spelling`].

use std::{collections::HashMap, sync::Arc, time::Instant};

use crate::{
    cursor::CursorKey,
    descriptor::{Api, Relation, Resource, Sort},
    error::{ApiError, Violation},
    etag::Precondition,
    filter::Filter,
    store::{Store, Tx},
    value::{Record, Value},
};

/// One request of one caller, whatever the protocol.
#[derive(Debug, Clone)]
pub struct Call {
    pub principal: Principal,
    pub request_id: Arc<str>,
    /// When the caller stops waiting. Statements that would start later don't.
    pub deadline: Instant,
}

/// Who calls. Only anonymous callers exist until a spec may have `auth`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    Anonymous,
}

/// What a write brings, still in the protocol's form, so that permission is decided before anything of it is judged.
pub trait Input: Send + Sync {
    /// Reads the members that the caller may send. What has the wrong type or isn't declared becomes a violation; a
    /// member that only the server sets is left out in silence.
    fn decode(
        &self,
        resource: &'static Resource,
        write: Write,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Create,
    Update,
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
}

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
    /// Also count all rows that match.
    pub total: bool,
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
}

/// All operations of one api on one store.
pub struct Service {
    pub api: &'static Api,
    pub store: Arc<dyn Store>,
    pub(crate) cursor_key: Arc<CursorKey>,
}

impl Service {
    pub async fn list(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        args: ListArgs,
    ) -> Result<Page, ApiError> {
        let _ = (call, resource, args);
        todo!()
    }

    /// The rows of `relation` (has_many) of one parent. NOT_FOUND if the parent isn't there.
    pub async fn list_related(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        relation: &'static Relation,
        parent: &str,
        args: ListArgs,
    ) -> Result<Page, ApiError> {
        let _ = (call, resource, relation, parent, args);
        todo!()
    }

    /// `id` as the caller wrote it; one that can't be an id of this resource is NOT_FOUND like any other.
    pub async fn get(self: &Arc<Self>, call: &Call, resource: &'static Resource, id: &str) -> Result<Record, ApiError> {
        let _ = (call, resource, id);
        todo!()
    }

    pub async fn create(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        input: &dyn Input,
    ) -> Result<Record, ApiError> {
        let _ = (call, resource, input);
        todo!()
    }

    pub async fn update(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        input: &dyn Input,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let _ = (call, resource, id, input, precondition);
        todo!()
    }

    pub async fn delete(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        precondition: &Precondition,
    ) -> Result<(), ApiError> {
        let _ = (call, resource, id, precondition);
        todo!()
    }
}

/// The same reads inside a snapshot that is already open: one statement each, whatever the number of rows.
impl Service {
    pub async fn list_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        args: &ListArgs,
    ) -> Result<Page, ApiError> {
        let _ = (call, tx, resource, args);
        todo!()
    }

    /// One page per parent, in the order of `parents` (values of their `id`), for a has_many or has_one relation. The
    /// totals, where asked for, take one more statement for all parents together.
    pub async fn children_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        relation: &'static Relation,
        parents: &[Value],
        args: &ListArgs,
    ) -> Result<Vec<Page>, ApiError> {
        let _ = (call, tx, relation, parents, args);
        todo!()
    }

    /// The rows with these ids, by the text of the id (`value::id_text`); ids without a row are left out.
    pub async fn by_ids_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        ids: &[Value],
    ) -> Result<HashMap<String, Record>, ApiError> {
        let _ = (call, tx, resource, ids);
        todo!()
    }
}
