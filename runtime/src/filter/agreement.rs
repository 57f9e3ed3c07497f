//! Runs random filters on SQLite and beside it in plain Rust: both must choose the same rows.

use std::borrow::Cow;

use rusqlite::types::Value as Sql;

use super::{
    fixture::{Random, TASK, random_filter, random_value},
    sql,
};
use crate::{
    descriptor::Type,
    store::Dialect,
    value::{Record, Value},
};

#[test]
fn sql_means_what_the_evaluator_means() {
    let mut random = Random::new(1);
    let tasks = random_tasks(&mut random, 40);
    let table = TaskTable::new(&tasks);
    let mut chosen = 0;
    for _ in 0..3_000 {
        let filter = random_filter(&mut random, 3);
        let mut condition = String::new();
        let mut args = Vec::new();
        sql::write(&filter, &TASK, Dialect::Sqlite, &mut condition, &mut args);
        let expected: Vec<&Value> = tasks.iter().filter(|task| filter.matches(task)).map(Record::id).collect();
        chosen += expected.len();
        let found = table.ids(&condition, &args);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}\n{condition}");
    }
    assert!(chosen > 10_000, "only {chosen} rows were ever chosen: the filters test nothing");
}

fn random_tasks(random: &mut Random, count: i64) -> Vec<Record> {
    let mut task = |id| {
        let mut values: Vec<Value> = TASK
            .fields
            .iter()
            .map(|field| match field.required || random.below(4) > 0 {
                true => random_value(random, &field.ty),
                false => Value::Null,
            })
            .collect();
        values[0] = Value::Int(id);
        Record::new(values, 1)
    };
    (0..count).map(&mut task).collect()
}

/// Tasks in an SQLite database of their own.
struct TaskTable(rusqlite::Connection);

impl TaskTable {
    fn new(tasks: &[Record]) -> TaskTable {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let columns: Vec<_> = TASK.fields.iter().map(|field| format!("\"{}\"", field.name)).collect();
        connection.execute(&format!("CREATE TABLE tasks ({}) ", columns.join(", ")), ()).unwrap();
        let places = vec!["?"; columns.len()].join(", ");
        for task in tasks {
            let values = rusqlite::params_from_iter(task.values.iter().map(stored));
            connection.execute(&format!("INSERT INTO tasks VALUES ({places})"), values).unwrap();
        }
        TaskTable(connection)
    }

    /// The ids of the rows that meet a condition.
    fn ids(&self, condition: &str, args: &[(Type, Cow<'_, Value>)]) -> Vec<Value> {
        let mut statement = self.0.prepare(&format!("SELECT id FROM tasks WHERE {condition} ORDER BY id")).unwrap();
        let args = rusqlite::params_from_iter(args.iter().map(|(_, value)| stored(value)));
        statement.query_map(args, |row| row.get(0).map(Value::Int)).unwrap().map(Result::unwrap).collect()
    }
}

fn stored(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(bool) => Sql::Integer((*bool).into()),
        Value::Int(number) | Value::Duration(number) => Sql::Integer(*number),
        Value::Float(number) => Sql::Real(*number),
        Value::Decimal(decimal) => Sql::Integer(decimal.mantissa() as i64),
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Enum(name) => Sql::Text((*name).to_owned()),
        Value::Uuid(uuid) => Sql::Blob(uuid.as_bytes().to_vec()),
        Value::Timestamp(timestamp) => Sql::Integer(timestamp.as_microsecond()),
        Value::Date(date) => Sql::Text(date.to_string()),
        other => unreachable!("no field of the fixture holds {other:?}"),
    }
}
