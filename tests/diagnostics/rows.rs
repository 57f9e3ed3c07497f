//! Rules that hold for whole rows, and names that things had before.

use super::mistakes;

#[test]
fn uniques_and_indexes() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields: { name: string, tags: list<string>, size: strin }
    relations:
      owner: { belongs_to: Thing2, renamed_from: keeper }
      parts: { has_many: Part, inverse: thing, renamed_from: pieces }
    unique: [[owner, nam], [name, -owner], name, [tags], [size]]
    indexes: [[], [name, name], [parts], [name, -created_at], [name, -created_at]]
  Thing2: { fields: { a: string } }
  Part: { relations: { thing: { belongs_to: Thing } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: unknown type `strin`
     --> shop.yaml:5:55
      |
    5 |     fields: { name: string, tags: list<string>, size: strin }
      |                                                       ^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `string`?

    error[E0029]: `renamed_from` has no meaning for a has_many
     --> shop.yaml:8:62
      |
    8 |       parts: { has_many: Part, inverse: thing, renamed_from: pieces }
      |                                                              ^^^^^^
      |
      = help: remove it: nothing is stored under its name

    error[E0036]: `Thing` has no field or relation `nam`
     --> shop.yaml:9:22
      |
    9 |     unique: [[owner, nam], [name, -owner], name, [tags], [size]]
      |                      ^^^
      |
      = help: did you mean `name`?

    error[E0029]: a unique list has no direction
     --> shop.yaml:9:35
      |
    9 |     unique: [[owner, nam], [name, -owner], name, [tags], [size]]
      |                                   ^^^^^^
      |
      = help: write `owner`

    error[E0008]: `unique` must be a list (`[a, b]`)
     --> shop.yaml:9:44
      |
    9 |     unique: [[owner, nam], [name, -owner], name, [tags], [size]]
      |                                            ^^^^ a single value stands here

    error[E0029]: `tags` is of type `list<string>`
     --> shop.yaml:9:51
      |
    9 |     unique: [[owner, nam], [name, -owner], name, [tags], [size]]
      |                                                   ^^^^
      |
      = help: values of this type can't be compared

    error[E0014]: an empty list in `indexes`
      --> shop.yaml:10:15
       |
    10 |     indexes: [[], [name, name], [parts], [name, -created_at], [name, -created_at]]
       |               ^^
       |
       = help: name the fields, or remove it

    error[E0005]: `name` is written twice
      --> shop.yaml:10:26
       |
    10 |     indexes: [[], [name, name], [parts], [name, -created_at], [name, -created_at]]
       |                          ^^^^
       |
       = help: remove one of them

    error[E0029]: `parts` isn't stored here
      --> shop.yaml:10:34
       |
    10 |     indexes: [[], [name, name], [parts], [name, -created_at], [name, -created_at]]
       |                                  ^^^^^
       |
       = help: only a belongs_to is stored in the row itself

    error[E0005]: these fields are listed twice
      --> shop.yaml:10:63
       |
    10 |     indexes: [[], [name, name], [parts], [name, -created_at], [name, -created_at]]
       |                                                               ^^^^^^^^^^^^^^^^^^^
       |
       = help: remove one of the lists
    ");
}

#[test]
fn a_list_with_a_mistake_is_no_other_list() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing: { fields: { name: string }, unique: [[name, nam], [name]], indexes: [[name, name], [name]] }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0036]: `Thing` has no field or relation `nam`
     --> shop.yaml:4:54
      |
    4 |   Thing: { fields: { name: string }, unique: [[name, nam], [name]], indexes: [[name, name], [name]] }
      |                                                      ^^^
      |
      = help: did you mean `name`?

    error[E0005]: `name` is written twice
     --> shop.yaml:4:86
      |
    4 |   Thing: { fields: { name: string }, unique: [[name, nam], [name]], indexes: [[name, name], [name]] }
      |                                                                                      ^^^^
      |
      = help: remove one of them
    ");
}

#[test]
fn old_names() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums:
  Size: { renamed_from: Length, values: { small: { renamed_from: tiny }, large: { renamed_from: tiny } } }
resources:
  Thing:
    renamed_from: Size
    fields:
      name: { type: string, renamed_from: label }
      label: string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: two things were `tiny`
     --> shop.yaml:4:97
      |
    4 |   Size: { renamed_from: Length, values: { small: { renamed_from: tiny }, large: { renamed_from: tiny } } }
      |                                                                  ---- the other one             ^^^^
      |
      = help: what was renamed is gone under its old name; remove the `renamed_from`

    error[E0030]: there still is a `Size`
     --> shop.yaml:7:19
      |
    4 |   Size: { renamed_from: Length, values: { small: { renamed_from: tiny }, large: { renamed_from: tiny } } }
      |   ---- this is it
    ...
    7 |     renamed_from: Size
      |                   ^^^^
      |
      = help: what was renamed is gone under its old name; remove the `renamed_from`

    error[E0030]: there still is a `label`
      --> shop.yaml:9:43
       |
     9 |       name: { type: string, renamed_from: label }
       |                                           ^^^^^
    10 |       label: string
       |       ----- this is it
       |
       = help: what was renamed is gone under its old name; remove the `renamed_from`
    ");
}
