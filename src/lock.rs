//! The lock: protobuf numbers that must never move. It lies beside the spec (`shop.lock`) and is committed with it.
//!
//! ```yaml
//! messages:
//!   Order:
//!     used:
//!       id: 1
//!       status: 2
//!     retired:
//!       3: note
//! ```
//!
//! A number never means two things: what is removed stays here as retired, and the next field takes the number above the
//! highest one that was ever used. Knows nothing about the spec, only the shape of the `.proto` file.

mod file;
mod plain;
mod rename;

pub use file::{as_written, parse, render};
pub use rename::follow;

use std::collections::{BTreeMap, HashSet};

use crate::model::proto;

/// Numbers that protobuf keeps for its own implementation, and the highest that a field may have.
const RESERVED: std::ops::RangeInclusive<u32> = 19_000..=19_999;
const HIGHEST: u32 = (1 << 29) - 1;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lock {
    pub messages: BTreeMap<String, Numbers>,
    /// Without the value 0, which never changes.
    pub enums: BTreeMap<String, Numbers>,
}

/// The numbers of one message or enum.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbers {
    pub used: BTreeMap<String, u32>,
    /// By number, the name that it had last.
    pub retired: BTreeMap<u32, String>,
}

/// Numbers `file`, as `lock` says and, for what is new, by the rules above. Returns the lock as it is from now on.
pub fn assign(file: &mut proto::File, lock: &Lock) -> Lock {
    let mut next = lock.clone();
    for message in &mut file.messages {
        let numbers = next.messages.entry(message.name.clone()).or_default();
        let fields = message.fields.iter_mut().map(|field| (field.name.as_str(), &mut field.number));
        numbers.assign(fields.collect(), Gap::Reserved);
        (message.reserved_numbers, message.reserved_names) = numbers.reserved();
    }
    for enumeration in &mut file.enums {
        let numbers = next.enums.entry(enumeration.name.clone()).or_default();
        let values = enumeration.values.iter_mut().skip(1).map(|value| (value.name.as_str(), &mut value.number));
        numbers.assign(values.collect(), Gap::None);
        (enumeration.reserved_numbers, enumeration.reserved_names) = numbers.reserved();
    }
    next
}

/// Whether some numbers in the middle can't be used.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    /// Of messages.
    Reserved,
    /// Enums may use all.
    None,
}

impl Numbers {
    fn assign(&mut self, items: Vec<(&str, &mut u32)>, gap: Gap) {
        self.retire(&items);
        let mut last = self.used.values().chain(self.retired.keys()).copied().max().unwrap_or(0);
        for (name, number) in items {
            *number = match self.used.get(name) {
                Some(number) => *number,
                None => {
                    last = following(last, gap);
                    self.used.insert(name.to_owned(), last);
                    last
                }
            };
        }
    }

    /// Whatever is no longer there keeps its number for ever.
    fn retire(&mut self, items: &[(&str, &mut u32)]) {
        let names: HashSet<&str> = items.iter().map(|(name, _)| *name).collect();
        if self.used.keys().all(|name| names.contains(name.as_str())) {
            return;
        }
        let (used, gone) =
            std::mem::take(&mut self.used).into_iter().partition(|(name, _)| names.contains(name.as_str()));
        self.used = used;
        let gone: BTreeMap<String, u32> = gone;
        self.retired.extend(gone.into_iter().map(|(name, number)| (number, name)));
    }

    /// Numbers and names for `reserved`, ascending. A name that came back, under another number, is in use.
    fn reserved(&self) -> (Vec<u32>, Vec<String>) {
        let mut names: Vec<_> = self.retired.values().filter(|name| !self.used.contains_key(*name)).cloned().collect();
        names.sort();
        names.dedup();
        (self.retired.keys().copied().collect(), names)
    }
}

fn following(last: u32, gap: Gap) -> u32 {
    let next = last + 1;
    if gap == Gap::Reserved && RESERVED.contains(&next) { RESERVED.end() + 1 } else { next }
}
