//! Renames in the lock: a message, field or value takes its number along to its new name.

use std::collections::HashSet;

use super::{Lock, Numbers};
use crate::model::proto::File;

/// `lock` under the names of `now`, where it still has those of `was`. The two files differ in nothing but names.
///
/// A rename that the lock has followed already changes nothing: then the new name is in use, and the old one isn't.
pub fn follow(lock: &Lock, was: &File, now: &File) -> Lock {
    let mut lock = lock.clone();
    let current: HashSet<&str> = now.messages.iter().map(|message| message.name.as_str()).collect();
    for (was, now) in was.messages.iter().zip(&now.messages) {
        rename_entry(&mut lock.messages, &was.name, &now.name, &current);
        let names = was.fields.iter().zip(&now.fields).map(|(was, now)| (was.name.as_str(), now.name.as_str()));
        if let Some(numbers) = lock.messages.get_mut(&now.name) {
            numbers.rename(names.collect());
        }
    }
    let current: HashSet<&str> = now.enums.iter().map(|item| item.name.as_str()).collect();
    for (was, now) in was.enums.iter().zip(&now.enums) {
        rename_entry(&mut lock.enums, &was.name, &now.name, &current);
        let names = was.values.iter().zip(&now.values).map(|(was, now)| (was.name.as_str(), now.name.as_str()));
        if let Some(numbers) = lock.enums.get_mut(&now.name) {
            numbers.rename(names.collect());
        }
    }
    lock
}

fn rename_entry(
    entries: &mut std::collections::BTreeMap<String, Numbers>,
    was: &str,
    now: &str,
    current: &HashSet<&str>,
) {
    if was == now || entries.contains_key(now) || current.contains(was) {
        return;
    }
    if let Some(numbers) = entries.remove(was) {
        entries.insert(now.to_owned(), numbers);
    }
}

impl Numbers {
    /// Pairs of an old and a new name.
    fn rename(&mut self, names: Vec<(&str, &str)>) {
        let current: HashSet<&str> = names.iter().map(|(_, now)| *now).collect();
        for (was, now) in names {
            if was == now || self.used.contains_key(now) || current.contains(was) {
                continue;
            }
            if let Some(number) = self.used.remove(was) {
                self.used.insert(now.to_owned(), number);
            }
        }
    }
}
