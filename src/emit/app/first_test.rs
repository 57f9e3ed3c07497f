//! The test that a new app begins with: it asks its server for a list, as somebody who may see it. Knows nothing about
//! how a test is written.

use crate::{
    emit::examples,
    model::{Auth, Id, Model, Requirement, Resource, ResourceId, Tenant},
};

pub struct FirstTest {
    /// Of the function.
    pub name: String,
    pub path: String,
    /// Where in the answer: `["data"]`.
    pub index: &'static str,
    /// What is there, as JSON.
    pub value: String,
    /// Who asks: the parts of a `Caller` in Rust.
    pub caller: Option<Vec<String>>,
}

impl FirstTest {
    /// Of the first list that anybody may see.
    pub fn of(model: &Model) -> FirstTest {
        model
            .stored_resources()
            .iter()
            .find_map(|resource| FirstTest::listing(model, resource))
            .unwrap_or_else(|| FirstTest::blank(model))
    }

    fn listing(model: &Model, resource: &Resource) -> Option<FirstTest> {
        let needed = needed(resource)?;
        let caller = match needed {
            None => None,
            Some(requirements) => Some(caller(model, model.auth.as_ref()?, requirements)?),
        };
        resource.operations.list.then(|| FirstTest {
            name: format!("there_are_no_{}_at_first", resource.names.snake_plural),
            path: format!("/{}/{}", model.api.version, resource.names.path),
            index: "[\"data\"]",
            value: "[]".to_owned(),
            caller,
        })
    }

    /// Where nobody may list anything, there is still a contract.
    fn blank(model: &Model) -> FirstTest {
        FirstTest {
            name: "it_tells_its_version".to_owned(),
            path: "/openapi.json".to_owned(),
            index: "[\"info\"][\"version\"]",
            value: text(&model.api.version),
            caller: None,
        }
    }
}

/// What a caller must be to list rows. `None`: nobody may; `Some(None)`: no credentials are needed.
fn needed(resource: &Resource) -> Option<Option<&[Requirement]>> {
    let in_tenant = !matches!(resource.policy.tenant, None | Some(Tenant::Shared));
    match resource.policy.of("list") {
        None => Some(in_tenant.then_some(&[])),
        Some(any) => any.first().map(|alternative| Some(&*alternative.all)),
    }
}

/// `subject: "usr_…".into(),` and `..Caller::default()`, if there is an id for them.
fn caller(model: &Model, auth: &Auth, requirements: &[Requirement]) -> Option<Vec<String>> {
    let roles = requirements.iter().filter_map(|needed| match needed {
        Requirement::Role(role) => Some(role.as_str()),
        _ => None,
    });
    let scopes = requirements.iter().filter_map(|needed| match needed {
        Requirement::Scope(scope) => Some(scope.as_str()),
        _ => None,
    });
    let subject = auth.principal.map_or_else(|| Some("ada".to_owned()), |principal| id(model, principal))?;
    let mut parts = vec![format!("subject: {}.into(),", text(&subject))];
    parts.extend(list("roles", roles));
    parts.extend(list("scopes", scopes));
    if let Some(tenant) = &auth.tenant {
        parts.push(format!("tenant: Some({}.into()),", text(&id(model, tenant.resource)?)));
    }
    // With all four there is nothing left to be filled in.
    parts.extend((parts.len() < 4).then(|| "..Caller::default()".to_owned()));
    Some(parts)
}

fn list<'a>(field: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<_> = words.map(|word| format!("{}.into()", text(word))).collect();
    (!words.is_empty()).then(|| format!("{field}: vec![{}],", words.join(", ")))
}

/// What a row's id could be, as tokens have it.
fn id(model: &Model, resource: ResourceId) -> Option<String> {
    let id: &Id = &model.resource(resource).id;
    let example = examples::id(id)?;
    Some(example.as_str().map_or_else(|| example.to_string(), str::to_owned))
}

/// As Rust writes it.
fn text(text: &str) -> String {
    format!("{text:?}")
}
