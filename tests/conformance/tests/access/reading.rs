//! Lists, rows, rows along relations, and the fields that they show.

use std::collections::{BTreeMap, BTreeSet};

use apigen_conformance::{
    access::{
        caller::Caller,
        policy::{Alternatives, Standing, UNAUTHENTICATED, may, stand},
        spec::{Field, Kind, Relation, Resource},
        world::Row,
    },
    corpus::{Args, Get, List, Operation, Protocol, Related, With},
};
use serde_json::json;

use crate::{
    cast::{Cast, Sample},
    cells::{Ask, Cell, Outcome},
};

pub fn cells(cast: &Cast) -> Vec<Cell> {
    let mut cells = Vec::new();
    for resource in &cast.spec.resources {
        for caller in &cast.callers {
            let eyes = Eyes { cast, caller, resource };
            eyes.lists(&mut cells);
            for sample in cast.samples_of(resource) {
                eyes.rows(sample, &mut cells);
            }
        }
    }
    cells
}

/// One caller, looking at one resource.
struct Eyes<'a> {
    cast: &'a Cast<'a>,
    caller: &'a Caller,
    resource: &'a Resource,
}

impl Eyes<'_> {
    fn lists(&self, cells: &mut Vec<Cell>) {
        if !self.resource.offers("list") {
            return;
        }
        let expected = self.listed(self.resource, |_| true);
        let all = List { resource: self.resource.name.clone(), args: pages() };
        self.over_all(cells, "list", "", || Ask::All(Operation::List(all.clone())), &expected);
        for field in self.resource.fields.iter().filter(|field| field.read.is_some() && field.is("filter")) {
            self.found_by(field, cells);
        }
    }

    /// By what one may not read one can't ask either.
    fn found_by(&self, field: &Field, cells: &mut Vec<Cell>) {
        for sample in self.cast.samples_of(self.resource) {
            let value = &self.cast.row(sample).values[&field.name];
            let rule = field.read.as_ref();
            let expected = self.listed_by(self.resource, rule, |row| row.values[&field.name] == *value);
            let args = Args { conditions: Some(json!({ &field.name: { "eq": value } })), ..pages() };
            let list = List { resource: self.resource.name.clone(), args };
            let about = format!("by {} of {}", field.name, sample.name);
            self.over_all(cells, "list", &about, || Ask::All(Operation::List(list.clone())), &expected);
        }
    }

    fn rows(&self, sample: &Sample, cells: &mut Vec<Cell>) {
        let row = self.cast.row(sample);
        if self.resource.offers("get") {
            let get =
                Get { resource: self.resource.name.clone(), id: row.id.clone(), fields: None, with: With::default() };
            self.over_all(cells, "get", &sample.name, || Ask::One(Operation::Get(get.clone())), &self.got(row));
        }
        for relation in self.resource.relations.iter().filter(|relation| relation.kind != Kind::BelongsTo) {
            self.along(relation, sample, cells);
        }
    }

    fn got(&self, row: &Row) -> Outcome {
        let rule = self.resource.rule(self.cast.spec, "get");
        match may(self.caller, self.resource, rule.as_ref()) {
            _ if self.is_flawed() => Outcome::code(UNAUTHENTICATED),
            Standing::Refused(code) => Outcome::code(code),
            standing if !self.sees(&standing, row) => Outcome::code("NOT_FOUND"),
            Standing::Rows(_) => Outcome::Row(self.shown(row)),
        }
    }

    /// Rows that one row has many of. gRPC asks for them by a filter of their own list.
    fn along(&self, relation: &Relation, sample: &Sample, cells: &mut Vec<Cell>) {
        let (spec, row) = (self.cast.spec, self.cast.row(sample));
        let target = spec.resource(&relation.target);
        let (back, inverse) = match relation.kind {
            // Nothing is linked.
            Kind::ManyToMany => (None, inverse(target, self.resource)),
            _ => (Some(target.relation(relation.inverse())), None),
        };
        let column = back.map(Relation::column).unwrap_or_default();
        let among = |other: &Row| back.is_some() && other.values[&column] == row.id;
        let related = Related {
            resource: target.name.clone(),
            of: self.resource.name.clone(),
            id: row.id.clone(),
            relation: relation.name.clone(),
            column: column.clone(),
            inverse: inverse.clone(),
            args: pages(),
        };
        let mut by_filter = self.listed_by(target, back.and_then(|back| back.read.as_ref()), among);
        if !target.offers("list") || relation.kind == Kind::ManyToMany && inverse.is_none() {
            by_filter = Outcome::code("NOT_IMPLEMENTED");
        }
        let doing = format!("{}.{}", self.resource.name, relation.name);
        for protocol in Protocol::ALL {
            if protocol == Protocol::Grpc && by_filter == Outcome::code("NOT_IMPLEMENTED") {
                continue;
            }
            cells.push(Cell {
                protocol,
                caller: self.caller.clone(),
                doing: doing.clone(),
                about: sample.name.clone(),
                ask: Ask::All(Operation::Related(related.clone())),
                expected: match protocol {
                    Protocol::Grpc => by_filter.clone(),
                    _ => self.followed(protocol, relation, row, target, among),
                },
                visible: BTreeSet::new(),
                may_be_unserved: false,
            });
        }
    }

    /// The row must be one that the caller may get, and the relation one that they may follow from it.
    fn followed(
        &self,
        protocol: Protocol,
        relation: &Relation,
        row: &Row,
        target: &Resource,
        among: impl Fn(&Row) -> bool,
    ) -> Outcome {
        let (own, follow) = (self.resource.rule(self.cast.spec, "get"), relation.read.as_ref());
        let rights = [may(self.caller, self.resource, own.as_ref()), stand(self.caller, follow)];
        if self.is_flawed() {
            return Outcome::code(UNAUTHENTICATED);
        }
        // GraphQL has looked for the row before it comes to what the row has.
        if protocol == Protocol::Graphql && rights[0].refusal().is_none() && !self.sees(&rights[0], row) {
            return Outcome::code("NOT_FOUND");
        }
        let there = self.listed(target, among);
        let refused = rights.iter().find_map(Standing::refusal).map(Outcome::code);
        match (refused, &there) {
            (Some(refused), _) => refused,
            (None, Outcome::Code(_)) => there,
            (None, _) if rights.iter().all(|standing| self.sees(standing, row)) => there,
            (None, _) => Outcome::code("NOT_FOUND"),
        }
    }

    fn listed(&self, resource: &Resource, wanted: impl Fn(&Row) -> bool) -> Outcome {
        self.listed_by(resource, None, wanted)
    }

    /// `asked`: who may read what the rows are asked for by.
    fn listed_by(&self, resource: &Resource, asked: Option<&Alternatives>, wanted: impl Fn(&Row) -> bool) -> Outcome {
        let (spec, rule) = (self.cast.spec, resource.rule(self.cast.spec, "list"));
        let rights = [may(self.caller, resource, rule.as_ref()), stand(self.caller, asked)];
        if self.is_flawed() {
            return Outcome::code(UNAUTHENTICATED);
        }
        if let Some(code) = rights.iter().find_map(Standing::refusal) {
            return Outcome::code(code);
        }
        let eyes = Eyes { resource: spec.resource(&resource.name), ..*self };
        let rows = self.cast.seeded().iter().filter(|row| row.resource == resource.name && wanted(row));
        let seen = rows.filter(|row| {
            let asked = asked.is_none() || rights[1].admits(spec, &self.cast.world, self.caller, row);
            asked && eyes.sees(&rights[0], row)
        });
        Outcome::Rows(seen.map(|row| (row.id.to_string(), eyes.shown(row))).collect::<BTreeMap<_, _>>())
    }

    fn sees(&self, standing: &Standing, row: &Row) -> bool {
        !row.deleted && standing.includes(self.cast.spec, &self.cast.world, self.caller, row)
    }

    fn shown(&self, row: &Row) -> BTreeSet<String> {
        readable(self.cast, self.caller, self.resource, row)
    }

    fn is_flawed(&self) -> bool {
        self.caller.flaw.is_some() && self.cast.spec.auth.is_some()
    }

    fn over_all(&self, cells: &mut Vec<Cell>, doing: &str, about: &str, ask: impl Fn() -> Ask, expected: &Outcome) {
        cells.extend(Protocol::ALL.map(|protocol| Cell {
            protocol,
            caller: self.caller.clone(),
            doing: format!("{}.{doing}", self.resource.name),
            about: about.to_owned(),
            ask: ask(),
            expected: expected.clone(),
            visible: BTreeSet::new(),
            may_be_unserved: false,
        }));
    }
}

/// The guarded fields of a row that the caller may read.
pub fn readable(cast: &Cast, caller: &Caller, resource: &Resource, row: &Row) -> BTreeSet<String> {
    let fields = resource.fields.iter().map(|field| (field.name.clone(), field.read.as_ref()));
    let relations = resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    let columns = relations.map(|relation| (relation.column(), relation.read.as_ref()));
    let guarded = fields.chain(columns).filter(|(_, rule)| rule.is_some());
    let may_read =
        |(_, rule): &(String, Option<&Alternatives>)| stand(caller, *rule).admits(cast.spec, &cast.world, caller, row);
    guarded.filter(may_read).map(|(name, _)| name).filter(|name| !row.values[name].is_null()).collect()
}

/// The relation that leads back along a many_to_many.
fn inverse(target: &Resource, from: &Resource) -> Option<String> {
    let back = |relation: &&Relation| relation.kind == Kind::ManyToMany && relation.target == from.name;
    target.relations.iter().find(back).map(|relation| relation.name.clone())
}

/// As many rows as there may be on a page.
fn pages() -> Args {
    Args { limit: Some(1000), ..Args::default() }
}
