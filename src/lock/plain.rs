//! A lock in the very form in which it is written, read line by line: a hundred times as fast as YAML in general. Of
//! anything else it knows only that it is something else, and leaves it to the reader that can tell what is wrong.

use std::collections::BTreeMap;

use super::{Lock, Numbers};

/// `None`: the text has another form, or says something that can't be.
pub(super) fn read(text: &str) -> Option<Lock> {
    let mut lock = Lock::default();
    let mut place = Place::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let content = line.trim_start_matches(' ');
        match (line.len() - content.len(), content) {
            (0, "messages:") => place = Place { section: Some(Section::Messages), ..Place::default() },
            (0, "enums:") => place = Place { section: Some(Section::Enums), ..Place::default() },
            (0, "messages: {}" | "enums: {}") => place = Place::default(),
            (2, name) => {
                place.name = Some(word(name.strip_suffix(':').or_else(|| name.strip_suffix(": {}"))?)?);
                place.list = None;
                let all = place.all(&mut lock)?;
                if all.insert(place.name?.to_owned(), Numbers::default()).is_some() {
                    return None;
                }
            }
            (4, "used:") => place.list = Some(List::Used),
            (4, "retired:") => place.list = Some(List::Retired),
            (6, entry) => {
                let (key, value) = entry.split_once(": ")?;
                let list = place.list?;
                place.numbers(&mut lock)?.add(list, key, value)?;
            }
            _ => return None,
        }
    }
    Some(lock)
}

/// Where a line stands.
#[derive(Default)]
struct Place<'t> {
    section: Option<Section>,
    name: Option<&'t str>,
    list: Option<List>,
}

#[derive(Clone, Copy)]
enum Section {
    Messages,
    Enums,
}

#[derive(Clone, Copy)]
enum List {
    Used,
    Retired,
}

impl Place<'_> {
    fn all<'l>(&self, lock: &'l mut Lock) -> Option<&'l mut BTreeMap<String, Numbers>> {
        match self.section? {
            Section::Messages => Some(&mut lock.messages),
            Section::Enums => Some(&mut lock.enums),
        }
    }

    fn numbers<'l>(&self, lock: &'l mut Lock) -> Option<&'l mut Numbers> {
        self.all(lock)?.get_mut(self.name?)
    }
}

impl Numbers {
    fn add(&mut self, list: List, key: &str, value: &str) -> Option<()> {
        let known = match list {
            List::Used => self.used.insert(word(key)?.to_owned(), number(value)?).is_some(),
            List::Retired => self.retired.insert(number(key)?, word(value)?.to_owned()).is_some(),
        };
        (!known).then_some(())
    }
}

/// A word that is one in quotes or that YAML takes for nothing else.
fn word(text: &str) -> Option<&str> {
    const OTHER: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let word = quoted.unwrap_or(text);
    let letters = word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let plain = quoted.is_some() || !OTHER.iter().any(|other| word.eq_ignore_ascii_case(other));
    (letters && plain).then_some(word)
}

/// As it is written: YAML reads `010` in more than one way.
fn number(text: &str) -> Option<u32> {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::render;

    fn numbers(used: &[(&str, u32)], retired: &[(u32, &str)]) -> Numbers {
        Numbers {
            used: used.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
            retired: retired.iter().map(|(number, name)| (*number, (*name).to_owned())).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let messages = [("Order", numbers(&[("id", 1), ("no", 2), ("y", 20_001)], &[(3, "null"), (4, "note")]))];
        let enums = [("Kind", numbers(&[], &[(1, "KIND_OLD")])), ("No", Numbers::default())];
        let named = |(name, numbers): (&str, Numbers)| (name.to_owned(), numbers);
        let lock = Lock { messages: messages.map(named).into(), enums: enums.map(named).into() };
        assert_eq!(read(&render(&lock)), Some(lock));
        assert_eq!(read(&render(&Lock::default())), Some(Lock::default()));
    }

    #[test]
    fn another_form_is_left_to_others() {
        let order = "messages:\n  Order:\n    used:\n";
        for rest in [
            "      id: 0x1\n",
            "      id: 01\n",
            "      id: 1 # the first\n",
            "      id: 1\n      id: 2\n",
            "      null: 1\n",
            "     id: 1\n",
            "      id:1\n",
            "      id: 99999999999\n",
            "    lost:\n",
            "  Order:\n",
            "<<<<<<< ours\n",
        ] {
            assert_eq!(read(&format!("{order}{rest}")), None, "{rest}");
        }
        assert_eq!(read("      id: 1\n"), None);
    }
}
