//! Texts that aren't YAML, or use parts of YAML that specs don't.

use super::mistakes;

#[test]
fn syntax_error() {
    let spec = r"
apigen: 1
api: { name: shop
resources:
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0001]: while parsing a flow mapping, did not find expected ',' or '}'
     --> shop.yaml:3:10
      |
    3 | resources:
      |          ^
      |
      = help: close the `{` or `[` that stands open before this
    ");
}

#[test]
fn empty_file() {
    insta::assert_snapshot!(mistakes(r"# nothing yet
"), @r"
    error[E0014]: the file is empty
     --> shop.yaml:1:1
      |
    1 | # nothing yet
      | ^
      |
      = help: a spec begins with `apigen: 1`, `api:` and `resources:`
    ");
}

#[test]
fn anchors_and_aliases() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums:
  A: &x [a]
  B: *x
resources:
  Thing: { fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0002]: anchors are not part of the language
     --> shop.yaml:4:9
      |
    4 |   A: &x [a]
      |         ^
      |
      = help: remove the `&name`

    error[E0002]: aliases are not part of the language
     --> shop.yaml:5:6
      |
    5 |   B: *x
      |      ^^
      |
      = help: write the value out again
    ");
}

#[test]
fn tags() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: !!str string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0002]: tags are not part of the language
     --> shop.yaml:6:16
      |
    6 |       a: !!str string
      |                ^^^^^^
      |
      = help: remove the `!tag`; the key decides the type
    ");
}

#[test]
fn a_mapping_as_key() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      ? { a: b }
      : string
      b: string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0002]: a key must be a single word
     --> shop.yaml:6:9
      |
    6 |       ? { a: b }
      |         ^^^^^^^^
      |
      = help: write `key: value`
    ");
}

#[test]
fn too_deep() {
    let spec = r"
apigen: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0001]: lists and mappings are nested more than 64 levels deep
     --> shop.yaml:1:73
      |
    1 | apigen: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      |                                                                         ^
    ");
}

#[test]
fn second_document() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
---
a: 1
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0002]: a second document in the file
     --> shop.yaml:8:1
      |
    8 | a: 1
      | ^^^^
      |
      = help: a spec is a single YAML document
    ");
}

#[test]
fn not_a_mapping() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing: [a]
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0008]: a resource must be a mapping (`key: value`)
     --> shop.yaml:4:10
      |
    4 |   Thing: [a]
      |          ^^^ a list stands here
    ");
}

#[test]
fn not_a_flag() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, unique: yes }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0008]: `unique` must be `true` or `false`
     --> shop.yaml:6:34
      |
    6 |       a: { type: string, unique: yes }
      |                                  ^^^ neither of the two
    ");
}

#[test]
fn not_a_list() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    operations: list
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0008]: `operations` must be a list (`[a, b]`)
     --> shop.yaml:7:17
      |
    7 |     operations: list
      |                 ^^^^ a single value stands here
    ");
}

#[test]
fn unknown_key_at_the_top() {
    let spec = r"
apigen: 1
apis: {}
api: { name: shop, version: v1 }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0004]: unknown key `apis` in the spec
     --> shop.yaml:2:1
      |
    2 | apis: {}
      | ^^^^
      |
      = help: did you mean `api`?
    ");
}

#[test]
fn unknown_key_in_a_field() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, filtre: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0004]: unknown key `filtre` in a field
     --> shop.yaml:6:26
      |
    6 |       a: { type: string, filtre: true }
      |                          ^^^^^^
      |
      = help: did you mean `filter`?
    ");
}

#[test]
fn unknown_key_like_no_other() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, colour: red }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0004]: unknown key `colour` in a field
     --> shop.yaml:6:26
      |
    6 |       a: { type: string, colour: red }
      |                          ^^^^^^
      |
      = help: a field may have: type, description, example, default, deprecated, renamed_from, access, read_only, write_only, create_only, internal, unique, index, filter, sort, sensitive, count, sum, computed, scale, precision, min_length, max_length, pattern, minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, min_items, max_items, unique_items
    ");
}

#[test]
fn duplicate_key() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
      b: string
      a: int32
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0005]: `a` is written twice
     --> shop.yaml:8:7
      |
    6 |       a: string
      |       - first here
    7 |       b: string
    8 |       a: int32
      |       ^ again here
    ");
}

#[test]
fn missing_top_level_keys() {
    let spec = r"
enums: { Role: [a] }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0006]: the spec has no `apigen`
     --> shop.yaml:1:1
      |
    1 | enums: { Role: [a] }
      | ^
      |
      = help: begin the file with `apigen: 1`

    error[E0006]: the spec has no `api`
     --> shop.yaml:1:1
      |
    1 | enums: { Role: [a] }
      | ^
      |
      = help: write `api: { name: shop, version: v1 }`

    error[E0006]: the spec has no `resources`
     --> shop.yaml:1:1
      |
    1 | enums: { Role: [a] }
      | ^
      |
      = help: write `resources: { Product: { fields: … } }`
    ");
}

#[test]
fn missing_api_keys() {
    let spec = r"
apigen: 1
api: { title: Shop }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0006]: `api` has no `name`
     --> shop.yaml:2:6
      |
    2 | api: { title: Shop }
      |      ^^^^^^^^^^^^^^^
      |
      = help: it names the crate and the proto package

    error[E0006]: `api` has no `version`
     --> shop.yaml:2:6
      |
    2 | api: { title: Shop }
      |      ^^^^^^^^^^^^^^^
      |
      = help: write `version: v1`
    ");
}

#[test]
fn unsupported_language() {
    let spec = r"
apigen: 2
api: { name: shop, version: v1 }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0010]: version `2` of the language is not known
     --> shop.yaml:1:9
      |
    1 | apigen: 2
      |         ^
      |
      = help: this apigen reads `apigen: 1`
    ");
}
