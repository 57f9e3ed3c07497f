//! Protobuf numbers never move, whatever happens to the spec.

use apigen::diagnostic::Diagnostics;
use apigen::lock::{self, Lock};
use apigen::model::proto::{Enum, EnumValue, Field, File, Message};

fn field(name: &str) -> Field {
    Field { name: name.to_owned(), ty: "string".to_owned(), number: 0, comment: None, deprecated: false }
}

fn value(name: &str) -> EnumValue {
    EnumValue { name: name.to_owned(), number: 0, comment: None, deprecated: false }
}

/// A file with one message, and an enum if it has values.
fn file(message: &str, fields: &[&str], values: &[&str]) -> File {
    let fields = fields.iter().map(|name| field(name)).collect();
    let message = Message {
        name: message.to_owned(),
        comment: None,
        fields,
        deprecated: false,
        reserved_numbers: vec![],
        reserved_names: vec![],
    };
    let values: Vec<_> = values.iter().map(|name| value(name)).collect();
    let enumeration =
        Enum { name: "State".to_owned(), comment: None, values, reserved_numbers: vec![], reserved_names: vec![] };
    let enums = if enumeration.values.is_empty() { vec![] } else { vec![enumeration] };
    File { messages: vec![message], enums, services: vec![] }
}

fn numbers(file: &File) -> Vec<(&str, u32)> {
    file.messages[0].fields.iter().map(|field| (field.name.as_str(), field.number)).collect()
}

#[test]
fn new_messages_are_numbered_in_order() {
    let mut first = file("Order", &["id", "status"], &["STATE_UNSPECIFIED", "STATE_OPEN", "STATE_DONE"]);
    lock::assign(&mut first, &Lock::default());
    assert_eq!(numbers(&first), [("id", 1), ("status", 2)]);
    let values: Vec<_> = first.enums[0].values.iter().map(|value| value.number).collect();
    assert_eq!(values, [0, 1, 2]);
}

#[test]
fn a_new_field_takes_the_next_number_wherever_it_stands() {
    let lock = lock::assign(&mut file("Order", &["id", "status"], &[]), &Lock::default());
    let mut second = file("Order", &["note", "id", "status"], &[]);
    lock::assign(&mut second, &lock);
    assert_eq!(numbers(&second), [("note", 3), ("id", 1), ("status", 2)]);
}

#[test]
fn removed_fields_stay_reserved() {
    let lock = lock::assign(&mut file("Order", &["id", "note"], &[]), &Lock::default());
    let mut second = file("Order", &["id", "memo"], &[]);
    let lock = lock::assign(&mut second, &lock);
    assert_eq!(numbers(&second), [("id", 1), ("memo", 3)]);
    assert_eq!(second.messages[0].reserved_numbers, [2]);
    assert_eq!(second.messages[0].reserved_names, ["note"]);
    // The name may come back, its number never.
    let mut third = file("Order", &["id", "memo", "note"], &[]);
    lock::assign(&mut third, &lock);
    assert_eq!(numbers(&third), [("id", 1), ("memo", 3), ("note", 4)]);
    assert_eq!(third.messages[0].reserved_numbers, [2]);
    assert!(third.messages[0].reserved_names.is_empty());
}

#[test]
fn messages_that_vanish_stay_in_the_lock() {
    let lock = lock::assign(&mut file("Order", &["id", "note"], &[]), &Lock::default());
    let lock = lock::assign(&mut file("Invoice", &["id"], &[]), &lock);
    let mut third = file("Order", &["note", "id"], &[]);
    lock::assign(&mut third, &lock);
    assert_eq!(numbers(&third), [("note", 2), ("id", 1)]);
}

#[test]
fn removed_enum_values_stay_reserved() {
    let states = |values: &[&str]| file("Order", &["id"], values);
    let lock = lock::assign(&mut states(&["STATE_UNSPECIFIED", "STATE_OPEN", "STATE_DONE"]), &Lock::default());
    let mut second = states(&["STATE_UNSPECIFIED", "STATE_DONE", "STATE_LOST"]);
    lock::assign(&mut second, &lock);
    assert_eq!(second.enums[0].values[1].number, 2);
    assert_eq!(second.enums[0].values[2].number, 3);
    assert_eq!(second.enums[0].reserved_numbers, [1]);
    assert_eq!(second.enums[0].reserved_names, ["STATE_OPEN"]);
}

#[test]
fn numbers_of_protobuf_itself_are_skipped() {
    let names: Vec<_> = (1..=19_001).map(|index| format!("f{index}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut big = file("Order", &names, &[]);
    lock::assign(&mut big, &Lock::default());
    assert_eq!(big.messages[0].fields[18_998].number, 18_999);
    assert_eq!(big.messages[0].fields[18_999].number, 20_000);
}

#[test]
fn what_is_written_is_read_again() {
    let lock = lock::assign(
        &mut file("Order", &["id", "null", "true", "note"], &["STATE_UNSPECIFIED", "STATE_OPEN"]),
        &Lock::default(),
    );
    let lock = lock::assign(&mut file("Order", &["true", "id", "null"], &["STATE_UNSPECIFIED", "STATE_OPEN"]), &lock);
    let text = lock::render(&lock);
    insta::assert_snapshot!(text, @r#"
    # Kept by apigen: protobuf numbers that must never move. Commit this file with the spec.
    messages:
      Order:
        used:
          id: 1
          "null": 2
          "true": 3
        retired:
          4: note
    enums:
      State:
        used:
          STATE_OPEN: 1
    "#);
    let mut out = Diagnostics::default();
    let file = out.add_source("shop.lock", text.clone());
    let again = lock::parse(file, &mut out).expect("our own file can be read");
    assert_eq!(again, lock);
    assert_eq!(lock::render(&again), text);
}

#[test]
fn a_merge_conflict_is_explained() {
    let text = "messages:\n  Order:\n    used:\n      id: 1\n<<<<<<< HEAD\n      note: 2\n=======\n      memo: 2\n>>>>>>> topic\n";
    let mut out = Diagnostics::default();
    let file = out.add_source("shop.lock", text);
    assert!(lock::parse(file, &mut out).is_none());
    insta::assert_snapshot!(out.to_string(), @r"
    error[E0035]: the lock has an unresolved merge conflict
     --> shop.lock:5:1
      |
    5 | <<<<<<< HEAD
      | ^^^^^^^^^^^^ two branches gave out numbers here
      |
      = help: keep the side that others have already (`git checkout --ours` on the branch that is merged into) and run `apigen generate`: what only the other side had gets the next free numbers

    1 error
    ");
}
