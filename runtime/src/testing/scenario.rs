//! What holds for a resource whatever a spec says of it: a row that one protocol writes is the same row in the others.
//!
//! A scenario has a server of its own and makes the rows that its row needs; what its caller may not create is there
//! without being asked for. Where callers must show who they are, it is one with all roles, any scope, and rows of its own
//! for the caller and the tenant.

#![expect(clippy::expect_used, clippy::panic, reason = "in a test, this is how things fail")]

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    TestServer,
    client::{ALL, Ask, Client, Protocol, text},
};
use crate::{
    codec::json::from_json,
    descriptor::{Id, RelationKind, Resource, SetBy, Type},
    hooks::Native,
    principal::Caller,
};

/// Inputs of a resource that keep its rules.
#[derive(Debug)]
pub struct Sample {
    /// `OrderItem`
    pub resource: &'static str,
    /// What a create sends, as REST has it in JSON. Ids of other rows that it must have are left to the scenario.
    pub create: &'static str,
    /// What an update sends.
    pub update: &'static str,
    /// Operations that the scenario does without, because its caller may not do them.
    pub without: &'static [&'static str],
}

impl Sample {
    fn creates(&self, resource: &Resource) -> bool {
        resource.operations.create && !self.without.contains(&"create")
    }
}

/// Creates a row of a resource, reads and lists it over all protocols, updates and deletes it, where that is offered.
/// Which protocol writes depends on the sample's position. Panics where two protocols differ.
pub fn scenario(server: TestServer, samples: &'static [Sample], resource: &str) {
    let mut world = World::of(server, samples);
    let (turn, sample) = world.sample(resource);
    let resource = world.resource(resource);
    let offered = |word: &str, offered: bool| offered && !sample.without.contains(&word);
    let by = |step: usize| ALL[(turn + step) % ALL.len()];
    if sample.creates(resource) {
        world.all_refuse_what_lacks(resource);
    }
    let id = world.row(resource, by(0));
    let lists = offered("list", resource.operations.list);
    world.all_show(resource, &id, lists, sample.create);
    if offered("update", resource.operations.update) {
        world.update(resource, &id, by(1), &input(sample.update));
        world.all_show(resource, &id, lists, sample.update);
    }
    if offered("delete", resource.operations.delete) {
        world.delete(resource, &id, by(2));
        world.none_knows(resource, &id);
    }
    if resource.id() != Id::Text {
        world.none_knows(resource, &nobody(resource));
    }
}

/// A value of a field, from its JSON: for hooks that give samples.
pub fn given<T: Native>(api: &'static crate::descriptor::Api, resource: &str, field: &str, json: &str) -> T {
    let resource = api.resources.iter().find(|each| each.name == resource).expect("it is a resource of the spec");
    let field = resource.field(field).expect("it is a field of the resource");
    T::of(from_json(&field.ty, &input(json)).expect("it is a value of the field"))
}

struct World {
    server: TestServer,
    client: Client,
    caller: Caller,
    samples: &'static [Sample],
    /// Of the rows that are there, one of each resource.
    ids: BTreeMap<&'static str, String>,
}

impl World {
    fn of(server: TestServer, samples: &'static [Sample]) -> World {
        let client = Client::new(server.api, server.url());
        let mut world = World { server, client, caller: Caller::default(), samples, ids: BTreeMap::new() };
        world.sign_in();
        world
    }

    /// The tenant comes first, because its rows have one; then the caller.
    fn sign_in(&mut self) {
        let Some(auth) = self.client.api.auth else { return };
        self.caller = Caller {
            subject: auth.principal.map_or_else(|| "ada".to_owned(), nobody),
            roles: auth.roles.iter().map(|(role, _)| (*role).to_owned()).collect(),
            scopes: vec!["*".to_owned()],
            tenant: auth.tenant.as_ref().map(|tenant| nobody(tenant.resource)),
        };
        self.show_who_calls();
        if let Some(tenant) = auth.tenant.as_ref().filter(|tenant| self.has(tenant.resource)) {
            self.caller.tenant = Some(self.row(tenant.resource, Protocol::Rest));
            self.show_who_calls();
        }
        if let Some(principal) = auth.principal.filter(|principal| self.has(principal)) {
            self.caller.subject = self.row(principal, Protocol::Rest);
            self.show_who_calls();
        }
    }

    fn show_who_calls(&mut self) {
        self.client.authorization = Some(format!("Bearer {}", self.server.token(self.caller.clone())));
    }

    fn has(&self, resource: &Resource) -> bool {
        self.samples.iter().any(|sample| sample.resource == resource.name)
    }

    fn resource(&self, name: &str) -> &'static Resource {
        let found = self.client.api.resources.iter().find(|resource| resource.name == name);
        found.unwrap_or_else(|| panic!("there is no resource {name}"))
    }

    fn sample(&self, resource: &str) -> (usize, &'static Sample) {
        let found = self.samples.iter().enumerate().find(|(_, sample)| sample.resource == resource);
        found.unwrap_or_else(|| panic!("there is no sample of {resource}"))
    }

    /// The id of the one row of a resource, which is made unless it is there.
    fn row(&mut self, resource: &'static Resource, by: Protocol) -> String {
        if let Some(id) = self.ids.get(resource.name) {
            return id.clone();
        }
        let input = self.create_input(resource);
        let id = if self.sample(resource.name).1.creates(resource) {
            let row = self.client.ask(by, resource, Ask::Create(&input));
            text(&row.unwrap_or_else(|failure| panic!("{by:?} creates no {}: {failure}", resource.name))["id"])
        } else {
            self.server.seed(&self.caller, resource.name, &input.to_string())
        };
        self.ids.insert(resource.name, id.clone());
        id
    }

    /// The sample with the ids of the rows that it must refer to.
    fn create_input(&mut self, resource: &'static Resource) -> Json {
        let mut input = input(self.sample(resource.name).1.create);
        for relation in resource.relations {
            let RelationKind::BelongsTo { column } = relation.kind else { continue };
            if must_be_sent(resource, column) && input.get(column).is_none() {
                let id = self.row(relation.target, Protocol::Rest);
                input[column] = match relation.target.id() {
                    Id::Int64 => serde_json::from_str(&id).expect("an id of digits is a number"),
                    _ => json!(id),
                };
            }
        }
        input
    }

    fn all_refuse_what_lacks(&mut self, resource: &'static Resource) {
        let whole = self.create_input(resource);
        let Some(field) = resource.fields.iter().find(|field| must_be_sent(resource, field.name)) else { return };
        let mut input = whole;
        input.as_object_mut().expect("an input is an object").remove(field.name);
        for protocol in ALL {
            let answer = self.client.ask(protocol, resource, Ask::Create(&input));
            let failure = answer.expect_err("what is required is missing");
            let told = (failure.code.as_str(), failure.fields.contains(&field.name.to_owned()));
            assert_eq!(told, ("VALIDATION_FAILED", true), "{protocol:?}, without {}: {failure}", field.name);
        }
    }

    /// Over each protocol the row is what REST shows, and that is what was sent.
    fn all_show(&self, resource: &'static Resource, id: &str, listed: bool, sent: &str) {
        let row = self.ask(Protocol::Rest, resource, Ask::Get(id));
        holds(resource, &row, &input(sent));
        for protocol in ALL {
            let wanted = without_nulls(self.client.spelled(protocol, resource, &row));
            assert_eq!(self.ask(protocol, resource, Ask::Get(id)), wanted, "{protocol:?} gets another row");
            if listed {
                let mut page = self.ask(protocol, resource, Ask::List);
                let rows: Vec<_> =
                    page.as_array_mut().into_iter().flatten().map(|row| without_nulls(row.take())).collect();
                assert!(rows.contains(&wanted), "{protocol:?} lists no {wanted}: {rows:?}");
            }
        }
    }

    fn update(&self, resource: &'static Resource, id: &str, by: Protocol, input: &Json) {
        let etag = self.client.etag(resource, id);
        self.ask(by, resource, Ask::Update { id, etag: &etag, input });
        assert_ne!(self.client.etag(resource, id), etag, "an update makes another version");
    }

    fn delete(&self, resource: &'static Resource, id: &str, by: Protocol) {
        let etag = self.client.etag(resource, id);
        self.ask(by, resource, Ask::Delete { id, etag: &etag });
    }

    fn none_knows(&self, resource: &'static Resource, id: &str) {
        for protocol in ALL {
            let failure = self.client.ask(protocol, resource, Ask::Get(id)).expect_err("there is no such row");
            assert_eq!(failure.code, "NOT_FOUND", "{protocol:?}: {failure}");
        }
    }

    /// What must go well.
    fn ask(&self, protocol: Protocol, resource: &'static Resource, ask: Ask<'_>) -> Json {
        let answer = self.client.ask(protocol, resource, ask);
        without_nulls(answer.unwrap_or_else(|failure| panic!("{protocol:?}, {} {ask:?}: {failure}", resource.name)))
    }
}

fn input(sample: &str) -> Json {
    serde_json::from_str(sample).unwrap_or_else(|error| panic!("{error}: {sample}"))
}

/// Whether a create that lacks the field is refused.
fn must_be_sent(resource: &Resource, field: &str) -> bool {
    resource.field(field).is_some_and(|field| {
        let filled =
            field.default.is_some() || field.from_principal || matches!(field.ty, Type::List(_) | Type::Map(_));
        let by_server = matches!(field.ty, Type::Id(id) if field.name == "id" && id != Id::Text);
        field.required && !filled && !by_server && !field.internal && field.set_by != SetBy::Server && field.is_stored()
    })
}

/// The id of a row that isn't there.
fn nobody(resource: &Resource) -> String {
    match resource.id() {
        Id::Prefixed(prefix) => format!("{prefix}_01jekcbzgtfgxsvbjfmdnqrz4y"),
        Id::Uuid => "0193a4c5-7e1a-7c3b-9d2e-4f5a6b7c8d9e".to_owned(),
        Id::Int64 => i64::MAX.to_string(),
        Id::Text => "nobody".to_owned(),
    }
}

fn holds(resource: &'static Resource, row: &Json, sent: &Json) {
    for (name, sent) in sent.as_object().into_iter().flatten() {
        let field = resource.field(name).unwrap_or_else(|| panic!("{} has no field {name}", resource.name));
        if let Some(shown) = row.get(name) {
            assert!(agree(&field.ty, shown, sent), "{name} is {shown}, not {sent}");
        }
    }
}

/// What wasn't sent of an object may have been filled in.
fn agree(ty: &Type, shown: &Json, sent: &Json) -> bool {
    match (ty, sent) {
        (Type::Object(object), Json::Object(members)) => {
            let fields = object.fields.iter().filter_map(|field| Some((field, members.get(field.name)?)));
            fields.into_iter().all(|(field, sent)| agree(&field.ty, &shown[field.name], sent))
        }
        _ => from_json(ty, shown) == from_json(ty, sent),
    }
}

/// Absent and null are the same to a reader; protocols differ in which they say.
fn without_nulls(mut row: Json) -> Json {
    if let Some(members) = row.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    row
}
