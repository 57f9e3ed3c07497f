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
}

const NO_AUTH: &str = "remove it: every operation is public; put an authenticating proxy in front if you need one";
const ONE_FILE: &str = "keep everything in one file";
const NO_EVENTS: &str = "remove it: clients find changes by listing with `sort=-updated_at`";
const NO_ACTIONS: &str = "remove it: let clients change the field with an update";
const NO_RENAME: &str = "remove it: a rename is a removed name and a new one, for now";
const NO_TENANT: &str = "remove it: run one server per tenant";
const DEFAULTS_ONLY: &str = "remove it: the defaults are in force";
const EACH_OWN: &str = "write the key in each resource";

pub const TOP: Vocabulary = Vocabulary {
    noun: "the spec",
    known: &["apigen", "api", "enums", "types", "resources"],
    later: &[
        ("include", ONE_FILE),
        ("auth", NO_AUTH),
        ("limits", "remove it: limit rates in a proxy"),
        ("errors", "remove it: the canonical errors are always there"),
        ("defaults", EACH_OWN),
        ("webhooks", NO_EVENTS),
        ("rest", DEFAULTS_ONLY),
        ("graphql", DEFAULTS_ONLY),
        ("grpc", DEFAULTS_ONLY),
        ("versions", "remove it: one spec describes one version"),
    ],
};

pub const API: Vocabulary = Vocabulary {
    noun: "`api`",
    known: &["name", "version", "title", "description", "contact", "license", "servers", "docs_url"],
    later: &[],
};

pub const CONTACT: Vocabulary = Vocabulary { noun: "`contact`", known: &["name", "url", "email"], later: &[] };

pub const LICENSE: Vocabulary = Vocabulary { noun: "`license`", known: &["name", "url"], later: &[] };

pub const SERVER: Vocabulary = Vocabulary { noun: "a server", known: &["url", "description"], later: &[] };

pub const ENUM: Vocabulary = Vocabulary { noun: "an enum", known: &["description", "values"], later: RENAMED };

pub const ENUM_VALUE: Vocabulary =
    Vocabulary { noun: "an enum value", known: &["description", "deprecated"], later: RENAMED };

pub const OBJECT: Vocabulary = Vocabulary { noun: "a value type", known: &["description", "fields"], later: RENAMED };

const RENAMED: &[(&str, &str)] = &[("renamed_from", NO_RENAME)];

pub const FIELD: Vocabulary = Vocabulary {
    noun: "a field",
    known: &[
        "type",
        "description",
        "example",
        "default",
        "deprecated",
        "read_only",
        "write_only",
        "create_only",
        "internal",
        "unique",
        "index",
        "filter",
        "sort",
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
    later: &[
        ("access", "remove it: mark the field `internal: true` to keep it out of every contract"),
        ("count", "remove the field: count with `list: { total: true }` on the other resource"),
        ("sum", "remove the field: clients can add up the rows"),
        ("computed", "remove the field: clients can compute it"),
        ("renamed_from", NO_RENAME),
        ("since", "remove it: one spec describes one version"),
        ("until", "remove it: one spec describes one version"),
        ("sequence", "use `id: { type: int64 }` for numbered rows"),
    ],
};

pub const ID: Vocabulary = Vocabulary {
    noun: "`id`",
    known: &["prefix", "type", "pattern"],
    later: &[("sequence", "use `{ type: int64 }`, numbered by the database")],
};

pub const RESOURCE: Vocabulary = Vocabulary {
    noun: "a resource",
    known: &["description", "plural", "path", "id", "fields", "relations", "timestamps", "operations", "list"],
    later: &[
        ("deprecated", "say it in the `description`"),
        ("renamed_from", NO_RENAME),
        ("search", "remove it: give the fields `filter: true`"),
        ("unique", "remove it: only single fields can be unique (`unique: true`)"),
        ("indexes", "remove it: only single fields can be indexed (`index: true`)"),
        ("checks", "remove it: only constraints of single fields are checked"),
        ("batch", "remove it: clients send one request per row"),
        ("soft_delete", "leave `delete` out of `operations` if rows must stay"),
        ("actions", NO_ACTIONS),
        ("errors", "remove it: the canonical errors are always there"),
        ("events", NO_EVENTS),
        ("require", "remove it: `If-Match` is honoured where it is sent"),
        ("lint_allow", "remove it: there is no lint yet"),
        ("owner", NO_AUTH),
        ("tenant", NO_TENANT),
        ("access", NO_AUTH),
        ("limit", "remove it: limit rates in a proxy"),
        ("audit", "remove it: `updated_at` says when a row last changed"),
        ("files", "store files elsewhere and keep their `url`"),
    ],
};

pub const LIST: Vocabulary = Vocabulary {
    noun: "`list`",
    known: &["sort", "page_size", "max_page_size", "total"],
    later: &[("offset", "remove it: pages are reached by cursor")],
};

pub const RELATION: Vocabulary = Vocabulary {
    noun: "a relation",
    known: &[
        "belongs_to",
        "has_many",
        "has_one",
        "inverse",
        "description",
        "deprecated",
        "create_only",
        "read_only",
        "unique",
        "on_delete",
    ],
    later: &[
        ("many_to_many", "make a resource of its own with a belongs_to on each side"),
        ("through", "make a resource of its own with a belongs_to on each side"),
        ("nested", "remove it: clients create the rows one after the other"),
        ("default", "remove it: the caller says which row is meant"),
        ("access", NO_AUTH),
        ("renamed_from", NO_RENAME),
    ],
};

pub const DEPRECATION: &str = "write `deprecated: true` and say the rest in the `description`";
