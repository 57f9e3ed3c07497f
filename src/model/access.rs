//! Who may do what: callers, their roles, and for everything that can be done the alternatives any of which suffices.
//!
//! Knows nothing about tokens or SQL.

use super::{Field, Literal, Model, Relation, Resource, ResourceId, prose};

/// Who callers are.
#[derive(Debug, Clone, PartialEq)]
pub struct Auth {
    /// The resource whose id is the token's `sub`.
    pub principal: Option<ResourceId>,
    pub tenant: Option<TenantClaim>,
    pub login: Option<Login>,
    pub roles: Vec<Role>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TenantClaim {
    pub resource: ResourceId,
    /// The token's claim that holds the tenant's id.
    pub claim: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    pub resource: ResourceId,
    /// Position in the resource's fields.
    pub identifier: usize,
    /// Position in the resource's fields.
    pub secret: usize,
    /// Position of the field that says which roles a row has: `role`, an enum, or `roles`, a list of one.
    pub roles: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    pub name: String,
    pub scopes: Vec<String>,
}

/// Any of these suffices.
pub type Alternatives = Vec<Alternative>;

/// All of these must hold; none: everybody may.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub all: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Requirement {
    /// Any credentials that are valid.
    Authenticated,
    Role(String),
    Scope(String),
    /// The path leads to the caller. Empty: the row is the caller.
    Owner(Path),
    Via(Path),
    /// The field (a position) has one of these values.
    When(usize, Vec<Literal>),
}

/// Relations, each of the resource that the one before leads to, by their positions there.
#[derive(Debug, Clone, PartialEq)]
pub struct Path(pub Vec<(ResourceId, usize)>);

/// Where a row's tenant is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Tenant {
    /// The row is the tenant.
    Itself,
    Of(Path),
    /// Shared by all tenants.
    Shared,
}

/// What a resource says of who may do what with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    pub owner: Option<Path>,
    pub tenant: Option<Tenant>,
    /// By operation or action: everything that can be done, where there is `auth`; otherwise empty.
    pub rules: Vec<(String, Alternatives)>,
}

/// Who may read and write a field, where not everybody may who may read and write the row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FieldPolicy {
    pub read: Option<Alternatives>,
    pub write: Option<Alternatives>,
}

impl Policy {
    /// Whether a row belongs to a tenant that it isn't itself.
    pub fn in_tenant(&self) -> bool {
        matches!(self.tenant, Some(Tenant::Of(_)))
    }

    /// Whether some rows are open to callers without credentials, though not all are.
    pub fn admits_strangers(&self, operation: &str) -> bool {
        let shared = matches!(self.tenant, None | Some(Tenant::Shared));
        self.of(operation)
            .filter(|_| shared)
            .is_some_and(|any| any.iter().any(|each| !each.all.iter().any(Requirement::takes_credentials)))
    }

    /// Whether whoever reads a row of this may read one of `target` that it leads to, whatever the rows.
    pub fn shows_along(&self, target: &Policy) -> bool {
        let Some(readers) = target.of("get") else { return true };
        let signed_in = |any: Option<&Alternatives>| {
            any.is_some_and(|any| any.iter().all(|each| each.all.iter().any(Requirement::takes_credentials)))
        };
        let all_signed_in = readers.iter().any(|alternative| alternative.all == [Requirement::Authenticated]);
        all_signed_in && signed_in(self.of("get")) && signed_in(self.of("list"))
    }

    /// `None`: everybody may.
    pub fn of(&self, operation: &str) -> Option<&Alternatives> {
        let rule = self.rules.iter().find(|(name, _)| name == operation);
        rule.map(|(_, any)| any).filter(|any| any.iter().all(|alternative| !alternative.is_public()))
    }
}

impl Requirement {
    /// Whether nobody without credentials fulfils it.
    fn takes_credentials(&self) -> bool {
        !matches!(self, Requirement::When(..))
    }
}

impl Alternative {
    pub fn is_public(&self) -> bool {
        self.all.is_empty()
    }
}

impl Path {
    /// `order.customer`; `self` where there is no step.
    pub fn text(&self, model: &Model) -> String {
        if self.0.is_empty() {
            return "self".to_owned();
        }
        let names = self.0.iter().map(|(owner, relation)| model.resource(*owner).relations[*relation].name.as_str());
        names.collect::<Vec<_>>().join(".")
    }
}

impl Model {
    /// Who may do it, as a sentence, where not everybody may.
    pub fn admitted(&self, resource: &Resource, operation: &str) -> Option<String> {
        let any = resource.policy.of(operation)?;
        Some(format!("For {}.", who(self, resource, any)))
    }
}

impl Field {
    /// Who may read it, as a sentence, where not everybody may who may read the row.
    pub fn readers(&self, model: &Model, owner: &Resource) -> Option<String> {
        let any = self.access.read.as_ref()?;
        Some(format!("Only shown to {}.", who(model, owner, any)))
    }

    /// Who may set it, as a sentence, where not everybody may who may write the row.
    pub fn writers(&self, model: &Model, owner: &Resource) -> Option<String> {
        let any = self.access.write.as_ref()?;
        Some(format!("Only set by {}.", who(model, owner, any)))
    }

    /// Both of them.
    pub fn restrictions(&self, model: &Model, owner: Option<&Resource>) -> Vec<String> {
        let Some(owner) = owner else { return Vec::new() };
        self.readers(model, owner).into_iter().chain(self.writers(model, owner)).collect()
    }

    /// Whether every output carries a value of it.
    pub fn always_shown(&self) -> bool {
        self.required && self.access.read.is_none()
    }
}

impl Relation {
    /// Who may follow it, as a sentence, where not everybody may who may read both ends.
    pub fn readers(&self, model: &Model, owner: &Resource) -> Option<String> {
        let any = self.access.read.as_ref()?;
        Some(format!("Only shown to {}.", who(model, owner, any)))
    }

    /// Who may put rows together along it, as a sentence, where not everybody may who may change the row.
    pub fn writers(&self, model: &Model, owner: &Resource) -> Option<String> {
        let any = self.access.write.as_ref()?;
        Some(format!("Only set by {}.", who(model, owner, any)))
    }
}

/// `the owner, callers with the role admin, or callers with the scope orders:read`.
pub fn who(model: &Model, resource: &Resource, any: &Alternatives) -> String {
    let names: Vec<String> = any.iter().map(|alternative| one(model, resource, alternative)).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, [first])) => format!("{first} or {last}"),
        Some((last, others)) => format!("{}, or {last}", others.join(", ")),
        None => "nobody".to_owned(),
    }
}

fn one(model: &Model, resource: &Resource, alternative: &Alternative) -> String {
    if alternative.is_public() {
        return "everybody".to_owned();
    }
    let subject = alternative.all.iter().find_map(|requirement| match requirement {
        Requirement::Owner(path) if path.0.is_empty() => Some(format!("the {} itself", resource.noun())),
        Requirement::Owner(_) => Some("the owner".to_owned()),
        Requirement::Via(path) => Some(format!("whoever `{}` leads to", path.text(model))),
        _ => None,
    });
    let mut text = subject.unwrap_or_else(|| match alternative.all.first() {
        Some(Requirement::When(..)) if alternative.all.len() == 1 => "everybody".to_owned(),
        _ => "callers".to_owned(),
    });
    for requirement in &alternative.all {
        match requirement {
            Requirement::Authenticated => text.push_str(" with credentials"),
            Requirement::Role(role) => text.push_str(&format!(" with the role `{role}`")),
            Requirement::Scope(scope) => text.push_str(&format!(" with the scope `{scope}`")),
            Requirement::Owner(_) | Requirement::Via(_) => {}
            Requirement::When(field, values) => {
                let values: Vec<String> = values.iter().map(scalar).collect();
                let name = prose::words(&resource.fields[*field].name);
                text.push_str(&format!(" if the {name} is {}", values.join(" or ")));
            }
        }
    }
    text
}

fn scalar(value: &Literal) -> String {
    match value {
        Literal::Scalar(text) => format!("`{}`", text.replace('\n', "\\n")),
        _ => unreachable!("only scalars are compared"),
    }
}
