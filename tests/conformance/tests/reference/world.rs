//! The reference: rows in maps, and what becomes of them. It shares no code with what it judges, knows neither SQL nor
//! ids, and is as slow as it likes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::{
    domain::{Domain, Identity, OnDelete, Shape},
    write::{Body, Guard},
};

/// Which row, for ever: no two rows have the same, whenever they lived.
pub type Handle = usize;

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub resource: usize,
    /// In the order of the resource's columns.
    pub values: Vec<Json>,
    /// In the order of its parents.
    pub links: Vec<Option<Handle>>,
    /// What its caller chose.
    pub id: Option<String>,
    pub version: i64,
    /// The delete that has hidden it.
    pub hidden: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct World {
    pub domain: Domain,
    pub rows: BTreeMap<Handle, Row>,
    born: Handle,
    deletes: usize,
}

/// Why something isn't done: any of these may be told, if several are true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NotFound,
    /// By field and code.
    Invalid(BTreeSet<(String, &'static str)>),
    Stale,
    Taken,
    /// Another row, or its own state, stands in the way.
    Blocked,
    /// Something that the caller can do something about.
    Any,
}

pub type Outcome<T> = Result<T, Refusal>;

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Refusal {
        Refusal { reasons: vec![reason] }
    }
}

/// Nothing, or all that is wrong.
pub fn refused(reasons: Vec<Reason>) -> Outcome<()> {
    if reasons.is_empty() { Ok(()) } else { Err(Refusal { reasons }) }
}

impl World {
    pub fn new(domain: Domain) -> World {
        World { domain, rows: BTreeMap::new(), born: 0, deletes: 0 }
    }

    pub fn shape(&self, resource: usize) -> &Shape {
        &self.domain.resources[resource]
    }

    /// A row that hasn't been deleted.
    pub fn live(&self, resource: usize, handle: Handle) -> Outcome<&Row> {
        let row = self.rows.get(&handle).filter(|row| row.resource == resource && row.hidden.is_none());
        row.ok_or_else(|| Reason::NotFound.into())
    }

    pub fn create(&mut self, resource: usize, body: &Body) -> Outcome<Handle> {
        let shape = self.shape(resource);
        let (values, links) = body.new_row(shape)?;
        let id = if shape.id == Identity::Text { body.id.as_ref().and_then(Json::as_str) } else { None };
        let row = Row { resource, values, links, id: id.map(str::to_owned), version: 1, hidden: None };
        let mut wrong = self.lost(&row.links, resource);
        wrong.extend(self.taken(&row, None));
        refused(wrong)?;
        self.born += 1;
        self.rows.insert(self.born, row);
        Ok(self.born)
    }

    pub fn update(&mut self, resource: usize, handle: Handle, body: &Body, guard: Guard) -> Outcome<Handle> {
        let row = self.live(resource, handle)?.clone();
        let sets = body.changes(self.shape(resource))?;
        let mut after = row.clone();
        sets.values.iter().for_each(|(index, value)| after.values[*index] = value.clone());
        sets.links.iter().for_each(|(index, link)| after.links[*index] = *link);
        let set: Vec<_> = (0..row.links.len()).map(|index| *sets.links.get(&index).unwrap_or(&None)).collect();
        let nothing = sets.values.is_empty() && sets.links.is_empty();
        self.put(handle, (row, after), (&set, nothing), guard)
    }

    pub fn replace(&mut self, resource: usize, handle: Handle, body: &Body, guard: Guard) -> Outcome<Handle> {
        let row = self.live(resource, handle)?.clone();
        let (values, links) = body.replacement(self.shape(resource), &row)?;
        let after = Row { values, links: links.clone(), ..row.clone() };
        // What can be replaced is set, be it to what it was.
        let shape = self.shape(resource);
        let nothing = shape.columns.iter().all(|column| column.create_only) && shape.parents.is_empty();
        self.put(handle, (row, after), (&links, nothing), guard)
    }

    /// `links`: those that are set, so looked up.
    fn put(
        &mut self,
        handle: Handle,
        (before, mut after): (Row, Row),
        (links, nothing): (&[Option<Handle>], bool),
        guard: Guard,
    ) -> Outcome<Handle> {
        let mut wrong = self.lost(links, before.resource);
        wrong.extend(self.taken(&after, Some(handle)));
        wrong.extend(guard.judge(before.version));
        refused(wrong)?;
        if !nothing {
            after.version += 1;
        }
        self.rows.insert(handle, after);
        Ok(handle)
    }

    /// Links that lead to no live row.
    fn lost(&self, links: &[Option<Handle>], resource: usize) -> Vec<Reason> {
        let parents = self.shape(resource).parents.iter().zip(links);
        let lost = parents.filter(|(parent, link)| link.is_some_and(|link| self.live(parent.target, link).is_err()));
        let lost: BTreeSet<_> = lost.map(|(parent, _)| (parent.field.to_owned(), "NOT_FOUND")).collect();
        if lost.is_empty() { Vec::new() } else { vec![Reason::Invalid(lost)] }
    }

    /// Whether another row has what only one may have.
    pub fn taken(&self, row: &Row, own: Option<Handle>) -> Option<Reason> {
        let shape = self.shape(row.resource);
        let mut uniques: Vec<Vec<usize>> =
            (0..shape.columns.len()).filter(|index| shape.columns[*index].unique).map(|index| vec![index]).collect();
        uniques.extend(shape.paired.then(|| vec![0, 1]));
        let others =
            || self.rows.iter().filter(|(handle, other)| Some(**handle) != own && other.resource == row.resource);
        let same = |other: &Row, unique: &[usize]| {
            unique.iter().all(|index| !row.values[*index].is_null() && row.values[*index] == other.values[*index])
        };
        let shared = others().any(|(_, other)| {
            let id = row.id.is_some() && row.id == other.id;
            id || other.hidden.is_none() && uniques.iter().any(|unique| same(other, unique))
        });
        shared.then_some(Reason::Taken)
    }

    pub fn delete(&mut self, resource: usize, handle: Handle, guard: Guard) -> Outcome<()> {
        let row = self.live(resource, handle)?;
        let mut wrong = Vec::from_iter(guard.judge(row.version));
        let hides = self.shape(resource).soft_delete;
        let along = self.along(handle, hides);
        wrong.extend(self.blocked(&along).then_some(Reason::Blocked));
        refused(wrong)?;
        self.deletes += 1;
        for (child, index) in self.referring(&along, OnDelete::SetNull) {
            let child = self.rows.get_mut(&child).expect("it refers to a row");
            if !hides || child.hidden.is_none() {
                child.links[index] = None;
                child.version += 1;
            }
        }
        for handle in along {
            if hides {
                let row = self.rows.get_mut(&handle).expect("it is taken along");
                row.hidden = Some(self.deletes);
                row.version += 1;
            } else {
                self.rows.remove(&handle);
            }
        }
        Ok(())
    }

    /// The row and all that go with it. What is hidden already stays as it is if the row is only hidden; if it goes, no
    /// hidden row keeps it.
    fn along(&self, handle: Handle, hides: bool) -> BTreeSet<Handle> {
        let mut along = BTreeSet::from([handle]);
        loop {
            let mut more = self.referring(&along, OnDelete::Cascade);
            more.retain(|(child, _)| !hides || self.rows[child].hidden.is_none());
            if !hides {
                let restricted = self.referring(&along, OnDelete::Restrict).into_iter();
                more.extend(restricted.filter(|(child, _)| self.rows[child].hidden.is_some()));
            }
            if more.is_empty() {
                return along;
            }
            along.extend(more.into_iter().map(|(child, _)| child));
        }
    }

    /// Rows outside of these that refer to one of them, and by which parent.
    fn referring(&self, rows: &BTreeSet<Handle>, on_delete: OnDelete) -> Vec<(Handle, usize)> {
        let outside = self.rows.iter().filter(|(handle, _)| !rows.contains(handle));
        let links = outside.flat_map(|(handle, row)| row.links.iter().enumerate().map(move |link| (handle, row, link)));
        let found = links.filter(|(_, row, (index, link))| {
            link.is_some_and(|link| rows.contains(&link))
                && self.shape(row.resource).parents[*index].on_delete == on_delete
        });
        found.map(|(handle, _, (index, _))| (*handle, index)).collect()
    }

    fn blocked(&self, along: &BTreeSet<Handle>) -> bool {
        self.referring(along, OnDelete::Restrict).iter().any(|(child, _)| self.rows[child].hidden.is_none())
    }

    /// Brings back a row, and what was taken along with it.
    pub fn undelete(&mut self, resource: usize, handle: Handle) -> Outcome<Handle> {
        let row = self.rows.get(&handle).filter(|row| row.resource == resource);
        let Some(delete) = row.ok_or(Reason::NotFound)?.hidden else { return Err(Reason::Blocked.into()) };
        let mut back = BTreeSet::from([handle]);
        loop {
            let mut more = self.referring(&back, OnDelete::Cascade);
            more.retain(|(child, _)| self.rows[child].hidden == Some(delete));
            if more.is_empty() {
                break;
            }
            back.extend(more.into_iter().map(|(child, _)| child));
        }
        let mut after = self.clone();
        for handle in &back {
            let row = after.rows.get_mut(handle).expect("it was hidden");
            row.hidden = None;
            row.version += 1;
        }
        let rows = || back.iter().map(|handle| (handle, &after.rows[handle]));
        let mut wrong = Vec::new();
        wrong.extend(rows().any(|(handle, row)| after.taken(row, Some(*handle)).is_some()).then_some(Reason::Taken));
        wrong
            .extend(rows().any(|(_, row)| !after.lost(&row.links, row.resource).is_empty()).then_some(Reason::Blocked));
        refused(wrong)?;
        *self = after;
        Ok(handle)
    }
}
