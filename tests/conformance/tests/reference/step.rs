//! Random steps. Numbers stand for what there is when their turn comes, so that they mean something however few steps
//! come before.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::{
    domain::{Identity, Shape},
    lists::{Query, Test},
    world::{Handle, Outcome, Reason, World},
    write::{Body, Guard, Link},
};

#[derive(Debug, Clone)]
pub enum Step {
    Write(Write),
    Get(u8),
    Undelete(u8),
    List { resource: u8, test: Option<(u8, u8, u8)>, order: Vec<(u8, bool)>, limit: u32 },
    Batch { resource: u8, atomic: bool, writes: Vec<Write> },
}

#[derive(Debug, Clone)]
pub enum Write {
    Create(u8, Sketch),
    Update(u8, Sketch, Sketched),
    Replace(u8, Sketch, Sketched),
    Delete(u8, Sketched),
}

/// A body: by member, which of the values that may be sent.
#[derive(Debug, Clone)]
pub struct Sketch {
    /// What is required is there, unless it is taken out again.
    whole: bool,
    members: Vec<(u8, u8)>,
}

/// If-Match.
#[derive(Debug, Clone, Copy)]
pub enum Sketched {
    None,
    Current,
    Stale,
}

/// What is asked of both, with rows as handles.
#[derive(Debug, Clone)]
pub enum Request {
    Write(usize, Asked),
    Get(usize, Handle),
    Undelete(usize, Handle),
    List(Query),
    Batch { resource: usize, atomic: bool, writes: Vec<Asked> },
}

#[derive(Debug, Clone)]
pub enum Asked {
    Create(Body),
    Update(Handle, Body, Guard),
    Replace(Handle, Body, Guard),
    Delete(Handle, Guard),
}

/// What comes of a write: the row, unless that is gone.
pub type Written = Outcome<Option<Handle>>;

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..40)
}

fn step() -> impl Strategy<Value = Step> {
    let test = prop::option::of((0..4u8, 0..9u8, 0..6u8));
    let order = prop::collection::vec((0..4u8, any::<bool>()), 0..3);
    let batch = (0..3u8, any::<bool>(), prop::collection::vec(write(), 1..6));
    prop_oneof![
        10 => write().prop_map(Step::Write),
        1 => (0..16u8).prop_map(Step::Get),
        3 => (0..16u8).prop_map(Step::Undelete),
        2 => (0..3u8, test, order, 1..5u32)
            .prop_map(|(resource, test, order, limit)| Step::List { resource, test, order, limit }),
        2 => batch.prop_map(|(resource, atomic, writes)| Step::Batch { resource, atomic, writes }),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let guard = || prop_oneof![4 => Just(Sketched::None), 1 => Just(Sketched::Current), 1 => Just(Sketched::Stale)];
    prop_oneof![
        5 => (0..3u8, sketch(0.95)).prop_map(|(resource, sketch)| Write::Create(resource, sketch)),
        3 => (0..16u8, sketch(0.0), guard()).prop_map(|(row, sketch, guard)| Write::Update(row, sketch, guard)),
        2 => (0..16u8, sketch(0.9), guard()).prop_map(|(row, sketch, guard)| Write::Replace(row, sketch, guard)),
        3 => (0..16u8, guard()).prop_map(|(row, guard)| Write::Delete(row, guard)),
    ]
}

fn sketch(whole: f64) -> impl Strategy<Value = Sketch> {
    // Most of what is sent is right: the first values of each pool are.
    let which = prop_oneof![6 => 0..5u8, 1 => 5..12u8];
    let members = prop::collection::vec((0..8u8, which), 0..4);
    (prop::bool::weighted(whole), members).prop_map(|(whole, members)| Sketch { whole, members })
}

impl Step {
    pub fn request(&self, world: &World) -> Request {
        match self {
            Step::Write(write) => {
                let (resource, asked) = write.of_any(world);
                Request::Write(resource, asked)
            }
            Step::Get(row) => {
                let (resource, handle) = any_row(world, *row);
                Request::Get(resource, handle)
            }
            Step::Undelete(row) => {
                let hidden: Vec<_> = world.rows.iter().filter(|(_, row)| row.hidden.is_some()).collect();
                let (resource, handle) = match hidden.get(usize::from(*row) % (hidden.len() + 1)) {
                    Some((handle, row)) => (row.resource, **handle),
                    None => any_row(world, *row),
                };
                Request::Undelete(resource, handle)
            }
            Step::List { resource, test, order, limit } => {
                let resource = usize::from(*resource) % world.domain.resources.len();
                Request::List(query(world.shape(resource), (resource, *limit), *test, order))
            }
            Step::Batch { resource, atomic, writes } => {
                let resource = usize::from(*resource) % world.domain.resources.len();
                let writes = writes.iter().map(|write| write.of(world, resource));
                // The id of a row that is gone may be that of the next one, which a batch can't know.
                let again = matches!(world.shape(resource).id, Identity::Number | Identity::Text);
                let writes = writes.filter(|asked| !again || !matches!(asked, Asked::Delete(..))).collect();
                Request::Batch { resource, atomic: *atomic, writes }
            }
        }
    }
}

/// One of all rows there were, or none.
fn any_row(world: &World, number: u8) -> (usize, Handle) {
    let rows: Vec<_> = world.rows.iter().map(|(handle, row)| (row.resource, *handle)).collect();
    rows.get(usize::from(number) % (rows.len() + 1)).copied().unwrap_or((0, crate::write::NOBODY))
}

fn row_of(world: &World, resource: usize, number: u8) -> Handle {
    let rows = world.rows.iter().filter(|(_, row)| row.resource == resource);
    let rows: Vec<Handle> = rows.map(|(handle, _)| *handle).collect();
    rows.get(usize::from(number) % (rows.len() + 1)).copied().unwrap_or(crate::write::NOBODY)
}

fn query(shape: &Shape, (resource, limit): (usize, u32), test: Option<(u8, u8, u8)>, order: &[(u8, bool)]) -> Query {
    let column = |number: u8| usize::from(number) % shape.columns.len();
    let test = test.and_then(|(number, operator, value)| {
        let (column, kind) = (column(number), shape.columns[column(number)].kind);
        let operators = Test::operators(kind);
        let operator = operators.get(usize::from(operator) % operators.len().max(1))?;
        let value = match *operator {
            "is_null" => json!(value % 2 == 0),
            _ => {
                let value = &kind.pool()[usize::from(value) % kind.right()];
                kind.judge(value).expect("it is one of those that are right")
            }
        };
        Some(Test { column, operator, value })
    });
    let mut keys: Vec<(usize, bool)> = Vec::new();
    for (number, descends) in order {
        let column = column(*number);
        if !Test::operators(shape.columns[column].kind).is_empty() && keys.iter().all(|(other, _)| *other != column) {
            keys.push((column, *descends));
        }
    }
    Query { resource, test, order: keys, limit }
}

impl Write {
    fn of_any(&self, world: &World) -> (usize, Asked) {
        let resource = match self {
            Write::Create(resource, _) => usize::from(*resource) % world.domain.resources.len(),
            Write::Update(row, ..) | Write::Replace(row, ..) | Write::Delete(row, _) => any_row(world, *row).0,
        };
        (resource, self.asked(world, resource, |row| any_row(world, row).1))
    }

    /// As an operation of a batch, which has no replacement.
    fn of(&self, world: &World, resource: usize) -> Asked {
        match self.asked(world, resource, |row| row_of(world, resource, row)) {
            Asked::Replace(handle, body, guard) | Asked::Update(handle, body, guard) => {
                Asked::Update(handle, Body { id: None, ..body }, guard)
            }
            asked => asked,
        }
    }

    fn asked(&self, world: &World, resource: usize, row: impl Fn(u8) -> Handle) -> Asked {
        let guard = |handle: Handle, sketched: &Sketched| {
            let version = world.rows.get(&handle).map_or(1, |row| row.version);
            match sketched {
                Sketched::None => Guard::None,
                Sketched::Current => Guard::Version(version),
                Sketched::Stale => Guard::Version(version + 1),
            }
        };
        match self {
            Write::Create(_, sketch) => Asked::Create(sketch.body(world, resource)),
            Write::Update(number, sketch, guarded) => {
                Asked::Update(row(*number), sketch.body(world, resource), guard(row(*number), guarded))
            }
            Write::Replace(number, sketch, guarded) => {
                let body = Body { id: None, ..sketch.body(world, resource) };
                Asked::Replace(row(*number), body, guard(row(*number), guarded))
            }
            Write::Delete(number, guarded) => Asked::Delete(row(*number), guard(row(*number), guarded)),
        }
    }
}

impl Sketch {
    fn body(&self, world: &World, resource: usize) -> Body {
        let shape = world.shape(resource);
        let mut body = Body::default();
        let seed = self.members.iter().fold(0u8, |seed, (member, value)| seed.wrapping_add(member ^ value));
        if self.whole {
            for (index, column) in shape.columns.iter().enumerate().filter(|(_, column)| column.presence.required()) {
                let pool = column.kind.pool();
                body.values.insert(index, pool[usize::from(seed) % column.kind.right()].clone());
            }
            for (index, parent) in shape.parents.iter().enumerate().filter(|(_, parent)| !parent.optional) {
                body.links.insert(index, link(world, parent.target, seed));
            }
            body.id = (shape.id == Identity::Text).then(|| json!(["a", "b", "c", "ab", "ba"][usize::from(seed) % 5]));
        }
        for (member, value) in &self.members {
            put(&mut body, world, shape, (*member, *value));
        }
        body
    }
}

fn put(body: &mut Body, world: &World, shape: &Shape, (member, value): (u8, u8)) {
    let (columns, member) = (shape.columns.len(), usize::from(member));
    if let Some(column) = shape.columns.get(member) {
        let pool = column.kind.pool();
        body.values.insert(member, pool.get(usize::from(value)).cloned().unwrap_or(Json::Null));
    } else if let Some(parent) = shape.parents.get(member - columns) {
        body.links.insert(member - columns, link(world, parent.target, value));
    } else if member == 7 && value > 8 {
        body.stray = true;
    } else if body.id.is_some() {
        body.id = Some(json!(["a", "b", "c", "d", "abc"][usize::from(value) % 5]));
    }
}

/// Mostly to a row that lives.
fn link(world: &World, target: usize, number: u8) -> Link {
    let all = world.rows.iter().filter(|(_, row)| row.resource == target);
    let (live, hidden): (Vec<_>, Vec<_>) = all.partition(|(_, row)| row.hidden.is_none());
    let handle = match number {
        0..6 if !live.is_empty() => *live[usize::from(number) % live.len()].0,
        6 if !hidden.is_empty() => *hidden[0].0,
        7 => return Link::Nowhere,
        8.. if number.is_multiple_of(2) => return Link::Null,
        _ => return live.first().map_or(Link::Nowhere, |(handle, _)| Link::To(**handle)),
    };
    Link::To(handle)
}

impl World {
    pub fn write(&mut self, resource: usize, asked: &Asked) -> Written {
        match asked {
            Asked::Create(body) => self.create(resource, body).map(Some),
            Asked::Update(handle, body, guard) => self.update(resource, *handle, body, *guard).map(Some),
            Asked::Replace(handle, body, guard) => self.replace(resource, *handle, body, *guard).map(Some),
            Asked::Delete(handle, guard) => self.delete(resource, *handle, *guard).map(|()| None),
        }
    }

    /// Each on its own.
    pub fn each(&mut self, resource: usize, writes: &[Asked]) -> Vec<Written> {
        writes.iter().map(|asked| self.write(resource, asked)).collect()
    }

    /// All of them or nothing; what may be told of those that fail.
    pub fn all(&mut self, resource: usize, writes: &[Asked]) -> Outcome<Vec<Option<Handle>>> {
        let mut after = self.clone();
        let mut outcomes = Vec::new();
        let mut failed = Vec::new();
        for (index, asked) in writes.iter().enumerate() {
            match after.write(resource, asked) {
                Ok(written) => outcomes.push(written),
                Err(refusal) => failed.push(refusal.reasons),
            }
            // All are judged before the first is done, so a row that is to be deleted isn't there for those behind.
            if let Asked::Update(handle, ..) = asked {
                let deleted = |earlier: &Asked| matches!(earlier, Asked::Delete(other, _) if other == handle);
                failed.extend(
                    (!failed.is_empty() && writes[..index].iter().any(deleted)).then(|| vec![Reason::NotFound]),
                );
            }
        }
        // Which of several is told, and what those behind it would have found, is nobody's business.
        let several = failed.len() > 1;
        let wrong = if several { vec![Reason::Any] } else { failed.concat() };
        crate::world::refused(wrong)?;
        *self = after;
        Ok(outcomes)
    }
}
