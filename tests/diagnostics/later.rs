//! What the language defines and this version refuses, by position and never silently.

use super::mistakes;

#[test]
fn top_level() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { roles: {} }
limits: {}
errors: {}
webhooks: {}
rest: {}
graphql: {}
grpc: {}
versions: [v1]
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `auth` is not supported yet
     --> shop.yaml:3:1
      |
    3 | auth: { roles: {} }
      | ^^^^
      |
      = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `limits` is not supported yet
     --> shop.yaml:4:1
      |
    4 | limits: {}
      | ^^^^^^
      |
      = help: remove it: limit rates in a proxy

    error[E0009]: `webhooks` is not supported yet
     --> shop.yaml:6:1
      |
    6 | webhooks: {}
      | ^^^^^^^^
      |
      = help: remove it: clients find changes by listing with `sort=-updated_at`

    error[E0009]: `rest` is not supported yet
     --> shop.yaml:7:1
      |
    7 | rest: {}
      | ^^^^
      |
      = help: remove it: the defaults are in force

    error[E0009]: `graphql` is not supported yet
     --> shop.yaml:8:1
      |
    8 | graphql: {}
      | ^^^^^^^
      |
      = help: remove it: the defaults are in force

    error[E0009]: `grpc` is not supported yet
     --> shop.yaml:9:1
      |
    9 | grpc: {}
      | ^^^^
      |
      = help: remove it: the defaults are in force

    error[E0009]: `versions` is not supported yet
      --> shop.yaml:10:1
       |
    10 | versions: [v1]
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
    errors: []
    require: x
    lint_allow: x
    owner: x
    tenant: x
    access: x
    limit: x
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `require` is not supported yet
     --> shop.yaml:8:5
      |
    8 |     require: x
      |     ^^^^^^^
      |
      = help: remove it: `If-Match` is honoured where it is sent

    error[E0009]: `lint_allow` is not supported yet
     --> shop.yaml:9:5
      |
    9 |     lint_allow: x
      |     ^^^^^^^^^^
      |
      = help: remove it: there is no lint yet

    error[E0009]: `owner` is not supported yet
      --> shop.yaml:10:5
       |
    10 |     owner: x
       |     ^^^^^
       |
       = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `tenant` is not supported yet
      --> shop.yaml:11:5
       |
    11 |     tenant: x
       |     ^^^^^^
       |
       = help: remove it: run one server per tenant

    error[E0009]: `access` is not supported yet
      --> shop.yaml:12:5
       |
    12 |     access: x
       |     ^^^^^^
       |
       = help: remove it: every operation is public; put an authenticating proxy in front if you need one

    error[E0009]: `limit` is not supported yet
      --> shop.yaml:13:5
       |
    13 |     limit: x
       |     ^^^^^
       |
       = help: remove it: limit rates in a proxy
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
      a: { type: string, access: {} }
      d: { type: string, computed: true }
      g: { type: ref<Thing>, sequence: true, since: v2 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `access` is not supported yet
     --> shop.yaml:6:26
      |
    6 |       a: { type: string, access: {} }
      |                          ^^^^^^
      |
      = help: remove it: mark the field `internal: true` to keep it out of every contract

    error[E0009]: `computed` is not supported yet
     --> shop.yaml:7:26
      |
    7 |       d: { type: string, computed: true }
      |                          ^^^^^^^^
      |
      = help: remove the field: clients can compute it

    error[E0029]: `ref<Thing>` has no meaning here
     --> shop.yaml:8:22
      |
    8 |       g: { type: ref<Thing>, sequence: true, since: v2 }
      |                      ^^^^^
      |
      = help: write a belongs_to under `relations:`

    error[E0009]: `sequence` is not supported yet
     --> shop.yaml:8:30
      |
    8 |       g: { type: ref<Thing>, sequence: true, since: v2 }
      |                              ^^^^^^^^
      |
      = help: use `id: { type: int64 }` for numbered rows

    error[E0009]: `since` is not supported yet
     --> shop.yaml:8:46
      |
    8 |       g: { type: ref<Thing>, sequence: true, since: v2 }
      |                                              ^^^^^
      |
      = help: remove it: one spec describes one version
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
      tag: { belongs_to: Tag, default: principal }
      parts: { has_many: Part, inverse: thing, access: {} }
  Part:
    relations: { thing: { belongs_to: Thing } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `default` is not supported yet
     --> shop.yaml:7:31
      |
    7 |       tag: { belongs_to: Tag, default: principal }
      |                               ^^^^^^^
      |
      = help: remove it: the caller says which row is meant

    error[E0009]: `access` is not supported yet
     --> shop.yaml:8:48
      |
    8 |       parts: { has_many: Part, inverse: thing, access: {} }
      |                                                ^^^^^^
      |
      = help: remove it: every operation is public; put an authenticating proxy in front if you need one
    ");
}
