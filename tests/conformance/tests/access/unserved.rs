//! Batches and streams of events. Whoever comes to serve them is held to their rules at once: until then they aren't
//! implemented for anyone, and credentials that aren't good are still refused.

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
    for resource in &cast.spec.resources {
        let name = &resource.name;
        let batch = resource.batch.then_some(("batch", Ask::Batch as fn(String) -> Ask));
        let watch = resource.events.then_some(("watch", Ask::Watch as fn(String) -> Ask));
        for (doing, ask) in batch.into_iter().chain(watch) {
            let rule = resource.rule(cast.spec, doing);
            for caller in &cast.callers {
                let flawed = caller.flaw.is_some() && cast.spec.auth.is_some();
                let refused = may(caller, resource, rule.as_ref()).refusal();
                let expected = if flawed { Some(UNAUTHENTICATED) } else { refused };
                cells.extend(Protocol::ALL.map(|protocol| Cell {
                    protocol,
                    caller: caller.clone(),
                    doing: format!("{name}.{doing}"),
                    about: String::new(),
                    ask: ask(name.clone()),
                    expected: expected.map_or(Outcome::Done, Outcome::code),
                    visible: BTreeSet::new(),
                    may_be_unserved: !flawed,
                }));
            }
        }
    }
    cells
}
