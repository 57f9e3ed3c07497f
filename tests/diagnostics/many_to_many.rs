//! Relations of many rows with many.

use super::mistakes;

#[test]
fn each_side_leads_back() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Book:
    fields: { title: string }
    relations:
      tags:    { many_to_many: Tag }
      labels:  { many_to_many: Label, inverse: boks }
      authors: { many_to_many: Author }
      readers: { many_to_many: Author }
      friends: { many_to_many: Book, inverse: friends }
  Tag: { fields: { name: string } }
  Label: { fields: { name: string }, relations: { books: { many_to_many: Book } } }
  Author:
    fields: { name: string }
    relations:
      books: { many_to_many: Book, inverse: authors }
      read:  { many_to_many: Book, inverse: readers }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0022]: nothing leads back from `Tag` to `Book`
     --> shop.yaml:7:7
      |
    7 |       tags:    { many_to_many: Tag }
      |       ^^^^
      |
      = help: add `books: { many_to_many: Book }` to the relations of `Tag`

    error[E0022]: `Label` has no many_to_many `boks` that leads back to `Book`
     --> shop.yaml:8:48
      |
    8 |       labels:  { many_to_many: Label, inverse: boks }
      |                                                ^^^^
      |
      = help: did you mean `books`?

    error[E0022]: many_to_many `authors` has no `inverse`
     --> shop.yaml:9:7
      |
    9 |       authors: { many_to_many: Author }
      |       ^^^^^^^
      |
      = help: several lead back; name one: `inverse: books`

    error[E0022]: many_to_many `readers` has no `inverse`
      --> shop.yaml:10:7
       |
    10 |       readers: { many_to_many: Author }
       |       ^^^^^^^
       |
       = help: several lead back; name one: `inverse: books`

    error[E0022]: `Book` has no many_to_many `friends` that leads back to `Book`
      --> shop.yaml:11:47
       |
    11 |       friends: { many_to_many: Book, inverse: friends }
       |                                               ^^^^^^^
       |
       = help: add `books: { many_to_many: Book }` to the relations of `Book`
    ");
}

#[test]
fn what_stands_between() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Book:
    fields: { title: string }
    relations:
      tags:  { many_to_many: Tag, through: Tagging }
      shops: { many_to_many: Shop, through: Shelf }
      lists: { many_to_many: List2, on_delete: cascade, unique: true }
      batch: { many_to_many: Shop }
      copy:  { belongs_to: Tag, through: Tagging }
  Tag: { fields: { name: string }, relations: { books: { many_to_many: Book, through: Shelf } } }
  Tagging: { relations: { book: { belongs_to: Book }, tag: { belongs_to: Tag } } }
  Shelf: { relations: { book: { belongs_to: Book } } }
  Shop:
    fields: { name: string }
    relations:
      books:   { many_to_many: Book, inverse: shops }
      batches: { many_to_many: Book, inverse: batch }
  List2: { fields: { name: string }, relations: { books: { many_to_many: Book } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0022]: many_to_many `shops` has no `inverse`
     --> shop.yaml:8:7
      |
    8 |       shops: { many_to_many: Shop, through: Shelf }
      |       ^^^^^
      |
      = help: several lead back; name one: `inverse: books`

    error[E0029]: `on_delete` has no meaning for a many_to_many
     --> shop.yaml:9:48
      |
    9 |       lists: { many_to_many: List2, on_delete: cascade, unique: true }
      |                                                ^^^^^^^
      |
      = help: only a `belongs_to` has it; a resource of your own may stand in between

    error[E0029]: `unique` has no meaning for a many_to_many
     --> shop.yaml:9:57
      |
    9 |       lists: { many_to_many: List2, on_delete: cascade, unique: true }
      |                                                         ^^^^^^
      |
      = help: only a `belongs_to` has it; a resource of your own may stand in between

    error[E0012]: the name `batch` is reserved
      --> shop.yaml:10:7
       |
    10 |       batch: { many_to_many: Shop }
       |       ^^^^^
       |
       = help: its path means something else; choose another name

    error[E0022]: many_to_many `batch` has no `inverse`
      --> shop.yaml:10:7
       |
    10 |       batch: { many_to_many: Shop }
       |       ^^^^^
       |
       = help: several lead back; name one: `inverse: books`

    error[E0029]: `through` has no meaning for a belongs_to
      --> shop.yaml:11:42
       |
    11 |       copy:  { belongs_to: Tag, through: Tagging }
       |                                          ^^^^^^^
       |
       = help: only a `many_to_many` goes through another resource

    error[E0023]: one side goes through `Tagging`, the other through `Shelf`
      --> shop.yaml:12:87
       |
     7 |       tags:  { many_to_many: Tag, through: Tagging }
       |                                            ------- the other side
    ...
    12 |   Tag: { fields: { name: string }, relations: { books: { many_to_many: Book, through: Shelf } } }
       |                                                                                       ^^^^^
    ");
}

#[test]
fn a_table_between_has_a_name_of_its_own() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Book: { fields: { title: string }, relations: { tags: { many_to_many: Tag } } }
  Tag: { fields: { name: string }, relations: { books: { many_to_many: Book } } }
  BookTag: { fields: { since: date } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: the table `book_tags` is that of `BookTag`
     --> shop.yaml:4:51
      |
    4 |   Book: { fields: { title: string }, relations: { tags: { many_to_many: Tag } } }
      |                                                   ^^^^
    5 |   Tag: { fields: { name: string }, relations: { books: { many_to_many: Book } } }
    6 |   BookTag: { fields: { since: date } }
      |   ------- this one
      |
      = help: go through it (`through: BookTag`), or rename the relation
    ");
}
