//! Deleted rows that stay: what must not go for good with them.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, OnDelete, RelationKind};
use crate::spec;

impl Resolver<'_> {
    pub(super) fn soft_delete(&mut self, typed: &spec::Resource) -> bool {
        let Some(span) = typed.soft_delete else { return false };
        let deletes = |operations: &spec::Operations| operations.words.iter().any(|word| word.name.value == "delete");
        if !typed.operations.as_ref().is_none_or(deletes) {
            let help = "add `delete` to the `operations`, or remove it";
            self.error(Code::KeyNotApplicable, span, "`soft_delete` without the operation `delete`", help);
        }
        true
    }

    /// What goes along with a row must be able to come back with it.
    pub(super) fn check_cascades(&mut self, typed: &[spec::Resource], resources: &[model::Resource]) {
        for (item, resource) in typed.iter().zip(resources).filter(|(_, resource)| !resource.soft_delete) {
            for relation in &resource.relations {
                let RelationKind::BelongsTo { on_delete: OnDelete::Cascade, .. } = relation.kind else { continue };
                let owner = &typed[relation.target.0];
                let place = item.relations.given().into_iter().flatten();
                let place = place.into_iter().find(|each| each.name.value == relation.name);
                let (Some(place), Some(span)) = (place.and_then(|each| each.on_delete.as_ref()), owner.soft_delete)
                else {
                    continue;
                };
                let message = format!(
                    "a deleted `{}` can come back, but not its rows of `{}`",
                    owner.name.value, item.name.value
                );
                self.out.push(
                    Diagnostic::error(Code::Contradiction, place.span, message)
                        .related(span, "its rows stay when they are deleted")
                        .help(format!("add `soft_delete: true` to `{}`", item.name.value)),
                );
            }
        }
    }
}
