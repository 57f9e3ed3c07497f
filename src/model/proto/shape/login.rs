//! Logging in and out: a service of its own.

use super::{Field, Message, Method, Service, Streams, field, pair, singular};
use crate::model::{Model, login};

pub(super) fn service(model: &Model) -> Option<Service> {
    model.login()?;
    let method = |operation: &login::Operation| Method {
        name: operation.method(),
        comment: Some(operation.summary.to_owned()),
        request: format!("{}Request", operation.method()),
        response: format!("{}Response", operation.method()),
        safe: false,
        deprecated: false,
        streams: Streams::Nothing,
    };
    Some(Service {
        name: "AuthService".to_owned(),
        comment: Some("Logging in and out.".to_owned()),
        deprecated: false,
        methods: login::OPERATIONS.iter().map(method).collect(),
    })
}

pub(super) fn messages(model: &Model) -> Vec<Message> {
    let Some(login) = model.login() else { return Vec::new() };
    let credentials = model.credentials(login);
    let credentials = credentials.map(|(each, comment)| sent(&each.name, singular(model, &each.ty), &comment));
    let request = |operation: &login::Operation| match operation.name {
        "login" => credentials.to_vec(),
        _ => vec![sent("refresh_token", "string", login::REFRESH_TOKEN)],
    };
    let messages = |operation: &login::Operation| {
        let response = if operation.gives_tokens { tokens() } else { Vec::new() };
        pair(&operation.method(), request(operation), response)
    };
    login::OPERATIONS.iter().flat_map(messages).collect()
}

/// What must be there, and is told apart from what is empty.
fn sent(name: &str, ty: &str, comment: &str) -> Field {
    field(name, &format!("optional {ty}"), comment)
}

fn tokens() -> Vec<Field> {
    let ty = |name: &str| if name == "expires_in" { "int32" } else { "string" };
    login::TOKENS.iter().map(|(name, comment)| field(name, ty(name), comment)).collect()
}
