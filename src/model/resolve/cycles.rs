//! Things that need themselves: value types inside value types, and rows that can't be created before each other.

use std::collections::HashMap;

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::spec::{Object, RelationKey, Resource, Text};

/// One step: from a thing, by a name written in the spec, to another thing.
struct Edge<'a> {
    by: &'a Text,
    to: usize,
}

impl Resolver<'_> {
    pub(super) fn check_cycles(&mut self) {
        let spec = self.spec;
        let objects = object_edges(&spec.objects);
        for cycle in cycles(&objects) {
            let path = path(&cycle, |index| &spec.objects[index].name.value);
            let message = format!("value type `{}` contains itself: {path}", spec.objects[cycle[0].0].name.value);
            let help = "make it a resource, and the field a relation";
            self.error(Code::TypeCycle, place(&cycle), message, help);
        }
        let resources = spec.resources.given().map(Vec::as_slice).unwrap_or_default();
        let edges = resource_edges(resources);
        for cycle in cycles(&edges) {
            let path = path(&cycle, |index| &resources[index].name.value);
            let name = &cycle[0].1.by.value;
            self.out.push(
                Diagnostic::error(Code::RelationCycle, place(&cycle), format!("no first row can exist: {path}"))
                    .label("each needs the next one")
                    .help(format!("make one of the relations optional: `{name}?`")),
            );
        }
    }
}

fn object_edges(objects: &[Object]) -> Vec<Vec<Edge<'_>>> {
    let index: HashMap<_, _> =
        objects.iter().enumerate().map(|(at, object)| (object.name.value.as_str(), at)).collect();
    let edges = |object| {
        let object: &Object = object;
        let fields = object.fields.given().into_iter().flatten();
        fields.filter_map(|field| edge(&index, &field.name, field.ty.given()?.name())).collect()
    };
    objects.iter().map(edges).collect()
}

/// Required belongs_to relations.
fn resource_edges(resources: &[Resource]) -> Vec<Vec<Edge<'_>>> {
    let index: HashMap<_, _> =
        resources.iter().enumerate().map(|(at, resource)| (resource.name.value.as_str(), at)).collect();
    let edges = |resource| {
        let resource: &Resource = resource;
        let required = resource.relations.given().into_iter().flatten().filter(|relation| !relation.optional);
        required
            .filter_map(|relation| match relation.target.given()? {
                (RelationKey::BelongsTo, to) => edge(&index, &relation.name, to),
                _ => None,
            })
            .collect()
    };
    resources.iter().map(edges).collect()
}

fn edge<'a>(index: &HashMap<&str, usize>, by: &'a Text, to: &Text) -> Option<Edge<'a>> {
    Some(Edge { by, to: *index.get(to.value.as_str())? })
}

type Cycle<'e, 'a> = Vec<(usize, &'e Edge<'a>)>;

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path from where the search began.
    Open,
    Done,
}

/// One cycle for each edge that closes one. Walks without recursion: a spec may chain more things than a stack holds.
fn cycles<'e, 'a>(edges: &'e [Vec<Edge<'a>>]) -> Vec<Cycle<'e, 'a>> {
    let mut found = Vec::new();
    let mut states = vec![State::New; edges.len()];
    for start in 0..edges.len() {
        // Each step of the path with the number of its edges that are already walked.
        let mut path = vec![(start, 0)];
        if states[start] != State::New {
            continue;
        }
        states[start] = State::Open;
        while let Some((at, walked)) = path.last_mut() {
            let Some(edge) = edges[*at].get(*walked) else {
                states[*at] = State::Done;
                path.pop();
                continue;
            };
            *walked += 1;
            match states[edge.to] {
                State::New => {
                    states[edge.to] = State::Open;
                    path.push((edge.to, 0));
                }
                State::Open => found.push(cycle(&path, edge.to, edges)),
                State::Done => {}
            }
        }
    }
    found
}

/// The part of the path that begins at `to`, each step with the edge that it took last.
fn cycle<'e, 'a>(path: &[(usize, usize)], to: usize, edges: &'e [Vec<Edge<'a>>]) -> Cycle<'e, 'a> {
    let steps = path.iter().skip_while(|(at, _)| *at != to);
    steps.map(|(at, walked)| (*at, &edges[*at][walked - 1])).collect()
}

/// `Order.customer → User.last_order → Order`.
fn path<'n>(cycle: &Cycle<'_, '_>, name: impl Fn(usize) -> &'n String) -> String {
    let steps: String = cycle.iter().map(|(at, edge)| format!("{}.{} → ", name(*at), edge.by.value)).collect();
    steps + name(cycle[0].0)
}

fn place(cycle: &Cycle<'_, '_>) -> Span {
    cycle[0].1.by.span
}
