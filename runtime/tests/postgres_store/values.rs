//! Every type, stored in the column that a migration gives it and read back.

use apigen_runtime::{
    descriptor::{Enum, Field, Id, Object, Type},
    error::Code,
    store::{self, Arg},
    value::Value,
};
use serde_json::json;

use crate::support::{Database, execute, single, soon};

const SIZE: Enum = Enum { name: "Size", values: &["small", "large"] };
const ADDRESS: Object = Object {
    name: "Address",
    fields: &[
        Field::new("street", "street", Type::String),
        Field::new("price", "price", Type::Decimal { precision: 18, scale: 2 }).optional(),
    ],
};
const MONEY: Type = Type::Decimal { precision: 18, scale: 2 };
const WHOLE: Type = Type::Decimal { precision: 18, scale: 0 };
const TINY: Type = Type::Decimal { precision: 18, scale: 18 };

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn cases() -> Vec<(Type, &'static str, Value)> {
    let uuid = Value::Uuid(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef));
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    let time = |text: &str| Value::Timestamp(text.parse().unwrap());
    let date = |text: &str| Value::Date(text.parse().unwrap());
    let json = |json| Value::Json(Box::new(json));
    let address = Value::Object(vec![text("Ünter den Linden"), decimal("1.20")]);
    let sparse = Value::Object(vec![text(""), Value::Null]);
    vec![
        (Type::String, "TEXT", text("a b ü 𝄞")),
        (Type::String, "TEXT", text("")),
        (Type::Email, "TEXT", text("a@b.example")),
        (Type::Url, "TEXT", text("https://a.example")),
        (Type::Password, "TEXT", text("$argon2id$")),
        (Type::Bool, "BOOLEAN", Value::Bool(true)),
        (Type::Bool, "BOOLEAN", Value::Bool(false)),
        (Type::Int32, "INTEGER", Value::Int(i32::MIN.into())),
        (Type::Int32, "INTEGER", Value::Int(i32::MAX.into())),
        (Type::Int64, "BIGINT", Value::Int(i64::MIN)),
        (Type::Int64, "BIGINT", Value::Int(i64::MAX)),
        (Type::Float64, "DOUBLE PRECISION", Value::Float(0.1)),
        (Type::Float64, "DOUBLE PRECISION", Value::Float(f64::MAX)),
        (Type::Float64, "DOUBLE PRECISION", Value::Float(5e-324)),
        (MONEY, "NUMERIC(18,2)", decimal("-12.30")),
        (MONEY, "NUMERIC(18,2)", decimal("0.00")),
        (MONEY, "NUMERIC(18,2)", decimal("100000.00")),
        (MONEY, "NUMERIC(18,2)", decimal("-9999999999999999.99")),
        (WHOLE, "NUMERIC(18,0)", decimal("999999999999999999")),
        (TINY, "NUMERIC(18,18)", decimal("0.000000000000000001")),
        (Type::Uuid, "UUID", uuid.clone()),
        (Type::Timestamp, "TIMESTAMPTZ", time("1969-12-31T23:59:59.999999Z")),
        (Type::Timestamp, "TIMESTAMPTZ", time("0001-01-01T00:00:00Z")),
        (Type::Timestamp, "TIMESTAMPTZ", time("9999-12-30T22:00:00Z")),
        (Type::Date, "DATE", date("2024-02-29")),
        (Type::Date, "DATE", date("1999-12-31")),
        (Type::Date, "DATE", date("0001-01-01")),
        (Type::Date, "DATE", date("9999-12-31")),
        (Type::Duration, "BIGINT", Value::Duration(-90_000_000)),
        (Type::Bytes, "BYTEA", Value::Bytes(vec![0, 1, 255])),
        (Type::Bytes, "BYTEA", Value::Bytes(vec![])),
        (Type::Json, "JSONB", json(json!({"a": [1, null, "x"]}))),
        (Type::Json, "JSONB", json(json!(null))),
        (Type::Json, "JSONB", json(json!(0.1))),
        (Type::Id(Id::Prefixed("usr")), "UUID", uuid.clone()),
        (Type::Id(Id::Uuid), "UUID", uuid),
        (Type::Id(Id::Int64), "BIGINT", Value::Int(7)),
        (Type::Id(Id::Text), "TEXT", text("DE")),
        (Type::Enum(&SIZE), "TEXT", Value::Enum("large")),
        (Type::Object(&ADDRESS), "JSONB", address.clone()),
        (Type::Object(&ADDRESS), "JSONB", sparse),
        (Type::List(&Type::Object(&ADDRESS)), "JSONB", Value::List(vec![address])),
        (Type::List(&Type::String), "JSONB", Value::List(vec![])),
        (Type::Map(&Type::Int32), "JSONB", Value::Map([("k".to_owned(), Value::Int(1))].into())),
    ]
}

/// As on SQLite, which keeps no sign of zero.
#[tokio::test]
async fn a_zero_has_no_sign() {
    let Some(database) = Database::create().await else { return };
    let store = store::postgres::PostgresStore::connect(&database.url(), single()).await.unwrap();
    let read = store::write(&store, soon(), |tx| {
        Box::pin(async move {
            tx.execute("CREATE TABLE v (v DOUBLE PRECISION)", &[]).await?;
            tx.execute("INSERT INTO v VALUES ($1)", &[Arg::One(Type::Float64, &Value::Float(-0.0))]).await?;
            Ok(tx.query("SELECT v FROM v", &[], &[Type::Float64]).await?.concat())
        })
    });
    let Some(Value::Float(zero)) = read.await.unwrap().pop() else { panic!("a number was stored") };
    assert!(zero.is_sign_positive());
}

#[tokio::test]
async fn every_type_round_trips() {
    let Some(database) = Database::create().await else { return };
    for url in [database.url(), format!("{}?pgbouncer=true", database.url())] {
        let store = store::postgres::PostgresStore::connect(&url, single()).await.unwrap();
        for (ty, column, value) in cases() {
            let stored = value.clone();
            let read = store::write(&store, soon(), move |tx| {
                let value = stored.clone();
                Box::pin(async move {
                    tx.execute(&format!("CREATE TABLE v (v {column})"), &[]).await?;
                    let insert = "INSERT INTO v SELECT * FROM unnest($1)";
                    tx.execute("INSERT INTO v VALUES ($1)", &[Arg::One(ty, &value)]).await?;
                    tx.execute("INSERT INTO v VALUES ($1)", &[Arg::One(ty, &Value::Null)]).await?;
                    tx.execute(insert, &[Arg::Many(ty, &[value, Value::Null])]).await?;
                    let rows = tx.query("SELECT v FROM v", &[], &[ty]).await?;
                    tx.execute("DROP TABLE v", &[]).await?;
                    Ok(rows.concat())
                })
            });
            assert_eq!(read.await.unwrap(), [value.clone(), Value::Null, value, Value::Null], "{ty:?}");
        }
    }
}

#[tokio::test]
async fn bounds_may_lie_outside_their_column() {
    let Some(database) = Database::create().await else { return };
    let store = database.store().await;
    execute(&store, "CREATE TABLE v (i INTEGER)").await.unwrap();
    execute(&store, "INSERT INTO v VALUES (1)").await.unwrap();
    let found = store::read(&store, soon(), |tx| {
        Box::pin(async move {
            let bound = Value::Int(i64::from(i32::MAX) + 1);
            Ok(tx.query("SELECT i FROM v WHERE i < $1", &[Arg::One(Type::Int32, &bound)], &[Type::Int32]).await?)
        })
    });
    assert_eq!(found.await.unwrap(), [[Value::Int(1)]]);
}

#[tokio::test]
async fn many_values_are_a_table() {
    let Some(database) = Database::create().await else { return };
    let found = store::read(&database.store().await, soon(), |tx| {
        Box::pin(async move {
            let ids: Vec<Value> = [3, 1, 2].map(|id| Value::Uuid(uuid::Uuid::from_u128(id))).into();
            let names = [text("a"), Value::Null];
            let sql = "SELECT a, b FROM unnest($1) a, unnest($2) b ORDER BY 1, 2 NULLS LAST";
            let args = [Arg::Many(Type::Uuid, &ids), Arg::Many(Type::String, &names)];
            Ok(tx.query(sql, &args, &[Type::Uuid, Type::String]).await?)
        })
    })
    .await
    .unwrap();
    assert_eq!(found.len(), 6);
    assert_eq!(found[0], [Value::Uuid(uuid::Uuid::from_u128(1)), text("a")]);
    assert_eq!(found[5], [Value::Uuid(uuid::Uuid::from_u128(3)), Value::Null]);
}

#[tokio::test]
async fn what_does_not_fit_is_an_internal_error() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    let cases: [(Type, Value, Type); 6] = [
        (Type::Uuid, text("not a uuid"), Type::Uuid),
        (MONEY, Value::Decimal("1.005".parse().unwrap()), MONEY),
        (MONEY, Value::Decimal("99999999999999999999".parse().unwrap()), MONEY),
        (Type::String, text("huge"), Type::Enum(&SIZE)),
        (Type::String, text("text"), Type::Int64),
        (Type::Int64, Value::Int(1), Type::String),
    ];
    for (ty, value, read_as) in cases {
        let result = store::read(&store, soon(), move |tx| {
            let value = value.clone();
            Box::pin(async move { Ok(tx.query("SELECT $1", &[Arg::One(ty, &value)], &[read_as]).await?) })
        });
        assert_eq!(result.await.unwrap_err().code, Code::Internal, "{ty:?}");
    }
}

#[tokio::test]
async fn parameters_and_columns_are_counted() {
    let Some(database) = Database::create().await else { return };
    let store = database.store_with(single()).await;
    for (sql, columns) in [("SELECT $1, $2::int8", 2), ("SELECT $1, 2", 1)] {
        let result = store::read(&store, soon(), move |tx| {
            Box::pin(async move {
                let one = Value::Int(1);
                Ok(tx.query(sql, &[Arg::One(Type::Int64, &one)], &[Type::Int64, Type::Int64][..columns]).await?)
            })
        });
        assert_eq!(result.await.unwrap_err().code, Code::Internal, "{sql}");
    }
}
