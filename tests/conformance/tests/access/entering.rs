//! Logging in, going on and logging out are open to everybody whose credentials are good, and to those who have none. What
//! is sent is nothing that anybody could log in by, and told so only to those who are let in.

use std::collections::BTreeSet;

use apigen_conformance::{
    access::{caller::Caller, policy::UNAUTHENTICATED},
    corpus::{LOGINS, Operation, Protocol},
};
use serde_json::{Value as Json, json};

use crate::{
    cast::Cast,
    cells::{Ask, Cell, Outcome},
};

/// No text has it.
const NUL: &str = "\0";

pub fn cells(cast: &Cast) -> Vec<Cell> {
    let Some([identifier, secret]) = cast.spec.auth.as_ref().and_then(|auth| auth.login.as_ref()) else {
        return Vec::new();
    };
    let token = json!({ "refresh_token": NUL });
    let asked = [("login", json!({ identifier: NUL, secret: NUL })), ("refresh", token.clone()), ("logout", token)];
    let callers = asked.iter().flat_map(|each| cast.callers.iter().map(move |caller| (each, caller)));
    let protocols = callers.flat_map(|each| Protocol::ALL.map(|protocol| (each, protocol)));
    protocols.map(|(((action, input), caller), protocol)| cell(protocol, caller, action, input)).collect()
}

fn cell(protocol: Protocol, caller: &Caller, action: &str, input: &Json) -> Cell {
    let asked = json!({ "resource": LOGINS.0, "action": action, "input": input });
    Cell {
        protocol,
        caller: caller.clone(),
        doing: format!("{}.{action}", LOGINS.0),
        about: String::new(),
        ask: Ask::One(Operation::Act(serde_json::from_value(asked).expect("an action"))),
        expected: Outcome::code(if caller.flaw.is_some() { UNAUTHENTICATED } else { "VALIDATION_FAILED" }),
        visible: BTreeSet::new(),
        may_be_unserved: false,
    }
}
