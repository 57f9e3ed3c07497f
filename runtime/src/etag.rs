//! Entity tags (RFC 9110 §8.8.3) and their twins in GraphQL and gRPC.
//!
//! A row's tag is `"v<version>"`, the same text everywhere, quotes included (AIP-154).

/// The tag of a row as all contracts show it, quotes included.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// What must hold of the row before a write: `If-Match`, `ifMatch` or the `etag` field, and `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precondition {
    /// `None`: nothing was asked. Otherwise one of these versions; an empty list can't match (weak or foreign tags).
    pub versions: Option<Vec<i64>>,
    pub unwanted: Unwanted,
}

/// What the row mustn't be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unwanted {
    #[default]
    Nothing,
    Versions(Vec<i64>),
    /// It mustn't be there at all.
    Everything,
}

impl Precondition {
    pub const NONE: Precondition = Precondition { versions: None, unwanted: Unwanted::Nothing };

    /// Reads `"v3"`, a list of such tags, or `*` (the row exists, which a write demands anyhow). If-Match compares strongly,
    /// so a weak tag matches nothing, and neither does a text that isn't one of our tags.
    pub fn if_match(text: &str) -> Precondition {
        if text.trim() == "*" {
            return Precondition::NONE;
        }
        let versions = tags(text).filter(|tag| !tag.weak).filter_map(|tag| tag.version).collect();
        Precondition { versions: Some(versions), ..Precondition::NONE }
    }

    /// Adds what `If-None-Match` says, which compares weakly.
    #[must_use]
    pub fn but_none_of(self, text: &str) -> Precondition {
        let unwanted = match text.trim() {
            "*" => Unwanted::Everything,
            text => Unwanted::Versions(tags(text).filter_map(|tag| tag.version).collect()),
        };
        Precondition { unwanted, ..self }
    }

    /// Whether it keeps others' changes from being overwritten unseen.
    pub fn names_a_state(&self) -> bool {
        self.versions.is_some() || self.unwanted == Unwanted::Everything
    }

    pub fn admits(&self, version: i64) -> bool {
        let unwanted = match &self.unwanted {
            Unwanted::Nothing => false,
            Unwanted::Versions(versions) => versions.contains(&version),
            Unwanted::Everything => true,
        };
        !unwanted && self.versions.as_ref().is_none_or(|versions| versions.contains(&version))
    }
}

/// Whether an `If-None-Match` names this version (weak comparison), so that a read is answered by 304.
pub fn none_match_hits(text: &str, version: i64) -> bool {
    text.trim() == "*" || tags(text).any(|tag| tag.version == Some(version))
}

struct Tag {
    weak: bool,
    version: Option<i64>,
}

fn tags(text: &str) -> impl Iterator<Item = Tag> {
    text.split(',').map(str::trim).map(|tag| {
        let (weak, strong) = match tag.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, tag),
        };
        let version = strong.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
        // A representation may add to the version ("v3-…"); which one it is doesn't matter to a write.
        Tag { weak, version: version.and_then(|text| text.split('-').next()).and_then(number) }
    })
}

/// Tags are compared by their characters (RFC 9110 §8.8.3.2): `v03` isn't `v3`.
fn number(digits: &str) -> Option<i64> {
    digits.parse().ok().filter(|number: &i64| number.to_string() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_compares_strongly() {
        assert!(Precondition::if_match("\"v3\"").admits(3));
        assert!(Precondition::if_match("\"v2\", \"v3\"").admits(3));
        assert!(Precondition::if_match("*").admits(3));
        assert!(!Precondition::if_match("W/\"v3\"").admits(3));
        assert!(!Precondition::if_match("\"other\"").admits(3));
        assert!(!Precondition::if_match("v3").admits(3));
        assert!(!Precondition::if_match("\"v03\", \"v+3\"").admits(3));
    }

    #[test]
    fn what_is_unwanted_is_not_admitted() {
        let none_of = |text| Precondition::NONE.but_none_of(text);
        assert!(!none_of("W/\"v3\"").admits(3));
        assert!(none_of("\"v2\", \"other\"").admits(3));
        assert!(!none_of("*").admits(3));
        assert!(!Precondition::if_match("\"v3\"").but_none_of("\"v3\"").admits(3));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        assert!(none_match_hits("W/\"v3\"", 3));
        assert!(none_match_hits("\"v1\", \"v3-json\"", 3));
        assert!(!none_match_hits("\"v1\"", 3));
    }
}
