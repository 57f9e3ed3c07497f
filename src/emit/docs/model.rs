//! `model.md`: every resource, value type and enum with its fields, what limits them, and what can be done.

use askama::Template;

use super::{actions, diagram, header, id_name, markdown, operations, type_name};
use crate::model::{
    self, Field, Model, Object, OnDelete, Origin, Relation, RelationKind, SetBy, prose, prose::Spelling,
};

pub fn emit(model: &Model) -> String {
    let view = View {
        model,
        listed: model.listed(),
        header: header(model),
        title: markdown::cell(&model.api.title),
        description: model.api.description.as_deref().map(markdown::paragraphs),
        diagram: diagram::lines(model),
        login: operations::login(model),
        long_running: operations::long_running(model),
        objects: model.objects.iter().map(|each| object(model, each)).collect(),
        enums: model.enums.iter().map(enumeration).collect(),
    };
    view.render().unwrap_or_else(|error| unreachable!("writing to a string failed: {error}")) + "\n"
}

#[derive(Template)]
#[template(path = "docs/model.md", escape = "none")]
struct View<'m> {
    model: &'m Model,
    /// By position of the resource.
    listed: Vec<bool>,
    header: String,
    title: String,
    description: Option<String>,
    diagram: Vec<String>,
    /// Logging in and out.
    login: Vec<operations::Operation>,
    /// Watching what takes its time.
    long_running: Vec<operations::Operation>,
    objects: Vec<ObjectView>,
    enums: Vec<EnumView>,
}

impl View<'_> {
    /// One after the other, since all at once they take more memory than the text.
    fn resources(&self) -> impl Iterator<Item = ResourceView> {
        let resources = self.model.resources.iter().zip(&self.listed);
        resources.map(|(each, listed)| resource(self.model, each, *listed))
    }
}

struct ResourceView {
    name: String,
    about: String,
    fields: Vec<FieldView>,
    relations: Vec<RelationView>,
    operations: Vec<operations::Operation>,
    /// Who may do what; empty where everybody may do everything.
    rules: Vec<(String, String)>,
    actions: Vec<actions::Row>,
    /// `created`, `shipped`.
    events: String,
    lists: Option<String>,
}

struct ObjectView {
    name: String,
    about: String,
    fields: Vec<FieldView>,
}

struct FieldView {
    name: String,
    ty: String,
    required: &'static str,
    set_by: &'static str,
    constraints: String,
    description: String,
}

struct RelationView {
    name: String,
    kind: String,
    description: String,
}

struct EnumView {
    name: String,
    description: Option<String>,
    values: Vec<ValueView>,
}

struct ValueView {
    name: String,
    description: String,
}

fn resource(model: &Model, resource: &model::Resource, listed: bool) -> ResourceView {
    let fields = resource.fields.iter().filter(|field| !field.internal);
    ResourceView {
        name: resource.names.pascal.clone(),
        about: markdown::paragraphs(&about(resource)),
        fields: fields.map(|each| field(model, Some(resource), each)).collect(),
        relations: resource.relations.iter().map(|each| relation(model, resource, each)).collect(),
        operations: operations::of(model, resource),
        actions: actions::of(model, resource),
        rules: rules(model, resource),
        events: resource.events.iter().map(|event| format!("`{event}`")).collect::<Vec<_>>().join(", "),
        lists: listed.then(|| lists(resource)),
    }
}

/// By operation: who may.
fn rules(model: &Model, resource: &model::Resource) -> Vec<(String, String)> {
    let rules = resource.policy.rules.iter();
    rules.map(|(name, any)| (name.clone(), markdown::cell(&model::who(model, resource, any)))).collect()
}

fn about(resource: &model::Resource) -> String {
    let kept = resource.soft_delete.then(|| "What is deleted is hidden, and can be brought back.".to_owned());
    let more: Vec<String> = resource.rules(Spelling::Json).into_iter().chain(kept).collect();
    prose::join(&resource.summary(), &more)
}

fn object(model: &Model, object: &Object) -> ObjectView {
    let fields = object.fields.iter().filter(|field| !field.internal);
    ObjectView {
        name: object.name.clone(),
        about: markdown::paragraphs(object.description.as_deref().unwrap_or("A value, stored in what it belongs to.")),
        fields: fields.map(|each| field(model, None, each)).collect(),
    }
}

fn enumeration(declared: &model::Enum) -> EnumView {
    let value = |value: &model::EnumValue| {
        let deprecated = Vec::from_iter(value.deprecated.as_ref().map(|each| each.sentence(Spelling::Json)));
        let text = prose::join(value.description.as_deref().unwrap_or_default(), &deprecated);
        ValueView { name: value.name.clone(), description: markdown::cell(&text) }
    };
    EnumView {
        name: declared.name.clone(),
        description: declared.description.as_deref().map(markdown::paragraphs),
        values: declared.values.iter().map(value).collect(),
    }
}

fn field(model: &Model, owner: Option<&model::Resource>, field: &Field) -> FieldView {
    let deprecated = Vec::from_iter(field.deprecated.as_ref().map(|each| each.sentence(Spelling::Json)));
    let text = prose::join(&field.purpose(owner).unwrap_or_default(), &deprecated);
    FieldView {
        name: field.name.clone(),
        ty: match (field.origin, owner) {
            (Origin::Id, Some(owner)) => id_name(&owner.id),
            _ => type_name(model, &field.ty),
        },
        required: if field.required { "yes" } else { "no" },
        set_by: match field.set_by {
            SetBy::Caller => "caller",
            SetBy::CallerOnCreate => "caller, on create",
            SetBy::Server => "server",
        },
        constraints: markdown::sentences(&constraints(model, field)),
        description: markdown::cell(&text),
    }
}

pub fn constraints(model: &Model, field: &Field) -> Vec<String> {
    let mut sentences = field.constraints();
    if field.unique && field.origin != Origin::Id {
        sentences.push("Unique.".to_owned());
    }
    if !field.readable() {
        sentences.push("Never returned.".to_owned());
    }
    sentences.extend(field.default_sentence(model, Spelling::Json));
    sentences
}

fn relation(model: &Model, owner: &model::Resource, relation: &Relation) -> RelationView {
    let deprecated = Vec::from_iter(relation.deprecated.as_ref().map(|each| each.sentence(Spelling::Json)));
    let text = prose::join(&relation.summary(model, owner), &deprecated);
    RelationView { name: relation.name.clone(), kind: kind(model, owner, relation), description: markdown::cell(&text) }
}

fn kind(model: &Model, owner: &model::Resource, relation: &Relation) -> String {
    let target = &model.resource(relation.target).names.pascal;
    let nested = if relation.nested { ", created along with it" } else { "" };
    match &relation.kind {
        RelationKind::BelongsTo { field, on_delete } => {
            let belongs = if owner.fields[*field].required { "belongs to" } else { "may belong to" };
            let then = match on_delete {
                OnDelete::Restrict => "which can't be deleted meanwhile",
                OnDelete::Cascade => "and is deleted along with it",
                OnDelete::SetNull => "and stays without it when that is deleted",
            };
            format!("{belongs} one `{target}`, {then}")
        }
        RelationKind::HasMany { .. } => format!("has any number of `{target}`{nested}"),
        RelationKind::HasOne { .. } => format!("has at most one `{target}`{nested}"),
        RelationKind::ManyToMany { join, .. } => match join.through {
            Some(through) => format!("any number of `{target}`, by `{}`", model.resource(through).names.pascal),
            None => format!("any number of `{target}`, each with any number of these"),
        },
    }
}

/// How rows are found.
fn lists(resource: &model::Resource) -> String {
    let names = |fields: &mut dyn Iterator<Item = &Field>| {
        fields.map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
    };
    let filters = names(&mut resource.fields.iter().filter(|field| field.filterable()));
    let sorts = names(&mut resource.fields.iter().filter(|field| field.sortable()));
    let search = names(&mut resource.search.iter().map(|field| &resource.fields[*field]));
    let (size, most) = (resource.list.page_size, resource.list.max_page_size);
    let sort = |sort: &model::Sort| {
        let sign = if sort.descending { "-" } else { "" };
        format!("`{sign}{}`", resource.fields[sort.field].name)
    };
    let order = resource.list.sort.iter().map(sort).collect::<Vec<_>>().join(", ");
    let order = if order.is_empty() { "`id`".to_owned() } else { order };
    let search = if search.is_empty() { String::new() } else { format!(" Searches: {search}.") };
    format!("{size} per page, at most {most}, in the order of {order}. Filters: {filters}. Sorts: {sorts}.{search}")
}
