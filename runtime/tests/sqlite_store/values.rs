//! Every type, stored and read back.

use apigen_runtime::{
    descriptor::{Enum, Field, Id, Object, Type},
    error::Code,
    store::{self, Arg},
    value::Value,
};
use serde_json::json;

use crate::support::{in_memory, soon};

const SIZE: Enum = Enum { name: "Size", values: &["small", "large"] };
const ADDRESS: Object = Object {
    name: "Address",
    fields: &[
        Field::new("street", "street", Type::String),
        Field::new("price", "price", Type::Decimal { precision: 18, scale: 2 }).optional(),
    ],
};

/// Stores a value in a column without affinity and reads it back, with the storage class that it got.
async fn round_trip(ty: Type, value: Value) -> (String, Value) {
    let store = in_memory();
    store::write(&store, soon(), move |tx| {
        let value = value.clone();
        Box::pin(async move {
            tx.execute("CREATE TABLE v (v)", &[]).await?;
            tx.execute("INSERT INTO v VALUES (?1)", &[Arg::One(ty, &value)]).await?;
            let mut rows = tx.query("SELECT typeof(v), v FROM v", &[], &[Type::String, ty]).await?;
            let mut row = rows.remove(0);
            let read = row.remove(1);
            match row.remove(0) {
                Value::Text(class) => Ok((class, read)),
                other => panic!("typeof gave {other:?}"),
            }
        })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn every_type_round_trips() {
    let uuid = uuid::Uuid::from_u128(0x0123_4567_89ab_cdef);
    let address = Value::Object(vec![Value::Text("Ünter den Linden".into()), Value::Decimal("1.20".parse().unwrap())]);
    let cases = [
        (Type::String, Value::Text("a\0b ü".into()), "text"),
        (Type::String, Value::Text(String::new()), "text"),
        (Type::Email, Value::Text("a@b.example".into()), "text"),
        (Type::Url, Value::Text("https://a.example".into()), "text"),
        (Type::Password, Value::Text("$argon2id$".into()), "text"),
        (Type::Bool, Value::Bool(true), "integer"),
        (Type::Bool, Value::Bool(false), "integer"),
        (Type::Int32, Value::Int(-1), "integer"),
        (Type::Int64, Value::Int(i64::MIN), "integer"),
        (Type::Float64, Value::Float(0.1), "real"),
        (Type::Float64, Value::Float(3.0), "real"),
        (Type::Decimal { precision: 18, scale: 2 }, Value::Decimal("-12.30".parse().unwrap()), "integer"),
        (Type::Decimal { precision: 18, scale: 0 }, Value::Decimal("999999999999999999".parse().unwrap()), "integer"),
        (Type::Uuid, Value::Uuid(uuid), "blob"),
        (Type::Timestamp, Value::Timestamp("1969-12-31T23:59:59.999999Z".parse().unwrap()), "integer"),
        (Type::Date, Value::Date("2024-02-29".parse().unwrap()), "text"),
        (Type::Duration, Value::Duration(90_000_000), "integer"),
        (Type::Bytes, Value::Bytes(vec![0, 1, 255]), "blob"),
        (Type::Bytes, Value::Bytes(vec![]), "blob"),
        (Type::Json, Value::Json(Box::new(json!({"a": [1, null, "x"]}))), "text"),
        (Type::Json, Value::Json(Box::new(json!(null))), "text"),
        (Type::Id(Id::Prefixed("usr")), Value::Uuid(uuid), "blob"),
        (Type::Id(Id::Uuid), Value::Uuid(uuid), "blob"),
        (Type::Id(Id::Int64), Value::Int(7), "integer"),
        (Type::Id(Id::Text), Value::Text("DE".into()), "text"),
        (Type::Enum(&SIZE), Value::Enum("large"), "text"),
        (Type::Object(&ADDRESS), address.clone(), "text"),
        (Type::List(&Type::Object(&ADDRESS)), Value::List(vec![address]), "text"),
        (Type::List(&Type::String), Value::List(vec![]), "text"),
        (Type::Map(&Type::Int32), Value::Map([("k".to_owned(), Value::Int(1))].into()), "text"),
    ];
    for (ty, value, class) in cases {
        assert_eq!(round_trip(ty, value.clone()).await, (class.to_owned(), value), "{ty:?}");
        assert_eq!(round_trip(ty, Value::Null).await, ("null".to_owned(), Value::Null), "{ty:?}");
    }
}

#[tokio::test]
async fn many_values_are_a_table() {
    let store = in_memory();
    let found: Vec<Vec<Value>> = store::read(&store, soon(), |tx| {
        Box::pin(async move {
            let ids: Vec<Value> = [3, 1, 2].map(|id| Value::Uuid(uuid::Uuid::from_u128(id))).into();
            let names = [Value::Text("a".into()), Value::Null];
            let sql = "SELECT a.value, b.value FROM rarray(?1) a, rarray(?2) b ORDER BY 1, 2 DESC";
            let args = [Arg::Many(Type::Uuid, &ids), Arg::Many(Type::String, &names)];
            Ok(tx.query(sql, &args, &[Type::Uuid, Type::String]).await?)
        })
    })
    .await
    .unwrap();
    assert_eq!(found.len(), 6);
    assert_eq!(found[0], [Value::Uuid(uuid::Uuid::from_u128(1)), Value::Text("a".into())]);
    assert_eq!(found[5], [Value::Uuid(uuid::Uuid::from_u128(3)), Value::Null]);
}

#[tokio::test]
async fn what_does_not_fit_is_an_internal_error() {
    const PRICE: Type = Type::Decimal { precision: 18, scale: 2 };
    let cases: [(Type, Value, Type); 5] = [
        (Type::Uuid, Value::Text("not a uuid".into()), Type::Uuid),
        (PRICE, Value::Decimal("1.005".parse().unwrap()), PRICE),
        (PRICE, Value::Decimal("99999999999999999999".parse().unwrap()), PRICE),
        (Type::String, Value::Text("huge".into()), Type::Enum(&SIZE)),
        (Type::String, Value::Text("text".into()), Type::Int64),
    ];
    let store = in_memory();
    for (ty, value, read_as) in cases {
        let result = store::read(&store, soon(), move |tx| {
            let value = value.clone();
            Box::pin(async move { Ok(tx.query("SELECT ?1", &[Arg::One(ty, &value)], &[read_as]).await?) })
        });
        assert_eq!(result.await.unwrap_err().code, Code::Internal, "{ty:?}");
    }
}

#[tokio::test]
async fn parameters_and_columns_are_counted() {
    let store = in_memory();
    for (sql, columns) in [("SELECT ?1, ?2", 2), ("SELECT ?1, 2", 1)] {
        let result = store::read(&store, soon(), move |tx| {
            Box::pin(async move {
                let one = Value::Int(1);
                Ok(tx.query(sql, &[Arg::One(Type::Int64, &one)], &[Type::Int64, Type::Int64][..columns]).await?)
            })
        });
        assert_eq!(result.await.unwrap_err().code, Code::Internal, "{sql}");
    }
}
