//! Random edit histories of a spec: no number is ever given to something else, and nothing that stays ever moves.

use std::collections::HashMap;
use std::fmt::Write as _;

use apigen::{Input, Loaded, lock, read};
use fastrand::Rng;
use regex::Regex;

/// Something with a name that says who it is, for ever, and how often it was renamed: `f7v2`.
#[derive(Clone)]
struct Thing {
    who: u32,
    version: u32,
    inner: Vec<Thing>,
}

impl Thing {
    fn name(&self, kind: &str) -> String {
        format!("{kind}{}v{}", self.who, self.version)
    }

    fn old(&self, kind: &str) -> String {
        let before = self.version.checked_sub(1);
        before.map(|version| format!("renamed_from: {kind}{}v{version}", self.who)).unwrap_or_default()
    }
}

/// A spec that is edited.
#[derive(Default)]
struct Author {
    born: u32,
    enums: Vec<Thing>,
    types: Vec<Thing>,
    resources: Vec<Thing>,
}

impl Author {
    fn new_thing(&mut self, inner: usize) -> Thing {
        self.born += 1;
        let who = self.born;
        Thing { who, version: 0, inner: (0..inner).map(|_| self.new_thing(0)).collect() }
    }

    fn edit(&mut self, rng: &mut Rng) {
        let fresh = self.new_thing(2);
        let small = self.new_thing(0);
        let list = match rng.u8(..3) {
            0 => &mut self.enums,
            1 => &mut self.types,
            _ => &mut self.resources,
        };
        let list = match rng.usize(..list.len() + 1) {
            at if at < list.len() && rng.u8(..4) > 0 => &mut list[at].inner,
            _ => list,
        };
        match rng.u8(..4) {
            0 => list.insert(
                rng.usize(..=list.len()),
                if rng.bool() { fresh } else { Thing { inner: vec![small], ..fresh } },
            ),
            1 if list.len() > 1 => drop(list.remove(rng.usize(..list.len()))),
            2 => rng.shuffle(list),
            _ => {
                let at = rng.usize(..list.len());
                list[at].version += 1;
            }
        }
    }

    fn spec(&self) -> String {
        let mut text = "apigen: 1\napi: { name: shop, version: v1 }\nenums:\n".to_owned();
        for item in &self.enums {
            let values: String =
                item.inner.iter().map(|value| format!("{}: {{ {} }}, ", value.name("e"), value.old("e"))).collect();
            let _ = writeln!(text, "  {}: {{ values: {{ {values} }}, {} }}", item.name("State"), item.old("State"));
        }
        for (section, kind, things) in [("types", "Size", &self.types), ("resources", "Kind", &self.resources)] {
            let _ = writeln!(text, "{section}:");
            for item in things {
                let _ = writeln!(text, "  {}:\n    {}\n    fields:", item.name(kind), item.old(kind));
                for field in &item.inner {
                    let _ = writeln!(text, "      {}: {{ type: string, {} }}", field.name("f"), field.old("f"));
                }
            }
        }
        text
    }
}

fn load(spec: &str, before: Option<&str>) -> Loaded {
    let lock = before.map(|text| Input { name: "shop.lock", bytes: text.as_bytes() });
    read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, lock)
        .unwrap_or_else(|mistakes| panic!("{mistakes}\n{spec}"))
}

/// Every number ever seen, by message and name without what renames change; and back.
#[derive(Default)]
struct Memory {
    numbers: HashMap<(String, String), u32>,
    names: HashMap<(String, u32), String>,
}

impl Memory {
    fn see(&mut self, owner: &str, name: &str, number: u32, versions: &Regex) {
        let who = |name: &str| versions.replace_all(name, "").into_owned();
        let (owner, name) = (who(owner), who(name));
        let before = self.numbers.insert((owner.clone(), name.clone()), number);
        assert!(before.is_none_or(|before| before == number), "{owner}.{name} moved from {before:?} to {number}");
        let other = self.names.insert((owner.clone(), number), name.clone());
        assert!(other.as_ref().is_none_or(|other| *other == name), "{owner}: {number} was {other:?}, is {name}");
    }
}

#[test]
fn numbers_never_move_and_never_mean_two_things() {
    let versions = Regex::new("[vV][0-9]+").unwrap();
    for seed in 0..6 {
        let mut rng = Rng::with_seed(seed);
        let mut author = Author::default();
        author.enums = vec![author.new_thing(2)];
        author.types = vec![author.new_thing(2)];
        author.resources = vec![author.new_thing(2), author.new_thing(3)];
        let (mut memory, mut lock_text) = (Memory::default(), None::<String>);
        for _ in 0..40 {
            let loaded = load(&author.spec(), lock_text.as_deref());
            for message in &loaded.model.proto.messages {
                for field in &message.fields {
                    memory.see(&message.name, &field.name, field.number, &versions);
                    assert!(!message.reserved_numbers.contains(&field.number));
                }
            }
            for item in &loaded.model.proto.enums {
                for value in &item.values {
                    memory.see(&item.name, &value.name, value.number, &versions);
                }
            }
            let text = lock::render(&loaded.lock);
            assert!(!load(&author.spec(), Some(&text)).lock_changed, "a lock that was written is followed");
            lock_text = Some(text);
            author.edit(&mut rng);
        }
    }
}
