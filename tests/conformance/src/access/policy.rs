//! A second opinion on who may do what: the rules of the language's page on access, applied to rows in memory.

use serde_json::Value as Json;

use super::{
    caller::Caller,
    spec::{Resource, Spec, Tenancy, path, text, texts},
    world::{Row, World},
};

/// Any of these suffices.
pub type Alternatives = Vec<Vec<Demand>>;

#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    Public,
    Authenticated,
    Role(String),
    Scope(String),
    /// Leads to the caller; without steps, the row is the caller.
    Path(Vec<String>),
    /// A field has one of these values.
    When(String, Vec<String>),
}

pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
pub const PERMISSION_DENIED: &str = "PERMISSION_DENIED";

/// As `access` has them: one alternative or several. `owner` is the resource's.
pub fn alternatives(typed: &Json, owner: Option<&[String]>) -> Alternatives {
    let all = |typed: &Json| match typed {
        Json::Object(parts) => parts.iter().flat_map(|(word, part)| demands(word, part)).collect(),
        one => vec![word(text(one), owner)],
    };
    match typed {
        Json::Array(any) => any.iter().map(all).collect(),
        one => vec![all(one)],
    }
}

fn word(typed: &str, owner: Option<&[String]>) -> Demand {
    match typed.split_once(':') {
        Some(("role", role)) => Demand::Role(role.to_owned()),
        Some(("scope", scope)) => Demand::Scope(scope.to_owned()),
        Some(("via", steps)) => Demand::Path(path(steps)),
        None if typed == "public" => Demand::Public,
        None if typed == "authenticated" => Demand::Authenticated,
        None if typed == "owner" => Demand::Path(owner.expect("`owner` is said where there is one").to_vec()),
        _ => panic!("no alternative is called {typed}"),
    }
}

/// A part of an alternative that is a map.
fn demands(key: &str, typed: &Json) -> Vec<Demand> {
    let Json::Object(states) = typed else { return vec![word(&format!("{key}:{}", text(typed)), None)] };
    assert_eq!(key, "when");
    states.iter().map(|(field, values)| Demand::When(field.clone(), texts(values))).collect()
}

/// What is left of a rule after a look at the caller.
#[derive(Debug, Clone)]
pub enum Standing<'a> {
    Refused(&'static str),
    /// The rows that fulfil one of these, each with all its demands; of the caller's tenant, where there are tenants.
    Rows(Vec<Vec<&'a Demand>>),
}

/// `None`: everybody may.
pub fn stand<'a>(caller: &Caller, any: Option<&'a Alternatives>) -> Standing<'a> {
    let Some(any) = any else { return Standing::Rows(vec![Vec::new()]) };
    let left: Vec<Vec<&Demand>> = any.iter().filter_map(|all| left_of(caller, all)).collect();
    match (left.is_empty(), caller.is_anonymous()) {
        (false, _) => Standing::Rows(left),
        (true, true) => Standing::Refused(UNAUTHENTICATED),
        (true, false) => Standing::Refused(PERMISSION_DENIED),
    }
}

fn left_of<'a>(caller: &Caller, all: &'a [Demand]) -> Option<Vec<&'a Demand>> {
    let about_rows = |demand: &&Demand| matches!(demand, Demand::Path(_) | Demand::When(..));
    let met = all.iter().all(|demand| match demand {
        Demand::Public | Demand::When(..) => true,
        Demand::Authenticated | Demand::Path(_) => !caller.is_anonymous(),
        Demand::Role(role) => caller.roles.contains(role),
        Demand::Scope(scope) => caller.has_scope(scope),
    });
    met.then(|| all.iter().filter(about_rows).collect())
}

/// Rows of tenants are for callers of tenants.
pub fn tenancy(caller: &Caller, resource: &Resource) -> Result<(), &'static str> {
    match (resource.tenancy, &caller.tenant) {
        (Tenancy::Shared, _) | (_, Some(_)) => Ok(()),
        (_, None) if caller.is_anonymous() => Err(UNAUTHENTICATED),
        (_, None) => Err(PERMISSION_DENIED),
    }
}

/// Whether a caller may do this at all, and with which rows.
pub fn may<'a>(caller: &Caller, resource: &Resource, rule: Option<&'a Alternatives>) -> Standing<'a> {
    match tenancy(caller, resource) {
        Err(code) => Standing::Refused(code),
        Ok(()) => stand(caller, rule),
    }
}

impl Standing<'_> {
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Standing::Refused(code) => Some(code),
            Standing::Rows(_) => None,
        }
    }

    /// Whether it is one of the rows, in the caller's tenant where there are tenants.
    pub fn includes(&self, spec: &Spec, world: &World, caller: &Caller, row: &Row) -> bool {
        let of_tenant = match spec.resource(&row.resource).tenancy {
            Tenancy::Shared => true,
            Tenancy::Itself => caller.tenant.as_ref() == Some(&row.id),
            Tenancy::Of => caller.tenant == row.tenant,
        };
        of_tenant && self.admits(spec, world, caller, row)
    }

    /// The same of what is looked at in a row that the caller's tenant has.
    pub fn admits(&self, spec: &Spec, world: &World, caller: &Caller, row: &Row) -> bool {
        let Standing::Rows(any) = self else { return false };
        any.iter().any(|all| all.iter().all(|demand| holds(spec, world, caller, row, demand)))
    }
}

fn holds(spec: &Spec, world: &World, caller: &Caller, row: &Row, demand: &Demand) -> bool {
    match demand {
        Demand::Path(path) => caller.subject.as_ref().is_some_and(|id| world.leads(spec, row, path, id)),
        Demand::When(field, values) => {
            row.values[field].as_str().is_some_and(|value| values.iter().any(|v| v == value))
        }
        _ => unreachable!("only rows are left to be looked at"),
    }
}
