//! Who may do what, as the runtime reads it.

use super::{Imports, quoted};
use crate::{
    emit::literal,
    model::{Alternative, Alternatives, Model, Path, Requirement, Resource, Tenant},
};

/// `access: Some(&[…])` and `tenant: Some(…)`, where the spec has `auth`.
pub(super) fn members(model: &Model, resource: &Resource, imports: &mut Imports) -> Vec<String> {
    let mut members = Vec::new();
    if !resource.policy.rules.is_empty() {
        imports.descriptor.insert("Rule");
        members.push(format!("access: Some(&[\n{}    ])", rules(model, resource, imports)));
    }
    members.extend(tenant(model, resource, imports));
    members
}

/// One line for all that the same callers may do.
fn rules(model: &Model, resource: &Resource, imports: &mut Imports) -> String {
    let mut lines: Vec<(&Alternatives, Vec<String>)> = Vec::new();
    for (name, any) in &resource.policy.rules {
        let name = quoted(name);
        match lines.iter_mut().find(|(same, _)| *same == any) {
            Some((_, names)) => names.push(name),
            None => lines.push((any, vec![name])),
        }
    }
    let mut line = |(any, names): (&Alternatives, Vec<String>)| {
        let any = alternatives(model, resource, any, imports);
        format!("        Rule {{ to: &[{}], any: {any} }},\n", names.join(", "))
    };
    lines.into_iter().map(&mut line).collect()
}

/// `&[&[Requirement::Role("admin")]]`
pub(super) fn alternatives(model: &Model, resource: &Resource, any: &Alternatives, imports: &mut Imports) -> String {
    if any.iter().any(Alternative::is_public) {
        imports.descriptor.insert("PUBLIC");
        return "PUBLIC".to_owned();
    }
    imports.descriptor.insert("Requirement");
    let all = |alternative: &Alternative| {
        let all: Vec<_> = alternative.all.iter().map(|each| requirement(model, resource, each)).collect();
        format!("&[{}]", all.join(", "))
    };
    format!("&[{}]", any.iter().map(all).collect::<Vec<_>>().join(", "))
}

fn requirement(model: &Model, resource: &Resource, requirement: &Requirement) -> String {
    let what = match requirement {
        Requirement::Authenticated => "Authenticated".to_owned(),
        Requirement::Role(role) => format!("Role({})", quoted(role)),
        Requirement::Scope(scope) => format!("Scope({})", quoted(scope)),
        Requirement::Owner(path) | Requirement::Via(path) => format!("Caller(&[{}])", steps(model, path)),
        Requirement::When(field, values) => {
            let field = &resource.fields[*field];
            let values = values.iter().map(|value| quoted(&literal::text(model, &field.ty, value)));
            format!("When({}, &[{}])", quoted(&field.name), values.collect::<Vec<_>>().join(", "))
        }
    };
    format!("Requirement::{what}")
}

fn steps(model: &Model, path: &Path) -> String {
    let names = path.0.iter().map(|(owner, relation)| quoted(&model.resource(*owner).relations[*relation].name));
    names.collect::<Vec<_>>().join(", ")
}

fn tenant(model: &Model, resource: &Resource, imports: &mut Imports) -> Option<String> {
    let tenant = match resource.policy.tenant.as_ref()? {
        Tenant::Shared => return None,
        Tenant::Itself => "Itself".to_owned(),
        Tenant::Of(_) => {
            let claim = model.auth.as_ref().and_then(|auth| auth.tenant.as_ref())?;
            format!("Of({})", super::id_expression(model, claim.resource, imports))
        }
    };
    imports.descriptor.insert("Tenant");
    Some(format!("tenant: Some(Tenant::{tenant})"))
}
