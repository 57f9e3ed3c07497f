//! Creates, changes, deletes, actions and links. What is refused is asked of the rows that all cells share; what is
//! permitted, of a row that nobody else needs.

use apigen_conformance::{
    access::{
        caller::Caller,
        policy::{Alternatives, PERMISSION_DENIED, Standing, UNAUTHENTICATED, may, stand},
        spec::{Action, Field, Id, Kind, Relation, Resource, Spec},
        world::{Row, Wish},
    },
    corpus::{Act, Batch, Create, Import, Item, Link, Operation, Protocol, Update},
};
use serde_json::{Map, Value as Json, json};

use crate::{
    cast::{Cast, Sample, can_be_led, paths},
    cells::{Ask, Cell, Outcome},
    reading::readable,
};

pub fn cells(cast: &mut Cast) -> Vec<Cell> {
    let mut cells = Vec::new();
    for resource in &cast.spec.resources {
        for caller in cast.callers.clone() {
            let mut pen = Pen { caller: &caller, resource, cells: &mut cells };
            if resource.offers("create") {
                pen.creates(cast);
            }
            for sample in cast.samples_of(resource).to_vec() {
                pen.changes(cast, &sample);
            }
        }
    }
    cells
}

/// One caller, writing rows of one resource.
struct Pen<'a> {
    caller: &'a Caller,
    resource: &'a Resource,
    cells: &'a mut Vec<Cell>,
}

/// By itself, or as one of several.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Alone,
    Batch,
    Import,
}

impl Way {
    /// Streams of requests are gRPC's alone.
    fn all(resource: &Resource) -> impl Iterator<Item = (Way, Protocol)> {
        let alone = Protocol::ALL.map(|protocol| (Way::Alone, protocol));
        let among = Protocol::ALL.map(|protocol| (Way::Batch, protocol));
        let among = among.into_iter().chain([(Way::Import, Protocol::Grpc)]).filter(|_| resource.batch);
        alone.into_iter().chain(among)
    }

    fn word(self) -> &'static str {
        match self {
            Way::Alone => "",
            Way::Batch => "in a batch",
            Way::Import => "in an import",
        }
    }
}

/// What is done to a row.
enum Change<'a> {
    Update(Json),
    Delete,
    Undelete,
    Act(&'a Action),
    Link(&'a Relation),
    Unlink(&'a Relation),
}

impl Pen<'_> {
    fn is_flawed(&self, spec: &Spec) -> bool {
        self.caller.flaw.is_some() && spec.auth.is_some()
    }

    /// By the rules of what is done, of batches, and of what is written.
    fn rights<'r>(&self, rules: [Option<&'r Alternatives>; 3]) -> [Standing<'r>; 3] {
        let [own, batch, write] = rules;
        [may(self.caller, self.resource, own), stand(self.caller, batch), stand(self.caller, write)]
    }

    fn creates(&mut self, cast: &mut Cast) {
        let (spec, resource) = (cast.spec, self.resource);
        let led = paths(spec, resource).into_iter().filter(|path| can_be_led(resource, path)).map(Some);
        let guarded: Vec<&Field> = resource.fields.iter().filter(|field| field.write.is_some()).collect();
        for lead in [None].into_iter().chain(led) {
            for by in Way::all(resource) {
                self.create(cast, by, lead.as_ref(), None);
            }
        }
        for field in guarded {
            for by in Way::all(resource) {
                self.create(cast, by, None, Some(field));
            }
        }
    }

    /// With one guarded field, or none.
    fn create(
        &mut self,
        cast: &mut Cast,
        (way, protocol): (Way, Protocol),
        lead: Option<&Vec<String>>,
        guarded: Option<&Field>,
    ) {
        let (spec, resource) = (cast.spec, self.resource);
        let tenant = self.caller.tenant.as_ref().or(cast.here()).cloned();
        // To be led to her, the row refers to her, whoever writes it.
        let ann = cast.callers[2].subject.clone().expect("she has an id");
        let wish = Wish { tenant, lead: lead.map(|path| (path.clone(), ann)), ..Wish::default() };
        let mut row = cast.world.draft(spec, resource, &wish);
        let input = input(resource, &row, guarded);
        let for_callers = resource.relations.iter().filter(|relation| relation.is_the_caller());
        for relation in for_callers.filter(|relation| relation.is("read_only")) {
            row.values.insert(relation.column(), self.caller.subject.clone().unwrap_or_default());
        }
        let (rule, write) = (resource.rule(spec, "create"), guarded.and_then(|field| field.write.as_ref()));
        let batch = if way == Way::Alone { None } else { resource.rule(spec, "batch") };
        let expected = self.created(cast, &row, [rule.as_ref(), batch.as_ref(), write]);
        let name = resource.name.clone();
        let create = match way {
            Way::Alone => Operation::Create(Create { resource: name, input }),
            Way::Batch => batch_of(resource, json!({ "create": input })),
            Way::Import => Operation::Import(Import { resource: name, rows: vec![input] }),
        };
        let about = match (lead, guarded) {
            (Some(path), _) => format!("{} leading to ann by {}", way.word(), path.join(".")),
            (_, Some(field)) => format!("{} with {}", way.word(), field.name),
            _ => way.word().to_owned(),
        };
        let may_be_unserved =
            resource.require.iter().any(|required| required == "idempotency_key") && !expected.by_caller;
        self.cells.push(Cell {
            protocol,
            caller: self.caller.clone(),
            doing: format!("{}.create", resource.name),
            about,
            ask: Ask::One(create),
            expected: expected.outcome,
            visible: readable(cast, self.caller, resource, &row),
            may_be_unserved,
        });
    }

    fn created(&self, cast: &Cast, row: &Row, rules: [Option<&Alternatives>; 3]) -> Expected {
        let rights = self.rights(rules);
        let named = |relation: &Relation| relation.is_the_caller() && !relation.optional;
        if self.is_flawed(cast.spec) {
            return Expected::of_the_caller(UNAUTHENTICATED);
        }
        if let Some(code) = rights.iter().find_map(Standing::refusal) {
            return Expected::of_the_caller(code);
        }
        if self.caller.is_anonymous() && self.resource.relations.iter().any(named) {
            return Expected::of_the_row(Outcome::code(UNAUTHENTICATED));
        }
        let admitted = rights.iter().all(|standing| standing.admits(cast.spec, &cast.world, self.caller, row));
        Expected::of_the_row(match admitted {
            false => Outcome::code(PERMISSION_DENIED),
            true if self.refers_abroad(cast, row) => Outcome::code("VALIDATION_FAILED"),
            true => Outcome::Done,
        })
    }

    /// To a row of a tenant that isn't the caller's.
    fn refers_abroad(&self, cast: &Cast, row: &Row) -> bool {
        let relations = self.resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
        relations.into_iter().any(|relation| {
            let near = cast.world.row(&relation.target, &row.values[&relation.column()]);
            near.is_some_and(|near| near.tenant.is_some() && near.tenant != self.caller.tenant)
        })
    }

    fn changes(&mut self, cast: &mut Cast, sample: &Sample) {
        let resource = self.resource;
        let number = cast.world.number();
        if resource.offers("update") {
            if let Some(field) = harmless(resource) {
                let input = json!({ &field.name: cast.spec.fresh(field, number) });
                self.change(cast, sample, "update", None, &Change::Update(input));
            }
            for field in resource.fields.iter().filter(|field| field.write.is_some()) {
                let input = json!({ &field.name: cast.spec.fresh(field, number) });
                self.change(cast, sample, "update", field.write.as_ref(), &Change::Update(input));
            }
            for relation in resource.relations.iter().filter(|relation| relation.kind == Kind::ManyToMany) {
                self.change(cast, sample, "update", relation.write.as_ref(), &Change::Link(relation));
                self.change(cast, sample, "update", relation.write.as_ref(), &Change::Unlink(relation));
            }
        }
        if resource.offers("delete") {
            self.change(cast, sample, "delete", None, &Change::Delete);
        }
        if resource.soft_delete {
            self.change(cast, sample, "undelete", None, &Change::Undelete);
        }
        for action in &resource.actions {
            self.change(cast, sample, &action.name, None, &Change::Act(action));
        }
    }

    /// `write`: who may, beside those who may do it at all.
    fn change(&mut self, cast: &mut Cast, sample: &Sample, doing: &str, write: Option<&Alternatives>, change: &Change) {
        let rule = self.resource.rule(cast.spec, doing);
        for (way, protocol) in Way::all(self.resource).filter(|(way, _)| change.goes(*way)) {
            let batch = if way == Way::Alone { None } else { self.resource.rule(cast.spec, "batch") };
            let expected = self.changed(cast, sample, [rule.as_ref(), batch.as_ref(), write], change);
            let (row, caller) = match expected.outcome {
                Outcome::Done => cast.another((self.resource, self.caller), sample, &change.beginning()),
                _ => (sample.row, self.caller.clone()),
            };
            let id = cast.world.rows[row].id.clone();
            let routed = matches!(change, Change::Act(action) if action.long_running);
            let ask = match change {
                Change::Act(action) if routed => Ask::Start {
                    resource: self.resource.name.clone(),
                    action: action.name.clone(),
                    id,
                    input: action.input.iter().map(|field| (field.name.clone(), cast.spec.fresh(field, 0))).collect(),
                },
                _ if way == Way::Batch => Ask::One(self.batch(change, &id)),
                _ => Ask::One(self.operation(cast, change, id)),
            };
            let hook = matches!(change, Change::Act(action) if action.transition.is_none());
            let about = match change {
                Change::Update(input) => format!("{} {input} {}", way.word(), sample.name),
                Change::Link(relation) | Change::Unlink(relation) => format!("{} {}", relation.name, sample.name),
                _ => format!("{} {}", way.word(), sample.name),
            };
            self.cells.push(Cell {
                protocol,
                visible: readable(cast, &caller, self.resource, &cast.world.rows[row]),
                caller,
                doing: format!("{}.{}", self.resource.name, change.verb(doing)),
                about,
                ask,
                may_be_unserved: routed && !self.is_flawed(cast.spec) || hook && expected.outcome == Outcome::Done,
                expected: expected.outcome,
            });
        }
    }

    fn changed(&self, cast: &Cast, sample: &Sample, rules: [Option<&Alternatives>; 3], change: &Change) -> Expected {
        let row = cast.row(sample);
        let rights = self.rights(rules);
        if self.is_flawed(cast.spec) {
            return Expected::of_the_caller(UNAUTHENTICATED);
        }
        if let Some(code) = rights.iter().find_map(Standing::refusal) {
            return Expected::of_the_caller(code);
        }
        let (spec, world) = (cast.spec, &cast.world);
        let included = rights[0].includes(spec, world, self.caller, row)
            && rights[1..].iter().all(|standing| standing.admits(spec, world, self.caller, row));
        Expected::of_the_row(match change {
            _ if !included => Outcome::code("NOT_FOUND"),
            Change::Undelete if !row.deleted => Outcome::code("FAILED_PRECONDITION"),
            Change::Undelete => Outcome::Done,
            _ if row.deleted => Outcome::code("NOT_FOUND"),
            Change::Act(action) if !action.may_begin(&sample.wish) => Outcome::code("FAILED_PRECONDITION"),
            _ => Outcome::Done,
        })
    }

    fn batch(&self, change: &Change, id: &Json) -> Operation {
        let step = match change {
            Change::Update(input) => {
                let mut input = input.clone();
                input["id"] = id.clone();
                json!({ "update": input })
            }
            Change::Delete => json!({ "delete": { "id": id } }),
            _ => unreachable!("batches create, update and delete"),
        };
        batch_of(self.resource, step)
    }

    fn operation(&self, cast: &mut Cast, change: &Change, id: Json) -> Operation {
        let resource = self.resource.name.clone();
        let must_match = self.resource.require.iter().any(|required| required == "if_match");
        let etag = must_match.then(|| "\"v1\"".to_owned());
        match change {
            Change::Update(input) => Operation::Update(Update { resource, id, input: input.clone(), etag }),
            Change::Delete => Operation::Delete(Item { resource, id, etag }),
            Change::Undelete => Operation::Undelete(Item { resource, id, etag: None }),
            Change::Act(action) => {
                let number = cast.world.number();
                let given = action.input.iter().map(|field| (field.name.clone(), cast.spec.fresh(field, number)));
                let given: Map<String, Json> = given.collect();
                let input = (!given.is_empty()).then(|| given.into());
                Operation::Act(Act { resource, action: action.name.clone(), id, safe: false, input, etag: None })
            }
            Change::Link(relation) | Change::Unlink(relation) => {
                let target = cast.spec.resource(&relation.target);
                let wish = Wish { tenant: self.caller.tenant.clone(), ..Wish::default() };
                let far = cast.world.make(cast.spec, target, &wish);
                let ids = vec![cast.world.rows[far].id.clone()];
                let (target, relation) = (target.name.clone(), relation.name.clone());
                let link = Link { resource, id, relation, target, ids };
                if matches!(change, Change::Link(_)) { Operation::Link(link) } else { Operation::Unlink(link) }
            }
        }
    }
}

impl Change<'_> {
    fn goes(&self, way: Way) -> bool {
        match way {
            Way::Alone => true,
            Way::Batch => matches!(self, Change::Update(_) | Change::Delete),
            Way::Import => false,
        }
    }

    /// What the row must be like.
    fn beginning(&self) -> Vec<(String, Json)> {
        match self {
            Change::Act(Action { transition: Some((field, from, _)), .. }) => vec![(field.clone(), json!(from[0]))],
            _ => Vec::new(),
        }
    }

    fn verb<'v>(&self, doing: &'v str) -> &'v str {
        match self {
            Change::Link(_) => "link",
            Change::Unlink(_) => "unlink",
            _ => doing,
        }
    }
}

/// Whether an action begins at a row of a kind that is in a state of its own.
trait MayBegin {
    fn may_begin(&self, wish: &Wish) -> bool;
}

impl MayBegin for Action {
    fn may_begin(&self, wish: &Wish) -> bool {
        let Some((field, from, _)) = &self.transition else { return true };
        let state = wish.values.iter().find(|(name, _)| name == field);
        state.is_none_or(|(_, state)| from.iter().any(|from| state == from))
    }
}

/// What must come of it, and whether the caller alone decides that.
struct Expected {
    outcome: Outcome,
    by_caller: bool,
}

impl Expected {
    fn of_the_caller(code: &str) -> Expected {
        Expected { outcome: Outcome::code(code), by_caller: true }
    }

    fn of_the_row(outcome: Outcome) -> Expected {
        Expected { outcome, by_caller: false }
    }
}

fn batch_of(resource: &Resource, step: Json) -> Operation {
    Operation::Batch(Batch { resource: resource.name.clone(), operations: vec![step], atomic: None })
}

/// All that callers may say of a row but what is guarded, but for one.
fn input(resource: &Resource, row: &Row, guarded: Option<&Field>) -> Json {
    let wanted = |field: &&Field| {
        field.in_create() && (field.write.is_none() || guarded.is_some_and(|guarded| guarded.name == field.name))
    };
    let fields =
        resource.fields.iter().filter(wanted).map(|field| (field.name.clone(), row.values[&field.name].clone()));
    let relations = resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    let relations = relations.filter(|relation| !relation.is("read_only") && relation.write.is_none());
    let columns = relations.map(|relation| (relation.column(), row.values[&relation.column()].clone()));
    let id = (resource.id == Id::Text).then(|| ("id".to_owned(), row.id.clone()));
    let members = fields.chain(columns).chain(id).filter(|(_, value)| !value.is_null());
    members.collect()
}

/// A field whose value no rule and no other row depends on.
fn harmless(resource: &Resource) -> Option<&Field> {
    let among_uniques = |field: &Field| resource.unique.iter().flatten().any(|name| *name == field.name);
    resource.fields.iter().find(|field| {
        let simple = matches!(&*field.ty, "string" | "bool" | "int32");
        let free = !field.is("unique") && !among_uniques(field) && field.read.is_none() && field.write.is_none();
        simple && free && field.in_update()
    })
}
