//! Logging in and out: three mutations, and the types that they take and return.

use super::{
    members::{Argument, Member},
    shared::Block,
    text::Doc,
    types,
};
use crate::model::{Model, login};

pub fn mutations(model: &Model) -> Vec<Member> {
    let operations = model.login().map_or(&[] as &[_], |_| &login::OPERATIONS);
    let mutation = |operation: &login::Operation| {
        let method = operation.method();
        let input = Argument::new("input", format!("{method}Input!"), "What it takes.");
        Member::new(operation.name, format!("{method}Payload!"), operation.summary).with([input])
    };
    operations.iter().map(mutation).collect()
}

pub fn types(model: &Model) -> Vec<Block> {
    let Some(login) = model.login() else { return Vec::new() };
    let credentials = model.credentials(login).map(|(field, description)| {
        Member::new(field.camel.clone(), format!("{}!", types::single(model, &field.ty, "")), &description)
    });
    let refresh = || [Member::new("refreshToken", "String!", login::REFRESH_TOKEN)];
    let tokens = login::TOKENS.iter().map(|(name, description)| {
        let ty = if *name == "expires_in" { "Int!" } else { "String!" };
        Member::new(crate::names::camel(name), ty, description)
    });
    let payload = |name: &str, described: &str| {
        let result = match name {
            "logout" => Member::new("done", "Boolean", "Whether it is done; null if `userErrors` says why it isn't."),
            _ => Member::new("token", "AuthToken", "The tokens; null if `userErrors` says why there are none."),
        };
        let errors = Member::new("userErrors", "[UserError!]!", "What is wrong with the input.");
        block(&format!("What became of `{name}`."), format!("type {described}Payload"), [result, errors])
    };
    vec![
        block("Who wants to log in.", "input LoginInput".to_owned(), credentials),
        payload("login", "Login"),
        block("Which session to go on with.", "input RefreshInput".to_owned(), refresh()),
        payload("refresh", "Refresh"),
        block("Which session to end.", "input LogoutInput".to_owned(), refresh()),
        payload("logout", "Logout"),
        block("A pair of tokens.", "type AuthToken".to_owned(), tokens),
    ]
}

fn block(description: &str, head: String, members: impl IntoIterator<Item = Member>) -> Block {
    Block { doc: Doc::outer(description), head, members: members.into_iter().collect() }
}
