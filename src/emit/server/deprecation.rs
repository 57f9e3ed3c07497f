//! When what a resource offers is deprecated and when it goes, for the runtime to tell with every answer.

use jiff::civil::Date;

use super::Imports;
use crate::model::{Deprecation, Resource};

/// Only days are told: a contract alone says what else goes.
pub(super) fn members(resource: &Resource, imports: &mut Imports) -> Vec<String> {
    let whole = resource.deprecated.as_ref().filter(|whole| whole.is_dated());
    let own = resource.deprecated_operations.iter().filter(|(_, own)| own.is_dated() || whole.is_some());
    let own: Vec<_> = own.map(|(word, own)| format!("(\"{word}\", {})", expression(own))).collect();
    let own = (!own.is_empty()).then(|| format!("deprecated_operations: &[{}]", own.join(", ")));
    let members: Vec<_> =
        whole.map(|whole| format!("deprecated: Some({})", expression(whole))).into_iter().chain(own).collect();
    if !members.is_empty() {
        imports.descriptor.insert("Deprecation");
    }
    members
}

fn expression(deprecation: &Deprecation) -> String {
    let day = |day: Option<Date>| day.map_or_else(|| "None".to_owned(), |day| format!("Some(\"{day}\")"));
    format!("Deprecation {{ since: {}, sunset: {} }}", day(deprecation.since), day(deprecation.sunset))
}
