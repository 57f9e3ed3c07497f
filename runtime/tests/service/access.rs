//! Who may do what: tenants, owners, paths, states, roles and scopes, on rows and on single fields.

use std::sync::{Arc, LazyLock};

use apigen_runtime::{
    codec::{
        batch::JsonBatch,
        json::{JsonForm, JsonInput},
    },
    cursor::CursorKey,
    descriptor::{
        Alternatives, Api, Enum, Field, Id, Join, List, Migration, Operations, PUBLIC, Relation, RelationKind,
        Requirement, Resource, Rule, Tenant, Type,
    },
    error::{ApiError, Code},
    etag::Precondition,
    filter::aip160,
    principal::{Caller, Principal},
    service::{Call, Everything, Linking, ListArgs, Service},
    value::{Record, Value, id_text},
};
use serde_json::{Value as Json, json};

use crate::{
    domain::{ARGS, call},
    store,
};

const KIND: Enum = Enum { name: "Kind", values: &["open", "closed"] };
const OPERATIONS: Operations = Operations { replace: true, ..Operations::DEFAULT };
const LIST: List = List { sort: &[], page_size: 10, max_page_size: 20, total: true, ..List::DEFAULT };

const SIGNED_IN: Alternatives = &[&[Requirement::Authenticated]];
const ADMIN: Alternatives = &[&[Requirement::Role("admin")]];
const ONESELF: Alternatives = &[&[Requirement::Caller(&[])], &[Requirement::Role("admin")]];

static WORKSPACE: Resource = Resource {
    name: "Workspace",
    path: "workspaces",
    table: "workspaces",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("wsp"))).read_only().filter(),
        Field::new("name", "name", Type::String).sort(),
    ],
    operations: OPERATIONS,
    access: Some(&[
        Rule { to: &["list", "get", "create"], any: SIGNED_IN },
        Rule { to: &["update", "replace", "delete"], any: ADMIN },
    ]),
    tenant: Some(Tenant::Itself),
    list: LIST,
    ..Resource::BLANK
};

static USER: Resource = Resource {
    name: "User",
    path: "users",
    table: "users",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("usr"))).read_only().filter(),
        Field::new("name", "name", Type::String).sort(),
        Field::new("email", "email", Type::Email).optional().filter().readers(ONESELF),
        Field::new("level", "level", Type::Int32).default_text("1").writers(ADMIN),
    ],
    relations: &[],
    operations: OPERATIONS,
    access: Some(&[
        Rule { to: &["list", "get"], any: SIGNED_IN },
        Rule { to: &["create"], any: ADMIN },
        Rule { to: &["update", "replace"], any: ONESELF },
    ]),
    tenant: Some(Tenant::Of(Id::Prefixed("wsp"))),
    list: LIST,
    ..Resource::BLANK
};

const MEMBERS: Join = Join {
    table: "room_members",
    near: "room_id",
    near_id: Id::Prefixed("rom"),
    far: "user_id",
    linkable: true,
    soft_delete: false,
};

static ROOM: Resource = Resource {
    name: "Room",
    path: "rooms",
    table: "rooms",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("rom"))).read_only().filter(),
        Field::new("name", "name", Type::String).unique().sort(),
        Field::new("kind", "kind", Type::Enum(&KIND)).default_text("closed").filter(),
        Field::new("owner_id", "ownerId", Type::Id(Id::Prefixed("usr"))).from_principal().filter(),
    ],
    relations: &[
        Relation::new("owner", "owner", &USER, RelationKind::BelongsTo { column: "owner_id" }),
        Relation::new("members", "members", &USER, RelationKind::ManyToMany(MEMBERS)),
        Relation::new("notes", "notes", &NOTE, RelationKind::HasMany { column: "room_id" }),
        Relation::new("topics", "topics", &TOPIC, RelationKind::HasMany { column: "room_id" })
            .writers(&[&[Requirement::Caller(&["owner"])]]),
    ],
    operations: OPERATIONS,
    batch: Some(5),
    access: Some(&[
        Rule {
            to: &["list", "get"],
            any: &[
                &[Requirement::Caller(&["owner"])],
                &[Requirement::Caller(&["members"])],
                &[Requirement::When("kind", &["open"])],
            ],
        },
        Rule { to: &["create", "batch"], any: SIGNED_IN },
        Rule { to: &["update"], any: &[&[Requirement::Caller(&["owner"])]] },
        Rule { to: &["delete"], any: &[&[Requirement::Role("admin"), Requirement::When("kind", &["closed"])]] },
    ]),
    tenant: Some(Tenant::Of(Id::Prefixed("wsp"))),
    nested: &["notes", "topics"],
    list: LIST,
    ..Resource::BLANK
};

const IN_THE_ROOM: Alternatives = &[&[Requirement::Caller(&["room", "members"])], &[Requirement::Scope("notes:read")]];

static NOTE: Resource = Resource {
    name: "Note",
    path: "notes",
    table: "notes",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("not"))).read_only().filter(),
        Field::new("text", "text", Type::String).sort(),
        Field::new("room_id", "roomId", Type::Id(Id::Prefixed("rom"))).filter(),
        Field::new("author_id", "authorId", Type::Id(Id::Prefixed("usr"))).read_only().from_principal(),
    ],
    relations: &[
        Relation::new("room", "room", &ROOM, RelationKind::BelongsTo { column: "room_id" }),
        Relation::new("author", "author", &USER, RelationKind::BelongsTo { column: "author_id" }),
    ],
    operations: OPERATIONS,
    access: Some(&[
        Rule { to: &["list", "get"], any: IN_THE_ROOM },
        Rule { to: &["create"], any: &[&[Requirement::Caller(&["room", "members"])]] },
        Rule { to: &["update", "delete"], any: &[&[Requirement::Caller(&["author"])]] },
    ]),
    tenant: Some(Tenant::Of(Id::Prefixed("wsp"))),
    list: LIST,
    ..Resource::BLANK
};

/// Comes with a room, and never by itself.
static TOPIC: Resource = Resource {
    name: "Topic",
    path: "topics",
    table: "topics",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("top"))).read_only().filter(),
        Field::new("name", "name", Type::String),
        Field::new("room_id", "roomId", Type::Id(Id::Prefixed("rom"))).filter(),
    ],
    relations: &[Relation::new("room", "room", &ROOM, RelationKind::BelongsTo { column: "room_id" })],
    operations: Operations { create: false, ..OPERATIONS },
    access: Some(&[Rule { to: &["list", "get"], any: SIGNED_IN }]),
    tenant: Some(Tenant::Of(Id::Prefixed("wsp"))),
    list: LIST,
    ..Resource::BLANK
};

static BOARD: Resource = Resource {
    name: "Board",
    path: "boards",
    table: "boards",
    fields: &[Field::new("id", "id", Type::Id(Id::Int64)).read_only(), Field::new("text", "text", Type::String)],
    operations: OPERATIONS,
    // What no rule is about, nobody may.
    access: Some(&[Rule { to: &["list", "get"], any: PUBLIC }]),
    list: LIST,
    ..Resource::BLANK
};

static API: Api = Api {
    name: "chat",
    resources: &[&WORKSPACE, &USER, &ROOM, &NOTE, &TOPIC, &BOARD],
    migrations: &[Migration {
        name: "0001_initial",
        sqlite: "CREATE TABLE workspaces (id BLOB PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL);
            CREATE TABLE users (id BLOB PRIMARY KEY, tenant_id BLOB NOT NULL, name TEXT NOT NULL, email TEXT,
                level INTEGER NOT NULL, version INTEGER NOT NULL);
            CREATE TABLE rooms (id BLOB PRIMARY KEY, tenant_id BLOB NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                owner_id BLOB NOT NULL REFERENCES users (id), version INTEGER NOT NULL, UNIQUE (tenant_id, name));
            CREATE TABLE room_members (room_id BLOB NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
                user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE, PRIMARY KEY (room_id, user_id));
            CREATE TABLE notes (id BLOB PRIMARY KEY, tenant_id BLOB NOT NULL, text TEXT NOT NULL,
                room_id BLOB NOT NULL REFERENCES rooms (id), author_id BLOB NOT NULL REFERENCES users (id),
                version INTEGER NOT NULL);
            CREATE TABLE topics (id BLOB PRIMARY KEY, tenant_id BLOB NOT NULL, name TEXT NOT NULL,
                room_id BLOB NOT NULL REFERENCES rooms (id), version INTEGER NOT NULL);
            CREATE TABLE boards (id INTEGER PRIMARY KEY, text TEXT NOT NULL, version INTEGER NOT NULL)",
        postgres: "CREATE TABLE workspaces (id UUID PRIMARY KEY, name TEXT NOT NULL, version BIGINT NOT NULL);
            CREATE TABLE users (id UUID PRIMARY KEY, tenant_id UUID NOT NULL, name TEXT NOT NULL, email TEXT,
                level INTEGER NOT NULL, version BIGINT NOT NULL);
            CREATE TABLE rooms (id UUID PRIMARY KEY, tenant_id UUID NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                owner_id UUID NOT NULL REFERENCES users (id), version BIGINT NOT NULL, UNIQUE (tenant_id, name));
            CREATE TABLE room_members (room_id UUID NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
                user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE, PRIMARY KEY (room_id, user_id));
            CREATE TABLE notes (id UUID PRIMARY KEY, tenant_id UUID NOT NULL, text TEXT NOT NULL,
                room_id UUID NOT NULL REFERENCES rooms (id), author_id UUID NOT NULL REFERENCES users (id),
                version BIGINT NOT NULL);
            CREATE TABLE topics (id UUID PRIMARY KEY, tenant_id UUID NOT NULL, name TEXT NOT NULL,
                room_id UUID NOT NULL REFERENCES rooms (id), version BIGINT NOT NULL);
            CREATE TABLE boards (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, text TEXT NOT NULL,
                version BIGINT NOT NULL)",
    }],
    ..Api::BLANK
};

/// Two workspaces, whose ids need no rows.
static HERE: LazyLock<String> = LazyLock::new(|| new_id("wsp"));
static THERE: LazyLock<String> = LazyLock::new(|| new_id("wsp"));

fn new_id(prefix: &'static str) -> String {
    id_text(Id::Prefixed(prefix), &Value::Uuid(uuid::Uuid::now_v7()))
}

fn caller(subject: &str, roles: &[&str], tenant: Option<&str>) -> Call {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let (scopes, tenant) = (Vec::new(), tenant.map(str::to_owned));
    let caller = Caller { subject: subject.to_owned(), roles: owned(roles), scopes, tenant };
    Call { principal: Principal::Caller(Arc::new(caller)), ..call() }
}

fn with_scope(mut call: Call, scope: &str) -> Call {
    if let Principal::Caller(caller) = &mut call.principal {
        Arc::make_mut(caller).scopes.push(scope.to_owned());
    }
    call
}

struct Chat {
    _database: store::Kept,
    service: Arc<Service>,
}

impl Chat {
    async fn open() -> Chat {
        let (store, database) = store::open().await;
        store.migrate(API.migrations).await.unwrap();
        let service = Service::new(&API, store, CursorKey::new("a secret for the tests").unwrap()).unwrap();
        Chat { service: Arc::new(service), _database: database }
    }

    /// A user of a workspace, who calls.
    async fn user(&self, name: &str, workspace: &str) -> Call {
        let admin = caller("nobody", &["admin"], Some(workspace));
        let user = self.create(&admin, &USER, json!({"name": name, "email": format!("{name}@b.example")})).await;
        caller(&id(&USER, &user.unwrap()), &[], Some(workspace))
    }

    async fn create(&self, call: &Call, resource: &'static Resource, body: Json) -> Result<Record, ApiError> {
        self.service.create(call, resource, &input(body)).await
    }

    async fn update(&self, call: &Call, resource: &'static Resource, id: &str, body: Json) -> Result<Record, ApiError> {
        self.service.update(call, resource, id, &input(body), &Precondition::NONE).await
    }

    /// The second field of the rows in a list, and how many there are said to be.
    async fn list(
        &self,
        call: &Call,
        resource: &'static Resource,
        filter: &str,
    ) -> Result<(Vec<String>, u64), ApiError> {
        let args = ListArgs { filter: Some(aip160::parse(resource, filter)?), total: true, ..ARGS };
        let page = self.service.list(call, resource, &args).await?.page;
        Ok((page.records.iter().map(|record| text(record, 1)).collect(), page.total.unwrap()))
    }
}

fn input(body: Json) -> JsonInput<'static> {
    JsonInput::from_body(body, JsonForm::Rest)
}

fn id(resource: &Resource, record: &Record) -> String {
    id_text(resource.id(), record.id())
}

fn subject(call: &Call) -> String {
    call.principal.caller().unwrap().subject.clone()
}

fn text(record: &Record, field: usize) -> String {
    match &record.values[field] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} isn't a text"),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> Code {
    result.unwrap_err().code
}

#[tokio::test]
async fn rows_are_those_that_lead_to_the_caller() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let open = chat.create(&ann, &ROOM, json!({"name": "open", "kind": "open"})).await.unwrap();
    let closed = chat.create(&ann, &ROOM, json!({"name": "closed"})).await.unwrap();
    assert_eq!(open.values[3], closed.values[3], "the owner is who made it");

    assert_eq!(chat.list(&ann, &ROOM, "").await.unwrap(), (vec!["open".to_owned(), "closed".to_owned()], 2));
    assert_eq!(chat.list(&bob, &ROOM, "").await.unwrap(), (vec!["open".to_owned()], 1));
    assert_eq!(code(chat.service.get(&bob, &ROOM, &id(&ROOM, &closed), &Everything).await), Code::NotFound);
    assert_eq!(code(chat.update(&bob, &ROOM, &id(&ROOM, &open), json!({"name": "mine"})).await), Code::NotFound);

    let members = ROOM.relation("members").unwrap();
    let link = |call: Call, linking| {
        let (service, room, user) = (chat.service.clone(), id(&ROOM, &closed), subject(&bob));
        async move { service.link(&call, (&ROOM, members), &room, &[user], linking).await }
    };
    assert_eq!(code(link(bob.clone(), Linking::Add).await), Code::NotFound);
    link(ann.clone(), Linking::Add).await.unwrap();
    assert_eq!(chat.list(&bob, &ROOM, "").await.unwrap().1, 2);
    assert_eq!(chat.list(&bob, &ROOM, "kind = closed").await.unwrap().1, 1);
}

#[tokio::test]
async fn several_writes_take_the_right_to_each() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let [own, other] = [
        chat.create(&ann, &ROOM, json!({"name": "own"})).await.unwrap(),
        chat.create(&bob, &ROOM, json!({"name": "other", "kind": "open"})).await.unwrap(),
    ];
    let (own, other) = (id(&ROOM, &own), id(&ROOM, &other));
    let batch = |call: Call, atomic: bool, operations: Json| {
        let body = json!({ "atomic": atomic, "operations": operations });
        let (service, batch) = (chat.service.clone(), JsonBatch { body, form: JsonForm::Rest });
        async move { service.batch(&call, &ROOM, &batch).await }
    };
    let update = |id: &str| json!({ "update": { "id": id, "name": format!("new {id}") } });
    let delete = json!({ "delete": { "id": own } });
    assert_eq!(code(batch(call(), true, json!([])).await), Code::Unauthenticated);
    let error = batch(ann.clone(), true, json!([update(&own), update(&other)])).await.unwrap_err();
    assert_eq!(
        (error.code, error.violations[0].location.to_string().as_str()),
        (Code::NotFound, "operations[1].update")
    );
    assert_eq!(code(batch(ann.clone(), true, json!([update(&own), delete])).await), Code::PermissionDenied);
    assert!(chat.list(&ann, &ROOM, "").await.unwrap().0.contains(&"own".to_owned()), "nothing was written");
    let outcomes = batch(ann.clone(), false, json!([update(&own), update(&other), delete])).await.unwrap();
    let codes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.err().map(|error| error.code)).collect();
    assert_eq!(codes, [None, Some(Code::NotFound), Some(Code::PermissionDenied)]);
}

#[tokio::test]
async fn what_no_rule_is_about_nobody_may() {
    let chat = Chat::open().await;
    assert_eq!(chat.list(&call(), &BOARD, "").await.unwrap().1, 0);
    assert_eq!(code(chat.create(&call(), &BOARD, json!({"text": "a"})).await), Code::Unauthenticated);
    let admin = with_scope(caller("nobody", &["admin"], None), "*");
    assert_eq!(code(chat.create(&admin, &BOARD, json!({"text": "a"})).await), Code::PermissionDenied);
    assert_eq!(code(chat.update(&admin, &BOARD, "1", json!({"text": "a"})).await), Code::PermissionDenied);
}

#[tokio::test]
async fn new_rows_must_lead_to_the_caller() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let room = chat.create(&ann, &ROOM, json!({"name": "room"})).await.unwrap();
    let note = json!({"text": "hi", "room_id": id(&ROOM, &room)});
    assert_eq!(code(chat.create(&bob, &NOTE, note.clone()).await), Code::PermissionDenied);
    // What is wrong with the values comes first, of a room that isn't there, too.
    assert_eq!(code(chat.create(&bob, &NOTE, json!({"text": 1})).await), Code::ValidationFailed);

    let members = ROOM.relation("members").unwrap();
    let (service, users) = (&chat.service, [subject(&bob)]);
    service.link(&ann, (&ROOM, members), &id(&ROOM, &room), &users, Linking::Add).await.unwrap();
    let written = chat.create(&bob, &NOTE, note).await.unwrap();
    assert_eq!(id_text(Id::Prefixed("usr"), &written.values[3]), subject(&bob));
    // Another one's note, even if its room is one's own.
    assert_eq!(code(chat.update(&ann, &NOTE, &id(&NOTE, &written), json!({"text": "ho"})).await), Code::NotFound);
    assert_eq!(chat.list(&ann, &NOTE, "").await.unwrap().1, 0, "who owns a room isn't in it");
    assert_eq!(chat.list(&with_scope(ann.clone(), "notes:read"), &NOTE, "").await.unwrap().1, 1);
    let notes = ROOM.relation("notes").unwrap();
    let page = service.list_related(&bob, &ROOM, notes, &id(&ROOM, &room), &ARGS).await.unwrap().page;
    assert_eq!(page.records.len(), 1);
    let page = service.list_related(&ann, &ROOM, notes, &id(&ROOM, &room), &ARGS).await.unwrap().page;
    assert_eq!(page.records.len(), 0);
}

#[tokio::test]
async fn embedded_rows_are_those_that_the_caller_may_see() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let room = chat.create(&ann, &ROOM, json!({"name": "room"})).await.unwrap();
    let (members, users) = (ROOM.relation("members").unwrap(), [subject(&bob)]);
    chat.service.link(&ann, (&ROOM, members), &id(&ROOM, &room), &users, Linking::Add).await.unwrap();
    let note = chat.create(&bob, &NOTE, json!({"text": "hi", "room_id": id(&ROOM, &room)})).await.unwrap();
    let read = async |call: &Call, query: &str| {
        let router = apigen_runtime::rest::router(chat.service.clone()).layer(axum::Extension(call.clone()));
        let path = format!("//notes/{}?{query}", id(&NOTE, &note));
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice::<Json>(&body).unwrap()
    };
    let shown = read(&bob, "expand=room.owner,author").await;
    assert_eq!((&shown["room"]["name"], &shown["room"]["owner"]["name"]), (&json!("room"), &json!("ann")));
    assert_eq!(shown["room"]["owner"].get("email"), None, "that is her own");
    assert_eq!(shown["author"]["email"], "bob@b.example");
    let eve = with_scope(chat.user("eve", &HERE).await, "notes:read");
    let shown = read(&eve, "expand=room.owner,author&fields=text,author.email").await;
    let author = json!({"id": subject(&bob)});
    assert_eq!(shown, json!({"id": id(&NOTE, &note), "text": "hi", "room": null, "author": author}));
}

#[tokio::test]
async fn nobody_gives_away_what_is_theirs_only_as_long_as_it_is() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let room = chat.create(&ann, &ROOM, json!({"name": "room"})).await.unwrap();
    let given = chat.update(&ann, &ROOM, &id(&ROOM, &room), json!({"owner_id": subject(&bob)})).await;
    assert_eq!(code(given), Code::PermissionDenied);
    assert_eq!(chat.service.get(&ann, &ROOM, &id(&ROOM, &room), &Everything).await.unwrap().record.version, 1);
    let taken = chat.create(&bob, &ROOM, json!({"name": "other", "owner_id": subject(&ann)})).await;
    assert!(taken.is_ok(), "whoever is signed in makes rooms, for others, too");
}

#[tokio::test]
async fn the_state_of_a_row_counts_too() {
    let chat = Chat::open().await;
    let (ann, admin) = (chat.user("ann", &HERE).await, caller("nobody", &["admin"], Some(&HERE)));
    let open = chat.create(&ann, &ROOM, json!({"name": "open", "kind": "open"})).await.unwrap();
    let closed = chat.create(&ann, &ROOM, json!({"name": "closed"})).await.unwrap();
    let delete = |call: Call, room: &Record| {
        let (service, room) = (chat.service.clone(), id(&ROOM, room));
        async move { service.delete(&call, &ROOM, &room, &Precondition::NONE).await }
    };
    assert_eq!(code(delete(ann.clone(), &closed).await), Code::PermissionDenied);
    assert_eq!(code(delete(admin.clone(), &open).await), Code::NotFound);
    delete(admin, &closed).await.unwrap();
}

#[tokio::test]
async fn fields_have_readers() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let email = |call: Call, of: Call| {
        let (service, user) = (chat.service.clone(), subject(&of));
        async move { service.get(&call, &USER, &user, &Everything).await.unwrap().record.values[2].clone() }
    };
    let shown = Value::Text("ann@b.example".to_owned());
    assert_eq!(email(ann.clone(), ann.clone()).await, shown);
    assert_eq!(email(bob.clone(), ann.clone()).await, Value::Null);
    assert_eq!(email(caller("nobody", &["admin"], Some(&HERE)), ann.clone()).await, shown);

    let page = chat.service.list(&bob, &USER, &ARGS).await.unwrap().page;
    let shown: Vec<bool> = page.records.iter().map(|user| !user.values[2].is_null()).collect();
    assert_eq!(shown, [false, true]);
    // Asking for rows by what one may not read finds none of others.
    assert_eq!(chat.list(&bob, &USER, "email = 'ann@b.example'").await.unwrap().1, 0);
    assert_eq!(chat.list(&ann, &USER, "email = 'ann@b.example'").await.unwrap().1, 1);
    assert_eq!(chat.list(&ann, &USER, "NOT email = 'x@b.example'").await.unwrap().1, 1);
    // What one writes oneself comes back no more readable than it is read.
    let renamed = chat.update(&bob, &USER, &subject(&bob), json!({"name": "bo"})).await.unwrap();
    assert_eq!(renamed.values[2], Value::Text("bob@b.example".to_owned()));
}

#[tokio::test]
async fn fields_have_writers() {
    let chat = Chat::open().await;
    let (ann, admin) = (chat.user("ann", &HERE).await, caller("nobody", &["admin"], Some(&HERE)));
    assert_eq!(code(chat.update(&ann, &USER, &subject(&ann), json!({"level": 9})).await), Code::PermissionDenied);
    chat.update(&admin, &USER, &subject(&ann), json!({"level": 2})).await.unwrap();
    let body = input(json!({"name": "anna"}));
    let replaced = chat.service.replace(&ann, &USER, &subject(&ann), &body, &Precondition::NONE).await.unwrap();
    assert_eq!((text(&replaced, 1), &replaced.values[3]), ("anna".to_owned(), &Value::Int(2)));
}

#[tokio::test]
async fn tenants_see_nothing_of_each_other() {
    let chat = Chat::open().await;
    let (ann, eve) = (chat.user("ann", &HERE).await, chat.user("eve", &THERE).await);
    let room = chat.create(&ann, &ROOM, json!({"name": "room", "kind": "open"})).await.unwrap();
    let room = id(&ROOM, &room);
    assert_eq!(code(chat.service.get(&eve, &ROOM, &room, &Everything).await), Code::NotFound);
    assert_eq!(chat.list(&eve, &ROOM, "").await.unwrap().1, 0);
    let admin = caller("nobody", &["admin"], Some(&THERE));
    assert_eq!(code(chat.service.delete(&admin, &ROOM, &room, &Precondition::NONE).await), Code::NotFound);
    assert_eq!(chat.list(&admin, &USER, "").await.unwrap().0, ["eve"]);

    // What is unique is so among one's own.
    let own = chat.create(&eve, &ROOM, json!({"name": "room"})).await.unwrap();
    assert_eq!(code(chat.create(&eve, &ROOM, json!({"name": "room"})).await), Code::AlreadyExists);
    // Others' rows can't be referred to.
    let foreign = chat.create(&eve, &ROOM, json!({"name": "b", "owner_id": subject(&ann)})).await.unwrap_err();
    assert_eq!((foreign.code, foreign.violations[0].code), (Code::ValidationFailed, "NOT_FOUND"));
    let missing = json!({"name": "b", "owner_id": new_id("usr")});
    let missing = chat.create(&eve, &ROOM, missing).await.unwrap_err();
    assert_eq!(foreign.violations, missing.violations, "as if it weren't there");
    let members = ROOM.relation("members").unwrap();
    let link = chat.service.link(&eve, (&ROOM, members), &id(&ROOM, &own), &[subject(&ann)], Linking::Add).await;
    assert_eq!(code(link), Code::NotFound);

    let nowhere = caller(&subject(&ann), &["admin"], None);
    assert_eq!(code(chat.list(&nowhere, &ROOM, "").await), Code::PermissionDenied);
    assert_eq!(code(chat.list(&call(), &ROOM, "").await), Code::Unauthenticated);
}

#[tokio::test]
async fn cursors_are_good_for_one_tenant() {
    let chat = Chat::open().await;
    let (ann, eve) = (chat.user("ann", &HERE).await, chat.user("eve", &THERE).await);
    for (call, name) in [(&ann, "a"), (&ann, "b"), (&eve, "c")] {
        chat.create(call, &ROOM, json!({"name": name})).await.unwrap();
    }
    let page = chat.service.list(&ann, &ROOM, &ListArgs { page_size: Some(1), ..ARGS }).await.unwrap().page;
    let next = ListArgs { cursor: Some(page.cursors.of(&page.records[0], false)), ..ARGS };
    assert_eq!(chat.service.list(&ann, &ROOM, &next).await.unwrap().page.records.len(), 1);
    assert_eq!(code(chat.service.list(&eve, &ROOM, &next).await), Code::InvalidPageToken);
}

#[tokio::test]
async fn batches_reach_no_other_tenant() {
    let chat = Chat::open().await;
    let (ann, eve) = (chat.user("ann", &HERE).await, chat.user("eve", &THERE).await);
    let room = chat.create(&ann, &ROOM, json!({"name": "room"})).await.unwrap();
    let room = id(&ROOM, &room);
    let admin = caller(&subject(&eve), &["admin"], Some(&THERE));
    let foreign = json!({"create": {"name": "other", "owner_id": subject(&ann)}});
    for (operation, expected) in [
        (json!({"update": {"id": room, "name": "mine"}}), Code::NotFound),
        (json!({"delete": {"id": room}}), Code::NotFound),
        (foreign, Code::ValidationFailed),
    ] {
        for atomic in [true, false] {
            let body = json!({"atomic": atomic, "operations": [operation]});
            let batch = JsonBatch { body, form: JsonForm::Rest };
            let told = match chat.service.batch(&admin, &ROOM, &batch).await {
                Ok(mut outcomes) => outcomes.remove(0).map(|_| ()).unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(told.code, expected, "{operation}");
        }
    }
    assert_eq!(chat.service.get(&ann, &ROOM, &room, &Everything).await.unwrap().record.version, 1);
}

#[tokio::test]
async fn rows_that_come_along_need_what_they_need_alone() {
    let chat = Chat::open().await;
    let (ann, eve) = (chat.user("ann", &HERE).await, chat.user("eve", &THERE).await);
    let theirs = chat.create(&ann, &ROOM, json!({"name": "room"})).await.unwrap();
    // Nobody is in a room that isn't there yet.
    let notes = json!({"name": "new", "notes": [{"text": "hi"}]});
    assert_eq!(code(chat.create(&eve, &ROOM, notes).await), Code::PermissionDenied);
    let elsewhere = json!({"name": "new", "notes": [{"text": "hi", "room_id": id(&ROOM, &theirs)}]});
    assert!(chat.create(&eve, &ROOM, elsewhere).await.is_err());
    let reading = with_scope(ann.clone(), "notes:read");
    assert_eq!(chat.list(&reading, &NOTE, "").await.unwrap().1, 0);
    assert_eq!(chat.list(&eve, &ROOM, "").await.unwrap().1, 0, "all of it, or nothing");
}

#[tokio::test]
async fn rows_that_come_along_hold_the_new_one_to_who_may_write_the_relation() {
    let chat = Chat::open().await;
    let (ann, bob) = (chat.user("ann", &HERE).await, chat.user("bob", &HERE).await);
    let room = |name: &str, owner: &Call| json!({"name": name, "owner_id": subject(owner)});
    let with_topics = |name: &str, owner: &Call| {
        let mut room = room(name, owner);
        room["topics"] = json!([{"name": "rust"}]);
        room
    };
    assert_eq!(code(chat.create(&bob, &ROOM, with_topics("anns", &ann)).await), Code::PermissionDenied);
    assert_eq!(chat.list(&ann, &ROOM, "").await.unwrap().1, 0, "all of it, or nothing");
    chat.create(&bob, &ROOM, room("anns", &ann)).await.unwrap();
    chat.create(&bob, &ROOM, with_topics("bobs", &bob)).await.unwrap();
    assert_eq!(chat.list(&bob, &TOPIC, "").await.unwrap(), (vec!["rust".to_owned()], 1));
}
