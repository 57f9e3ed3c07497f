//! Who may do what. How callers without a token get one isn't asked here.

use apigen::model::{self, Alternative, Alternatives, Model, Requirement, Resource, Tenant};
use apigen_runtime::descriptor as live;

use super::{all, fields, literal, text};

pub(super) fn auth(auth: &model::Auth, resources: &[&'static live::Resource]) -> live::Auth {
    let tenant = auth.tenant.as_ref();
    let scopes = |role: &model::Role| all(role.scopes.iter().map(|scope| text(scope)));
    live::Auth {
        principal: auth.principal.map(|id| resources[id.0]),
        tenant: tenant.map(|of| live::TenantClaim { resource: resources[of.resource.0], claim: text(&of.claim) }),
        login: None,
        roles: all(auth.roles.iter().map(|role| (text(&role.name), scopes(role)))),
    }
}

/// One for each operation and action.
pub(super) fn rules(model: &Model, resource: &Resource) -> Option<&'static [live::Rule]> {
    let rule = |(name, any): &(String, Alternatives)| live::Rule {
        to: all([text(name)]),
        any: alternatives(model, resource, any),
    };
    let rules = &resource.policy.rules;
    (!rules.is_empty()).then(|| all(rules.iter().map(rule)))
}

pub(super) fn optional(model: &Model, resource: &Resource, any: Option<&Alternatives>) -> Option<live::Alternatives> {
    any.map(|any| alternatives(model, resource, any))
}

fn alternatives(model: &Model, resource: &Resource, any: &Alternatives) -> live::Alternatives {
    let each = |each: &Alternative| all(each.all.iter().map(|each| requirement(model, resource, each)));
    if any.iter().any(Alternative::is_public) { live::PUBLIC } else { all(any.iter().map(each)) }
}

fn requirement(model: &Model, resource: &Resource, requirement: &Requirement) -> live::Requirement {
    match requirement {
        Requirement::Authenticated => live::Requirement::Authenticated,
        Requirement::Role(role) => live::Requirement::Role(text(role)),
        Requirement::Scope(scope) => live::Requirement::Scope(text(scope)),
        Requirement::Owner(path) | Requirement::Via(path) => {
            let step = |(owner, relation): &(model::ResourceId, usize)| {
                text(&model.resource(*owner).relations[*relation].name)
            };
            live::Requirement::Caller(all(path.0.iter().map(step)))
        }
        Requirement::When(field, values) => {
            let field = &resource.fields[*field];
            live::Requirement::When(text(&field.name), all(values.iter().map(|value| literal(model, field, value))))
        }
    }
}

pub(super) fn tenant(model: &Model, resource: &Resource) -> Option<live::Tenant> {
    match resource.policy.tenant.as_ref()? {
        Tenant::Shared => None,
        Tenant::Itself => Some(live::Tenant::Itself),
        Tenant::Of(_) => {
            let claim = model.auth.as_ref()?.tenant.as_ref()?;
            Some(live::Tenant::Of(fields::id(&model.resource(claim.resource).id)))
        }
    }
}
