//! Actions: a method each, with its request and its response.

use super::{Field, Message, Method, Streams, field, field_type_of, id, long_running, pair, property, said, whole};
use crate::model::{Action, Model, Resource, Returns, domain_error, prose, prose::Spelling};

pub(super) fn methods(model: &Model, resource: &Resource) -> Vec<Method> {
    resource.actions.iter().map(|action| method(model, resource, action)).collect()
}

fn method(model: &Model, resource: &Resource, action: &Action) -> Method {
    let name = action.method(&resource.names);
    let mut sentences = action.rules(model, resource, Spelling::Proto);
    sentences.extend(domain_error::sentences(&model.action_errors(resource, action)));
    sentences.extend(model.admitted(resource, &action.name));
    let deprecated = resource.deprecation_of(&action.name);
    let comment = said(Some(prose::join(&action.summary(resource), &sentences)), deprecated);
    let (comment, response) = match action.long_running {
        true => {
            let more = long_running::comment(&name);
            (comment.map(|own| format!("{own}\n{more}")), long_running::OPERATION.to_owned())
        }
        false => (comment, format!("{name}Response")),
    };
    Method {
        request: format!("{name}Request"),
        response,
        name,
        comment,
        safe: action.safe,
        deprecated: deprecated.is_some(),
        streams: Streams::Nothing,
    }
}

pub(super) fn messages(model: &Model, resource: &Resource) -> Vec<Message> {
    resource.actions.iter().flat_map(|action| wrappers(model, resource, action)).collect()
}

fn wrappers(model: &Model, resource: &Resource, action: &Action) -> [Message; 2] {
    let id = (action.target == crate::model::Target::Item).then(|| id(model, resource));
    let etag = "If given, nothing happens unless the row is in this version.";
    let etag = action.conditional().then(|| field("etag", "string", etag));
    let inputs = action.input.iter().map(|input| property(model, None, input));
    let request = id.into_iter().chain(etag).chain(inputs).collect();
    pair(&action.method(&resource.names), request, Vec::from_iter(response(model, action)))
}

fn response(model: &Model, action: &Action) -> Option<Field> {
    match &action.returns {
        Returns::Nothing => None,
        Returns::Row(id) => Some(whole(model.resource(*id), "")),
        Returns::Rows(id) => {
            let names = &model.resource(*id).names;
            Some(field(&names.snake_plural, &format!("repeated {}", names.pascal), ""))
        }
        Returns::Value(ty) => Some(field("result", &field_type_of(model, ty), "")),
    }
}
