//! Actions: mutations with a payload each, and queries where they only read.

use super::{
    id, if_match, long_running,
    members::{self, Argument, Member, Members},
    types,
};
use crate::model::{Action, Model, Resource, Returns, Target, domain_error, prose, prose::Spelling};

/// `CancelOrderInput` and `CancelOrderPayload`.
pub struct Types {
    pub input: Option<Input>,
    pub payload: Option<Payload>,
}

pub struct Input {
    pub name: String,
    pub action: String,
    pub fields: Members,
}

pub struct Payload {
    pub name: String,
    pub action: String,
    pub result: Option<Member>,
}

/// What `resource`'s actions need.
pub fn types(model: &Model, resource: &Resource) -> Vec<Types> {
    resource.actions.iter().map(|action| Types::new(model, resource, action)).collect()
}

impl Types {
    fn new(model: &Model, resource: &Resource, action: &Action) -> Types {
        let (name, camel) = (action.method(&resource.names), action.camel(&resource.names));
        let fields: Members = action.input.iter().map(|input| members::create_input(model, None, input)).collect();
        let input = Input { name: format!("{name}Input"), action: camel.clone(), fields };
        let payload = || Payload { name: format!("{name}Payload"), action: camel, result: result(model, action) };
        Types { input: (!action.input.is_empty()).then_some(input), payload: (!action.safe).then(payload) }
    }
}

fn result(model: &Model, action: &Action) -> Option<Member> {
    if action.long_running {
        return Some(long_running::started());
    }
    let ty = returned(model, action)?;
    let (name, description) = match action.returns {
        Returns::Row(id) => {
            let resource = model.resource(id);
            (resource.names.camel.clone(), format!("The {} as it is now", resource.noun()))
        }
        Returns::Rows(id) => (model.resource(id).names.camel_plural.clone(), "What came of it".to_owned()),
        Returns::Nothing | Returns::Value(_) => ("result".to_owned(), "What came of it".to_owned()),
    };
    Some(Member::new(name, ty, &format!("{description}; null if `userErrors` says why nothing was done.")))
}

/// Always nullable: an error takes no more along than what it is about.
pub(super) fn returned(model: &Model, action: &Action) -> Option<String> {
    match &action.returns {
        Returns::Nothing => None,
        Returns::Row(id) => Some(model.resource(*id).names.pascal.clone()),
        Returns::Rows(id) => Some(format!("[{}!]", model.resource(*id).names.pascal)),
        Returns::Value(ty) => Some(types::written(model, ty, "")),
    }
}

pub fn queries(model: &Model, resource: &Resource) -> Vec<Member> {
    let safe = resource.actions.iter().filter(|action| action.safe);
    safe.map(|action| {
        let ty = returned(model, action).unwrap_or_else(|| unreachable!("what is safe returns something"));
        member(model, resource, action, &ty)
    })
    .collect()
}

pub fn mutations(model: &Model, resource: &Resource) -> Vec<Member> {
    let writes = resource.actions.iter().filter(|action| !action.safe);
    writes
        .map(|action| member(model, resource, action, &format!("{}Payload!", action.method(&resource.names))))
        .collect()
}

fn member(model: &Model, resource: &Resource, action: &Action, ty: &str) -> Member {
    let mut sentences = action.rules(model, resource, Spelling::Graphql);
    sentences.extend(domain_error::sentences(&model.action_errors(resource, action)));
    sentences.extend(model.admitted(resource, &action.name));
    let input = (!action.input.is_empty()).then(|| {
        let required = if action.needs_input() { "!" } else { "" };
        Argument::new("input", format!("{}Input{required}", action.method(&resource.names)), "What it takes.")
    });
    Member::new(action.camel(&resource.names), ty, &prose::join(&action.summary(resource), &sentences))
        .with((action.target == Target::Item).then(|| id(resource)))
        .with(input)
        .with(action.conditional().then(|| if_match(resource)))
        .deprecated(resource.deprecation_of(&action.name))
}
