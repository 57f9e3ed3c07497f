//! What is still there and will go one day: since when, until when, and what to use instead.
//!
//! Says it in English for every contract. Knows nothing about how a contract marks a deprecation.

use jiff::civil::Date;

use super::{Action, EnumValue, Resource, prose::Spelling};
use crate::names;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deprecation {
    pub since: Option<Date>,
    /// The last day; never before `since`.
    pub sunset: Option<Date>,
    pub replaced_by: Option<Successor>,
    pub reason: Option<String>,
}

/// What takes the place of something deprecated, as each contract calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// As the spec spells it.
    pub name: String,
    pub json: String,
    pub graphql: String,
    pub proto: String,
}

impl Successor {
    /// A field, or a relation.
    pub fn property(name: &str) -> Successor {
        let (name, camel) = (name.to_owned(), names::camel(name));
        Successor { json: name.clone(), graphql: camel, proto: name.clone(), name }
    }

    /// A resource.
    pub fn resource(name: &str) -> Successor {
        let name = name.to_owned();
        Successor { json: name.clone(), graphql: name.clone(), proto: name.clone(), name }
    }

    /// `cancel` → `cancelOrder`.
    pub fn action(action: &Action, resource: &super::ResourceNames) -> Successor {
        let (name, camel) = (action.name.clone(), action.camel(resource));
        Successor { json: camel.clone(), graphql: camel, proto: action.method(resource), name }
    }

    /// An operation of a resource: `update` → `updateOrder`.
    pub fn operation(word: &str, resource: &super::ResourceNames) -> Successor {
        let (one, many) = (&resource.pascal, &resource.pascal_plural);
        let owner = if word == "list" { many } else { one };
        let (json, proto) = (format!("{}{owner}", names::camel(word)), format!("{}{owner}", names::pascal(word)));
        let graphql = match word {
            "list" => resource.camel_plural.clone(),
            "get" => resource.camel.clone(),
            _ => json.clone(),
        };
        Successor { name: word.to_owned(), json, graphql, proto }
    }

    fn spelled(&self, spelling: Spelling) -> &str {
        match spelling {
            Spelling::Json => &self.json,
            Spelling::Graphql => &self.graphql,
            Spelling::Proto => &self.proto,
        }
    }
}

impl From<EnumValue> for Successor {
    fn from(value: EnumValue) -> Successor {
        Successor { json: value.name.clone(), graphql: value.graphql, proto: value.proto, name: value.name }
    }
}

impl Deprecation {
    /// Whether answers can tell when.
    pub fn is_dated(&self) -> bool {
        self.since.is_some() || self.sunset.is_some()
    }

    /// For a description: `Deprecated since 2026-01-01, gone after 2026-12-31. Use `full_name`.`
    pub fn sentence(&self, spelling: Spelling) -> String {
        let since = self.since.map(|date| format!(" since {date}")).unwrap_or_default();
        let sunset = self.sunset.map(|date| format!(", gone after {date}")).unwrap_or_default();
        let head = format!("Deprecated{since}{sunset}.");
        [head].into_iter().chain(self.advice(spelling)).collect::<Vec<_>>().join(" ")
    }

    /// [`Deprecation::sentence`], for a place that is marked anyway, if it says more than the mark.
    pub fn detail(&self, spelling: Spelling) -> Option<String> {
        (*self != Deprecation::default()).then(|| self.sentence(spelling))
    }

    /// Why and what to do, for a place that is marked as deprecated by other means.
    pub fn reason(&self, spelling: Spelling) -> String {
        let since = self.since.map(|date| format!("Since {date}."));
        let sunset = self.sunset.map(|date| format!("Gone after {date}."));
        let mut sentences = self.advice(spelling);
        let dates: Vec<String> = since.into_iter().chain(sunset).collect();
        if let (Some(reason), false) = (sentences.last_mut(), dates.is_empty())
            && !reason.ends_with(['.', '!', '?'])
        {
            reason.push('.');
        }
        sentences.extend(dates);
        if sentences.is_empty() { "No longer supported.".to_owned() } else { sentences.join(" ") }
    }

    fn advice(&self, spelling: Spelling) -> Vec<String> {
        let instead = self.replaced_by.as_ref().map(|successor| format!("Use `{}`.", successor.spelled(spelling)));
        instead.into_iter().chain(self.reason.as_deref().map(|text| text.trim().to_owned())).collect()
    }
}

impl Resource {
    /// That of an operation or action by its word: its own, or the whole resource's.
    pub fn deprecation_of(&self, operation: &str) -> Option<&Deprecation> {
        let own = self.deprecated_operations.iter().find(|(word, _)| word == operation);
        own.map(|(_, deprecation)| deprecation).or(self.deprecated.as_ref())
    }
}
