//! One question: who asks for what, over which protocol, and what must come of it.

use std::collections::{BTreeMap, BTreeSet};

use apigen_conformance::{
    access::caller::Caller,
    corpus::{Operation, Protocol},
};
use serde_json::{Map, Value as Json};

pub struct Cell {
    pub protocol: Protocol,
    pub caller: Caller,
    /// `Order.cancel`
    pub doing: String,
    /// Which row, or what else is particular.
    pub about: String,
    pub ask: Ask,
    pub expected: Outcome,
    /// The guarded fields that the answer to a change may show.
    pub visible: BTreeSet<String>,
    /// It was permitted, and may answer that nobody has written it yet.
    pub may_be_unserved: bool,
}

pub enum Ask {
    One(Operation),
    /// All pages of a list.
    All(Operation),
    /// What no client of the corpus can say: actions that take their time, and streams of a resource's events.
    Start {
        resource: String,
        action: String,
        id: Json,
        input: Map<String, Json>,
    },
    Watch(String),
}

/// What an answer tells of a caller's rights.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// An error.
    Code(String),
    /// A row, with those of its guarded fields that are shown.
    Row(BTreeSet<String>),
    /// The same of each row of a list, by id.
    Rows(BTreeMap<String, BTreeSet<String>>),
    /// What was to be changed is changed.
    Done,
    /// It is, but the answer shows what the caller may not read.
    Told(BTreeSet<String>),
}

impl Outcome {
    pub fn code(code: &str) -> Outcome {
        Outcome::Code(code.to_owned())
    }

    pub fn changes_something(&self) -> bool {
        *self == Outcome::Done
    }
}

impl Cell {
    pub fn place(&self) -> String {
        format!("{:?} {} {} by {}", self.protocol, self.doing, self.about, self.caller.name)
    }
}
