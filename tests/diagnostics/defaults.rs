//! Keys that hold for every resource.

use apigen::{Input, read};

#[test]
fn a_key_holds_unless_a_resource_says_otherwise() {
    let spec = "apigen: 1\napi: { name: shop, version: v1 }\n\
                defaults: { timestamps: false, id: { type: int64 }, operations: [list, get], list: { page_size: 7 } }\n\
                resources:\n  Apple: { fields: { a: string } }\n  Berry: { timestamps: true, list: { total: true }, fields: { a: string } }\n  \
                Cherry: { operations: { get: }, fields: { a: string } }\n";
    let model =
        read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, None).unwrap_or_else(|all| panic!("{all}")).model;
    let said = model
        .resources
        .iter()
        .map(|each| (each.fields.len(), each.operations.list, each.operations.create, each.list.page_size));
    assert_eq!(said.collect::<Vec<_>>(), [(2, true, false, 7), (4, true, false, 50), (2, false, false, 50)]);
}

#[test]
fn mistakes_are_shown_where_the_key_stands() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
defaults:
  fields: { a: string }
  operations: [lst]
  list: { sort: [-placed_at] }
  color: red
  tenant: account
resources:
  Apple: { fields: { a: string } }
  Berry: { fields: { a: string }, operations: [list] }
";
    insta::assert_snapshot!(super::mistakes(spec.trim_start()), @r"
    error[E0029]: `fields` can't be the same for all
     --> shop.yaml:4:3
      |
    4 |   fields: { a: string }
      |   ^^^^^^
      |
      = help: write it in each resource

    error[E0031]: unknown operation `lst`
     --> shop.yaml:5:16
      |
    5 |   operations: [lst]
      |                ^^^
      |
      = help: did you mean `list`?

    error[E0032]: `Berry` has no field `placed_at`
     --> shop.yaml:6:18
      |
    6 |   list: { sort: [-placed_at] }
      |                  ^^^^^^^^^^
      |
      = help: did you mean `updated_at`?

    error[E0004]: unknown key `color` in `defaults`
     --> shop.yaml:7:3
      |
    7 |   color: red
      |   ^^^^^
      |
      = help: `defaults` may have: description, deprecated, renamed_from, plural, path, id, fields, relations, timestamps, operations, list, actions, errors, events, unique, indexes, checks, search, batch, soft_delete, require, lint_allow, owner, tenant, access, limit

    error[E0029]: `tenant` has no meaning without `auth`
     --> shop.yaml:8:11
      |
    8 |   tenant: account
      |           ^^^^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`
    ");
}
