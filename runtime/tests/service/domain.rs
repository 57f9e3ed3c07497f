//! A small domain with what makes lists and writes hard: nullable sort keys, value types, maps, references, uniques.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use apigen_runtime::{
    codec::json::{JsonForm, JsonInput, RecordJson},
    cursor::CursorKey,
    descriptor::{Api, Enum, Field, Id, List, Migration, Object, Operations, Relation, RelationKind, Resource, Type},
    error::ApiError,
    etag::Precondition,
    service::{Call, ListArgs, Page, Principal, Service, Spelling},
    store::{
        Store,
        sqlite::{Options, SqliteStore},
    },
    value::Record,
};
use serde_json::Value as Json;

const SHELF: Enum = Enum { name: "Shelf", values: &["front", "back"] };

const SIZE: Object = Object {
    name: "Size",
    fields: &[
        Field::new("height", "height", Type::Int32).minimum("1"),
        Field::new("width", "width", Type::Int32).default_text("10"),
        Field::new("unit", "unit", Type::String).optional(),
    ],
};

const ALL: Operations = Operations { list: true, get: true, create: true, update: true, delete: true };

pub static AUTHOR: Resource = Resource {
    name: "Author",
    plural: "Authors",
    snake: "author",
    snake_plural: "authors",
    camel: "author",
    camel_plural: "authors",
    path: "authors",
    table: "authors",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("aut"))).read_only().filter().sort(),
        Field::new("name", "name", Type::String).unique(),
    ],
    relations: &[Relation {
        name: "books",
        camel: "books",
        target: &BOOK,
        kind: RelationKind::HasMany { column: "author_id" },
    }],
    operations: ALL,
    list: List { sort: &[], page_size: 10, max_page_size: 20, total: true },
};

pub static BOOK: Resource = Resource {
    name: "Book",
    plural: "Books",
    snake: "book",
    snake_plural: "books",
    camel: "book",
    camel_plural: "books",
    path: "books",
    table: "books",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Int64)).read_only().filter().sort(),
        Field::new("title", "title", Type::String).min_length(1).max_length(20).pattern("^[a-z ]+$").sort(),
        Field::new("year", "year", Type::Int32).optional().filter().sort(),
        Field::new("price", "price", Type::Decimal { precision: 10, scale: 2 })
            .optional()
            .sort()
            .minimum("0")
            .multiple_of("0.05"),
        Field::new("shelf", "shelf", Type::Enum(&SHELF)).default_text("front"),
        Field::new("isbn", "isbn", Type::String).optional().create_only(),
        Field::new("size", "size", Type::Object(&SIZE)).optional(),
        Field::new("tags", "tags", Type::List(&Type::String)).max_items(2).unique_items().max_length(5),
        Field::new("names", "names", Type::Map(&Type::String)),
        Field::new("pin", "pin", Type::Password).optional().min_length(4),
        Field::new("author_id", "authorId", Type::Id(Id::Prefixed("aut"))).optional().filter(),
        Field::new("created_at", "createdAt", Type::Timestamp).read_only().filter().sort(),
        Field::new("updated_at", "updatedAt", Type::Timestamp).read_only().filter().sort(),
    ],
    relations: &[Relation {
        name: "author",
        camel: "author",
        target: &AUTHOR,
        kind: RelationKind::BelongsTo { column: "author_id" },
    }],
    operations: ALL,
    list: List { sort: &[], page_size: 10, max_page_size: 20, total: true },
};

static API: Api = Api {
    name: "library",
    version: "v1",
    title: "Library",
    package: "library.v1",
    resources: &[&AUTHOR, &BOOK],
    openapi: "",
    graphql: "",
    descriptor_set: &[],
    migrations: &[Migration {
        name: "0001_initial",
        sqlite: "CREATE TABLE authors (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL);
            CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER, price INTEGER,
                shelf TEXT NOT NULL, isbn TEXT, size TEXT, tags TEXT NOT NULL, names TEXT NOT NULL, pin TEXT,
                author_id BLOB REFERENCES authors (id), version INTEGER NOT NULL,
                created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL)",
        postgres: "",
    }],
};

pub const SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort" };

pub const ARGS: ListArgs = ListArgs {
    spelling: &SPELLING,
    page_size: None,
    cursor: None,
    backward: false,
    sort: None,
    filter: None,
    total: false,
};

pub struct Library {
    pub service: Arc<Service>,
}

impl Library {
    pub async fn open() -> Library {
        Library::with_key("a secret for the tests").await
    }

    pub async fn with_key(secret: &str) -> Library {
        let store = SqliteStore::open("sqlite::memory:", Options::default()).unwrap();
        store.migrate(API.migrations).await.unwrap();
        Library { service: Arc::new(Service::new(&API, Arc::new(store), CursorKey::new(secret).unwrap()).unwrap()) }
    }

    pub async fn create(&self, resource: &'static Resource, body: Json) -> Result<Record, ApiError> {
        self.service.create(&call(), resource, &JsonInput::from_body(body, JsonForm::Rest)).await
    }

    pub async fn update(&self, id: &str, body: Json) -> Result<Record, ApiError> {
        let input = JsonInput::from_body(body, JsonForm::Rest);
        self.service.update(&call(), &BOOK, id, &input, &Precondition::NONE).await
    }

    pub async fn list(&self, args: ListArgs) -> Result<Page, ApiError> {
        self.service.list(&call(), &BOOK, args).await
    }
}

pub fn call() -> Call {
    Call {
        principal: Principal::Anonymous,
        request_id: "test".into(),
        deadline: Instant::now() + Duration::from_secs(10),
    }
}

pub fn json(record: &Record) -> Json {
    serde_json::to_value(RecordJson { resource: &BOOK, record }).unwrap()
}
