//! Deprecations that contradict themselves or lead nowhere.

use super::mistakes;

#[test]
fn dates_and_successors() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums:
  State: { values: { open: , shut: { deprecated: { replaced_by: opened } } } }
types:
  Size: { fields: { a: { type: string, deprecated: { replaced_by: a } } } }
resources:
  Thing:
    deprecated: { replaced_by: Thin, since: soon }
    fields:
      name: { type: string, deprecated: { since: 2026-06-01, sunset: 2026-01-01, replaced_by: titel } }
      title: { type: string, deprecated: { sunset: 2026-02-30 } }
      label: { type: string, deprecated: maybe }
    operations:
      list:
      update: { deprecated: { replaced_by: lst }, description: x }
  Item: { fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0036]: there is no `opened` to replace it
     --> shop.yaml:4:65
      |
    4 |   State: { values: { open: , shut: { deprecated: { replaced_by: opened } } } }
      |                                                                 ^^^^^^
      |
      = help: did you mean `open`?

    error[E0036]: `a` can't replace itself
     --> shop.yaml:6:67
      |
    6 |   Size: { fields: { a: { type: string, deprecated: { replaced_by: a } } } }
      |                                                                   ^
      |
      = help: name what clients should use instead

    error[E0036]: there is no `Thin` to replace it
     --> shop.yaml:9:32
      |
    9 |     deprecated: { replaced_by: Thin, since: soon }
      |                                ^^^^
      |
      = help: name something that stands beside it

    error[E0015]: `soon` is not a date
     --> shop.yaml:9:45
      |
    9 |     deprecated: { replaced_by: Thin, since: soon }
      |                                             ^^^^
      |
      = help: write it as `2026-01-31`

    error[E0030]: the sunset is before the deprecation
      --> shop.yaml:11:70
       |
    11 |       name: { type: string, deprecated: { since: 2026-06-01, sunset: 2026-01-01, replaced_by: titel } }
       |                                                  ----------          ^^^^^^^^^^
       |                                                  |
       |                                                  deprecated since then
       |
       = help: `sunset` is the last day, so `since` or a later one

    error[E0036]: there is no `titel` to replace it
      --> shop.yaml:11:95
       |
    11 |       name: { type: string, deprecated: { since: 2026-06-01, sunset: 2026-01-01, replaced_by: titel } }
       |                                                                                               ^^^^^
       |
       = help: did you mean `title`?

    error[E0015]: `2026-02-30` is not a date
      --> shop.yaml:12:52
       |
    12 |       title: { type: string, deprecated: { sunset: 2026-02-30 } }
       |                                                    ^^^^^^^^^^
       |
       = help: write it as `2026-01-31`

    error[E0008]: `deprecated` must be `true` or `false`
      --> shop.yaml:13:42
       |
    13 |       label: { type: string, deprecated: maybe }
       |                                          ^^^^^ neither of the two

    error[E0036]: there is no `lst` to replace it
      --> shop.yaml:16:44
       |
    16 |       update: { deprecated: { replaced_by: lst }, description: x }
       |                                            ^^^
       |
       = help: did you mean `list`?

    error[E0004]: unknown key `description` in an operation
      --> shop.yaml:16:51
       |
    16 |       update: { deprecated: { replaced_by: lst }, description: x }
       |                                                   ^^^^^^^^^^^
       |
       = help: an operation may have: deprecated
    ");
}
