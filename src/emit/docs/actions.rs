//! What actions take, do and return.

use super::{markdown, model::constraints, type_name};
use crate::model::{Action, Field, Model, Resource, Returns, prose, prose::Spelling};

pub struct Row {
    pub name: String,
    pub input: String,
    pub returns: String,
    pub errors: String,
    pub description: String,
}

pub fn of(model: &Model, resource: &Resource) -> Vec<Row> {
    resource.actions.iter().map(|action| row(model, resource, action)).collect()
}

fn row(model: &Model, resource: &Resource, action: &Action) -> Row {
    let deprecated = resource.deprecation_of(&action.name).map(|each| each.sentence(Spelling::Json));
    let mut more = action.rules(model, resource, Spelling::Json);
    more.extend(deprecated);
    let errors = action.errors.iter().map(|id| format!("`{}`", model.error(*id).name));
    Row {
        name: action.name.clone(),
        input: action.input.iter().map(|field| input(model, field)).collect::<Vec<_>>().join("; "),
        returns: returns(model, action),
        errors: errors.collect::<Vec<_>>().join(", "),
        description: markdown::cell(&prose::join(&action.summary(resource), &more)),
    }
}

/// `reason?`: `string`. At most 500 characters.
fn input(model: &Model, field: &Field) -> String {
    let optional = if field.required { "" } else { "?" };
    let mut sentences = constraints(model, field);
    sentences.extend(field.description.as_deref().map(|text| text.trim().to_owned()));
    let more = markdown::sentences(&sentences);
    let gap = if more.is_empty() { "" } else { ". " };
    format!("`{}{optional}`: {}{gap}{more}", field.name, type_name(model, &field.ty))
}

fn returns(model: &Model, action: &Action) -> String {
    match &action.returns {
        Returns::Nothing => "nothing".to_owned(),
        Returns::Row(id) => format!("`{}`", model.resource(*id).names.pascal),
        Returns::Rows(id) => format!("list of `{}`", model.resource(*id).names.pascal),
        Returns::Value(ty) => type_name(model, ty),
    }
}
