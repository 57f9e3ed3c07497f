//! Random specs: a few resources that refer to each other in every way that the language has.

use std::fmt::Write as _;

pub use apigen_runtime::descriptor::OnDelete;
use proptest::{option, prelude::*, sample::select};

use crate::value::Kind;

/// What a spec is about.
#[derive(Debug, Clone)]
pub struct Domain {
    pub resources: Vec<Shape>,
}

/// One resource.
#[derive(Debug, Clone)]
pub struct Shape {
    pub name: &'static str,
    pub id: Identity,
    pub soft_delete: bool,
    pub columns: Vec<Column>,
    pub parents: Vec<Parent>,
    /// No two rows have the same values in the first two columns.
    pub paired: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    Uuid,
    Prefixed,
    Number,
    /// Chosen by the caller.
    Text,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    pub unique: bool,
    pub create_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Required, with a default.
    Filled,
    /// Optional, with a default.
    OptionalFilled,
}

/// A belongs_to.
#[derive(Debug, Clone)]
pub struct Parent {
    pub name: &'static str,
    /// Its column.
    pub field: &'static str,
    /// Position of the other resource.
    pub target: usize,
    pub optional: bool,
    pub on_delete: OnDelete,
}

const RESOURCES: [(&str, &str, &str); 3] =
    [("Apple", "apl", "apples"), ("Brick", "brk", "bricks"), ("Cloud", "cld", "clouds")];
const COLUMNS: [&str; 4] = ["one", "two", "three", "four"];
const PARENTS: [(&str, &str); 2] = [("up", "up_id"), ("left", "left_id")];

impl Presence {
    pub fn required(self) -> bool {
        matches!(self, Presence::Required | Presence::Filled)
    }

    pub fn filled(self) -> bool {
        matches!(self, Presence::Filled | Presence::OptionalFilled)
    }
}

pub fn domains() -> impl Strategy<Value = Domain> {
    let shape = (
        select(vec![Identity::Uuid, Identity::Number, Identity::Text, Identity::Prefixed]),
        any::<bool>(),
        prop::collection::vec(columns(), 1..=COLUMNS.len()),
        prop::collection::vec(parents(), 0..=PARENTS.len()),
        option::weighted(0.2, Just(())),
    );
    prop::collection::vec(shape, 1..=RESOURCES.len()).prop_map(|shapes| {
        let shapes = shapes.into_iter().enumerate().map(|(index, (id, soft_delete, columns, parents, paired))| Shape {
            name: RESOURCES[index].0,
            id,
            soft_delete,
            columns: columns.into_iter().zip(COLUMNS).map(|(column, name)| Column { name, ..column }).collect(),
            parents: parents.into_iter().zip(PARENTS).map(|(parent, names)| parent.of(index, names)).collect(),
            paired: paired.is_some(),
        });
        Domain { resources: shapes.collect() }.settled()
    })
}

fn columns() -> impl Strategy<Value = Column> {
    use Presence::{Filled, Optional, OptionalFilled, Required};
    let presence = select(vec![Required, Optional, Filled, OptionalFilled]);
    let often_not = prop::bool::weighted(0.25);
    (select(Kind::ALL.to_vec()), presence, often_not, often_not).prop_map(|(kind, presence, unique, create_only)| {
        let presence = if kind == Kind::Words { Required } else { presence };
        let unique = unique && kind != Kind::Words;
        Column { name: "", kind, presence, unique, create_only }
    })
}

fn parents() -> impl Strategy<Value = Parent> {
    use OnDelete::{Cascade, Restrict, SetNull};
    (0..RESOURCES.len(), any::<bool>(), select(vec![Restrict, Cascade, SetNull]))
        .prop_map(|(target, optional, on_delete)| Parent { name: "", field: "", target, optional, on_delete })
}

impl Parent {
    /// Rows that need others of their own kind could never be created, so those may do without.
    fn of(self, owner: usize, (name, field): (&'static str, &'static str)) -> Parent {
        let target = self.target.min(owner);
        let optional = self.optional || target == owner || self.on_delete == OnDelete::SetNull;
        Parent { name, field, target, optional, ..self }
    }
}

impl Domain {
    /// What rows take along when they are hidden must be hidden, too.
    fn settled(mut self) -> Domain {
        for index in 0..self.resources.len() {
            for parent in self.resources[index].parents.clone() {
                if parent.on_delete == OnDelete::Cascade && self.resources[parent.target].soft_delete {
                    self.resources[index].soft_delete = true;
                }
            }
        }
        for shape in &mut self.resources {
            let pairable =
                shape.columns.len() > 1 && shape.columns[..2].iter().all(|column| column.kind != Kind::Words);
            shape.paired &= pairable;
        }
        self
    }

    pub fn yaml(&self) -> String {
        let mut yaml =
            "apigen: 1\napi: { name: random, version: v1 }\nenums: { Colour: [red, green, blue] }\nresources:\n"
                .to_owned();
        for (shape, (_, prefix, _)) in self.resources.iter().zip(RESOURCES) {
            shape.write(&self.resources, prefix, &mut yaml);
        }
        yaml
    }
}

impl Shape {
    fn write(&self, all: &[Shape], prefix: &str, yaml: &mut String) {
        let id = match self.id {
            Identity::Uuid => String::new(),
            Identity::Prefixed => format!("    id: {{ prefix: {prefix} }}\n"),
            Identity::Number => "    id: { type: int64 }\n".to_owned(),
            Identity::Text => "    id: { type: string, pattern: '^[a-c]{1,2}$' }\n".to_owned(),
        };
        write!(yaml, "  {}:\n{id}    soft_delete: {}\n    batch: {{ max: 10 }}\n", self.name, self.soft_delete)
            .unwrap();
        yaml.push_str("    operations: [list, get, create, update, replace, delete]\n");
        yaml.push_str("    list: { total: true, page_size: 3, max_page_size: 5 }\n    fields:\n");
        for column in &self.columns {
            column.write(yaml);
        }
        if self.paired {
            writeln!(yaml, "    unique: [[{}, {}]]", self.columns[0].name, self.columns[1].name).unwrap();
        }
        if !self.parents.is_empty() {
            yaml.push_str("    relations:\n");
        }
        for parent in &self.parents {
            let (optional, target) = (if parent.optional { "?" } else { "" }, all[parent.target].name);
            let on_delete = match parent.on_delete {
                OnDelete::Restrict => "restrict",
                OnDelete::Cascade => "cascade",
                OnDelete::SetNull => "set_null",
            };
            writeln!(yaml, "      {}{optional}: {{ belongs_to: {target}, on_delete: {on_delete} }}", parent.name)
                .unwrap();
        }
    }
}

impl Column {
    fn write(&self, yaml: &mut String) {
        let optional = if self.presence.required() { "" } else { "?" };
        let default =
            if self.presence.filled() { format!(", default: {}", self.kind.default_text()) } else { String::new() };
        let find = if self.kind == Kind::Words { "" } else { ", filter: true, sort: true" };
        let unique = if self.unique { ", unique: true" } else { "" };
        let create_only = if self.create_only { ", create_only: true" } else { "" };
        let ty = self.kind.ty();
        writeln!(yaml, "      {}{optional}: {{ type: {ty}{default}{find}{unique}{create_only} }}", self.name).unwrap();
    }
}
