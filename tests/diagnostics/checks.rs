//! Rules over several fields.

use super::mistakes;

#[test]
fn what_is_no_check() {
    let spec = r#"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
resources:
  Thing:
    fields:
      from: date
      to?: date
      size: { type: int32 }
      state: State
      tags: list<string>
      secret: password
      name?: string
    relations:
      owner?: { belongs_to: Thing }
      parts: { has_many: Thing, inverse: owner }
    checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
      size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
      one_of(name, name), name == other, created_at < to, from < to, to > from, "name != 'x'", 3 <= size,
      owner == 3, size < size, one_of(name, to]
"#;
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r#"
    error[E0020]: `from = to` isn't a check
      --> shop.yaml:17:25
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                         ^^^^^^^^^
       |
       = help: write `starts_at < ends_at` (`<=`, `>`, `>=`, `==`, `!=`), `one_of(a, b)` or `any_of(a, b)`

    error[E0036]: `Thing` has no field or relation `frm`
      --> shop.yaml:17:36
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                    ^^^
       |
       = help: did you mean `from`?

    error[E0020]: neither side of the check is a field
      --> shop.yaml:17:46
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                              ^^^^^
       |
       = help: name a field of the resource

    error[E0029]: `size` of type `int32` can't be compared with `to` of type `date`
      --> shop.yaml:17:60
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                                            ^^
       |
       = help: compare fields of one type

    error[E0029]: `state` of type `State` has no order
      --> shop.yaml:17:64
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                                                ^^^^^
       |
       = help: compare it by `==` or `!=`

    error[E0015]: `opn` is not a value of enum `State`
      --> shop.yaml:17:89
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                                                                         ^^^
       |
       = help: did you mean `open`?

    error[E0029]: `tags` is of type `list<string>`
      --> shop.yaml:17:94
       |
    17 |     checks: [from < to, from = to, frm < to, 1 < 2, size < to, state < closed, state == opn, tags < size,
       |                                                                                              ^^^^
       |
       = help: values of this type can't be compared

    error[E0015]: `1000000000000` is not a value of type `int32`
      --> shop.yaml:18:14
       |
    18 |       size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
       |              ^^^^^^^^^^^^^ expected a whole number from -2147483648 to 2147483647

    error[E0020]: `one_of` has nothing to choose from
      --> shop.yaml:18:29
       |
    18 |       size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
       |                             ^^^^^^^^^^^^
       |
       = help: name two fields or more: `one_of(issue, comment)`

    error[E0030]: `from` is always there
      --> shop.yaml:18:56
       |
    18 |       size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
       |                                                        ^^^^
       |
       = help: make it optional (`from?`), or take it out of `one_of`

    error[E0030]: `tags` is always there
      --> shop.yaml:18:77
       |
    18 |       size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
       |                                                                             ^^^^
       |
       = help: name fields of another type

    error[E0029]: `parts` isn't stored here
      --> shop.yaml:18:91
       |
    18 |       size > 1000000000000, one_of(name), one_of(name, from), any_of(owner, tags), one_of(parts, name),
       |                                                                                           ^^^^^
       |
       = help: only a belongs_to is stored in the row itself

    error[E0005]: `name` is written twice
      --> shop.yaml:19:20
       |
    19 |       one_of(name, name), name == other, created_at < to, from < to, to > from, "name != 'x'", 3 <= size,
       |                    ^^^^
       |
       = help: remove one of them

    error[E0036]: `Thing` has no field or relation `other`
      --> shop.yaml:19:35
       |
    19 |       one_of(name, name), name == other, created_at < to, from < to, to > from, "name != 'x'", 3 <= size,
       |                                   ^^^^^
       |
       = help: name fields and relations of this resource

    error[E0029]: `created_at` can't be checked
      --> shop.yaml:19:42
       |
    19 |       one_of(name, name), name == other, created_at < to, from < to, to > from, "name != 'x'", 3 <= size,
       |                                          ^^^^^^^^^^
       |
       = help: the server sets it; compare fields of your own

    error[E0005]: this check is written twice
      --> shop.yaml:19:59
       |
    19 |       one_of(name, name), name == other, created_at < to, from < to, to > from, "name != 'x'", 3 <= size,
       |                                                           ^^^^^^^^^
       |
       = help: remove one of them

    error[E0029]: an id can't be compared with a literal
      --> shop.yaml:20:16
       |
    20 |       owner == 3, size < size, one_of(name, to]
       |                ^
       |
       = help: compare it with another relation

    error[E0020]: a field is compared with itself
      --> shop.yaml:20:26
       |
    20 |       owner == 3, size < size, one_of(name, to]
       |                          ^^^^
       |
       = help: name another field

    error[E0020]: `one_of(name, to` isn't a check
      --> shop.yaml:20:32
       |
    20 |       owner == 3, size < size, one_of(name, to]
       |                                ^^^^^^^^^^^^^^^
       |
       = help: write `starts_at < ends_at` (`<=`, `>`, `>=`, `==`, `!=`), `one_of(a, b)` or `any_of(a, b)`
    "#);
}

#[test]
fn a_list_of_lines() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields: { from: date }
    checks:
      - from < too
      - one_of(from, till)
      - { from: 1 }
      - ''
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0036]: `Thing` has no field or relation `too`
     --> shop.yaml:7:16
      |
    7 |       - from < too
      |                ^^^
      |
      = help: name fields and relations of this resource

    error[E0030]: `from` is always there
     --> shop.yaml:8:16
      |
    8 |       - one_of(from, till)
      |                ^^^^
      |
      = help: make it optional (`from?`), or take it out of `one_of`

    error[E0036]: `Thing` has no field or relation `till`
     --> shop.yaml:8:22
      |
    8 |       - one_of(from, till)
      |                      ^^^^
      |
      = help: name fields and relations of this resource

    error[E0008]: a check must be a single value
     --> shop.yaml:9:9
      |
    9 |       - { from: 1 }
      |         ^^^^^^^^^^^ a mapping stands here

    error[E0020]: `` isn't a check
      --> shop.yaml:10:9
       |
    10 |       - ''
       |         ^^
       |
       = help: write `starts_at < ends_at` (`<=`, `>`, `>=`, `==`, `!=`), `one_of(a, b)` or `any_of(a, b)`
    ");
}
