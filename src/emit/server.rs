//! The generated server crate: descriptors of the spec as `static` data, one line per field.
//!
//! Everything that is the same for every spec lives in the runtime crate; what is emitted here says only what differs.

use std::collections::BTreeSet;

use askama::Template;

use crate::{
    emit::literal,
    model::{
        Default, Enum, Field, Id, List, Model, Object, Operations, Relation, RelationKind, Resource, ResourceId,
        ResourceNames, Rules, SetBy, Type,
    },
};

/// The files below `server/`, by path, without manifests and binaries.
pub fn emit(model: &Model, migrations: &[String]) -> Vec<(String, String)> {
    let mut files = vec![
        ("server/src/lib.rs".to_owned(), library(model, migrations)),
        ("server/src/resources.rs".to_owned(), resources(model)),
    ];
    if !model.enums.is_empty() {
        files.push(("server/src/enums.rs".to_owned(), enums(model)));
    }
    if !model.objects.is_empty() {
        files.push(("server/src/types.rs".to_owned(), types(model)));
    }
    for resource in &model.resources {
        files.push((format!("server/src/resources/{}.rs", resource.names.snake), self::resource(model, resource)));
    }
    files
}

fn library(model: &Model, migrations: &[String]) -> String {
    let api = &model.api;
    render(&LibraryView {
        spec: &model.spec,
        title: &api.title,
        name: &api.name,
        version: &api.version,
        package: &api.package,
        has_enums: !model.enums.is_empty(),
        has_types: !model.objects.is_empty(),
        has_client: true,
        migrations,
    })
}

fn enums(model: &Model) -> String {
    let items = model.enums.iter().map(|item| EnumView {
        docs: docs(item.description.as_deref(), &item.name),
        constant: &item.constant,
        name: &item.name,
        values: values(item),
    });
    render(&EnumsView { spec: &model.spec, items: items.collect() })
}

fn values(item: &Enum) -> String {
    item.values.iter().map(|value| format!("\"{}\"", value.name)).collect::<Vec<_>>().join(", ")
}

fn types(model: &Model) -> String {
    let mut imports = Imports::new(["Field", "Object", "Type"]);
    let items: Vec<_> = model.objects.iter().map(|object| object_view(model, object, &mut imports)).collect();
    imports.crate_items.retain(|item| !item.starts_with("types::"));
    render(&TypesView { spec: &model.spec, imports: imports.descriptor(), uses: imports.crate_uses(), items })
}

fn object_view<'a>(model: &'a Model, object: &'a Object, imports: &mut Imports) -> ObjectView<'a> {
    ObjectView {
        docs: docs(object.description.as_deref(), &object.name),
        constant: &object.constant,
        name: &object.name,
        fields: object.fields.iter().map(|field| field_line(model, field, imports)).collect(),
    }
}

fn resources(model: &Model) -> String {
    render(&ResourcesView {
        spec: &model.spec,
        items: model.resources.iter().map(|resource| &resource.names).collect(),
    })
}

fn resource(model: &Model, resource: &Resource) -> String {
    let mut imports = Imports::new(["Field", "Id", "List", "Operations", "Resource", "Type"]);
    let fields = resource.fields.iter().map(|field| field_line(model, field, &mut imports)).collect();
    let relations: Vec<_> =
        resource.relations.iter().map(|relation| relation_line(model, resource, relation, &mut imports)).collect();
    let list = list(resource, &resource.list, &mut imports);
    render(&ResourceView {
        spec: &model.spec,
        docs: docs(resource.description.as_deref(), &resource.names.pascal),
        names: &resource.names,
        fields,
        relations,
        operations: operations(resource.operations),
        list,
        imports: imports.descriptor(),
        uses: imports.crate_uses(),
    })
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
            imports.crate_item("enums", constant);
            format!("Type::Enum(&{constant})")
        }
        Type::Object(id) => {
            let constant = &model.object(*id).constant;
            imports.crate_item("types", constant);
            format!("Type::Object(&{constant})")
        }
        Type::List(item) => format!("Type::List(&{})", type_expression(model, item, imports)),
        Type::Map(item) => format!("Type::Map(&{})", type_expression(model, item, imports)),
        scalar => format!("Type::{scalar:?}"),
    }
}

fn id_expression(model: &Model, resource: ResourceId, imports: &mut Imports) -> String {
    imports.descriptor.insert("Id");
    match &model.resource(resource).id {
        Id::Prefixed(prefix) => format!("Id::Prefixed(\"{prefix}\")"),
        Id::Uuid => "Id::Uuid".to_owned(),
        Id::Int64 => "Id::Int64".to_owned(),
        Id::Text { .. } => "Id::Text".to_owned(),
    }
}

fn relation_line(model: &Model, resource: &Resource, relation: &Relation, imports: &mut Imports) -> String {
    imports.descriptor.extend(["Relation", "RelationKind"]);
    let target = &model.resource(relation.target).names;
    if target.constant != resource.names.constant {
        imports.crate_item(&format!("resources::{}", target.module), &target.constant);
    }
    let column = |name: &str| format!("{{ column: \"{name}\" }}");
    let child = || model.inverse_field(relation).map_or_else(String::new, |field| column(&field.name));
    let kind = match relation.kind {
        RelationKind::BelongsTo { field, .. } => format!("BelongsTo {}", column(&resource.fields[field].name)),
        RelationKind::HasMany { .. } => format!("HasMany {}", child()),
        RelationKind::HasOne { .. } => format!("HasOne {}", child()),
    };
    let (name, camel, target) = (&relation.name, &relation.camel, &target.constant);
    format!("Relation {{ name: \"{name}\", camel: \"{camel}\", target: &{target}, kind: RelationKind::{kind} }}")
}

fn operations(operations: Operations) -> String {
    let Operations { list, get, create, update, delete } = operations;
    format!("list: {list}, get: {get}, create: {create}, update: {update}, delete: {delete}")
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
    let List { page_size, max_page_size, total, .. } = list;
    let keys = keys.join(", ");
    format!("sort: &[{keys}], page_size: {page_size}, max_page_size: {max_page_size}, total: {total}")
}

/// What a file must `use`: exactly what its lines name.
struct Imports {
    descriptor: BTreeSet<&'static str>,
    /// `enums::ORDER_STATUS`
    crate_items: BTreeSet<String>,
}

impl Imports {
    fn new<const N: usize>(always: [&'static str; N]) -> Imports {
        Imports { descriptor: always.into(), crate_items: BTreeSet::new() }
    }

    fn crate_item(&mut self, module: &str, item: &str) {
        self.crate_items.insert(format!("{module}::{item}"));
    }

    fn descriptor(&self) -> String {
        self.descriptor.iter().copied().collect::<Vec<_>>().join(", ")
    }

    fn crate_uses(&self) -> Option<String> {
        let lines: Vec<_> = self.crate_items.iter().map(|item| format!("use crate::{item};")).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
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
    pub fn rust(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
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
    spec: &'a str,
    title: &'a str,
    name: &'a str,
    version: &'a str,
    package: &'a str,
    has_enums: bool,
    has_types: bool,
    has_client: bool,
    migrations: &'a [String],
}

#[derive(Template)]
#[template(path = "server/enums.rs.askama", escape = "none")]
struct EnumsView<'a> {
    spec: &'a str,
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
    spec: &'a str,
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
    spec: &'a str,
    items: Vec<&'a ResourceNames>,
}

#[derive(Template)]
#[template(path = "server/resource.rs.askama", escape = "none")]
struct ResourceView<'a> {
    spec: &'a str,
    docs: Vec<String>,
    names: &'a ResourceNames,
    fields: Vec<String>,
    relations: Vec<String>,
    operations: String,
    list: String,
    imports: String,
    uses: Option<String>,
}
