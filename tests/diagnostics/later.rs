//! What the language defines and this version refuses, by position and never silently.

use super::mistakes;

#[test]
fn top_level() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
include: [other.yaml]
auth: { roles: {} }
limits: {}
errors: {}
defaults: {}
webhooks: {}
rest: {}
graphql: {}
grpc: {}
versions: [v1]
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `include` is not supported yet
     --> shop.yaml:3:1
      |
    3 | include: [other.yaml]
      | ^^^^^^^
      |
      = help: keep everything in one file

    error[E0009]: `auth` is not supported yet
     --> shop.yaml:4:1
      |
    4 | auth: { roles: {} }
      | ^^^^
      |
      = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `limits` is not supported yet
     --> shop.yaml:5:1
      |
    5 | limits: {}
      | ^^^^^^
      |
      = help: remove it: limit rates in a proxy

    error[E0009]: `errors` is not supported yet
     --> shop.yaml:6:1
      |
    6 | errors: {}
      | ^^^^^^
      |
      = help: remove it: the canonical errors are always there

    error[E0009]: `defaults` is not supported yet
     --> shop.yaml:7:1
      |
    7 | defaults: {}
      | ^^^^^^^^
      |
      = help: write the key in each resource

    error[E0009]: `webhooks` is not supported yet
     --> shop.yaml:8:1
      |
    8 | webhooks: {}
      | ^^^^^^^^
      |
      = help: remove it: clients find changes by listing with `sort=-updated_at`

    error[E0009]: `rest` is not supported yet
     --> shop.yaml:9:1
      |
    9 | rest: {}
      | ^^^^
      |
      = help: remove it: the defaults are in force

    error[E0009]: `graphql` is not supported yet
      --> shop.yaml:10:1
       |
    10 | graphql: {}
       | ^^^^^^^
       |
       = help: remove it: the defaults are in force

    error[E0009]: `grpc` is not supported yet
      --> shop.yaml:11:1
       |
    11 | grpc: {}
       | ^^^^
       |
       = help: remove it: the defaults are in force

    error[E0009]: `versions` is not supported yet
      --> shop.yaml:12:1
       |
    12 | versions: [v1]
       | ^^^^^^^^
       |
       = help: remove it: one spec describes one version
    ");
}

#[test]
fn resource_keys() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    deprecated: x
    renamed_from: x
    search: x
    unique: x
    indexes: x
    checks: x
    batch: x
    soft_delete: x
    actions: x
    errors: x
    events: x
    require: x
    lint_allow: x
    owner: x
    tenant: x
    access: x
    limit: x
    operations: [list, replace]
    list: { offset: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `deprecated` is not supported yet
     --> shop.yaml:7:5
      |
    7 |     deprecated: x
      |     ^^^^^^^^^^
      |
      = help: say it in the `description`

    error[E0009]: `renamed_from` is not supported yet
     --> shop.yaml:8:5
      |
    8 |     renamed_from: x
      |     ^^^^^^^^^^^^
      |
      = help: remove it: a rename is a removed name and a new one, for now

    error[E0009]: `search` is not supported yet
     --> shop.yaml:9:5
      |
    9 |     search: x
      |     ^^^^^^
      |
      = help: remove it: give the fields `filter: true`

    error[E0009]: `unique` is not supported yet
      --> shop.yaml:10:5
       |
    10 |     unique: x
       |     ^^^^^^
       |
       = help: remove it: only single fields can be unique (`unique: true`)

    error[E0009]: `indexes` is not supported yet
      --> shop.yaml:11:5
       |
    11 |     indexes: x
       |     ^^^^^^^
       |
       = help: remove it: only single fields can be indexed (`index: true`)

    error[E0009]: `checks` is not supported yet
      --> shop.yaml:12:5
       |
    12 |     checks: x
       |     ^^^^^^
       |
       = help: remove it: only constraints of single fields are checked

    error[E0009]: `batch` is not supported yet
      --> shop.yaml:13:5
       |
    13 |     batch: x
       |     ^^^^^
       |
       = help: remove it: clients send one request per row

    error[E0009]: `soft_delete` is not supported yet
      --> shop.yaml:14:5
       |
    14 |     soft_delete: x
       |     ^^^^^^^^^^^
       |
       = help: leave `delete` out of `operations` if rows must stay

    error[E0009]: `actions` is not supported yet
      --> shop.yaml:15:5
       |
    15 |     actions: x
       |     ^^^^^^^
       |
       = help: remove it: let clients change the field with an update

    error[E0009]: `errors` is not supported yet
      --> shop.yaml:16:5
       |
    16 |     errors: x
       |     ^^^^^^
       |
       = help: remove it: the canonical errors are always there

    error[E0009]: `events` is not supported yet
      --> shop.yaml:17:5
       |
    17 |     events: x
       |     ^^^^^^
       |
       = help: remove it: clients find changes by listing with `sort=-updated_at`

    error[E0009]: `require` is not supported yet
      --> shop.yaml:18:5
       |
    18 |     require: x
       |     ^^^^^^^
       |
       = help: remove it: `If-Match` is honoured where it is sent

    error[E0009]: `lint_allow` is not supported yet
      --> shop.yaml:19:5
       |
    19 |     lint_allow: x
       |     ^^^^^^^^^^
       |
       = help: remove it: there is no lint yet

    error[E0009]: `owner` is not supported yet
      --> shop.yaml:20:5
       |
    20 |     owner: x
       |     ^^^^^
       |
       = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `tenant` is not supported yet
      --> shop.yaml:21:5
       |
    21 |     tenant: x
       |     ^^^^^^
       |
       = help: remove it: run one server per tenant

    error[E0009]: `access` is not supported yet
      --> shop.yaml:22:5
       |
    22 |     access: x
       |     ^^^^^^
       |
       = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `limit` is not supported yet
      --> shop.yaml:23:5
       |
    23 |     limit: x
       |     ^^^^^
       |
       = help: remove it: limit rates in a proxy

    error[E0009]: `replace` is not supported yet
      --> shop.yaml:24:24
       |
    24 |     operations: [list, replace]
       |                        ^^^^^^^
       |
       = help: remove it: `update` can set every field

    error[E0009]: `offset` is not supported yet
      --> shop.yaml:25:13
       |
    25 |     list: { offset: true }
       |             ^^^^^^
       |
       = help: remove it: pages are reached by cursor
    ");
}

#[test]
fn field_keys() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, access: {}, renamed_from: b }
      b: { count: items }
      c: { sum: items.x }
      d: { type: string, computed: true }
      e: { type: string, deprecated: { since: 2026-01-01 } }
      f: { type: string, read_only: true }
      g: { type: ref<Thing>, sequence: true, since: v2 }
      h: { type: string, internal: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `access` is not supported yet
     --> shop.yaml:6:26
      |
    6 |       a: { type: string, access: {}, renamed_from: b }
      |                          ^^^^^^
      |
      = help: remove it: mark the field `internal: true` to keep it out of every contract

    error[E0009]: `renamed_from` is not supported yet
     --> shop.yaml:6:38
      |
    6 |       a: { type: string, access: {}, renamed_from: b }
      |                                      ^^^^^^^^^^^^
      |
      = help: remove it: a rename is a removed name and a new one, for now

    error[E0009]: `count` is not supported yet
     --> shop.yaml:7:12
      |
    7 |       b: { count: items }
      |            ^^^^^
      |
      = help: remove the field: count with `list: { total: true }` on the other resource

    error[E0009]: `sum` is not supported yet
     --> shop.yaml:8:12
      |
    8 |       c: { sum: items.x }
      |            ^^^
      |
      = help: remove the field: clients can add up the rows

    error[E0009]: `computed` is not supported yet
     --> shop.yaml:9:26
      |
    9 |       d: { type: string, computed: true }
      |                          ^^^^^^^^
      |
      = help: remove the field: clients can compute it

    error[E0009]: `deprecated: { … }` is not supported yet
      --> shop.yaml:10:26
       |
    10 |       e: { type: string, deprecated: { since: 2026-01-01 } }
       |                          ^^^^^^^^^^
       |
       = help: write `deprecated: true` and say the rest in the `description`

    error[E0009]: a required field that is `read_only` and has no `default` is not supported yet
      --> shop.yaml:11:26
       |
    11 |       f: { type: string, read_only: true }
       |                          ^^^^^^^^^
       |
       = help: give it a `default`, make it optional (`f?`), or remove `read_only`

    error[E0009]: `ref<…>` is not supported yet
      --> shop.yaml:12:18
       |
    12 |       g: { type: ref<Thing>, sequence: true, since: v2 }
       |                  ^^^^^^^^^^
       |
       = help: write a belongs_to under `relations:`

    error[E0009]: `sequence` is not supported yet
      --> shop.yaml:12:30
       |
    12 |       g: { type: ref<Thing>, sequence: true, since: v2 }
       |                              ^^^^^^^^
       |
       = help: use `id: { type: int64 }` for numbered rows

    error[E0009]: `since` is not supported yet
      --> shop.yaml:12:46
       |
    12 |       g: { type: ref<Thing>, sequence: true, since: v2 }
       |                                              ^^^^^
       |
       = help: remove it: one spec describes one version

    error[E0009]: a required field that is `internal` and has no `default` is not supported yet
      --> shop.yaml:13:26
       |
    13 |       h: { type: string, internal: true }
       |                          ^^^^^^^^
       |
       = help: give it a `default`, make it optional (`h?`), or remove `internal`
    ");
}

#[test]
fn relation_keys() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Tag: { fields: { a: string } }
  Thing:
    relations:
      tags: { many_to_many: Tag }
      tag: { belongs_to: Tag, default: principal }
      parts: { has_many: Part, inverse: thing, nested: true }
      label: { belongs_to: Tag, read_only: true }
  Part:
    relations: { thing: { belongs_to: Thing } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `many_to_many` is not supported yet
     --> shop.yaml:7:15
      |
    7 |       tags: { many_to_many: Tag }
      |               ^^^^^^^^^^^^
      |
      = help: make a resource of its own with a belongs_to on each side

    error[E0009]: `default` is not supported yet
     --> shop.yaml:8:31
      |
    8 |       tag: { belongs_to: Tag, default: principal }
      |                               ^^^^^^^
      |
      = help: remove it: the caller says which row is meant

    error[E0009]: `nested` is not supported yet
     --> shop.yaml:9:48
      |
    9 |       parts: { has_many: Part, inverse: thing, nested: true }
      |                                                ^^^^^^
      |
      = help: remove it: clients create the rows one after the other

    error[E0009]: a required relation that is `read_only` is not supported yet
      --> shop.yaml:10:33
       |
    10 |       label: { belongs_to: Tag, read_only: true }
       |                                 ^^^^^^^^^
       |
       = help: make it optional (`label?`), or write `create_only` instead
    ");
}
