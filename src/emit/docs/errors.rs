//! `errors.md`: the errors of the spec with where they may occur, and the catalogue that every service has.

use apigen_runtime::catalogue::Code;
use askama::Template;

use super::{header, markdown, type_name};
use crate::model::{DomainError, Model};

pub fn emit(model: &Model) -> String {
    let view = Errors {
        header: header(model),
        title: markdown::cell(&model.api.title),
        errors: model.errors.iter().map(|error| item(model, error)).collect(),
        catalogue: Code::ALL,
    };
    view.render().unwrap_or_else(|error| unreachable!("writing to a string failed: {error}")) + "\n"
}

#[derive(Template)]
#[template(path = "docs/errors.md", escape = "none")]
struct Errors {
    header: String,
    title: String,
    errors: Vec<Item>,
    catalogue: &'static [Code],
}

struct Item {
    name: String,
    message: String,
    description: Option<String>,
    http: u16,
    grpc: &'static str,
    places: String,
    params: Vec<Param>,
}

struct Param {
    name: String,
    ty: String,
}

fn item(model: &Model, error: &DomainError) -> Item {
    let code = error.code.catalogued();
    let param = |param: &crate::model::Param| Param { name: param.name.clone(), ty: type_name(model, &param.ty) };
    Item {
        name: error.name.clone(),
        message: markdown::paragraphs(&error.message),
        description: error.description.as_deref().map(markdown::paragraphs),
        http: code.http_status(),
        grpc: code.grpc_name(),
        places: places(model, error),
        params: error.params.iter().map(param).collect(),
    }
}

/// Which operations may end with it.
fn places(model: &Model, error: &DomainError) -> String {
    let mut places = Vec::new();
    for resource in &model.resources {
        let name = &resource.names.pascal;
        let all = model.write_errors(resource).contains(&error);
        if all {
            places.push(format!("any write of `{name}`"));
        }
        // Those that write are among the writes.
        let apart = resource.actions.iter().filter(|action| action.safe || !all);
        let may = apart.filter(|action| model.action_errors(resource, action).contains(&error));
        places.extend(may.map(|action| format!("`{}` of `{name}`", action.name)));
    }
    if places.is_empty() { "no operation so far".to_owned() } else { places.join(", ") }
}
