//! The keys of every kind of mapping: those that work now, and those that the language defines but this version of
//! apigen refuses, each with what can be done instead.

/// The keys of one kind of mapping.
pub struct Vocabulary {
    /// `a field`.
    pub noun: &'static str,
    pub known: &'static [&'static str],
    /// Key and help.
    pub later: &'static [(&'static str, &'static str)],
}

impl Vocabulary {
    pub fn listing(&self) -> String {
        format!("{} may have: {}", self.noun, self.known.join(", "))
    }

    /// What to write in place of a key that people bring along from another language.
    pub fn habit(&self, key: &str) -> Option<&'static str> {
        let habits = if self.noun == FIELD.noun { HABITS } else { &[] };
        habits.iter().find(|(habit, _)| *habit == key).map(|(_, help)| *help)
    }
}

/// Of fields, in SQL, JSON Schema and OpenAPI.
const HABITS: &[(&str, &str)] = &[
    ("required", OPTIONAL),
    ("nullable", OPTIONAL),
    ("optional", OPTIONAL),
    ("null", OPTIONAL),
    ("primary_key", OWN_ID),
    ("auto_increment", OWN_ID),
    ("references", REFERENCE),
    ("foreign_key", REFERENCE),
    ("enum", "declare it under `enums:`, and write its name as the `type`"),
    ("format", "the type says it: `email`, `url`, `uuid`, `date`, `timestamp`"),
    ("items", "write the type as `list<string>`"),
];
const OPTIONAL: &str = "a field is required unless a `?` ends its name: `note?: string`";
const OWN_ID: &str = "every resource has an id; say which kind with `id:` beside `fields:`";
const REFERENCE: &str = "write it under `relations:`, as `user: { belongs_to: User }`";

pub const TOP: Vocabulary = Vocabulary {
    noun: "the spec",
    known: &[
        "apigen",
        "api",
        "include",
        "auth",
        "limits",
        "defaults",
        "enums",
        "types",
        "errors",
        "resources",
        "rest",
        "graphql",
        "grpc",
        "webhooks",
    ],
    later: &[("versions", "remove it: one spec describes one version")],
};

/// What another file may add to the spec.
pub const INCLUDED: Vocabulary =
    Vocabulary { noun: "an included file", known: &["include", "enums", "types", "errors", "resources"], later: &[] };

pub const API: Vocabulary = Vocabulary {
    noun: "`api`",
    known: &["name", "version", "title", "description", "contact", "license", "servers", "docs_url"],
    later: &[],
};

pub const AUTH: Vocabulary =
    Vocabulary { noun: "`auth`", known: &["principal", "tenant", "login", "roles"], later: &[] };

pub const TENANT_CLAIM: Vocabulary = Vocabulary { noun: "`tenant`", known: &["resource", "claim"], later: &[] };

pub const LOGIN: Vocabulary = Vocabulary { noun: "`login`", known: &["resource", "identifier", "secret"], later: &[] };

pub const ALTERNATIVE: Vocabulary =
    Vocabulary { noun: "an alternative", known: &["role", "scope", "owner", "via", "when"], later: &[] };

pub const FIELD_ACCESS: Vocabulary = Vocabulary { noun: "`access` of a field", known: &["read", "write"], later: &[] };

pub const LIMITS: Vocabulary = Vocabulary { noun: "`limits`", known: &["anonymous", "authenticated"], later: &[] };

pub const REST: Vocabulary = Vocabulary { noun: "`rest`", known: &["links", "json_patch"], later: &[] };

pub const GRAPHQL: Vocabulary =
    Vocabulary { noun: "`graphql`", known: &["max_depth", "max_complexity", "http"], later: &[] };

pub const GRPC: Vocabulary = Vocabulary { noun: "`grpc`", known: &["reflection"], later: &[] };

pub const CONTACT: Vocabulary = Vocabulary { noun: "`contact`", known: &["name", "url", "email"], later: &[] };

pub const LICENSE: Vocabulary = Vocabulary { noun: "`license`", known: &["name", "url"], later: &[] };

pub const SERVER: Vocabulary = Vocabulary { noun: "a server", known: &["url", "description"], later: &[] };

pub const ENUM: Vocabulary =
    Vocabulary { noun: "an enum", known: &["description", "renamed_from", "values"], later: &[] };

pub const ENUM_VALUE: Vocabulary =
    Vocabulary { noun: "an enum value", known: &["description", "deprecated", "renamed_from"], later: &[] };

pub const OBJECT: Vocabulary =
    Vocabulary { noun: "a value type", known: &["description", "renamed_from", "fields"], later: &[] };

pub const ERROR: Vocabulary =
    Vocabulary { noun: "an error", known: &["code", "message", "params", "description"], later: &[] };

pub const FIELD: Vocabulary = Vocabulary {
    noun: "a field",
    known: &[
        "type",
        "description",
        "example",
        "default",
        "deprecated",
        "renamed_from",
        "access",
        "read_only",
        "write_only",
        "create_only",
        "internal",
        "unique",
        "index",
        "filter",
        "sort",
        "sensitive",
        "count",
        "sum",
        "computed",
        "scale",
        "precision",
        "min_length",
        "max_length",
        "pattern",
        "minimum",
        "maximum",
        "exclusive_minimum",
        "exclusive_maximum",
        "multiple_of",
        "min_items",
        "max_items",
        "unique_items",
    ],
    later: &[
        ("since", "remove it: one spec describes one version"),
        ("until", "remove it: one spec describes one version"),
        ("sequence", "use `id: { type: int64 }` for numbered rows"),
    ],
};

/// `count: { of: items, where: { … } }`.
pub const AGGREGATE: Vocabulary = Vocabulary { noun: "a computed field", known: &["of", "where"], later: &[] };

pub const ID: Vocabulary = Vocabulary {
    noun: "`id`",
    known: &["prefix", "type", "pattern"],
    later: &[("sequence", "use `{ type: int64 }`, numbered by the database")],
};

pub const RESOURCE: Vocabulary = Vocabulary {
    noun: "a resource",
    known: &[
        "description",
        "deprecated",
        "renamed_from",
        "plural",
        "path",
        "id",
        "fields",
        "relations",
        "timestamps",
        "operations",
        "list",
        "actions",
        "errors",
        "events",
        "unique",
        "indexes",
        "checks",
        "search",
        "batch",
        "soft_delete",
        "require",
        "lint_allow",
        "owner",
        "tenant",
        "access",
        "limit",
    ],
    later: &[
        ("audit", "remove it: `updated_at` says when a row last changed"),
        ("files", "store files elsewhere and keep their `url`"),
    ],
};

pub const LIST: Vocabulary =
    Vocabulary { noun: "`list`", known: &["sort", "page_size", "max_page_size", "total", "offset"], later: &[] };

pub const BATCH: Vocabulary = Vocabulary { noun: "`batch`", known: &["max"], later: &[] };

pub const RELATION: Vocabulary = Vocabulary {
    noun: "a relation",
    known: &[
        "belongs_to",
        "has_many",
        "has_one",
        "many_to_many",
        "inverse",
        "through",
        "nested",
        "description",
        "deprecated",
        "renamed_from",
        "create_only",
        "read_only",
        "unique",
        "on_delete",
        "default",
        "access",
    ],
    later: &[],
};

pub const ACTION: Vocabulary = Vocabulary {
    noun: "an action",
    known: &[
        "description",
        "deprecated",
        "target",
        "input",
        "returns",
        "errors",
        "event",
        "safe",
        "long_running",
        "transition",
        "access",
        "limit",
    ],
    later: &[],
};

/// What an action takes.
pub const INPUT: Vocabulary = Vocabulary {
    noun: "an input",
    known: &[
        "type",
        "description",
        "example",
        "default",
        "deprecated",
        "sensitive",
        "scale",
        "precision",
        "min_length",
        "max_length",
        "pattern",
        "minimum",
        "maximum",
        "exclusive_minimum",
        "exclusive_maximum",
        "multiple_of",
        "min_items",
        "max_items",
        "unique_items",
    ],
    later: &[],
};

pub const TRANSITION: Vocabulary =
    Vocabulary { noun: "a transition", known: &["field", "from", "to", "set"], later: &[] };

pub const WEBHOOKS: Vocabulary = Vocabulary { noun: "`webhooks`", known: &["access"], later: &[] };

pub const OPERATION: Vocabulary = Vocabulary { noun: "an operation", known: &["deprecated"], later: &[] };

pub const DEPRECATION: Vocabulary =
    Vocabulary { noun: "`deprecated`", known: &["since", "sunset", "replaced_by", "reason"], later: &[] };

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// What no version of the language has yet.
    const PLANNED: [&str; 6] = ["versions", "since", "until", "sequence", "audit", "files"];

    #[test]
    fn the_schema_for_editors_knows_the_same_keys() {
        let schema: Value = serde_json::from_str(crate::SPEC_SCHEMA).unwrap();
        let places = [
            (&TOP, ""),
            (&API, "/properties/api"),
            (&CONTACT, "/properties/api/properties/contact"),
            (&LICENSE, "/properties/api/properties/license"),
            (&SERVER, "/properties/api/properties/servers/items/anyOf/1"),
            (&ENUM, "/definitions/enum/anyOf/1"),
            (&ENUM_VALUE, "/definitions/enum/anyOf/1/properties/values/anyOf/1/additionalProperties/anyOf/1"),
            (&OBJECT, "/definitions/value_type"),
            (&ERROR, "/definitions/error"),
            (&FIELD, "/definitions/field"),
            (&ID, "/definitions/id/anyOf/1"),
            (&RESOURCE, "/definitions/resource"),
            (&INPUT, "/definitions/input_field"),
            (&ACTION, "/definitions/action/anyOf/0"),
            (&TRANSITION, "/definitions/transition"),
            (&WEBHOOKS, "/properties/webhooks"),
            (&LIST, "/definitions/resource/properties/list"),
            (&RELATION, "/definitions/relation"),
            (&DEPRECATION, "/definitions/deprecation/anyOf/1"),
        ];
        for (vocabulary, place) in places {
            let keys = schema.pointer(&format!("{place}/properties")).and_then(Value::as_object);
            let described: BTreeSet<_> = keys.unwrap_or_else(|| panic!("{place}")).keys().map(String::as_str).collect();
            let later = vocabulary.later.iter().map(|(key, _)| *key).filter(|key| !PLANNED.contains(key));
            let read = vocabulary.known.iter().copied().chain(later);
            assert_eq!(described, read.collect(), "{}", vocabulary.noun);
        }
    }
}
