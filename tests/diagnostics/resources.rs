//! Resources and their relations.

use super::mistakes;

#[test]
fn prefixes() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Apple: { id: { prefix: _a }, fields: { a: string } }
  Berry: { id: { prefix: b1 }, fields: { a: string } }
  Cherry: { id: { prefix: x }, fields: { a: string } }
  Date2: { id: { prefix: x }, fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0027]: `_a` is not an id prefix
     --> shop.yaml:4:26
      |
    4 |   Apple: { id: { prefix: _a }, fields: { a: string } }
      |                          ^^
      |
      = help: use up to 63 lower-case letters, with underscores only between them: `usr`

    error[E0027]: `b1` is not an id prefix
     --> shop.yaml:5:26
      |
    5 |   Berry: { id: { prefix: b1 }, fields: { a: string } }
      |                          ^^
      |
      = help: use up to 63 lower-case letters, with underscores only between them: `usr`

    error[E0028]: the prefix `x` is taken
     --> shop.yaml:7:26
      |
    6 |   Cherry: { id: { prefix: x }, fields: { a: string } }
      |                           - first used here
    7 |   Date2: { id: { prefix: x }, fields: { a: string } }
      |                          ^
      |
      = help: an id must tell which resource it belongs to
    ");
}

#[test]
fn id_types() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Apple: { id: int32, fields: { a: string } }
  Berry: { id: { prefix: b, type: uuid }, fields: { a: string } }
  Cherry: { id: { type: int64, pattern: x }, fields: { a: string } }
  Melon: { id: {}, fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: an id can't be of type `int32`
     --> shop.yaml:4:16
      |
    4 |   Apple: { id: int32, fields: { a: string } }
      |                ^^^^^
      |
      = help: write `{ prefix: usr }`, or one of the types `uuid`, `int64`, `string`

    error[E0030]: an id has either a `prefix` or a `type`
     --> shop.yaml:5:35
      |
    5 |   Berry: { id: { prefix: b, type: uuid }, fields: { a: string } }
      |                          -        ^^^^
      |                          |
      |                          the other one
      |
      = help: `{ prefix: usr }` is a type of its own

    error[E0029]: `pattern` has no meaning for this id
     --> shop.yaml:6:41
      |
    6 |   Cherry: { id: { type: int64, pattern: x }, fields: { a: string } }
      |                                         ^
      |
      = help: only an id that the client chooses has one: `{ type: string, pattern: … }`

    error[E0006]: `id` has no `prefix`
     --> shop.yaml:7:16
      |
    7 |   Melon: { id: {}, fields: { a: string } }
      |                ^^
      |
      = help: write `{ prefix: usr }` or `{ type: int64 }`
    ");
}

#[test]
fn unknown_operation() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    operations: [list, gte, list]
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0031]: unknown operation `gte`
     --> shop.yaml:7:24
      |
    7 |     operations: [list, gte, list]
      |                        ^^^
      |
      = help: did you mean `get`?

    error[E0005]: `list` is written twice
     --> shop.yaml:7:29
      |
    7 |     operations: [list, gte, list]
      |                  ----       ^^^^ again here
      |                  |
      |                  first here
    ");
}

#[test]
fn no_operations() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    operations: []
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0014]: no operations
     --> shop.yaml:7:5
      |
    7 |     operations: []
      |     ^^^^^^^^^^
      |
      = help: name at least one, or remove the key to have all of them
    ");
}

#[test]
fn sorting() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
      b: { type: string, sort: true }
    list: { sort: [a, -bb, b, -b] }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0032]: lists can't be sorted by `a`
     --> shop.yaml:8:20
      |
    8 |     list: { sort: [a, -bb, b, -b] }
      |                    ^
      |
      = help: add `sort: true` to the field `a`

    error[E0032]: `Thing` has no field `bb`
     --> shop.yaml:8:23
      |
    8 |     list: { sort: [a, -bb, b, -b] }
      |                       ^^^
      |
      = help: did you mean `b`?

    error[E0005]: `-b` is written twice
     --> shop.yaml:8:31
      |
    8 |     list: { sort: [a, -bb, b, -b] }
      |                            -  ^^ again here
      |                            |
      |                            first here
    ");
}

#[test]
fn page_sizes() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    list: { page_size: 200, max_page_size: 100 }
  Other:
    fields: { a: string }
    list: { page_size: 0 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0018]: `page_size: 200` is more than `max_page_size: 100`
     --> shop.yaml:7:24
      |
    7 |     list: { page_size: 200, max_page_size: 100 }
      |                        ^^^
      |
      = help: raise the one or lower the other

    error[E0020]: `0` is not a number of rows
      --> shop.yaml:10:24
       |
    10 |     list: { page_size: 0 }
       |                        ^
       |
       = help: write a whole number from 1 to 2147483647
    ");
}

#[test]
fn list_without_the_operation() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: string
    operations: [get]
    list: { page_size: 10 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `list` has no meaning without the operation
     --> shop.yaml:8:5
      |
    8 |     list: { page_size: 10 }
      |     ^^^^
      |
      = help: add `list` to the `operations`, or remove this
    ");
}

#[test]
fn unknown_target() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Customer: { fields: { a: string } }
  Order:
    relations:
      customer: { belongs_to: Custmer }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: unknown type `Custmer`
     --> shop.yaml:7:31
      |
    7 |       customer: { belongs_to: Custmer }
      |                               ^^^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `Customer`?
    ");
}

#[test]
fn target_is_an_enum() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [a] }
resources:
  Order:
    relations:
      role: { belongs_to: Role }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0021]: `Role` is an enum, not a resource
     --> shop.yaml:7:27
      |
    7 |       role: { belongs_to: Role }
      |                           ^^^^
      |
      = help: relations lead to resources; a value belongs under `fields:`
    ");
}

#[test]
fn no_kind_of_relation() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    relations:
      customer: { description: Who pays. }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0006]: relation `customer` has no `belongs_to`
     --> shop.yaml:6:7
      |
    6 |       customer: { description: Who pays. }
      |       ^^^^^^^^
      |
      = help: say what it leads to: `{ belongs_to: User }` or `{ has_many: Order, inverse: customer }`
    ");
}

#[test]
fn two_kinds_of_relation() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    relations:
      customer: { belongs_to: Order, has_many: Order, inverse: x }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: a relation is either `belongs_to` or `has_many`
     --> shop.yaml:6:38
      |
    6 |       customer: { belongs_to: Order, has_many: Order, inverse: x }
      |                   ----------         ^^^^^^^^
      |                   |
      |                   the other one
    ");
}

#[test]
fn missing_inverse() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User:
    relations: { orders: { has_many: Order } }
  Order:
    relations: { customer: { belongs_to: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0022]: has_many `orders` has no `inverse`
     --> shop.yaml:5:18
      |
    5 |     relations: { orders: { has_many: Order } }
      |                  ^^^^^^
      |
      = help: write `inverse: customer`
    ");
}

#[test]
fn no_way_back() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User:
    relations: { orders: { has_many: Order, inverse: customer } }
  Order: { fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0022]: `Order` has no relation `customer`
     --> shop.yaml:5:54
      |
    5 |     relations: { orders: { has_many: Order, inverse: customer } }
      |                                                      ^^^^^^^^
      |
      = help: add `user: { belongs_to: User }` to the relations of `Order`
    ");
}

#[test]
fn inverse_leads_elsewhere() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Team: { fields: { a: string } }
  User:
    relations: { orders: { has_many: Order, inverse: customer } }
  Order:
    relations: { customer: { belongs_to: Team } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0023]: `customer` doesn't lead back to `User`
     --> shop.yaml:6:54
      |
    6 |     relations: { orders: { has_many: Order, inverse: customer } }
      |                                                      ^^^^^^^^
    7 |   Order:
    8 |     relations: { customer: { belongs_to: Team } }
      |                                          ---- it is a belongs_to of `Team`
      |
      = help: an inverse is a `belongs_to: User`
    ");
}

#[test]
fn has_one_needs_unique() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User:
    relations: { profile: { has_one: Profile, inverse: user } }
  Profile:
    relations: { user: { belongs_to: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0024]: `user` may lead to many rows
     --> shop.yaml:5:56
      |
    5 |     relations: { profile: { has_one: Profile, inverse: user } }
      |                                                        ^^^^
    6 |   Profile:
    7 |     relations: { user: { belongs_to: User } }
      |                  ---- several rows may share it
      |
      = help: add `unique: true` there, or write `has_many` here
    ");
}

#[test]
fn keys_of_the_other_side() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User:
    relations: { orders?: { has_many: Order, inverse: customer, on_delete: cascade } }
  Order:
    relations: { customer: { belongs_to: User, inverse: orders } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `?` has no meaning for a has_many
     --> shop.yaml:5:18
      |
    5 |     relations: { orders?: { has_many: Order, inverse: customer, on_delete: cascade } }
      |                  ^^^^^^
      |
      = help: remove the `?`: there may always be none

    error[E0029]: `on_delete` has no meaning for a has_many
     --> shop.yaml:5:76
      |
    5 |     relations: { orders?: { has_many: Order, inverse: customer, on_delete: cascade } }
      |                                                                            ^^^^^^^
      |
      = help: write it at the `belongs_to` on the other side

    error[E0029]: `inverse` has no meaning for a belongs_to
     --> shop.yaml:7:57
      |
    7 |     relations: { customer: { belongs_to: User, inverse: orders } }
      |                                                         ^^^^^^
      |
      = help: the other side names this relation as its `inverse`
    ");
}

#[test]
fn on_delete() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User: { fields: { a: string } }
  Order:
    relations:
      customer: { belongs_to: User, on_delete: set_null }
      payer: { belongs_to: User, on_delete: ignore }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: `set_null` needs an optional relation
     --> shop.yaml:7:48
      |
    7 |       customer: { belongs_to: User, on_delete: set_null }
      |                                                ^^^^^^^^
      |
      = help: make it optional: `customer?`

    error[E0020]: `ignore` is not a value for `on_delete`
     --> shop.yaml:8:45
      |
    8 |       payer: { belongs_to: User, on_delete: ignore }
      |                                             ^^^^^^
      |
      = help: write `restrict`, `cascade` or `set_null`
    ");
}

#[test]
fn rows_that_need_each_other() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    relations: { customer: { belongs_to: User } }
  User:
    relations: { last_order: { belongs_to: Order }, boss?: { belongs_to: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0026]: no first row can exist: Order.customer → User.last_order → Order
     --> shop.yaml:5:18
      |
    5 |     relations: { customer: { belongs_to: User } }
      |                  ^^^^^^^^ each needs the next one
      |
      = help: make one of the relations optional: `customer?`
    ");
}

#[test]
fn a_row_that_needs_itself() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Folder:
    relations: { parent: { belongs_to: Folder } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0026]: no first row can exist: Folder.parent → Folder
     --> shop.yaml:5:18
      |
    5 |     relations: { parent: { belongs_to: Folder } }
      |                  ^^^^^^ each needs the next one
      |
      = help: make one of the relations optional: `parent?`
    ");
}

#[test]
fn reserved_segment() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Day:
    relations: { events: { has_many: Party, inverse: day } }
  Party:
    relations: { day: { belongs_to: Day } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `events` is reserved
     --> shop.yaml:5:18
      |
    5 |     relations: { events: { has_many: Party, inverse: day } }
      |                  ^^^^^^
      |
      = help: its path means something else; choose another name
    ");
}
