//! The SQL of a new database, read by the databases themselves.

use std::{io::Write as _, process::Command};

use apigen::{
    migrations::{self, History},
    model::*,
};
use rusqlite::Connection;

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        camel: name.to_owned(),
        origin: Origin::Declared,
        description: None,
        example: None,
        ty,
        required: true,
        default: None,
        set_by: SetBy::Caller,
        write_only: false,
        internal: false,
        unique: false,
        index: false,
        filter: false,
        sort: false,
        sensitive: false,
        deprecated: None,
        rules: Rules::default(),
        aggregate: None,
        computed: false,
        access: std::default::Default::default(),
        from_principal: false,
    }
}

fn belongs_to(name: &str, target: usize, field: usize, on_delete: OnDelete) -> Relation {
    Relation {
        name: name.to_owned(),
        camel: name.to_owned(),
        description: None,
        deprecated: None,
        target: ResourceId(target),
        nested: false,
        access: std::default::Default::default(),
        kind: RelationKind::BelongsTo { field, on_delete },
    }
}

fn key(name: &str, target: usize, relation: usize) -> Field {
    let origin = Origin::Relation(relation);
    Field { origin, filter: true, ..field(name, Type::Id(ResourceId(target))) }
}

/// The `position`th resource, with `id` before its fields and timestamps after them.
fn resource(position: usize, name: &str, id: Id, fields: Vec<Field>, relations: Vec<Relation>) -> Resource {
    let with = |origin, field: Field| Field { origin, set_by: SetBy::Server, filter: true, sort: true, ..field };
    let timestamps = ["created_at", "updated_at"].map(|name| with(Origin::Timestamp, field(name, Type::Timestamp)));
    let id_field = with(Origin::Id, field("id", Type::Id(ResourceId(position))));
    let names = ResourceNames {
        pascal: name.to_owned(),
        pascal_plural: name.to_owned(),
        snake: name.to_owned(),
        snake_plural: format!("{name}s"),
        camel: name.to_owned(),
        camel_plural: name.to_owned(),
        path: name.to_owned(),
        module: name.to_owned(),
        constant: name.to_owned(),
    };
    Resource {
        names,
        deprecated: None,
        deprecated_operations: Vec::new(),
        unique: Vec::new(),
        checks: Vec::new(),
        indexes: Vec::new(),
        description: None,
        id,
        fields: [id_field].into_iter().chain(fields).chain(timestamps).collect(),
        relations,
        operations: Operations::default(),
        list: List { sort: Vec::new(), page_size: 50, max_page_size: 1000, total: false, offset: false },
        actions: Vec::new(),
        events: Vec::new(),
        errors: Vec::new(),
        search: Vec::new(),
        soft_delete: false,
        batch: None,
        require: std::default::Default::default(),
        policy: std::default::Default::default(),
        limit: None,
    }
}

fn model(resources: Vec<Resource>) -> Model {
    let api = Api {
        name: "shop".to_owned(),
        version: "v1".to_owned(),
        title: "Shop".to_owned(),
        description: None,
        contact: None,
        license: None,
        servers: Vec::new(),
        docs_url: None,
        package: "shop.v1".to_owned(),
        app_crate: "shop".to_owned(),
        server_crate: "shop-server".to_owned(),
    };
    let value = |name: &str| EnumValue {
        name: name.to_owned(),
        graphql: name.to_owned(),
        proto: name.to_owned(),
        rust: name.to_owned(),
        description: None,
        deprecated: None,
    };
    let status = Enum {
        name: "Status".to_owned(),
        constant: "STATUS".to_owned(),
        description: None,
        values: vec![value("pending"), value("done")],
    };
    let enums = vec![status];
    Model { spec: "specs/shop.yaml".to_owned(), api, enums, resources, ..Model::default() }
}

const PRICE: Type = Type::Decimal { precision: 10, scale: 2 };

/// Users, and orders that belong to them and to each other; orders come first, so they refer forward.
fn shop() -> Model {
    let bounds =
        Rules { minimum: Some("0.05".to_owned()), exclusive_maximum: Some("1e3".to_owned()), ..Rules::default() };
    let order = vec![
        Field { filter: true, ..field("status", Type::Enum(EnumId(0))) },
        Field { required: false, ..field("note", Type::String) },
        Field { rules: bounds, sort: true, ..field("total", PRICE) },
        Field { sort: true, ..field("placed_at", Type::Timestamp) },
        Field { required: false, ..field("tags", Type::List(Box::new(Type::String))) },
        key("customer_id", 1, 0),
        Field { required: false, ..key("parent_id", 0, 1) },
    ];
    let relations =
        vec![belongs_to("customer", 1, 6, OnDelete::Restrict), belongs_to("parent", 0, 7, OnDelete::SetNull)];
    let mut orders = resource(0, "order", Id::Prefixed("ord".to_owned()), order, relations);
    orders.list.sort = vec![Sort { field: 4, descending: true }, Sort { field: 3, descending: false }];
    let user = vec![
        Field { unique: true, filter: true, ..field("email", Type::Email) },
        Field { sort: true, ..field("name", Type::String) },
    ];
    model(vec![orders, resource(1, "user", Id::Uuid, user, Vec::new())])
}

/// A column of every type, after ids of every kind.
fn everything() -> Model {
    let all = [
        ("string", Type::String),
        ("bool", Type::Bool),
        ("int32", Type::Int32),
        ("int64", Type::Int64),
        ("float64", Type::Float64),
        ("decimal", PRICE),
        ("uuid", Type::Uuid),
        ("timestamp", Type::Timestamp),
        ("date", Type::Date),
        ("duration", Type::Duration),
        ("email", Type::Email),
        ("url", Type::Url),
        ("bytes", Type::Bytes),
        ("json", Type::Json),
        ("password", Type::Password),
        ("enum", Type::Enum(EnumId(0))),
        ("list", Type::List(Box::new(Type::Int32))),
        ("map", Type::Map(Box::new(Type::String))),
    ];
    let mut fields: Vec<Field> = all.into_iter().map(|(name, ty)| field(name, ty)).collect();
    fields.push(key("numbered_id", 1, 0));
    fields.push(key("named_id", 2, 1));
    let relations =
        vec![belongs_to("numbered", 1, 19, OnDelete::Cascade), belongs_to("named", 2, 20, OnDelete::Restrict)];
    model(vec![
        resource(0, "thing", Id::Uuid, fields, relations),
        resource(1, "number", Id::Int64, Vec::new(), Vec::new()),
        resource(2, "named", Id::Text { pattern: None }, Vec::new(), Vec::new()),
    ])
}

fn sql(model: &Model, database: &str) -> String {
    let files = migrations::follow(model, &History::default()).unwrap().files();
    assert_eq!(files.len(), 3);
    let path = format!("migrations/{database}/0001_initial.sql");
    files.into_iter().find(|file| file.0 == path).unwrap().1
}

fn sqlite(model: &Model) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database.pragma_update(None, "foreign_keys", true).unwrap();
    database.execute_batch(&sql(model, "sqlite")).unwrap();
    database
}

/// The first column of every row.
fn texts(database: &Connection, query: &str) -> Vec<String> {
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn refused(database: &Connection, statement: &str) -> String {
    database.execute(statement, []).unwrap_err().to_string()
}

#[test]
fn sqlite_reads_well() {
    insta::assert_snapshot!(sql(&shop(), "sqlite"), @r#"
    -- @generated by `apigen generate specs/shop.yaml`. Edit the spec, not this file.

    CREATE TABLE "orders" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "note"        TEXT,
        "total"       INTEGER NOT NULL,
        "placed_at"   INTEGER NOT NULL,
        "tags"        TEXT    NOT NULL,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('pending', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 5 AND "total" < 100000),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE SET NULL
    ) STRICT;

    CREATE TABLE "users" (
        "id"         BLOB    NOT NULL PRIMARY KEY,
        "email"      TEXT    NOT NULL,
        "name"       TEXT    NOT NULL,
        "version"    INTEGER NOT NULL DEFAULT 1,
        "created_at" INTEGER NOT NULL,
        "updated_at" INTEGER NOT NULL,
        CONSTRAINT "users_email_key" UNIQUE ("email")
    ) STRICT;

    CREATE INDEX "orders_status_placed_at_total_idx" ON "orders" ("status", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id");
    CREATE INDEX "orders_placed_at_idx" ON "orders" ("placed_at", "id");
    CREATE INDEX "orders_customer_id_placed_at_total_idx" ON "orders" ("customer_id", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_parent_id_placed_at_total_idx" ON "orders" ("parent_id", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");
    CREATE INDEX "orders_placed_at_total_idx" ON "orders" ("placed_at" DESC, "total", "id");
    CREATE INDEX "users_name_idx" ON "users" ("name", "id");
    CREATE INDEX "users_created_at_idx" ON "users" ("created_at", "id");
    CREATE INDEX "users_updated_at_idx" ON "users" ("updated_at", "id");
    "#);
}

#[test]
fn postgres_reads_well() {
    insta::assert_snapshot!(sql(&shop(), "postgres"), @r#"
    -- @generated by `apigen generate specs/shop.yaml`. Edit the spec, not this file.

    CREATE TABLE "orders" (
        "id"          UUID             NOT NULL PRIMARY KEY,
        "status"      TEXT COLLATE "C" NOT NULL,
        "note"        TEXT COLLATE "C",
        "total"       NUMERIC(10,2)    NOT NULL,
        "placed_at"   TIMESTAMPTZ      NOT NULL,
        "tags"        JSONB            NOT NULL,
        "customer_id" UUID             NOT NULL,
        "parent_id"   UUID,
        "version"     BIGINT           NOT NULL DEFAULT 1,
        "created_at"  TIMESTAMPTZ      NOT NULL,
        "updated_at"  TIMESTAMPTZ      NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('pending', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0.05 AND "total" < 1e3)
    );

    CREATE TABLE "users" (
        "id"         UUID             NOT NULL PRIMARY KEY,
        "email"      TEXT COLLATE "C" NOT NULL,
        "name"       TEXT COLLATE "C" NOT NULL,
        "version"    BIGINT           NOT NULL DEFAULT 1,
        "created_at" TIMESTAMPTZ      NOT NULL,
        "updated_at" TIMESTAMPTZ      NOT NULL,
        CONSTRAINT "users_email_key" UNIQUE ("email")
    );

    ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION;
    ALTER TABLE "orders" ADD CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE SET NULL;

    CREATE INDEX "orders_status_placed_at_total_idx" ON "orders" ("status", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id");
    CREATE INDEX "orders_placed_at_idx" ON "orders" ("placed_at", "id");
    CREATE INDEX "orders_customer_id_placed_at_total_idx" ON "orders" ("customer_id", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_parent_id_placed_at_total_idx" ON "orders" ("parent_id", "placed_at" DESC, "total", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");
    CREATE INDEX "orders_placed_at_total_idx" ON "orders" ("placed_at" DESC, "total", "id");
    CREATE INDEX "users_name_idx" ON "users" ("name", "id");
    CREATE INDEX "users_created_at_idx" ON "users" ("created_at", "id");
    CREATE INDEX "users_updated_at_idx" ON "users" ("updated_at", "id");
    "#);
}

#[test]
fn sqlite_has_the_type_of_everything() {
    let database = sqlite(&everything());
    let columns = texts(&database, "SELECT name || ' ' || type FROM pragma_table_info('things') ORDER BY cid");
    let wanted = "id BLOB, string TEXT, bool INTEGER, int32 INTEGER, int64 INTEGER, float64 REAL, decimal INTEGER, \
                  uuid BLOB, timestamp INTEGER, date TEXT, duration INTEGER, email TEXT, url TEXT, bytes BLOB, json TEXT, \
                  password TEXT, enum TEXT, list TEXT, map TEXT, numbered_id INTEGER, named_id TEXT, version INTEGER, \
                  created_at INTEGER, updated_at INTEGER";
    assert_eq!(columns.join(", "), wanted);
    assert_eq!(
        texts(
            &database,
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'"
        ),
        [""; 0]
    );
    database.execute("INSERT INTO numbers (created_at, updated_at) VALUES (1, 1), (1, 1)", []).unwrap();
    assert_eq!(texts(&database, "SELECT format('%d/%d', id, version) FROM numbers"), ["1/1", "2/1"]);
}

#[test]
fn sqlite_keeps_the_rules() {
    let database = sqlite(&shop());
    let user = "INSERT INTO users (id, email, name, created_at, updated_at) VALUES";
    database.execute(&format!("{user} (x'01', 'a@b', 'A', 0, 0)"), []).unwrap();
    assert_eq!(
        refused(&database, &format!("{user} (x'02', 'a@b', 'B', 0, 0)")),
        "UNIQUE constraint failed: users.email"
    );
    let order = |id: &str, status: &str, total: i64, customer: &str, parent: &str| {
        format!(
            "INSERT INTO orders (id, status, total, placed_at, tags, customer_id, parent_id, created_at, updated_at) \
             VALUES ({id}, '{status}', {total}, 0, '[]', {customer}, {parent}, 0, 0)"
        )
    };
    database.execute(&order("x'0a'", "pending", 5, "x'01'", "NULL"), []).unwrap();
    database.execute(&order("x'0b'", "done", 99999, "x'01'", "x'0a'"), []).unwrap();
    let check = |statement: &str| refused(&database, statement).replace("CHECK constraint failed: ", "");
    assert_eq!(check(&order("x'0c'", "gone", 5, "x'01'", "NULL")), "orders_status_check");
    assert_eq!(check(&order("x'0c'", "done", 4, "x'01'", "NULL")), "orders_total_check");
    assert_eq!(check(&order("x'0c'", "done", 100_000, "x'01'", "NULL")), "orders_total_check");
    assert_eq!(refused(&database, &order("x'0c'", "done", 5, "x'02'", "NULL")), "FOREIGN KEY constraint failed");
    assert_eq!(refused(&database, &order("NULL", "done", 5, "x'01'", "NULL")), "NOT NULL constraint failed: orders.id");
    assert_eq!(refused(&database, "DELETE FROM users"), "FOREIGN KEY constraint failed");
    database.execute("DELETE FROM orders WHERE id = x'0a'", []).unwrap();
    assert_eq!(texts(&database, "SELECT hex(id) || quote(parent_id) FROM orders"), ["0BNULL"]);
}

#[test]
fn sqlite_pages_without_sorting() {
    let database = sqlite(&shop());
    for order in [
        "ORDER BY total DESC, id DESC",
        "ORDER BY created_at DESC, id DESC",
        "ORDER BY placed_at DESC, total, id",
        "ORDER BY placed_at, total DESC, id DESC",
        "WHERE status = 'paid' ORDER BY placed_at DESC, total, id",
        "WHERE customer_id = 1 ORDER BY placed_at DESC, total, id",
        "WHERE customer_id = 1 ORDER BY placed_at, total DESC, id DESC",
    ] {
        let plan: Vec<String> = {
            let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN SELECT id FROM orders {order}")).unwrap();
            statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect()
        };
        assert!(!plan.concat().contains("TEMP B-TREE"), "{order}: {plan:?}");
    }
}

#[test]
fn a_cascade_takes_along_what_would_stand_in_its_way() {
    let holder = vec![key("top_id", 0, 0)];
    let both = vec![key("top_id", 0, 0), key("middle_id", 1, 1)];
    let cascade = || belongs_to("top", 0, 1, OnDelete::Cascade);
    let model = model(vec![
        resource(0, "top", Id::Int64, Vec::new(), Vec::new()),
        resource(1, "middle", Id::Int64, holder, vec![cascade()]),
        resource(2, "leaf", Id::Int64, both, vec![cascade(), belongs_to("middle", 1, 2, OnDelete::Restrict)]),
    ]);
    let database = sqlite(&model);
    database
        .execute_batch(
            "INSERT INTO tops (created_at, updated_at) VALUES (0, 0);
             INSERT INTO middles (top_id, created_at, updated_at) VALUES (1, 0, 0);
             INSERT INTO leafs (top_id, middle_id, created_at, updated_at) VALUES (1, 1, 0, 0);",
        )
        .unwrap();
    assert_eq!(refused(&database, "DELETE FROM middles"), "FOREIGN KEY constraint failed");
    database.execute("DELETE FROM tops", []).unwrap();
    assert_eq!(texts(&database, "SELECT 'left' FROM leafs"), [""; 0]);
}

#[test]
fn long_names_stay_apart() {
    let long = "a_field_with_quite_a_long_name_that_goes_on_and_on_and_on_and";
    let fields = ["_x", "_y"].map(|end| Field { filter: true, ..field(&format!("{long}{end}"), Type::Bool) });
    let model = model(vec![resource(0, "thing", Id::Uuid, fields.into(), Vec::new())]);
    let names = texts(&sqlite(&model), "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'things%'");
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| name.len() <= 63), "{names:?}");
    assert_eq!(sql(&model, "postgres").matches("things_a_field").count(), 2);
}

#[test]
fn names_that_would_be_alike_stay_apart() {
    let filter = |name: &str| Field { filter: true, unique: name == "y", ..field(name, Type::Bool) };
    let mut first = resource(0, "a", Id::Uuid, vec![filter("x"), filter("y"), filter("x_y")], Vec::new());
    first.list.sort = [1, 2].map(|field| Sort { field, descending: false }).into();
    let mut second = resource(1, "second", Id::Uuid, vec![filter("x")], Vec::new());
    second.names.snake_plural = "as_x_y_idx".to_owned();
    let mut third = resource(2, "third", Id::Uuid, vec![filter("y")], Vec::new());
    third.names.snake_plural = "as_x".to_owned();
    let model = model(vec![first, second, third]);
    let names = texts(&sqlite(&model), "SELECT name FROM sqlite_master WHERE tbl_name = 'as' AND name LIKE 'as_x_y%'");
    assert!(names.len() == 2 && !names.contains(&"as_x_y_idx".to_owned()), "{names:?}");
    if let Some(found) = postgres(&model, "") {
        found.unwrap();
    }
}

#[test]
fn names_that_sql_reserves_are_names() {
    let fields = ["order", "group", "select"].map(|name| Field { unique: true, ..field(name, Type::String) });
    sqlite(&model(vec![resource(0, "table", Id::Uuid, fields.into(), Vec::new())]));
}

#[test]
fn no_resources_is_an_empty_script() {
    let text = sql(&model(Vec::new()), "postgres");
    assert_eq!(text, "-- @generated by `apigen generate specs/shop.yaml`. Edit the spec, not this file.\n");
}

#[test]
fn postgres_has_the_type_of_everything() {
    let columns = "SELECT string_agg(column_name || ' ' || data_type || coalesce(' ' || collation_name, ''), ', '
                                     ORDER BY ordinal_position)
                   FROM information_schema.columns WHERE table_name = 'things' AND table_schema = 'apigen_test';";
    let Some(found) = postgres(&everything(), columns) else { return };
    let wanted = "id uuid, string text C, bool boolean, int32 integer, int64 bigint, float64 double precision, \
                  decimal numeric, uuid uuid, timestamp timestamp with time zone, date date, duration bigint, email text C, \
                  url text C, bytes bytea, json jsonb, password text C, enum text C, list jsonb, map jsonb, \
                  numbered_id bigint, named_id text C, version bigint, created_at timestamp with time zone, \
                  updated_at timestamp with time zone";
    assert_eq!(found.unwrap(), wanted);
}

#[test]
fn postgres_keeps_the_rules() {
    let id = |n: u32| format!("'00000000-0000-0000-0000-{n:012}'");
    let user = format!(
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ({}, 'a@b', 'A', now(), now());",
        id(1)
    );
    let order = |n: u32, status: &str, total: &str, customer: u32, parent: &str| {
        format!(
            "INSERT INTO orders (id, status, total, placed_at, tags, customer_id, parent_id, created_at, updated_at) \
             VALUES ({}, '{status}', {total}, now(), '[]', {}, {parent}, now(), now());",
            id(n),
            id(customer)
        )
    };
    let good = format!("{user}{}{}", order(10, "pending", "0.05", 1, "NULL"), order(11, "done", "999.99", 1, &id(10)));
    let last = format!(
        "DELETE FROM orders WHERE id = {}; SELECT count(*), count(parent_id), sum(version) FROM orders;",
        id(10)
    );
    let Some(found) = postgres(&shop(), &format!("{good}{last}")) else { return };
    assert_eq!(found.unwrap(), "1|0|1");
    let bad = [
        (user.clone(), "users_email_key"),
        (order(12, "gone", "5", 1, "NULL"), "orders_status_check"),
        (order(12, "done", "0.04", 1, "NULL"), "orders_total_check"),
        (order(12, "done", "1000", 1, "NULL"), "orders_total_check"),
        (order(12, "done", "5", 2, "NULL"), "orders_customer_id_fkey"),
        ("DELETE FROM users;".to_owned(), "orders_customer_id_fkey"),
    ];
    for (statement, constraint) in bad {
        let statement = statement.replace("000000000001', 'a@b'", "000000000003', 'a@b'");
        let error = postgres(&shop(), &format!("{good}{statement}")).unwrap().unwrap_err();
        assert!(error.contains(&format!("constraint \"{constraint}\"")), "{statement}\n{error}");
    }
}

/// The indexes of a resource with two integers, by its list's order: 0 is `id`, 1 is `a`, 2 is `b` with `sort`.
fn indexes_of(order: &[(usize, bool)]) -> Vec<String> {
    let fields = vec![field("a", Type::Int32), Field { sort: true, ..field("b", Type::Int32) }];
    let mut thing = resource(0, "thing", Id::Uuid, fields, Vec::new());
    thing.list.sort = order.iter().map(|(field, descending)| Sort { field: *field, descending: *descending }).collect();
    let sql = sql(&model(vec![thing]), "sqlite");
    let columns = sql.lines().filter_map(|line| line.strip_prefix("CREATE INDEX ")?.split_once(" ON \"things\" "));
    columns.map(|(_, columns)| columns.replace(['"', ';'], "")).filter(|columns| !columns.contains("_at")).collect()
}

#[test]
fn a_lists_order_has_an_index() {
    assert_eq!(indexes_of(&[]), ["(b, id)"]);
    assert_eq!(indexes_of(&[(0, true)]), ["(b, id)"]);
    assert_eq!(indexes_of(&[(2, true)]), ["(b, id)"]);
    assert_eq!(indexes_of(&[(1, false)]), ["(b, id)", "(a, id)"]);
    assert_eq!(indexes_of(&[(1, false), (2, true)]), ["(b, id)", "(a, b DESC, id DESC)"]);
    assert_eq!(indexes_of(&[(1, false), (0, true), (2, true)]), ["(b, id)", "(a, id DESC)"]);
}

#[test]
fn bounds_beyond_any_decimal_are_bounds() {
    let widest = Type::Decimal { precision: 18, scale: 18 };
    let bounds = ("-99999999999999999999", "1e40");
    let rules = Rules { minimum: Some(bounds.0.into()), maximum: Some(bounds.1.into()), ..Rules::default() };
    let model = model(vec![resource(0, "thing", Id::Int64, vec![Field { rules, ..field("x", widest) }], Vec::new())]);
    let insert = "INSERT INTO things (x, created_at, updated_at) VALUES";
    let row = format!("{insert} ({}, 0, 0), ({}, 0, 0)", i64::MIN, i64::MAX);
    assert_eq!(sqlite(&model).execute(&row, []).unwrap(), 2);
    if let Some(found) = postgres(&model, &format!("{insert} (-0.5, now(), now());")) {
        found.unwrap();
    }
}

/// Runs a model's script and then another on the server that `APIGEN_TEST_POSTGRES_URL` names, in a transaction that is never
/// committed: what the queries found, or the error. `None` without a server.
fn postgres(model: &Model, script: &str) -> Option<Result<String, String>> {
    let Ok(url) = std::env::var("APIGEN_TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("CI").is_none(), "APIGEN_TEST_POSTGRES_URL names no PostgreSQL server");
        // Past the harness, which would hide what a passing test prints.
        let _ = writeln!(std::io::stderr(), "SKIPPED: APIGEN_TEST_POSTGRES_URL names no PostgreSQL server");
        return None;
    };
    let begin = "BEGIN; CREATE SCHEMA apigen_test; SET LOCAL search_path = apigen_test;";
    let output = Command::new("psql")
        .args([&url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c"])
        .arg(format!("{begin}\n{}\n{script}", sql(model, "postgres")))
        .output()
        .expect("psql is installed where a server is tested");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    Some(if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) })
}
