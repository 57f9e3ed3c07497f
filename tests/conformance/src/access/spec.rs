//! A spec as its YAML says it, with the defaults of the language filled in. Only as much as tests of access need; what is
//! written in a way that no spec of the tests uses is a panic.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value as Json, json};

use super::policy::{Alternatives, Demand, alternatives};
use crate::corpus::LOGINS;

pub struct Spec {
    pub name: String,
    pub version: String,
    pub auth: Option<Auth>,
    pub enums: BTreeMap<String, Vec<String>>,
    pub types: BTreeMap<String, Vec<Field>>,
    pub resources: Vec<Resource>,
}

pub struct Auth {
    pub principal: String,
    /// The resource of tenants, and the claim that holds the id of one.
    pub tenant: Option<(String, String)>,
    pub roles: BTreeMap<String, Vec<String>>,
    /// The fields that callers log in by: which of them they are, and what proves it.
    pub login: Option<[String; 2]>,
}

pub struct Resource {
    pub name: String,
    pub plural: String,
    /// `order-items`
    pub path: String,
    /// `order_items`
    pub table: String,
    pub id: Id,
    pub fields: Vec<Field>,
    pub relations: Vec<Relation>,
    pub operations: Vec<String>,
    pub soft_delete: bool,
    pub batch: bool,
    pub events: bool,
    pub unique: Vec<Vec<String>>,
    pub require: Vec<String>,
    pub actions: Vec<Action>,
    pub tenancy: Tenancy,
    access: BTreeMap<String, Alternatives>,
    owner: Option<Vec<String>>,
}

#[derive(Clone, PartialEq)]
pub enum Id {
    /// A UUID, shown with a prefix before it.
    Prefixed(String),
    Number,
    Text,
}

#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub ty: String,
    pub optional: bool,
    /// Of what is computed, this is all that there is.
    pub stored: bool,
    /// As typed; the rules of JSON Schema among it.
    pub keys: Json,
    pub read: Option<Alternatives>,
    pub write: Option<Alternatives>,
}

impl Field {
    pub fn is(&self, key: &str) -> bool {
        self.keys[key] == true
    }

    /// Whether callers may send it with a new row.
    pub fn in_create(&self) -> bool {
        self.stored && !self.is("read_only") && !self.is("internal")
    }

    pub fn in_update(&self) -> bool {
        self.in_create() && !self.is("create_only")
    }
}

pub struct Relation {
    pub name: String,
    pub kind: Kind,
    pub target: String,
    pub optional: bool,
    pub keys: Json,
    pub read: Option<Alternatives>,
    pub write: Option<Alternatives>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    BelongsTo,
    HasMany,
    ManyToMany,
}

impl Relation {
    /// Of a belongs_to.
    pub fn column(&self) -> String {
        format!("{}_id", self.name)
    }

    pub fn is(&self, key: &str) -> bool {
        self.keys[key] == true
    }

    pub fn is_the_caller(&self) -> bool {
        self.keys["default"] == "principal"
    }

    /// Of a has_many: the relation that leads back.
    pub fn inverse(&self) -> &str {
        text(&self.keys["inverse"])
    }
}

pub struct Action {
    pub name: String,
    pub input: Vec<Field>,
    /// The field, where it may begin, and where it ends. Without, a hook does it.
    pub transition: Option<(String, Vec<String>, String)>,
    pub long_running: bool,
    access: Option<Alternatives>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Tenancy {
    /// All tenants share the rows, or there are none.
    Shared,
    Itself,
    Of,
}

impl Spec {
    pub fn read(file: &Path) -> Spec {
        let typed = std::fs::read_to_string(file).expect("a readable spec");
        let options = serde_saphyr::options! { strict_booleans: true };
        let tree: Json = serde_saphyr::from_str_with_options(&typed, options).expect("YAML");
        let auth = tree.get("auth").map(auth);
        let defaults = members(&tree["defaults"]);
        let resources = members(&tree["resources"]).into_iter();
        let enums = members(&tree["enums"]).into_iter();
        let types = members(&tree["types"]).into_iter();
        Spec {
            name: text(&tree["api"]["name"]).to_owned(),
            version: text(&tree["api"]["version"]).to_owned(),
            enums: enums.map(|(name, typed)| (name, values(&typed))).collect(),
            types: types.map(|(name, typed)| (name, fields(&typed["fields"], None))).collect(),
            resources: resources.map(|(name, typed)| resource(name, merged(typed, &defaults), auth.as_ref())).collect(),
            auth,
        }
    }

    pub fn resource(&self, name: &str) -> &Resource {
        self.resources.iter().find(|resource| resource.name == name).unwrap_or_else(|| panic!("no resource {name}"))
    }

    pub fn has_tenants(&self) -> bool {
        self.auth.as_ref().is_some_and(|auth| auth.tenant.is_some())
    }

    /// (`OrderItem`, `OrderItems`, `order-items`)
    pub fn names(&self) -> Vec<(&str, &str, &str)> {
        let own = self.resources.iter().map(|resource| (&*resource.name, &*resource.plural, &*resource.path));
        own.chain(self.auth.iter().filter(|auth| auth.login.is_some()).map(|_| LOGINS)).collect()
    }
}

const READING: [&str; 3] = ["list", "get", "watch"];

impl Resource {
    /// Who may do it. `None`: without `auth`, everybody may do everything.
    pub fn rule(&self, spec: &Spec, operation: &str) -> Option<Alternatives> {
        spec.auth.as_ref()?;
        let action = self.actions.iter().find(|action| action.name == operation);
        let group = if READING.contains(&operation) { "read" } else { "write" };
        let typed = action.and_then(|action| action.access.as_ref()).or_else(|| self.access.get(operation));
        let typed = typed.or_else(|| self.access.get(group)).cloned();
        Some(typed.unwrap_or_else(|| {
            let owner = self.owner.iter().map(|path| vec![Demand::Path(path.clone())]);
            owner.chain([vec![Demand::Scope(format!("{}:{group}", self.table))]]).collect()
        }))
    }

    /// Everything that can be done with it, by the name in `access`.
    pub fn doings(&self) -> Vec<&str> {
        let own = self.operations.iter().map(String::as_str);
        let others = [(self.soft_delete, "undelete"), (self.batch, "batch"), (self.events, "watch")];
        let others = others.into_iter().filter(|(there, _)| *there).map(|(_, name)| name);
        own.chain(others).chain(self.actions.iter().map(|action| &*action.name)).collect()
    }

    pub fn offers(&self, operation: &str) -> bool {
        self.operations.iter().any(|offered| offered == operation)
    }

    pub fn relation(&self, name: &str) -> &Relation {
        let found = self.relations.iter().find(|relation| relation.name == name);
        found.unwrap_or_else(|| panic!("{} has no relation {name}", self.name))
    }

    /// All that is said of it about anything.
    pub fn all_rules(&self, spec: &Spec) -> Vec<Alternatives> {
        let doings = self.doings().into_iter().filter_map(|doing| self.rule(spec, doing));
        let fields = self.fields.iter().flat_map(|field| [&field.read, &field.write]);
        let relations = self.relations.iter().flat_map(|relation| [&relation.read, &relation.write]);
        doings.chain(fields.chain(relations).flatten().cloned()).collect()
    }
}

fn auth(typed: &Json) -> Auth {
    let tenant = typed.get("tenant").map(|tenant| (text(&tenant["resource"]).into(), text(&tenant["claim"]).into()));
    let roles = members(&typed["roles"]).into_iter().map(|(name, scopes)| (name, texts(&scopes)));
    Auth {
        principal: text(&typed["principal"]).to_owned(),
        tenant,
        roles: roles.collect(),
        login: typed.get("login").map(|login| ["identifier", "secret"].map(|key| text(&login[key]).to_owned())),
    }
}

fn resource(name: String, typed: Json, auth: Option<&Auth>) -> Resource {
    let owner = typed.get("owner").map(|owner| path(text(owner)));
    let plural = typed.get("plural").map_or_else(|| plural(&name), |plural| text(plural).to_owned());
    let operations = match typed.get("operations") {
        Some(operations) => texts(operations),
        None => ["list", "get", "create", "update", "delete"].map(str::to_owned).to_vec(),
    };
    let access = members(&typed["access"]).into_iter().map(|(name, any)| (name, alternatives(&any, owner.as_deref())));
    let unique = typed["unique"].as_array().into_iter().flatten();
    let tenancy = match typed.get("tenant").map(text).filter(|_| auth.is_some()) {
        None | Some("none") => Tenancy::Shared,
        Some("self") => Tenancy::Itself,
        Some(_) => Tenancy::Of,
    };
    Resource {
        path: heck::ToKebabCase::to_kebab_case(&*plural),
        table: heck::ToSnakeCase::to_snake_case(&*plural),
        id: id(&typed["id"]),
        fields: fields(&typed["fields"], owner.as_deref()),
        relations: members(&typed["relations"])
            .into_iter()
            .map(|(name, typed)| relation(&name, typed, owner.as_deref()))
            .collect(),
        operations,
        soft_delete: typed["soft_delete"] == true,
        batch: typed.get("batch").is_some(),
        events: typed.get("events").is_some(),
        unique: unique.map(texts).collect(),
        require: texts(&typed["require"]),
        actions: members(&typed["actions"])
            .into_iter()
            .map(|(name, typed)| action(name, &typed, owner.as_deref()))
            .collect(),
        tenancy,
        access: access.collect(),
        owner,
        plural,
        name,
    }
}

fn id(typed: &Json) -> Id {
    match (typed.get("prefix"), typed.get("type").map(text)) {
        (Some(prefix), _) => Id::Prefixed(text(prefix).to_owned()),
        (None, Some("int64")) => Id::Number,
        (None, Some("string")) => Id::Text,
        other => panic!("no spec of the tests has ids like this: {other:?}"),
    }
}

fn fields(typed: &Json, owner: Option<&[String]>) -> Vec<Field> {
    members(typed).into_iter().map(|(name, typed)| field(&name, typed, owner)).collect()
}

fn field(name: &str, typed: Json, owner: Option<&[String]>) -> Field {
    let keys = if typed.is_string() { json!({ "type": typed }) } else { typed };
    let computed = ["count", "sum", "computed"].iter().any(|key| keys.get(key).is_some());
    Field {
        name: name.trim_end_matches('?').to_owned(),
        ty: keys.get("type").map_or_else(String::new, |ty| text(ty).to_owned()),
        optional: name.ends_with('?'),
        stored: !computed,
        read: keys["access"].get("read").map(|any| alternatives(any, owner)),
        write: keys["access"].get("write").map(|any| alternatives(any, owner)),
        keys,
    }
}

fn relation(name: &str, keys: Json, owner: Option<&[String]>) -> Relation {
    let kinds =
        [("belongs_to", Kind::BelongsTo), ("has_many", Kind::HasMany), ("many_to_many", Kind::ManyToMany)].into_iter();
    let found = kinds.into_iter().find_map(|(word, kind)| Some((kind, text(keys.get(word)?).to_owned())));
    let (kind, target) = found.unwrap_or_else(|| panic!("no spec of the tests has a relation like {name}"));
    Relation {
        name: name.trim_end_matches('?').to_owned(),
        kind,
        target,
        optional: name.ends_with('?'),
        read: keys["access"].get("read").map(|any| alternatives(any, owner)),
        write: keys["access"].get("write").map(|any| alternatives(any, owner)),
        keys,
    }
}

fn action(name: String, typed: &Json, owner: Option<&[String]>) -> Action {
    let transition = typed
        .get("transition")
        .map(|typed| (text(&typed["field"]).to_owned(), texts(&typed["from"]), text(&typed["to"]).to_owned()));
    Action {
        name,
        input: fields(&typed["input"], None),
        transition,
        long_running: typed["long_running"] == true,
        access: typed.get("access").map(|any| alternatives(any, owner)),
    }
}

/// What is said of all resources, where this one doesn't say otherwise.
fn merged(mut typed: Json, defaults: &Map<String, Json>) -> Json {
    for (key, value) in defaults {
        if typed.get(key).is_none() {
            typed[key] = value.clone();
        }
    }
    typed
}

fn values(typed: &Json) -> Vec<String> {
    if typed.is_array() { texts(typed) } else { texts(&typed["values"]) }
}

/// `order.customer`; of `self`, no steps.
pub fn path(typed: &str) -> Vec<String> {
    if typed == "self" { Vec::new() } else { typed.split('.').map(str::to_owned).collect() }
}

/// `Copies`, `Loans`.
fn plural(name: &str) -> String {
    name.strip_suffix('y').map_or_else(|| format!("{name}s"), |stem| format!("{stem}ies"))
}

fn members(typed: &Json) -> Map<String, Json> {
    typed.as_object().cloned().unwrap_or_default()
}

/// One or several.
pub fn texts(typed: &Json) -> Vec<String> {
    match typed {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        one => vec![text(one).to_owned()],
    }
}

pub fn text(typed: &Json) -> &str {
    typed.as_str().unwrap_or_else(|| panic!("not a text: {typed}"))
}
