//! The other forms of the same diagnostics, and mistakes outside of the spec's text.

use std::collections::HashSet;

use apigen::Input;
use apigen::diagnostic::{Code, Color, Format};

use super::diagnostics;

const SPEC: &str =
    "apigen: 1\napi: { name: shop, version: v1 }\nresources: { Thing: { fields: { a: strng, a?: string } } }\n";

#[test]
fn json() {
    insta::assert_snapshot!(diagnostics(SPEC).render(Format::Json, Color::Never), @r#"
    [
      {
        "severity": "error",
        "code": "E0007",
        "title": "unknown type",
        "message": "unknown type `strng`",
        "label": "no resource, type or enum has this name",
        "file": "shop.yaml",
        "line": 3,
        "column": 36,
        "end_line": 3,
        "end_column": 41,
        "help": "did you mean `string`?",
        "related": []
      },
      {
        "severity": "error",
        "code": "E0005",
        "title": "written twice",
        "message": "`a` is written twice",
        "label": "",
        "file": "shop.yaml",
        "line": 3,
        "column": 43,
        "end_line": 3,
        "end_column": 44,
        "help": "fields, relations and actions share their names; rename one of them",
        "related": [
          {
            "label": "the other one",
            "file": "shop.yaml",
            "line": 3,
            "column": 33,
            "end_line": 3,
            "end_column": 34
          }
        ]
      }
    ]
    "#);
}

#[test]
fn github() {
    insta::assert_snapshot!(diagnostics(SPEC).render(Format::Github, Color::Never), @r"
    ::error file=shop.yaml,line=3,col=36,endLine=3,endColumn=41,title=E0007::unknown type `strng`: no resource, type or enum has this name%0Ahelp: did you mean `string`?
    ::error file=shop.yaml,line=3,col=43,endLine=3,endColumn=44,title=E0005::`a` is written twice%0Ahelp: fields, relations and actions share their names; rename one of them
    ");
}

#[test]
fn colours_on_demand() {
    assert!(diagnostics(SPEC).render(Format::Text, Color::Always).contains("\u{1b}["));
    assert!(!diagnostics(SPEC).render(Format::Text, Color::Never).contains('\u{1b}'));
}

#[test]
fn other_encodings() {
    let spec = Input { name: "shop.yaml", bytes: b"apigen: 1\napi: { title: Caf\xe9 }\n" };
    let mistakes = apigen::read(spec, None).expect_err("it isn't UTF-8");
    insta::assert_snapshot!(mistakes, @r"
    error[E0003]: the file is not UTF-8
     --> shop.yaml:2:18
      |
    2 | api: { title: Caf� }
      |                  ^ no character
      |
      = help: save it as UTF-8

    1 error
    ");
}

fn with_lock(lock: &str) -> String {
    let spec = "apigen: 1\napi: { name: shop, version: v1 }\nresources: { Thing: { fields: { a: string } } }\n";
    let lock = Input { name: "shop.lock", bytes: lock.as_bytes() };
    let spec = Input { name: "shop.yaml", bytes: spec.as_bytes() };
    apigen::read(spec, Some(lock)).expect_err("the lock is broken").to_string()
}

#[test]
fn lock_after_a_careless_merge() {
    insta::assert_snapshot!(with_lock("messages:\n<<<<<<< HEAD\n  Thing:\n"), @r"
    error[E0035]: the lock has an unresolved merge conflict
     --> shop.lock:2:1
      |
    2 | <<<<<<< HEAD
      | ^^^^^^^^^^^^ two branches gave out numbers here
      |
      = help: keep the side that others have already (`git checkout --ours` on the branch that is merged into) and run `apigen generate`: what only the other side had gets the next free numbers

    1 error
    ");
}

#[test]
fn lock_with_a_number_twice() {
    let lock = "messages:\n  Thing:\n    used:\n      id: 1\n      a: 1\n    retired:\n      19500: b\n";
    insta::assert_snapshot!(with_lock(lock), @r"
    error[E0035]: `a` and `id` both have the number 1
     --> shop.lock:4:11
      |
    4 |       id: 1
      |           ^
      |
      = help: restore the lock from version control; after a merge, keep the lines of both sides

    error[E0035]: `b` can't have the number 19500
     --> shop.lock:7:14
      |
    7 |       19500: b
      |              ^
      |
      = help: restore the lock from version control; after a merge, keep the lines of both sides

    2 errors
    ");
}

#[test]
fn lock_with_an_unknown_key() {
    insta::assert_snapshot!(with_lock("message:\n  Thing: {}\n"), @r"
    error[E0035]: unknown field `message`, expected one of messages, enums at line 1, column 1
     --> shop.lock:1:1
      |
    1 | message:
      | ^^^^^^^^
      |
      = help: restore the lock from version control; after a merge, keep the lines of both sides

    1 error
    ");
}

#[test]
fn no_code_is_used_twice() {
    let codes: HashSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
    assert_eq!(codes.len(), Code::ALL.len());
    assert_eq!(Code::UnknownType.id(), "E0007");
}
