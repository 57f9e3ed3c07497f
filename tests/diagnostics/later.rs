//! What the language defines and this version refuses, by position and never silently.

use super::mistakes;

#[test]
fn top_level() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
errors: {}
versions: [v1]
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `versions` is not supported yet
     --> shop.yaml:4:1
      |
    4 | versions: [v1]
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
    audit: true
    files: x
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0009]: `audit` is not supported yet
     --> shop.yaml:7:5
      |
    7 |     audit: true
      |     ^^^^^
      |
      = help: remove it: `updated_at` says when a row last changed

    error[E0009]: `files` is not supported yet
     --> shop.yaml:8:5
      |
    8 |     files: x
      |     ^^^^^
      |
      = help: store files elsewhere and keep their `url`
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
      g: { type: ref<Thing>, sequence: true, since: v2 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `ref<Thing>` has no meaning here
     --> shop.yaml:7:22
      |
    7 |       g: { type: ref<Thing>, sequence: true, since: v2 }
      |                      ^^^^^
      |
      = help: write a belongs_to under `relations:`

    error[E0009]: `sequence` is not supported yet
     --> shop.yaml:7:30
      |
    7 |       g: { type: ref<Thing>, sequence: true, since: v2 }
      |                              ^^^^^^^^
      |
      = help: use `id: { type: int64 }` for numbered rows

    error[E0009]: `since` is not supported yet
     --> shop.yaml:7:46
      |
    7 |       g: { type: ref<Thing>, sequence: true, since: v2 }
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
    error[E0029]: `default` has no meaning without `auth`
     --> shop.yaml:7:40
      |
    7 |       tag: { belongs_to: Tag, default: principal }
      |                                        ^^^^^^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`
    ");
}
