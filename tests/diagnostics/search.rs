//! Search, and the fields that it can look into.

use super::mistakes;

#[test]
fn only_visible_text_is_searched() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Book:
    fields:
      title: string
      pages: int32
      broken: Unknown
      notes: { type: string, internal: true, default: none }
    search: [titel, title, pages, notes, title, broken]
  Empty: { fields: { a: string }, search: [] }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: unknown type `Unknown`
     --> shop.yaml:8:15
      |
    8 |       broken: Unknown
      |               ^^^^^^^ no resource, type or enum has this name

    error[E0036]: `Book` has no field `titel`
      --> shop.yaml:10:14
       |
    10 |     search: [titel, title, pages, notes, title, broken]
       |              ^^^^^
       |
       = help: did you mean `title`?

    error[E0029]: `pages` can't be searched
      --> shop.yaml:10:28
       |
    10 |     search: [titel, title, pages, notes, title, broken]
       |                            ^^^^^
       |
       = help: only a `string` holds words, and this is `int32`

    error[E0030]: a hidden field can't be searched
      --> shop.yaml:10:35
       |
    10 |     search: [titel, title, pages, notes, title, broken]
       |                                   ^^^^^
       |
       = help: clients could find out its value by asking; leave it out

    error[E0005]: `title` is written twice
      --> shop.yaml:10:42
       |
    10 |     search: [titel, title, pages, notes, title, broken]
       |                     ----- first here     ^^^^^ again here

    error[E0014]: no fields to search
      --> shop.yaml:11:35
       |
    11 |   Empty: { fields: { a: string }, search: [] }
       |                                   ^^^^^^
       |
       = help: name at least one, or remove the key
    ");
}
