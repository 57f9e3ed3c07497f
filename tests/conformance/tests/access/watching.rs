//! Streams of events. Whoever comes to serve them is held to their rules at once: until then they aren't implemented for
//! anyone, and credentials that aren't good are still refused.

use std::collections::BTreeSet;

use apigen_conformance::{
    access::policy::{UNAUTHENTICATED, may},
    corpus::Protocol,
};

use crate::{
    cast::Cast,
    cells::{Ask, Cell, Outcome},
};

pub fn cells(cast: &Cast) -> Vec<Cell> {
    let mut cells = Vec::new();
    for resource in cast.spec.resources.iter().filter(|resource| resource.events) {
        let rule = resource.rule(cast.spec, "watch");
        for caller in &cast.callers {
            let flawed = caller.flaw.is_some() && cast.spec.auth.is_some();
            let refused = may(caller, resource, rule.as_ref()).refusal();
            let expected = if flawed { Some(UNAUTHENTICATED) } else { refused };
            cells.extend(Protocol::ALL.map(|protocol| Cell {
                protocol,
                caller: caller.clone(),
                doing: format!("{}.watch", resource.name),
                about: String::new(),
                ask: Ask::Watch(resource.name.clone()),
                expected: expected.map_or(Outcome::Done, Outcome::code),
                visible: BTreeSet::new(),
                may_be_unserved: !flawed,
            }));
        }
    }
    cells
}
