//! An edited spec against a database that has rows: the next migration leaves what a new database would have, and keeps
//! every row; or there is none, and the reason is told.

use std::{fs, io::Write as _, path::Path, process::Command};

use apigen::{
    Input,
    migrations::{self, History},
    model::Model,
};
use regex::Regex;
use rusqlite::Connection;
use tempfile::TempDir;

const SPEC: &str = "\
apigen: 1
api: { name: shop, version: v1, title: Shop }
enums:
  Status: [open, done]
types:
  Address:
    fields: { city: string }
resources:
  User:
    id: { prefix: usr }
    fields:
      name: string
  Order:
    id: { prefix: ord }
    fields:
      status: { type: Status, filter: true }
      total: { type: decimal, scale: 2, minimum: 0 }
      note?: string
      ship_to?: Address
    relations:
      customer: { belongs_to: User }
      parent?: { belongs_to: Order }
";

/// A user, and two orders of which the second refers to the first.
const SQLITE_ROWS: &str = "\
INSERT INTO users (id, name, created_at, updated_at) VALUES (x'01', 'Ada', 0, 0);
INSERT INTO orders (id, status, total, customer_id, parent_id, version, created_at, updated_at)
    VALUES (x'0a', 'open', 100, x'01', NULL, 7, 86399999999, 0), (x'0b', 'done', 250, x'01', x'0a', 1, 86400000000, 0);
";
const POSTGRES_ROWS: &str = "\
INSERT INTO users (id, name, created_at, updated_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 'Ada', 'epoch', 'epoch');
INSERT INTO orders (id, status, total, customer_id, parent_id, version, created_at, updated_at) VALUES
    ('00000000-0000-0000-0000-00000000000a', 'open', 1, '00000000-0000-0000-0000-000000000001', NULL, 7,
     '1970-01-01T23:59:59.999999Z', 'epoch'),
    ('00000000-0000-0000-0000-00000000000b', 'done', 2.5, '00000000-0000-0000-0000-000000000001',
     '00000000-0000-0000-0000-00000000000a', 1, '1970-01-02T00:00:00Z', 'epoch');
";

fn model(spec: &str) -> Model {
    let spec = Input { name: "shop.yaml", bytes: spec.as_bytes() };
    apigen::read(spec, None).unwrap_or_else(|mistakes| panic!("{mistakes}")).model
}

/// The spec with one more line in front of another one.
fn with(line: &str, before: &str) -> String {
    assert!(SPEC.contains(before));
    SPEC.replace(before, &format!("{line}\n{before}"))
}

fn order_with(field: &str) -> String {
    with(&format!("      {field}"), "      note?: string")
}

/// Writes the files of a spec's migrations into a folder, as `apigen generate` would.
fn write(spec: &str, out: &Path) -> Result<Vec<String>, String> {
    let history = History::read(out).unwrap();
    let migrations = migrations::follow(&model(spec), &history).map_err(|refused| refused.to_string())?;
    for (path, text) in migrations.files() {
        let path = out.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Ok(migrations.names())
}

/// A folder that has followed these specs, one after the other.
fn folder(specs: &[&str]) -> TempDir {
    let out = TempDir::new().unwrap();
    for spec in specs {
        write(spec, out.path()).unwrap();
    }
    out
}

fn sql(out: &Path, database: &str, number: &str) -> String {
    let folder = out.join("migrations").join(database);
    let mut files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let file = files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(number));
    fs::read_to_string(file.unwrap_or_else(|| panic!("no migration {number}"))).unwrap()
}

/// The body of the second migration, without its header.
fn second(out: &Path, database: &str) -> String {
    sql(out, database, "0002").split_once("\n\n").unwrap().1.to_owned()
}

/// After an edit both databases have what a new one would have, and their rows. Returns both migrations, and what `query`
/// finds on each.
#[track_caller]
fn follow(after: &str, query: &str) -> (String, Vec<String>) {
    follow_from(SPEC, after, [query; 2])
}

/// The same after another spec, with a query for SQLite and one for PostgreSQL.
#[track_caller]
fn follow_from(before: &str, after: &str, [in_sqlite, in_postgres]: [&str; 2]) -> (String, Vec<String>) {
    let (out, fresh) = (folder(&[before, after]), folder(&[after]));
    let found = [sqlite(out.path(), fresh.path(), in_sqlite), postgres(out.path(), fresh.path(), in_postgres)];
    let text = format!("{}\n{}", second(out.path(), "sqlite"), second(out.path(), "postgres"));
    (text, found.into_iter().flatten().collect())
}

fn sqlite(out: &Path, fresh: &Path, query: &str) -> Option<String> {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(&sql(out, "sqlite", "0001")).unwrap();
    database.execute_batch(SQLITE_ROWS).unwrap();
    // As the server does.
    database.pragma_update(None, "foreign_keys", false).unwrap();
    database.execute_batch(&format!("BEGIN; {}", sql(out, "sqlite", "0002"))).unwrap();
    assert_eq!(rows(&database, "PRAGMA foreign_key_check"), "");
    database.execute_batch("COMMIT").unwrap();
    let new = Connection::open_in_memory().unwrap();
    new.execute_batch(&sql(fresh, "sqlite", "0001")).unwrap();
    assert_eq!(describe(&database), describe(&new));
    assert_eq!(rows(&database, "SELECT hex(id), version, hex(parent_id) FROM orders ORDER BY id"), "0A|7|\n0B|1|0A");
    Some(rows(&database, query))
}

/// As `psql -A -t` shows them.
fn rows(database: &Connection, query: &str) -> String {
    let mut statement = database.prepare(query).unwrap();
    let columns = statement.column_count();
    let text = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|index| match row.get::<_, rusqlite::types::Value>(index).unwrap() {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Real(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    };
    statement.query_map([], text).unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

/// All that the server could notice of a schema.
fn describe(database: &Connection) -> String {
    let tables = rows(database, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' ORDER BY name");
    let columns = "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk
                   FROM pragma_table_list t, pragma_table_info(t.name) c WHERE t.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
    let keys = "SELECT t.name, k.\"from\", k.\"table\", k.\"to\", k.on_delete
                FROM pragma_table_list t, pragma_foreign_key_list(t.name) k ORDER BY 1, 2";
    let indexes = "SELECT t.name, i.name, i.\"unique\", i.origin, x.name, x.desc
                   FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) x
                   WHERE i.origin <> 'u' ORDER BY 1, 2, x.seqno";
    let unique =
        "SELECT t.name, x.name FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_info(i.name) x
                  WHERE i.origin = 'u' ORDER BY 1, 2";
    let parts = [columns, keys, indexes, unique].map(|query| rows(database, query)).join("\n\n");
    let triggers = rows(database, "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name");
    let scripts = rows(database, "SELECT sql FROM sqlite_master WHERE type = 'table'");
    // Their names stay when a column is renamed, until the table is built anew.
    let check = Regex::new(r"CHECK \((?:[^()]|\([^()]*\))*\)").unwrap();
    let mut checks: Vec<_> = check.find_iter(&scripts).map(|found| found.as_str()).collect();
    checks.sort_unstable();
    format!("{tables}\n\n{parts}\n\n{triggers}\n\n{}", checks.join("\n"))
}

/// The same for PostgreSQL.
const DESCRIBE: &str = "
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull,
       a.attidentity, pg_get_expr(d.adbin, d.adrelid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (c.oid, attnum)
WHERE c.relnamespace = 'apigen_test'::regnamespace AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
ORDER BY 1, 2;
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'apigen_test'::regnamespace ORDER BY 1, 2;
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'apigen_test' ORDER BY 1, 2;
";

fn postgres(out: &Path, fresh: &Path, query: &str) -> Option<String> {
    let migrated = format!("{}{POSTGRES_ROWS}{}", sql(out, "postgres", "0001"), sql(out, "postgres", "0002"));
    let described = psql(&format!("{migrated}{DESCRIBE}"))?;
    assert_eq!(described, psql(&format!("{}{DESCRIBE}", sql(fresh, "postgres", "0001")))?);
    let kept = "SELECT right(id::text, 1), version, right(parent_id::text, 1) FROM orders ORDER BY id;";
    assert_eq!(psql(&format!("{migrated}{kept}"))?, "a|7|\nb|1|a");
    psql(&format!("{migrated}{query}"))
}

/// Runs a script in a transaction that is never committed, on the server that `APIGEN_TEST_POSTGRES_URL` names; `None` where
/// none is named.
fn psql(script: &str) -> Option<String> {
    let Ok(url) = std::env::var("APIGEN_TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("CI").is_none(), "APIGEN_TEST_POSTGRES_URL names no PostgreSQL server");
        // Past the harness, which would hide what a passing test prints.
        let _ = writeln!(std::io::stderr(), "SKIPPED: APIGEN_TEST_POSTGRES_URL names no PostgreSQL server");
        return None;
    };
    let begin = "BEGIN; CREATE SCHEMA apigen_test; SET LOCAL search_path = apigen_test; SET LOCAL timezone = 'UTC';";
    let output = Command::new("psql")
        .args([&url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c"])
        .arg(format!("{begin}\n{script}"))
        .output()
        .expect("psql is installed where a server is tested");
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
}

/// Every database finds the same.
#[track_caller]
fn check_found(found: &[String], wanted: &str) {
    assert!(!found.is_empty() && found.iter().all(|rows| rows == wanted), "{found:?}\n{wanted}");
}

#[track_caller]
fn refused(after: &str) -> String {
    let out = folder(&[SPEC]);
    let refused = write(after, out.path()).unwrap_err();
    let (first, rest) = refused.split_once('\n').unwrap();
    assert_eq!(first, "no migration can lead to the spec's tables:");
    let (reasons, way_out) = rest.rsplit_once('\n').unwrap();
    assert!(way_out.starts_with("take the change back; or, if there is no database yet"), "{way_out}");
    reasons.lines().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_optional_field() {
    let (sql, found) = follow(&order_with("gift?: bool"), "SELECT count(gift) FROM orders");
    insta::assert_snapshot!(sql, @r#"
    ALTER TABLE "orders" ADD COLUMN "gift" INTEGER CONSTRAINT "orders_gift_check" CHECK ("gift" IN (0, 1));

    ALTER TABLE "orders" ADD COLUMN "gift" BOOLEAN;
    "#);
    check_found(&found, "0");
}

#[test]
fn a_field_with_a_default() {
    let (sql, found) =
        follow(&order_with("priority: { type: int32, default: 3, minimum: 1 }"), "SELECT priority FROM orders");
    insta::assert_snapshot!(sql, @r#"
    CREATE TABLE "apigen_rebuilt" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "total"       INTEGER NOT NULL,
        "priority"    INTEGER NOT NULL,
        "note"        TEXT,
        "ship_to"     TEXT,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0),
        CONSTRAINT "orders_priority_check" CHECK ("priority" >= 1),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE NO ACTION
    ) STRICT;
    INSERT INTO "apigen_rebuilt" ("id", "status", "total", "priority", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at")
        SELECT "id", "status", "total", 3, "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at" FROM "orders";
    DROP TABLE "orders";
    ALTER TABLE "apigen_rebuilt" RENAME TO "orders";
    CREATE INDEX "orders_status_idx" ON "orders" ("status", "id");
    CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id", "id");
    CREATE INDEX "orders_parent_id_idx" ON "orders" ("parent_id", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");

    ALTER TABLE "orders" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 3;
    ALTER TABLE "orders" ALTER COLUMN "priority" DROP DEFAULT;
    ALTER TABLE "orders" ADD CONSTRAINT "orders_priority_check" CHECK ("priority" >= 1);
    "#);
    check_found(&found, "3\n3");
}

#[test]
fn a_field_that_is_made_at_the_time_of_a_create() {
    let both =
        "placed_at: { type: timestamp, default: now, sort: true }\n      placed_on?: { type: date, default: today }";
    let (sql, found) = follow(&order_with(both), "SELECT placed_on, placed_at = created_at FROM orders ORDER BY id");
    insta::assert_snapshot!(sql, @r#"
    CREATE TABLE "apigen_rebuilt" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "total"       INTEGER NOT NULL,
        "placed_at"   INTEGER NOT NULL,
        "placed_on"   TEXT,
        "note"        TEXT,
        "ship_to"     TEXT,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE NO ACTION
    ) STRICT;
    INSERT INTO "apigen_rebuilt" ("id", "status", "total", "placed_at", "placed_on", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at")
        SELECT "id", "status", "total", "created_at", date("created_at" / 1000000, 'unixepoch'), "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at" FROM "orders";
    DROP TABLE "orders";
    ALTER TABLE "apigen_rebuilt" RENAME TO "orders";
    CREATE INDEX "orders_status_idx" ON "orders" ("status", "id");
    CREATE INDEX "orders_placed_at_idx" ON "orders" ("placed_at", "id");
    CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id", "id");
    CREATE INDEX "orders_parent_id_idx" ON "orders" ("parent_id", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");

    ALTER TABLE "orders" ADD COLUMN "placed_at" TIMESTAMPTZ;
    UPDATE "orders" SET "placed_at" = "created_at";
    ALTER TABLE "orders" ALTER COLUMN "placed_at" SET NOT NULL;
    ALTER TABLE "orders" ADD COLUMN "placed_on" DATE;
    UPDATE "orders" SET "placed_on" = ("created_at" AT TIME ZONE 'UTC')::date;

    CREATE INDEX "orders_placed_at_idx" ON "orders" ("placed_at", "id");
    "#);
    assert_eq!(found[0], "1970-01-01|1\n1970-01-02|1");
    assert!(found.get(1).is_none_or(|rows| rows == "1970-01-01|t\n1970-01-02|t"), "{found:?}");
}

#[test]
fn a_list_and_a_map_are_empty() {
    let both = "tags: list<string>\n      sizes: map<int32>";
    let (_, found) = follow(&order_with(both), "SELECT tags, sizes FROM orders");
    check_found(&found, "[]|{}\n[]|{}");
}

#[test]
fn an_optional_unique_field() {
    let (sql, _) = follow(&order_with("code?: { type: string, unique: true }"), "SELECT 1");
    insta::assert_snapshot!(sql, @r#"
    CREATE TABLE "apigen_rebuilt" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "total"       INTEGER NOT NULL,
        "code"        TEXT,
        "note"        TEXT,
        "ship_to"     TEXT,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_code_key" UNIQUE ("code"),
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE NO ACTION
    ) STRICT;
    INSERT INTO "apigen_rebuilt" ("id", "status", "total", "code", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at")
        SELECT "id", "status", "total", NULL, "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at" FROM "orders";
    DROP TABLE "orders";
    ALTER TABLE "apigen_rebuilt" RENAME TO "orders";
    CREATE INDEX "orders_status_idx" ON "orders" ("status", "id");
    CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id", "id");
    CREATE INDEX "orders_parent_id_idx" ON "orders" ("parent_id", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");

    ALTER TABLE "orders" ADD COLUMN "code" TEXT COLLATE "C";
    ALTER TABLE "orders" ADD CONSTRAINT "orders_code_key" UNIQUE ("code");
    "#);
}

#[test]
fn an_optional_relation_to_a_new_resource() {
    let relation = with("      courier?: { belongs_to: Courier, on_delete: set_null }", "      customer: {");
    let resource = "  Courier:\n    id: { prefix: cou }\n    fields:\n      name: { type: string, sort: true }\n";
    let (sql, _) = follow(&format!("{relation}{resource}"), "SELECT 1");
    insta::assert_snapshot!(sql, @r#"
    ALTER TABLE "orders" ADD COLUMN "courier_id" BLOB CONSTRAINT "orders_courier_id_fkey" REFERENCES "couriers" ("id") ON DELETE SET NULL;

    CREATE TABLE "couriers" (
        "id"         BLOB    NOT NULL PRIMARY KEY,
        "name"       TEXT    NOT NULL,
        "version"    INTEGER NOT NULL DEFAULT 1,
        "created_at" INTEGER NOT NULL,
        "updated_at" INTEGER NOT NULL
    ) STRICT;

    CREATE INDEX "couriers_name_idx" ON "couriers" ("name", "id");
    CREATE INDEX "couriers_created_at_idx" ON "couriers" ("created_at", "id");
    CREATE INDEX "couriers_updated_at_idx" ON "couriers" ("updated_at", "id");

    CREATE INDEX "orders_courier_id_idx" ON "orders" ("courier_id", "id");

    ALTER TABLE "orders" ADD COLUMN "courier_id" UUID;

    CREATE TABLE "couriers" (
        "id"         UUID             NOT NULL PRIMARY KEY,
        "name"       TEXT COLLATE "C" NOT NULL,
        "version"    BIGINT           NOT NULL DEFAULT 1,
        "created_at" TIMESTAMPTZ      NOT NULL,
        "updated_at" TIMESTAMPTZ      NOT NULL
    );

    CREATE INDEX "couriers_name_idx" ON "couriers" ("name", "id");
    CREATE INDEX "couriers_created_at_idx" ON "couriers" ("created_at", "id");
    CREATE INDEX "couriers_updated_at_idx" ON "couriers" ("updated_at", "id");

    ALTER TABLE "orders" ADD CONSTRAINT "orders_courier_id_fkey" FOREIGN KEY ("courier_id") REFERENCES "couriers" ("id") ON DELETE SET NULL;

    CREATE INDEX "orders_courier_id_idx" ON "orders" ("courier_id", "id");
    "#);
}

#[test]
fn one_more_value_of_an_enum() {
    let (sql, found) =
        follow(&SPEC.replace("[open, done]", "[open, sent, done]"), "SELECT status FROM orders ORDER BY id");
    insta::assert_snapshot!(sql, @r#"
    CREATE TABLE "apigen_rebuilt" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "total"       INTEGER NOT NULL,
        "note"        TEXT,
        "ship_to"     TEXT,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'sent', 'done')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE NO ACTION
    ) STRICT;
    INSERT INTO "apigen_rebuilt" ("id", "status", "total", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at")
        SELECT "id", "status", "total", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at" FROM "orders";
    DROP TABLE "orders";
    ALTER TABLE "apigen_rebuilt" RENAME TO "orders";
    CREATE INDEX "orders_status_idx" ON "orders" ("status", "id");
    CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id", "id");
    CREATE INDEX "orders_parent_id_idx" ON "orders" ("parent_id", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");

    ALTER TABLE "orders" DROP CONSTRAINT "orders_status_check", ADD CONSTRAINT "orders_status_check" CHECK ("status" IN ('open', 'sent', 'done'));
    "#);
    check_found(&found, "open\ndone");
}

/// Both the table that orders refer to and the one that refers to itself are built anew on SQLite.
#[test]
fn tables_that_others_refer_to() {
    let spec = order_with("priority: { type: int32, default: 3 }")
        .replace("      name: string", "      name: string\n      city?: { type: string, default: Hamburg }");
    let (_, found) = follow(&spec, "SELECT city, name FROM users JOIN orders ON customer_id = users.id");
    check_found(&found, "Hamburg|Ada\nHamburg|Ada");
}

#[test]
fn an_index_comes_and_one_goes() {
    let spec = SPEC.replace("Status, filter: true", "Status").replace("minimum: 0", "minimum: 0, sort: true");
    let (sql, _) = follow(&spec, "SELECT 1");
    insta::assert_snapshot!(sql, @r#"
    DROP INDEX "orders_status_idx";

    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id");

    DROP INDEX "orders_status_idx";

    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id");
    "#);
}

#[test]
fn what_may_be_absent_comes_last_in_both_directions() {
    let (sql, _) = follow(&SPEC.replace("note?: string", "note?: { type: string, sort: true }"), "SELECT 1");
    insta::assert_snapshot!(sql, @r#"
    CREATE INDEX "orders_note_idx" ON "orders" ("note", "id");

    CREATE INDEX "orders_note_idx" ON "orders" ("note", "id");
    CREATE INDEX "orders_note_desc_idx" ON "orders" ("note" DESC NULLS LAST, "id" DESC);
    "#);
}

#[test]
fn the_order_of_a_list_and_rows_that_stay() {
    let list = "    soft_delete: true\n    list: { sort: [-note, total] }\n    relations:\n      customer";
    let spec = SPEC.replace("    relations:\n      customer", list).replace("minimum: 0", "minimum: 0, sort: true");
    let spec = spec.replace("note?: string", "note?: { type: string, sort: true }");
    let (sql, _) = follow(&spec, "SELECT 1");
    insta::assert_snapshot!(sql, @r#"
    DROP INDEX "orders_status_idx";
    DROP INDEX "orders_customer_id_idx";
    DROP INDEX "orders_parent_id_idx";
    DROP INDEX "orders_created_at_idx";
    DROP INDEX "orders_updated_at_idx";

    ALTER TABLE "orders" ADD COLUMN "deleted_at" INTEGER;

    CREATE INDEX "orders_status_note_total_idx" ON "orders" ("status", "note" DESC, "total", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_note_idx" ON "orders" ("note", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_customer_id_note_total_idx" ON "orders" ("customer_id", "note" DESC, "total", "id");
    CREATE INDEX "orders_parent_id_note_total_idx" ON "orders" ("parent_id", "note" DESC, "total", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_note_total_idx" ON "orders" ("note" DESC, "total", "id") WHERE "deleted_at" IS NULL;

    DROP INDEX "orders_status_idx";
    DROP INDEX "orders_customer_id_idx";
    DROP INDEX "orders_parent_id_idx";
    DROP INDEX "orders_created_at_idx";
    DROP INDEX "orders_updated_at_idx";

    ALTER TABLE "orders" ADD COLUMN "deleted_at" TIMESTAMPTZ;

    CREATE INDEX "orders_status_note_total_idx" ON "orders" ("status", "note" DESC NULLS LAST, "total", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_total_idx" ON "orders" ("total", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_note_idx" ON "orders" ("note", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_customer_id_note_total_idx" ON "orders" ("customer_id", "note" DESC NULLS LAST, "total", "id");
    CREATE INDEX "orders_parent_id_note_total_idx" ON "orders" ("parent_id", "note" DESC NULLS LAST, "total", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_note_total_idx" ON "orders" ("note" DESC NULLS LAST, "total", "id") WHERE "deleted_at" IS NULL;
    CREATE INDEX "orders_note_desc_idx" ON "orders" ("note" DESC NULLS LAST, "id" DESC) WHERE "deleted_at" IS NULL;
    "#);
}

#[test]
fn many_changes_at_once() {
    let spec = order_with("priority: { type: int32, default: 3, filter: true }\n      gift?: bool")
        .replace("[open, done]", "[open, sent, done]")
        .replace("name: string", "name: { type: string, sort: true }\n      email?: { type: email, filter: true }");
    let (_, found) = follow(&spec, "SELECT priority, gift, status FROM orders ORDER BY id");
    check_found(&found, "3||open\n3||done");
    let out = folder(&[SPEC, &spec]);
    assert_eq!(write(&spec, out.path()).unwrap()[1], "0002_add_users_email_and_more");
}

/// What each type's default is in a row, where both databases show it alike.
#[test]
fn constants_of_every_type() {
    let fields = "a: { type: string, default: \"it's\" }
      b: { type: bool, default: true }
      c: { type: int64, default: -9223372036854775808 }
      d: { type: float64, default: 1.5 }
      e: { type: uuid, default: 0190b9a2-7e3f-7cc4-b1d2-3f5a6b7c8d9e }
      f: { type: date, default: 2026-01-31 }
      g: { type: duration, default: P1DT1S }
      h: { type: bytes, default: aGk= }
      i: { type: Status, default: done }
      j: { type: list<decimal>, scale: 2, default: [1, 2.5] }
      k: { type: Address, default: { city: Hamburg } }
      l: { type: json, default: null }
      m: { type: decimal, scale: 3, default: 1.5 }
      n: { type: timestamp, default: 2026-01-31T12:30:00+01:00 }";
    let query = "SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n FROM orders WHERE version = 7";
    let (_, found) = follow(&order_with(fields), query);
    assert_eq!(
        found[0],
        "it's|1|-9223372036854775808|1.5|0190b9a27e3f7cc4b1d23f5a6b7c8d9e|2026-01-31|86401000000|6869|done|\
         [\"1.00\",\"2.50\"]|{\"city\":\"Hamburg\"}|null|1500|1769859000000000"
    );
    let postgres = "it's|t|-9223372036854775808|1.5|0190b9a2-7e3f-7cc4-b1d2-3f5a6b7c8d9e|2026-01-31|86401000000|\\x6869|\
                    done|[\"1.00\", \"2.50\"]|{\"city\": \"Hamburg\"}|null|1.500|2026-01-31 11:30:00+00";
    assert!(found.get(1).is_none_or(|rows| rows == postgres), "{found:?}");
}

#[test]
fn no_change_is_no_migration() {
    let out = folder(&[SPEC, SPEC]);
    let reordered =
        SPEC.replace("      note?: string\n", "").replace("      status:", "      note?: string\n      status:");
    assert_eq!(write(&reordered, out.path()).unwrap(), ["0001_initial"]);
    let grown = SPEC.replace("{ city: string }", "{ city: string, zip?: string, lines: list<string> }");
    assert_eq!(write(&grown, out.path()).unwrap(), ["0001_initial"]);
    assert_eq!(History::read(out.path()).unwrap(), History::read(folder(&[&grown]).path()).unwrap());
}

#[test]
fn steps_follow_each_other() {
    let next = order_with("gift?: bool");
    let last = next.replace("gift?: bool", "gift?: bool\n      weight?: int32");
    let out = folder(&[SPEC, &next]);
    let first: Vec<_> = ["0001", "0002"].map(|number| sql(out.path(), "sqlite", number)).into();
    let names = write(&last, out.path()).unwrap();
    assert_eq!(names, ["0001_initial", "0002_add_orders_gift", "0003_add_orders_weight"]);
    assert_eq!(["0001", "0002"].map(|number| sql(out.path(), "sqlite", number)).to_vec(), first);
}

#[test]
fn what_would_lose_or_break_rows_is_refused() {
    let without = |line: &str| refused(&SPEC.replace(line, ""));
    let instead = |old: &str, new: &str| refused(&SPEC.replace(old, new));
    insta::assert_snapshot!(without("      note?: string\n"), @"orders.note: the spec no longer has this column; to drop or rename one isn't supported yet");
    insta::assert_snapshot!(instead("User", "Customer"), @"
    users: the spec no longer has this table; to drop or rename one isn't supported yet
    orders.customer_id: to change what it refers to, or its `on_delete`, isn't supported yet
    ");
    insta::assert_snapshot!(instead("note?: string", "note: string"), @"orders.note: rows that are already there may be without a value, so it can't become required");
    insta::assert_snapshot!(instead("name: string", "name?: string"), @"users.name: to become optional isn't supported yet");
    insta::assert_snapshot!(instead("name: string", "name: email"), @"users.name: string to email is a change of type, which isn't supported yet");
    insta::assert_snapshot!(instead("scale: 2", "scale: 3"), @"orders.total: decimal of 18 digits, 2 behind the point, to decimal of 18 digits, 3 behind the point, is a change of type, which isn't supported yet");
    insta::assert_snapshot!(instead("name: string", "name: { type: string, unique: true }"), @"users.name: rows that are already there may share a value, so it can't become unique");
    insta::assert_snapshot!(instead("[open, done]", "[open, finished]"), @"orders.status: rows that are already there may have the values that its enum lost: done");
    insta::assert_snapshot!(instead("minimum: 0", "minimum: 1"), @"orders.total: to change `minimum` or `maximum` isn't supported yet");
    insta::assert_snapshot!(instead("belongs_to: User", "belongs_to: User, on_delete: cascade"), @"orders.customer_id: to change what it refers to, or its `on_delete`, isn't supported yet");
    insta::assert_snapshot!(instead("{ city: string }", "{ town: string }"), @"
    Address.city: stored values have this field, and the spec no longer does; that isn't supported yet
    Address.town: stored values are without it: make it optional
    ");
    insta::assert_snapshot!(refused(&order_with("weight: int32")), @"orders.weight: the rows that are already there need a value in a new column: make it optional, or give it a default");
    insta::assert_snapshot!(refused(&order_with("code: { type: string, unique: true, default: x }")), @"orders.code: all rows that are already there would get the same value in a new unique column: make it optional, without a default");
}

#[track_caller]
fn read_error(out: &Path) -> String {
    let error = History::read(out).unwrap_err();
    format!("{error:#}").replace(out.to_str().unwrap(), "OUT")
}

#[test]
fn an_edited_history_is_refused() {
    let next = order_with("gift?: bool");
    let edited = |path: &str| {
        let out = folder(&[SPEC, &next]);
        let path = out.path().join(path);
        let text = fs::read_to_string(&path).unwrap().replace("orders", "baskets");
        fs::write(path, text).unwrap();
        read_error(out.path())
    };
    insta::assert_snapshot!(edited("migrations/sqlite/0001_initial.sql"), @"OUT/migrations/sqlite/0001_initial.sql isn't as apigen wrote it, and databases may have been made by it: restore it from version control");
    insta::assert_snapshot!(edited("migrations/postgres/0002_add_orders_gift.sql"), @"OUT/migrations/postgres/0002_add_orders_gift.sql isn't as apigen wrote it, and databases may have been made by it: restore it from version control");
    insta::assert_snapshot!(edited("migrations/schema.yaml"), @"cannot trust OUT/migrations/schema.yaml: it isn't as apigen wrote it: restore it from version control; after a merge, take the whole folder `migrations` of one side and generate again");
    let out = folder(&[SPEC]);
    fs::remove_file(out.path().join("migrations/sqlite/0001_initial.sql")).unwrap();
    insta::assert_snapshot!(read_error(out.path()), @"OUT/migrations/sqlite/0001_initial.sql is gone, and databases may have been made by it: restore it from version control");
}

#[test]
fn without_a_snapshot_only_the_first_step_is_known() {
    let out = folder(&[SPEC]);
    fs::remove_file(out.path().join("migrations/schema.yaml")).unwrap();
    assert_eq!(write(&order_with("gift?: bool"), out.path()).unwrap_err().lines().count(), 4);
    assert_eq!(write(SPEC, out.path()).unwrap(), ["0001_initial"]);
}

#[test]
fn renames_take_tables_columns_constraints_and_rows_along() {
    let after = SPEC
        .replace("  User:\n    id", "  Person:\n    renamed_from: User\n    id")
        .replace("belongs_to: User }", "belongs_to: Person, renamed_from: customer }")
        .replace("customer:", "buyer:")
        .replace("note?: string", "remark?: { type: string, renamed_from: note }")
        .replace("total: {", "amount: { renamed_from: total,");
    let (sql, found) =
        follow(&after, "SELECT remark, amount > 1, name FROM orders JOIN people ON people.id = buyer_id");
    insta::assert_snapshot!(sql, @r#"
    ALTER TABLE "users" RENAME TO "people";
    DROP INDEX "users_created_at_idx";
    CREATE INDEX "people_created_at_idx" ON "people" ("created_at", "id");
    DROP INDEX "users_updated_at_idx";
    CREATE INDEX "people_updated_at_idx" ON "people" ("updated_at", "id");
    ALTER TABLE "orders" RENAME COLUMN "total" TO "amount";
    ALTER TABLE "orders" RENAME COLUMN "note" TO "remark";
    ALTER TABLE "orders" RENAME COLUMN "customer_id" TO "buyer_id";
    DROP INDEX "orders_customer_id_idx";
    CREATE INDEX "orders_buyer_id_idx" ON "orders" ("buyer_id", "id");

    ALTER TABLE "users" RENAME TO "people";
    ALTER TABLE "people" RENAME CONSTRAINT "users_pkey" TO "people_pkey";
    ALTER INDEX "users_created_at_idx" RENAME TO "people_created_at_idx";
    ALTER INDEX "users_updated_at_idx" RENAME TO "people_updated_at_idx";
    ALTER TABLE "orders" RENAME COLUMN "total" TO "amount";
    ALTER TABLE "orders" RENAME CONSTRAINT "orders_total_check" TO "orders_amount_check";
    ALTER TABLE "orders" RENAME COLUMN "note" TO "remark";
    ALTER TABLE "orders" RENAME COLUMN "customer_id" TO "buyer_id";
    ALTER TABLE "orders" RENAME CONSTRAINT "orders_customer_id_fkey" TO "orders_buyer_id_fkey";
    ALTER INDEX "orders_customer_id_idx" RENAME TO "orders_buyer_id_idx";
    "#);
    assert_eq!(found[0], "|1|Ada\n|1|Ada");
    assert!(found.get(1).is_none_or(|rows| rows == "|f|Ada\n|t|Ada"), "{found:?}");
}

#[test]
fn a_renamed_value_is_renamed_in_all_rows() {
    let after = SPEC
        .replace("  Status: [open, done]", "  Status: { values: { waiting: { renamed_from: open }, done: , lost: } }");
    let (sql, found) = follow(&after, "SELECT status FROM orders ORDER BY id");
    insta::assert_snapshot!(sql, @r#"
    CREATE TABLE "apigen_rebuilt" (
        "id"          BLOB    NOT NULL PRIMARY KEY,
        "status"      TEXT    NOT NULL,
        "total"       INTEGER NOT NULL,
        "note"        TEXT,
        "ship_to"     TEXT,
        "customer_id" BLOB    NOT NULL,
        "parent_id"   BLOB,
        "version"     INTEGER NOT NULL DEFAULT 1,
        "created_at"  INTEGER NOT NULL,
        "updated_at"  INTEGER NOT NULL,
        CONSTRAINT "orders_status_check" CHECK ("status" IN ('waiting', 'done', 'lost')),
        CONSTRAINT "orders_total_check" CHECK ("total" >= 0),
        CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE NO ACTION,
        CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE NO ACTION
    ) STRICT;
    INSERT INTO "apigen_rebuilt" ("id", "status", "total", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at")
        SELECT "id", CASE "status" WHEN 'open' THEN 'waiting' ELSE "status" END, "total", "note", "ship_to", "customer_id", "parent_id", "version", "created_at", "updated_at" FROM "orders";
    DROP TABLE "orders";
    ALTER TABLE "apigen_rebuilt" RENAME TO "orders";
    CREATE INDEX "orders_status_idx" ON "orders" ("status", "id");
    CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id", "id");
    CREATE INDEX "orders_parent_id_idx" ON "orders" ("parent_id", "id");
    CREATE INDEX "orders_created_at_idx" ON "orders" ("created_at", "id");
    CREATE INDEX "orders_updated_at_idx" ON "orders" ("updated_at", "id");

    ALTER TABLE "orders" DROP CONSTRAINT "orders_status_check";
    UPDATE "orders" SET "status" = CASE "status" WHEN 'open' THEN 'waiting' ELSE "status" END WHERE "status" <> CASE "status" WHEN 'open' THEN 'waiting' ELSE "status" END;
    ALTER TABLE "orders" ADD CONSTRAINT "orders_status_check" CHECK ("status" IN ('waiting', 'done', 'lost'));
    "#);
    check_found(&found, "waiting\ndone");
}

#[test]
fn a_rename_that_was_followed_changes_nothing_more() {
    let after = SPEC.replace("note?: string", "remark?: { type: string, renamed_from: note }");
    let out = folder(&[SPEC, &after]);
    assert_eq!(write(&after, out.path()).unwrap().len(), 2);
}

#[test]
fn several_fields_become_unique_together() {
    let after = SPEC.to_owned() + "    unique: [[customer, note]]\n    indexes: [[status, -total]]\n";
    let (sql, found) = follow(&after, "SELECT count(*) FROM orders");
    insta::assert_snapshot!(sql, @r#"
    CREATE INDEX "orders_status_total_idx" ON "orders" ("status", "total" DESC, "id" DESC);
    CREATE UNIQUE INDEX "orders_customer_id_note_key" ON "orders" ("customer_id", "note");

    CREATE INDEX "orders_status_total_idx" ON "orders" ("status", "total" DESC, "id" DESC);
    CREATE UNIQUE INDEX "orders_customer_id_note_key" ON "orders" ("customer_id", "note");
    "#);
    check_found(&found, "2");
}

/// How users are found by a word, on each database.
fn users_with(word: &str) -> [String; 2] {
    let rows = "SELECT r.id FROM apigen_search_users f JOIN apigen_search_users_rows r ON r.\"row\" = f.rowid";
    [
        format!("SELECT count(*) FROM users WHERE id IN ({rows} WHERE apigen_search_users MATCH '{word}')"),
        format!("SELECT count(*) FROM users WHERE apigen_search @@ to_tsquery('simple', '{word}')"),
    ]
}

/// From one spec to another, both of which let users be searched for, Ada is found.
#[track_caller]
fn follow_searched(before: &str, after: &str) -> String {
    let queries = users_with("ada");
    let (sql, found) = follow_from(before, after, [&queries[0], &queries[1]]);
    check_found(&found, "1");
    sql
}

fn searched() -> String {
    with("    search: [name]", "  Order:")
}

#[test]
fn rows_that_are_there_become_searched() {
    insta::assert_snapshot!(follow_searched(SPEC, &searched()), @r##"
    CREATE TABLE "apigen_search_users_rows" (
        "row" INTEGER PRIMARY KEY,
        "id"  BLOB NOT NULL UNIQUE
    ) STRICT;
    CREATE VIRTUAL TABLE "apigen_search_users" USING fts5 ("name_words", content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
    INSERT INTO "apigen_search_users_rows" ("id")
        SELECT "id" FROM "users";
    INSERT INTO "apigen_search_users" (rowid, "name_words")
        SELECT r."row", t."name" FROM "users" AS t JOIN "apigen_search_users_rows" AS r ON r."id" = t."id";
    CREATE TRIGGER "apigen_search_users_insert" AFTER INSERT ON "users" BEGIN
        INSERT INTO "apigen_search_users_rows" ("id") VALUES (new."id");
        INSERT INTO "apigen_search_users" (rowid, "name_words") VALUES ((SELECT "row" FROM "apigen_search_users_rows" WHERE "id" = new."id"), new."name");
    END;
    CREATE TRIGGER "apigen_search_users_update" AFTER UPDATE OF "name" ON "users" BEGIN
        DELETE FROM "apigen_search_users" WHERE rowid = (SELECT "row" FROM "apigen_search_users_rows" WHERE "id" = old."id");
        INSERT INTO "apigen_search_users" (rowid, "name_words") VALUES ((SELECT "row" FROM "apigen_search_users_rows" WHERE "id" = new."id"), new."name");
    END;
    CREATE TRIGGER "apigen_search_users_delete" AFTER DELETE ON "users" BEGIN
        DELETE FROM "apigen_search_users" WHERE rowid = (SELECT "row" FROM "apigen_search_users_rows" WHERE "id" = old."id");
        DELETE FROM "apigen_search_users_rows" WHERE "id" = old."id";
    END;

    ALTER TABLE "users" ADD COLUMN "apigen_search" TSVECTOR GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', translate(coalesce("name", ''), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                ')), 'A')
    ) STORED;
    CREATE INDEX "apigen_search_users" ON "users" USING gin ("apigen_search");
    "##);
}

#[test]
fn other_fields_are_searched() {
    let after =
        searched().replace("name: string", "name: string\n      alias?: string").replace("[name]", "[alias, name]");
    follow_searched(&searched(), &after);
}

#[test]
fn rows_are_no_longer_searched() {
    let (sql, found) = follow_from(&searched(), SPEC, ["SELECT name FROM users"; 2]);
    insta::assert_snapshot!(sql, @r#"
    DROP TRIGGER "apigen_search_users_insert";
    DROP TRIGGER "apigen_search_users_update";
    DROP TRIGGER "apigen_search_users_delete";
    DROP TABLE "apigen_search_users";
    DROP TABLE "apigen_search_users_rows";

    ALTER TABLE "users" DROP COLUMN "apigen_search";
    "#);
    check_found(&found, "Ada");
}

#[test]
fn a_searched_field_is_renamed() {
    let after =
        searched().replace("name: string", "title: { type: string, renamed_from: name }").replace("[name]", "[title]");
    follow_searched(&searched(), &after);
}

#[test]
fn a_searched_resource_is_renamed() {
    let after = searched()
        .replace("  User:\n    id", "  Person:\n    renamed_from: User\n    id")
        .replace("belongs_to: User }", "belongs_to: Person }");
    let queries = users_with("ada").map(|query| query.replace("users", "people"));
    let (_, found) = follow_from(&searched(), &after, [&queries[0], &queries[1]]);
    check_found(&found, "1");
}

/// SQLite builds the table anew, and what finds its rows stays.
#[test]
fn a_searched_resource_gets_a_field() {
    let after = searched().replace("name: string", "name: string\n      level: { type: int32, default: 3 }");
    let sql = follow_searched(&searched(), &after);
    assert!(sql.contains("apigen_rebuilt") && !sql.contains("fts5"), "{sql}");
}
