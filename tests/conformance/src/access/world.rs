//! Rows in memory: whose they are, which lead to which. A row brings along the rows that it can't be without.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::{
    spec::{Field, Kind, Resource, Spec, Tenancy},
    value,
};

pub struct Row {
    pub resource: String,
    pub id: Json,
    /// Of the rows of tenants, the id of theirs.
    pub tenant: Option<Json>,
    /// By column, as contracts show them.
    pub values: BTreeMap<String, Json>,
    pub deleted: bool,
}

/// What is special about a row that is to be made.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub tenant: Option<Json>,
    /// A path of relations that is to lead to the row with this id.
    pub lead: Option<(Vec<String>, Json)>,
    pub values: Vec<(String, Json)>,
    pub deleted: bool,
}

#[derive(Default)]
pub struct World {
    pub rows: Vec<Row>,
    by_id: HashMap<(String, String), usize>,
    made: u64,
}

impl World {
    pub fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// A new row, and what it needs. Its position.
    pub fn make(&mut self, spec: &Spec, resource: &Resource, wish: &Wish) -> usize {
        let row = self.draft(spec, resource, wish);
        let (id, position) = (row.id.clone(), self.rows.len());
        self.by_id.insert((resource.name.clone(), id.to_string()), position);
        self.rows.push(row);
        if let Some((path, caller)) = &wish.lead {
            self.lead_by_others(spec, resource, &id, wish, (path, caller));
        }
        position
    }

    /// The same, without the row itself.
    pub fn draft(&mut self, spec: &Spec, resource: &Resource, wish: &Wish) -> Row {
        let number = self.number();
        let id = value::id(&resource.id, number);
        let stored = resource.fields.iter().filter(|field| field.stored);
        let value = |field: &Field| match field.optional && field.read.is_none() {
            true => Json::Null,
            false => spec.value(field, number),
        };
        let mut values: BTreeMap<_, _> = stored.map(|field| (field.name.clone(), value(field))).collect();
        for relation in resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo) {
            values.insert(relation.column(), self.referred(spec, resource, &relation.name, wish));
        }
        values.extend(wish.values.iter().cloned());
        let tenant = wish.tenant.clone().filter(|_| resource.tenancy == Tenancy::Of);
        Row { resource: resource.name.clone(), id, tenant, values, deleted: wish.deleted }
    }

    /// The id of the row that a new one refers to.
    fn referred(&mut self, spec: &Spec, resource: &Resource, relation: &str, wish: &Wish) -> Json {
        let relation = resource.relation(relation);
        let target = spec.resource(&relation.target);
        let lead = wish.lead.as_ref().filter(|(path, _)| path.first() == Some(&relation.name));
        match lead {
            Some((path, caller)) if path.len() == 1 => return caller.clone(),
            None if relation.optional && target.name == resource.name => return Json::Null,
            None if target.tenancy == Tenancy::Itself => return wish.tenant.clone().expect("a tenant"),
            _ => {}
        }
        let lead = lead.map(|(path, caller)| (path[1..].to_vec(), caller.clone()));
        let near = self.make(spec, target, &Wish { tenant: wish.tenant.clone(), lead, ..Wish::default() });
        self.rows[near].id.clone()
    }

    /// Along a has_many, other rows refer to the new one.
    fn lead_by_others(
        &mut self,
        spec: &Spec,
        resource: &Resource,
        id: &Json,
        wish: &Wish,
        (path, caller): (&[String], &Json),
    ) {
        let Some(relation) = path.first().map(|first| resource.relation(first)) else { return };
        if relation.kind != Kind::HasMany {
            return;
        }
        let target = spec.resource(&relation.target);
        let back = (target.relation(relation.inverse()).column(), id.clone());
        let wish = Wish {
            tenant: wish.tenant.clone(),
            lead: Some((path[1..].to_vec(), caller.clone())),
            values: vec![back],
            deleted: false,
        };
        self.make(spec, target, &wish);
    }

    pub fn row(&self, resource: &str, id: &Json) -> Option<&Row> {
        self.by_id.get(&(resource.to_owned(), id.to_string())).map(|position| &self.rows[*position])
    }

    pub fn of<'w>(&'w self, resource: &'w str) -> impl Iterator<Item = &'w Row> {
        self.rows.iter().filter(move |row| row.resource == resource)
    }

    /// Whether relations lead from a row to the one with this id. Deleted rows lead nowhere.
    pub fn leads(&self, spec: &Spec, row: &Row, path: &[String], id: &Json) -> bool {
        let Some((first, rest)) = path.split_first() else { return row.id == *id };
        let relation = spec.resource(&row.resource).relation(first);
        let target = spec.resource(&relation.target);
        match relation.kind {
            Kind::BelongsTo if rest.is_empty() => row.values[&relation.column()] == *id,
            Kind::BelongsTo => {
                let next = self.row(&target.name, &row.values[&relation.column()]);
                next.is_some_and(|next| !next.deleted && self.leads(spec, next, rest, id))
            }
            Kind::HasMany => {
                let back = target.relation(relation.inverse()).column();
                let mut near = self.of(&target.name).filter(|next| next.values[&back] == row.id && !next.deleted);
                near.any(|next| self.leads(spec, next, rest, id))
            }
            Kind::ManyToMany => panic!("no rule of the tests' specs leads through a many_to_many"),
        }
    }
}
