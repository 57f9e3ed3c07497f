//! What is to be said of a resource as a whole: the author's description, and the rules that no contract can express.

use super::{Resource, prose, prose::Spelling};

impl Resource {
    /// Its summary and everything else.
    pub fn about(&self, spelling: Spelling) -> String {
        prose::join(&self.summary(), &self.rules(spelling))
    }

    /// Rules that hold for whole rows, and what is to be known of a deprecation.
    pub fn rules(&self, spelling: Spelling) -> Vec<String> {
        let unique = self.unique.iter().map(|fields| {
            let names: Vec<String> =
                fields.iter().map(|field| format!("`{}`", self.spelled(*field, spelling))).collect();
            match names.split_last() {
                Some((last, others)) if !others.is_empty() => {
                    format!("Unique together: {} and {last}.", others.join(", "))
                }
                _ => format!("Unique: {}.", names.concat()),
            }
        });
        let deprecated = self.deprecated.as_ref().and_then(|deprecation| match spelling {
            // A GraphQL type has no mark.
            Spelling::Graphql => Some(deprecation.sentence(spelling)),
            Spelling::Json | Spelling::Proto => deprecation.detail(spelling),
        });
        let checks = self.checks.iter().map(|check| check.sentence(self, spelling));
        unique.chain(checks).chain(deprecated).collect()
    }

    /// A field as a contract calls it.
    pub(super) fn spelled(&self, field: usize, spelling: Spelling) -> &str {
        match spelling {
            Spelling::Graphql => &self.fields[field].camel,
            Spelling::Json | Spelling::Proto => &self.fields[field].name,
        }
    }
}
