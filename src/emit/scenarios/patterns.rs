//! Texts that match patterns, made up from the patterns themselves.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::model::Rules;

/// How often something is repeated at most that may be, to come to a length.
const REPETITIONS: u32 = 64;
/// In bytes. Nobody wants to read a longer one.
const LONGEST: usize = 200;

/// A text that matches and has an allowed length, if a short one does.
pub fn matching(pattern: &str, rules: &Rules) -> Option<String> {
    let (regex, parsed) = (Regex::new(pattern).ok()?, regex_syntax::parse(pattern).ok()?);
    let fits = |text: &String| {
        let length = text.chars().count() as u32;
        regex.is_match(text) && (rules.min_length.unwrap_or(0)..=rules.max_length.unwrap_or(u32::MAX)).contains(&length)
    };
    let made = (1..=REPETITIONS).map_while(|times| {
        let mut text = String::new();
        write(&parsed, times, &mut text).map(|()| text)
    });
    made.into_iter().find(fits)
}

/// What is repeated is so `times`, or as often as it may be nearest to that. `None`: it gets too long, or can't match.
fn write(part: &Hir, times: u32, text: &mut String) -> Option<()> {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(member(class)?),
        HirKind::Repetition(repeated) => {
            for _ in 0..times.min(repeated.max.unwrap_or(u32::MAX)).max(repeated.min) {
                write(&repeated.sub, times, text)?;
            }
        }
        HirKind::Capture(group) => write(&group.sub, times, text)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, times, text))?,
        HirKind::Alternation(parts) => write(parts.first()?, times, text)?,
    }
    (text.len() <= LONGEST).then_some(())
}

/// One of the characters, a plain one if there is any.
fn member(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
    };
    let has = |char: &char| ranges.iter().any(|(first, last)| (first..=last).contains(&char));
    ('a'..='z').chain('A'..='Z').chain('0'..='9').chain('!'..='~').find(has).or(ranges.first().map(|(first, _)| *first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pattern: &str) -> Option<String> {
        matching(pattern, &Rules::default())
    }

    #[test]
    fn texts_match_their_patterns() {
        assert_eq!(made("^[A-Z]{3}-[0-9]+$").as_deref(), Some("AAA-0"));
        assert_eq!(made(r"^\d{2}(\.\d)?$").as_deref(), Some("00.0"));
        assert_eq!(made("^(draft|final)_[^a-z]$").as_deref(), Some("draft_A"));
        assert_eq!(made(r"\bé+\b").as_deref(), Some("é"));
    }

    #[test]
    fn they_are_as_long_as_they_must_be() {
        let rules = Rules { min_length: Some(5), max_length: Some(6), ..Rules::default() };
        assert_eq!(matching("^[a-z]+$", &rules).as_deref(), Some("aaaaa"));
        assert_eq!(matching("^[a-z]{7,}$", &rules), None);
    }

    #[test]
    fn what_matches_nothing_or_only_something_long_is_given_up() {
        assert_eq!(made("a^"), None);
        assert_eq!(made("^((a{20}){20}){20}$"), None);
    }
}
