//! The generated server crate: descriptors of the spec as `static` data, one line per field.
//!
//! Everything that is the same for every spec lives in the runtime crate; what is emitted here says only what differs.

mod access;
mod actions;
mod around;
mod deprecation;
mod errors;
mod hooks;
mod module;
mod rows;

use std::collections::BTreeSet;

use askama::Template;
use rayon::prelude::*;

pub use self::module::Module;
use crate::{
    emit::{literal, rust},
    model::{
        Alternatives, Auth, Check, Default, Enum, Field, FieldPolicy, Function, Id, Join, Limits, List, Model, Object,
        OnDelete, Operand, Operations, Protocols, Rate, Relation, RelationKind, Resource, ResourceId, ResourceNames,
        Rules, SetBy, Type, Unserved,
    },
};

/// What the code is for.
pub enum Form {
    /// A crate in `server/`, with `contracts/` and `migrations/` beside that folder. It has the text of a Rust client.
    Crate { client: String },
    /// One file for `include!`, with what it embeds in a folder beside it that is named after the api.
    Include,
}

/// The root module of the server.
pub fn emit(model: &Model, migrations: &[String], form: Form) -> Module {
    let api = &model.api;
    let (beside, descriptor_set) = match &form {
        Form::Crate { .. } => ("../../".to_owned(), "descriptor_set.bin".to_owned()),
        Form::Include => (format!("{}/", api.name), format!("{}/descriptor_set.bin", api.name)),
    };
    let (name, version, package) = (&api.name, &api.version, &api.package);
    let view = LibraryView {
        title: &api.title,
        name,
        version,
        package,
        beside: &beside,
        descriptor_set: &descriptor_set,
        migrations,
        unserved: model.unserved.iter().map(unserved_line).collect(),
        credentials: credentials(model),
        needs_hooks: !rust::required_hooks(model).is_empty(),
        included: matches!(form, Form::Include),
        imports: api_imports(model),
        extras: api_extras(model),
    };
    let title = api.title.trim().lines().collect::<Vec<_>>().join(" ");
    let mut docs = vec![format!("{title}: the server that the spec describes, over REST, GraphQL and gRPC.")];
    // What is public in a crate of its own may be what nobody uses in another one.
    let (private, used_in_part) = match &form {
        Form::Crate { .. } => ("#[cfg(feature = \"server\")]\n", "#[cfg(feature = \"server\")]\npub "),
        Form::Include => ("", "#[allow(dead_code, unused_imports, reason = \"hooks use what they need\")]\npub "),
    };
    let mut inner = Vec::new();
    if let Form::Crate { client } = form {
        let note = "The feature `client` adds [`client`]: protobuf messages and gRPC clients for Rust.";
        docs.extend([String::new(), note.to_owned()]);
        inner.push(self::client(client));
    }
    let for_itself = |module: Module| Module { prefix: private, ..module };
    let for_hooks = |module: Module| Module { prefix: used_in_part, ..module };
    inner.extend((!model.stored_enums().is_empty()).then(|| for_itself(enums(model))));
    inner.extend((!model.errors.is_empty()).then(|| for_hooks(errors::module(model))));
    inner.push(for_hooks(hooks::module(model)));
    inner.push(for_itself(resources(model)));
    inner.push(for_hooks(rows::module(model)));
    inner.extend((!model.objects.is_empty()).then(|| for_itself(types(model))));
    Module { name: String::new(), prefix: "", docs, inner, body: render(&view) }
}

/// Whether the runtime does anything but the defaults.
fn own_protocols(model: &Model) -> bool {
    model.protocols != Protocols::default()
}

/// What only some services have.
fn api_extras(model: &Model) -> Vec<String> {
    let Protocols { links, json_patch, max_depth, max_complexity, http_draft, reflection } = model.protocols;
    let protocols = own_protocols(model).then(|| {
        format!(
            "protocols: Protocols {{ links: {links}, json_patch: {json_patch}, max_depth: {max_depth}, \
             max_complexity: {max_complexity}, http_draft: {http_draft}, reflection: {reflection} }},"
        )
    });
    let limits = (model.limits != Limits::default()).then(|| {
        let Limits { anonymous, authenticated } = model.limits;
        format!("limits: Limits {{ anonymous: {}, authenticated: {} }},", rate(anonymous), rate(authenticated))
    });
    let auth = model.auth.as_ref().map(|auth| format!("auth: Some(&{}),", auth_expression(model, auth)));
    let docs_url = model.api.docs_url.as_ref().map(|url| format!("docs_url: Some({}),", quoted(url)));
    protocols.into_iter().chain(auth).chain(limits).chain(docs_url).collect()
}

/// `Some(Rate { requests: 60, seconds: 60 })`
fn rate(rate: Option<Rate>) -> String {
    match rate {
        None => "None".to_owned(),
        Some(Rate { requests, seconds }) => format!("Some(Rate {{ requests: {requests}, seconds: {seconds} }})"),
    }
}

/// What `API` is made of.
fn api_imports(model: &Model) -> String {
    let auth = model.auth.as_ref();
    let names = [
        ("Api", true),
        ("Auth", auth.is_some()),
        ("Field", model.login().is_some()),
        ("Limits", model.limits != Limits::default()),
        ("Login", model.login().is_some()),
        ("Migration", true),
        ("Protocols", own_protocols(model)),
        ("Rate", model.limits != Limits::default()),
        ("TenantClaim", auth.is_some_and(|auth| auth.tenant.is_some())),
        ("Type", model.login().is_some()),
        ("Unserved", !model.unserved.is_empty()),
    ];
    names.iter().filter(|(_, used)| *used).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// `Auth { principal: Some(&resources::user::USER), … }`
fn auth_expression(model: &Model, auth: &Auth) -> String {
    let resource = |id: ResourceId| {
        let names = &model.resource(id).names;
        format!("&resources::{}::{}", names.module, names.constant)
    };
    let some = |text: Option<String>| text.map_or_else(|| "None".to_owned(), |text| format!("Some({text})"));
    let principal = some(auth.principal.map(resource));
    let tenant = auth.tenant.as_ref().map(|tenant| {
        format!("TenantClaim {{ resource: {}, claim: {} }}", resource(tenant.resource), quoted(&tenant.claim))
    });
    let login = auth.login.as_ref().map(|login| {
        let roles = some(login.roles.map(|index| quoted(&model.resource(login.resource).fields[index].name)));
        format!("Login {{ resource: {}, credentials: &CREDENTIALS, roles: {roles} }}", resource(login.resource))
    });
    let roles = auth.roles.iter().map(|role| {
        let scopes: Vec<_> = role.scopes.iter().map(|scope| quoted(scope)).collect();
        format!("(\"{}\", &[{}])", role.name, scopes.join(", "))
    });
    let roles = roles.collect::<Vec<_>>().join(", ");
    let (tenant, login) = (some(tenant), some(login));
    format!("Auth {{ principal: {principal}, tenant: {tenant}, login: {login}, roles: &[{roles}] }}")
}

/// What a login takes, a line each.
fn credentials(model: &Model) -> Vec<String> {
    let Some(login) = model.login() else { return Vec::new() };
    let field = |(field, _): (&Field, String)| {
        let Field { name, camel, ty, .. } = field;
        format!("Field::new(\"{name}\", \"{camel}\", Type::{ty:?})")
    };
    model.credentials(login).map(field).into()
}

/// One line of the list of what isn't served.
fn unserved_line(operation: &Unserved) -> String {
    let some = |text: &Option<String>| text.as_ref().map_or("None".to_owned(), |text| format!("Some(\"{text}\")"));
    let rest = operation.rest.as_ref();
    let rest = rest.map_or("None".to_owned(), |(method, path)| format!("Some((\"{method}\", \"{path}\"))"));
    let Unserved { name, graphql, grpc, .. } = operation;
    format!("Unserved {{ name: \"{name}\", rest: {rest}, graphql: {}, grpc: {} }}", some(graphql), some(grpc))
}

fn client(body: String) -> Module {
    let prefix = "#[cfg(feature = \"client\")]\n\
        #[allow(deprecated, missing_docs, reason = \"documents and marks what the contract does\")]\npub ";
    Module { name: "client".to_owned(), prefix, docs: Vec::new(), inner: Vec::new(), body }
}

/// A module that is the server's own business.
fn private(name: &str, docs: &str, inner: Vec<Module>, view: &impl Template) -> Module {
    Module { name: name.to_owned(), prefix: "", docs: vec![docs.to_owned()], inner, body: render(view) }
}

fn enums(model: &Model) -> Module {
    let items = model.stored_enums().iter().map(|item| EnumView {
        docs: docs(item.description.as_deref(), &item.name),
        constant: &item.constant,
        name: &item.name,
        values: values(item),
    });
    private("enums", "The enums of the spec.", Vec::new(), &EnumsView { items: items.collect() })
}

fn values(item: &Enum) -> String {
    item.values.iter().map(|value| format!("\"{}\"", value.name)).collect::<Vec<_>>().join(", ")
}

fn types(model: &Model) -> Module {
    let mut imports = Imports::new("", ["Field", "Object", "Type"]);
    let items: Vec<_> = model.objects.iter().map(|object| object_view(model, object, &mut imports)).collect();
    imports.own_items.retain(|item| !item.starts_with("types::"));
    let view = TypesView { imports: imports.descriptor(), uses: imports.own_uses(), items };
    private("types", "The value types of the spec, each stored inside its owner.", Vec::new(), &view)
}

fn object_view<'a>(model: &'a Model, object: &'a Object, imports: &mut Imports) -> ObjectView<'a> {
    ObjectView {
        docs: docs(object.description.as_deref(), &object.name),
        constant: &object.constant,
        name: &object.name,
        fields: object.fields.iter().map(|field| field_line(model, field, imports)).collect(),
    }
}

fn resources(model: &Model) -> Module {
    let inner = model.stored_resources().par_iter().map(|resource| self::resource(model, resource)).collect();
    let view = ResourcesView { items: model.stored_resources().iter().map(|resource| &resource.names).collect() };
    private("resources", "The resources of the spec, one module each.", inner, &view)
}

fn resource(model: &Model, resource: &Resource) -> Module {
    let mut imports = Imports::new("resources::", ["Field", "Id", "List", "Operations", "Resource", "Type"]);
    let fields = resource.fields.iter().map(|field| {
        let line = field_line(model, field, &mut imports);
        let access = who(model, resource, &field.access, &mut imports);
        line + &access + &aggregate(model, resource, field, &mut imports)
    });
    let fields = fields.collect();
    let relations: Vec<_> =
        resource.relations.iter().map(|relation| relation_line(model, resource, relation, &mut imports)).collect();
    let list = list(resource, &resource.list, &mut imports);
    let view = ResourceView {
        docs: docs(resource.description.as_deref(), &resource.names.pascal),
        names: &resource.names,
        fields,
        relations,
        operations: operations(resource.operations),
        list,
        extras: extras(model, resource, &mut imports),
        imports: imports.descriptor(),
        uses: imports.own_uses(),
    };
    let name = resource.names.module.clone();
    Module { name, prefix: "pub ", docs: Vec::new(), inner: Vec::new(), body: render(&view) }
}

/// `Field::new("stock", "stock", Type::Int32).minimum("0").filter()`
fn field_line(model: &Model, field: &Field, imports: &mut Imports) -> String {
    let ty = type_expression(model, &field.ty, imports);
    let mut line = format!("Field::new(\"{}\", \"{}\", {ty})", field.name, field.camel);
    let mut call = |on: bool, name: &str| {
        if on {
            line.push_str(&format!(".{name}()"));
        }
    };
    call(!field.required, "optional");
    call(field.set_by == SetBy::Server, "read_only");
    call(field.set_by == SetBy::CallerOnCreate, "create_only");
    call(field.write_only, "write_only");
    call(field.internal, "internal");
    call(field.unique, "unique");
    call(field.filter, "filter");
    call(field.sort, "sort");
    call(field.sensitive, "sensitive");
    call(field.from_principal, "from_principal");
    call(field.computed, "computed");
    match &field.default {
        None => {}
        Some(Default::Now) => line.push_str(".default_now()"),
        Some(Default::Today) => line.push_str(".default_today()"),
        Some(Default::Literal(value)) => {
            let text = literal::text(model, &field.ty, value);
            line.push_str(&format!(".default_text({})", quoted(&text)));
        }
    }
    line + &rules(&field.rules)
}

/// `.readers(&[…]).writers(&[…])`, where not everybody may who may have to do with the row.
fn who(model: &Model, resource: &Resource, policy: &FieldPolicy, imports: &mut Imports) -> String {
    let mut call = |name: &str, any: &Option<Alternatives>| match any {
        Some(any) => format!(".{name}({})", access::alternatives(model, resource, any, imports)),
        None => String::new(),
    };
    call("readers", &policy.read) + &call("writers", &policy.write)
}

/// `.aggregate(&Aggregate { … })`, for a field of a resource that is found out from other rows.
fn aggregate(model: &Model, resource: &Resource, field: &Field, imports: &mut Imports) -> String {
    let Some(aggregate) = &field.aggregate else { return String::new() };
    imports.descriptor.extend(["Aggregate", "Function"]);
    let relation = &resource.relations[aggregate.relation];
    let target = model.resource(relation.target);
    let function = match aggregate.function {
        Function::Count => "Count".to_owned(),
        Function::Sum(field) => format!("Sum(\"{}\")", target.fields[field].name),
    };
    let condition = |(index, value): &(usize, crate::model::Literal)| {
        let field = &target.fields[*index];
        format!("(\"{}\", {})", field.name, quoted(&literal::text(model, &field.ty, value)))
    };
    let conditions = aggregate.conditions.iter().map(condition).collect::<Vec<_>>().join(", ");
    format!(
        ".aggregate(&Aggregate {{ function: Function::{function}, relation: \"{}\", conditions: &[{conditions}] }})",
        relation.name
    )
}

fn rules(rules: &Rules) -> String {
    let numbers = [
        ("min_length", rules.min_length),
        ("max_length", rules.max_length),
        ("min_items", rules.min_items),
        ("max_items", rules.max_items),
    ];
    let texts = [
        ("pattern", &rules.pattern),
        ("minimum", &rules.minimum),
        ("maximum", &rules.maximum),
        ("exclusive_minimum", &rules.exclusive_minimum),
        ("exclusive_maximum", &rules.exclusive_maximum),
        ("multiple_of", &rules.multiple_of),
    ];
    let numbers = numbers.iter().filter_map(|(name, value)| Some(format!(".{name}({})", (*value)?)));
    let texts = texts.iter().filter_map(|(name, value)| Some(format!(".{name}({})", quoted(value.as_ref()?))));
    let mut calls: String = numbers.chain(texts).collect();
    if rules.unique_items {
        calls.push_str(".unique_items()");
    }
    calls
}

fn type_expression(model: &Model, ty: &Type, imports: &mut Imports) -> String {
    match ty {
        Type::Decimal { precision, scale } => format!("Type::Decimal {{ precision: {precision}, scale: {scale} }}"),
        Type::Id(resource) => format!("Type::Id({})", id_expression(model, *resource, imports)),
        Type::Enum(id) => {
            let constant = &model.enumeration(*id).constant;
            imports.own_item("enums", constant);
            format!("Type::Enum(&{constant})")
        }
        Type::Object(id) => {
            let constant = &model.object(*id).constant;
            imports.own_item("types", constant);
            format!("Type::Object(&{constant})")
        }
        Type::List(item) => format!("Type::List(&{})", type_expression(model, item, imports)),
        Type::Map(item) => format!("Type::Map(&{})", type_expression(model, item, imports)),
        scalar => format!("Type::{scalar:?}"),
    }
}

fn id_expression(model: &Model, resource: ResourceId, imports: &mut Imports) -> String {
    imports.descriptor.insert("Id");
    id(&model.resource(resource).id)
}

fn id(id: &Id) -> String {
    match id {
        Id::Prefixed(prefix) => format!("Id::Prefixed(\"{prefix}\")"),
        Id::Uuid => "Id::Uuid".to_owned(),
        Id::Int64 => "Id::Int64".to_owned(),
        Id::Text { .. } => "Id::Text".to_owned(),
    }
}

fn relation_line(model: &Model, resource: &Resource, relation: &Relation, imports: &mut Imports) -> String {
    imports.descriptor.extend(["Relation", "RelationKind"]);
    if matches!(relation.kind, RelationKind::ManyToMany { .. }) {
        imports.descriptor.insert("Join");
    }
    let target = &model.resource(relation.target).names;
    if target.constant != resource.names.constant {
        imports.own_item(&format!("resources::{}", target.module), &target.constant);
    }
    let column = |name: &str| format!("{{ column: \"{name}\" }}");
    let child = || model.inverse_field(relation).map_or_else(String::new, |field| column(&field.name));
    let kind = match &relation.kind {
        RelationKind::BelongsTo { field, .. } => format!("BelongsTo {}", column(&resource.fields[*field].name)),
        RelationKind::ManyToMany { join, .. } => many_to_many(model, resource, relation, join),
        RelationKind::HasMany { .. } => format!("HasMany {}", child()),
        RelationKind::HasOne { .. } => format!("HasOne {}", child()),
    };
    let (name, camel, target) = (&relation.name, &relation.camel, &target.constant);
    let who = who(model, resource, &relation.access, imports);
    format!("Relation::new(\"{name}\", \"{camel}\", &{target}, RelationKind::{kind}){who}")
}

fn many_to_many(model: &Model, resource: &Resource, relation: &Relation, join: &Join) -> String {
    let Join { table, near, far, through, .. } = join;
    let hidden = through.is_some_and(|through| model.resource(through).soft_delete);
    let linkable = model.linkable(resource, relation);
    let near_id = id(&resource.id);
    format!(
        "ManyToMany(Join {{ table: \"{table}\", near: \"{near}\", near_id: {near_id}, far: \"{far}\", \
         linkable: {linkable}, soft_delete: {hidden} }})"
    )
}

fn operations(operations: Operations) -> String {
    let Operations { list, get, create, update, replace, delete } = operations;
    format!("list: {list}, get: {get}, create: {create}, update: {update}, replace: {replace}, delete: {delete}")
}

fn list(resource: &Resource, list: &List, imports: &mut Imports) -> String {
    let key = |sort: &crate::model::Sort| {
        let direction = if sort.descending { "Descending" } else { "Ascending" };
        format!("Sort {{ field: \"{}\", direction: Direction::{direction} }}", resource.fields[sort.field].name)
    };
    let keys: Vec<_> = list.sort.iter().map(key).collect();
    if !keys.is_empty() {
        imports.descriptor.extend(["Direction", "Sort"]);
    }
    let List { page_size, max_page_size, total, offset, .. } = list;
    let keys = keys.join(", ");
    format!("sort: &[{keys}], page_size: {page_size}, max_page_size: {max_page_size}, total: {total}, offset: {offset}")
}

fn extras(model: &Model, resource: &Resource, imports: &mut Imports) -> Vec<String> {
    let names = |fields: &[usize]| {
        let names = fields.iter().map(|field| format!("\"{}\"", resource.fields[*field].name));
        names.collect::<Vec<_>>().join(", ")
    };
    let search = (!resource.search.is_empty()).then(|| format!("search: &[{}]", names(&resource.search)));
    let checks = checks(model, resource, imports);
    let soft_delete = resource.soft_delete.then(|| "soft_delete: true".to_owned());
    let batch = resource.batch.map(|max| format!("batch: Some({max})"));
    let nested: Vec<_> = resource.nested().map(|relation| format!("\"{}\"", relation.name)).collect();
    let nested = (!nested.is_empty()).then(|| format!("nested: &[{}]", nested.join(", ")));
    let limit = resource.limit.map(|limit| {
        imports.descriptor.insert("Rate");
        format!("limit: {}", rate(Some(limit)))
    });
    let if_match = resource.require.if_match.then(|| "require_if_match: true".to_owned());
    let key = resource.require.idempotency_key.then(|| "require_idempotency_key: true".to_owned());
    if_match
        .into_iter()
        .chain(key)
        .chain(access::members(model, resource, imports))
        .chain(limit)
        .chain(deprecation::members(resource, imports))
        .chain(checks)
        .chain(search)
        .chain(nested)
        .chain(soft_delete)
        .chain(batch)
        .chain(actions::member(model, resource, imports))
        .chain(dependents(model, resource, imports))
        .collect()
}

fn checks(model: &Model, resource: &Resource, imports: &mut Imports) -> Option<String> {
    let name = |field: &usize| format!("\"{}\"", resource.fields[*field].name);
    let mut lines = String::new();
    for check in &resource.checks {
        let line = match check {
            Check::Compare { left, comparison, right } => {
                imports.descriptor.extend(["Comparison", "Operand"]);
                let right = match right {
                    Operand::Field(field) => format!("Field({})", name(field)),
                    Operand::Literal(value) => {
                        format!("Literal({})", quoted(&literal::text(model, &resource.fields[*left].ty, value)))
                    }
                };
                let left = name(left);
                format!("Compare {{ left: {left}, comparison: Comparison::{comparison:?}, right: Operand::{right} }}")
            }
            Check::Count { presence, fields } => {
                imports.descriptor.insert("Presence");
                let names = fields.iter().map(name).collect::<Vec<_>>().join(", ");
                format!("Count {{ presence: Presence::{presence:?}, fields: &[{names}] }}")
            }
        };
        lines.push_str(&format!("        Check::{line},\n"));
    }
    if lines.is_empty() {
        return None;
    }
    imports.descriptor.insert("Check");
    Some(format!("checks: &[\n{lines}    ]"))
}

/// What refers to a row, where the database can't see to it alone: that, or the row itself, stays when it is deleted, or is
/// another version of itself without the reference.
fn dependents(model: &Model, resource: &Resource, imports: &mut Imports) -> Option<String> {
    let mut lines = Vec::new();
    for child in model.stored_resources() {
        for relation in &child.relations {
            let RelationKind::BelongsTo { field, on_delete } = relation.kind else { continue };
            let by_database = on_delete == OnDelete::Restrict && !resource.soft_delete && !child.soft_delete;
            // Compared by place: among a thousand resources there are a million pairs.
            if by_database || !std::ptr::eq(model.resource(relation.target), resource) {
                continue;
            }
            if child.names.pascal != resource.names.pascal {
                imports.own_item(&format!("resources::{}", child.names.module), &child.names.constant);
            }
            lines.push(format!(
                "        Dependent {{ resource: &{}, column: \"{}\", on_delete: OnDelete::{on_delete:?} }},\n",
                child.names.constant, child.fields[field].name
            ));
        }
    }
    if lines.is_empty() {
        return None;
    }
    imports.descriptor.extend(["Dependent", "OnDelete"]);
    Some(format!("dependents: &[\n{}    ]", lines.concat()))
}

/// What a module must `use`: exactly what its lines name.
struct Imports {
    /// The module that it lies in, with `::` behind each segment, as seen from the root.
    parent: &'static str,
    descriptor: BTreeSet<&'static str>,
    /// As seen from the root: `enums::ORDER_STATUS`.
    own_items: BTreeSet<String>,
}

impl Imports {
    fn new<const N: usize>(parent: &'static str, always: [&'static str; N]) -> Imports {
        Imports { parent, descriptor: always.into(), own_items: BTreeSet::new() }
    }

    fn own_item(&mut self, module: &str, item: &str) {
        self.own_items.insert(format!("{module}::{item}"));
    }

    fn descriptor(&self) -> String {
        self.descriptor.iter().copied().collect::<Vec<_>>().join(", ")
    }

    fn own_uses(&self) -> Option<String> {
        let (siblings, others): (Vec<_>, Vec<_>) =
            self.own_items.iter().partition(|item| item.starts_with(self.parent));
        let items = others.into_iter().chain(siblings);
        let lines: Vec<_> = items.map(|item| format!("use {};", self.relative(item))).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// `super::user::USER`
    fn relative(&self, item: &str) -> String {
        match item.strip_prefix(self.parent) {
            Some(sibling) => format!("super::{sibling}"),
            None => format!("{}super::{item}", "super::".repeat(self.parent.matches("::").count())),
        }
    }
}

/// Lines of a doc comment; every item has one.
fn docs(description: Option<&str>, name: &str) -> Vec<String> {
    let text = description.map_or_else(|| format!("`{name}`."), str::to_owned);
    text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// A Rust string literal: raw where that is easier to read.
fn quoted(text: &str) -> String {
    let raw = text.contains(['\\', '"']) && !text.contains("\"#") && !text.contains(char::is_control);
    if raw { format!("r#\"{text}\"#") } else { format!("{text:?}") }
}

mod filters {
    //! What the templates may call.

    /// A Rust string literal.
    #[askama::filter_fn]
    pub fn quoted(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(super::quoted(text))
    }
}

fn render(view: &impl Template) -> String {
    match view.render() {
        Ok(text) => text.trim_end().to_owned() + "\n",
        Err(error) => unreachable!("writing to memory doesn't fail: {error}"),
    }
}

#[derive(Template)]
#[template(path = "server/lib.rs.askama", escape = "none")]
struct LibraryView<'a> {
    title: &'a str,
    name: &'a str,
    version: &'a str,
    package: &'a str,
    /// The folder that contracts and migrations lie in, with its `/`, as seen from the file.
    beside: &'a str,
    descriptor_set: &'a str,
    migrations: &'a [String],
    unserved: Vec<String>,
    /// What a login takes.
    credentials: Vec<String>,
    needs_hooks: bool,
    /// What only some services have.
    extras: Vec<String>,
    /// From `descriptor`.
    imports: String,
    /// It is a module of the user's crate.
    included: bool,
}

#[derive(Template)]
#[template(path = "server/enums.rs.askama", escape = "none")]
struct EnumsView<'a> {
    items: Vec<EnumView<'a>>,
}

struct EnumView<'a> {
    docs: Vec<String>,
    constant: &'a str,
    name: &'a str,
    values: String,
}

#[derive(Template)]
#[template(path = "server/types.rs.askama", escape = "none")]
struct TypesView<'a> {
    imports: String,
    uses: Option<String>,
    items: Vec<ObjectView<'a>>,
}

struct ObjectView<'a> {
    docs: Vec<String>,
    constant: &'a str,
    name: &'a str,
    fields: Vec<String>,
}

#[derive(Template)]
#[template(path = "server/resources.rs.askama", escape = "none")]
struct ResourcesView<'a> {
    items: Vec<&'a ResourceNames>,
}

#[derive(Template)]
#[template(path = "server/resource.rs.askama", escape = "none")]
struct ResourceView<'a> {
    docs: Vec<String>,
    names: &'a ResourceNames,
    fields: Vec<String>,
    relations: Vec<String>,
    operations: String,
    list: String,
    /// What only some resources have.
    extras: Vec<String>,
    imports: String,
    uses: Option<String>,
}
