//! Fields that are found out from other rows.

use super::mistakes;

#[test]
fn what_counts_must_be_there() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
resources:
  Order:
    fields:
      a: { count: itms }
      b: { count: customer }
      c: { count: items.amount }
      d: { sum: items }
      e: { sum: items.amuont }
      f: { sum: items.name }
      g: { sum: items.cost }
      h: { count: { of: items, where: { stat: open, state: opened, amount: many } } }
      i: { count: { where: { state: open } } }
      j: { count: items, sum: items.amount }
      k?: { count: items, filter: true, type: int64, minimum: 0 }
      l: { count: items, wher: { state: open } }
    relations:
      customer: { belongs_to: Customer }
      items: { has_many: Item, inverse: order }
  Customer: { fields: { name: string } }
  Item:
    fields:
      name: string
      state: State
      amount: int32
      cost: { type: int32, internal: true, default: 0 }
    relations:
      order: { belongs_to: Order }
types:
  Total: { fields: { all: { count: items } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0036]: `Order` has no relation `itms`
     --> shop.yaml:7:19
      |
    7 |       a: { count: itms }
      |                   ^^^^
      |
      = help: did you mean `items`?

    error[E0029]: `customer` leads to one row at most
     --> shop.yaml:8:19
      |
    8 |       b: { count: customer }
      |                   ^^^^^^^^
      |
      = help: name a `has_many` or a `many_to_many`

    error[E0020]: `items.amount` isn't a relation
     --> shop.yaml:9:19
      |
    9 |       c: { count: items.amount }
      |                   ^^^^^^^^^^^^
      |
      = help: write `count: items`

    error[E0020]: `items` isn't a relation and a field
      --> shop.yaml:10:17
       |
    10 |       d: { sum: items }
       |                 ^^^^^
       |
       = help: write `sum: items.amount`

    error[E0036]: `Item` has no field `amuont`
      --> shop.yaml:11:17
       |
    11 |       e: { sum: items.amuont }
       |                 ^^^^^^^^^^^^
       |
       = help: did you mean `amount`?

    error[E0029]: `name` can't be added up
      --> shop.yaml:12:17
       |
    12 |       f: { sum: items.name }
       |                 ^^^^^^^^^^
       |
       = help: only stored numbers and durations can

    error[E0030]: `cost` is hidden
      --> shop.yaml:13:17
       |
    13 |       g: { sum: items.cost }
       |                 ^^^^^^^^^^
       |
       = help: clients could find out its value; leave it out

    error[E0036]: `Item` has no field `stat`
      --> shop.yaml:14:41
       |
    14 |       h: { count: { of: items, where: { stat: open, state: opened, amount: many } } }
       |                                         ^^^^
       |
       = help: did you mean `state`?

    error[E0015]: `opened` is not a value of enum `State`
      --> shop.yaml:14:60
       |
    14 |       h: { count: { of: items, where: { stat: open, state: opened, amount: many } } }
       |                                                            ^^^^^^
       |
       = help: did you mean `open`?

    error[E0015]: `many` is not a value of type `int32`
      --> shop.yaml:14:76
       |
    14 |       h: { count: { of: items, where: { stat: open, state: opened, amount: many } } }
       |                                                                            ^^^^ expected a whole number from -2147483648 to 2147483647

    error[E0006]: `count` has no `of`
      --> shop.yaml:15:12
       |
    15 |       i: { count: { where: { state: open } } }
       |            ^^^^^
       |
       = help: name the relation: `{ of: items, where: { state: open } }`

    error[E0030]: a field is either counted or added up
      --> shop.yaml:16:26
       |
    16 |       j: { count: items, sum: items.amount }
       |            -----         ^^^
       |            |
       |            the other one

    error[E0029]: a field with `count` can't be optional
      --> shop.yaml:17:7
       |
    17 |       k?: { count: items, filter: true, type: int64, minimum: 0 }
       |       ^
       |
       = help: remove the `?`: without any rows it is 0

    error[E0029]: `filter` has no meaning for a field with `count`
      --> shop.yaml:17:27
       |
    17 |       k?: { count: items, filter: true, type: int64, minimum: 0 }
       |                           ^^^^^^
       |
       = help: it isn't stored, but found out from other rows whenever it is read

    error[E0029]: `type` has no meaning for a field with `count`
      --> shop.yaml:17:47
       |
    17 |       k?: { count: items, filter: true, type: int64, minimum: 0 }
       |                                               ^^^^^
       |
       = help: it isn't stored, but found out from other rows whenever it is read

    error[E0029]: `minimum` has no meaning for a field with `count`
      --> shop.yaml:17:54
       |
    17 |       k?: { count: items, filter: true, type: int64, minimum: 0 }
       |                                                      ^^^^^^^
       |
       = help: it isn't stored, but found out from other rows whenever it is read

    error[E0004]: unknown key `wher` in a field
      --> shop.yaml:18:26
       |
    18 |       l: { count: items, wher: { state: open } }
       |                          ^^^^
       |
       = help: a field may have: type, description, example, default, deprecated, renamed_from, access, read_only, write_only, create_only, internal, unique, index, filter, sort, sensitive, count, sum, computed, scale, precision, min_length, max_length, pattern, minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, min_items, max_items, unique_items

    error[E0029]: `count` has no meaning inside a value type
      --> shop.yaml:32:29
       |
    32 |   Total: { fields: { all: { count: items } } }
       |                             ^^^^^
       |
       = help: make it a field of the resource itself
    ");
}

#[test]
fn what_a_hook_computes_is_in_no_row() {
    let spec = r#"
apigen: 1
api: { name: shop, version: v1 }
auth: { roles: { admin: ["*"] } }
enums: { State: [open, closed] }
resources:
  Order:
    fields:
      a: { type: string, computed: true, default: x, read_only: true, create_only: true, access: { write: [public] } }
      b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      c: { type: password, computed: true }
      d: { computed: true }
      e: { count: items, computed: true }
      f?: { type: list<string>, computed: true }
      g: { type: ref<Item>, computed: true }
      in_create: { type: int32, computed: true }
      state: { type: State, computed: true }
      label: { type: string, computed: true }
      worth: { type: int32, computed: true }
      total: { sum: items.weight }
      heavy: { count: { of: items, where: { weight: 3 } } }
      stored: { type: string, computed: false, filter: true }
    relations:
      items: { has_many: Item, inverse: order }
    unique: [[label]]
    indexes: [[-worth], [total]]
    search: [label]
    checks: [worth > 3]
    list: { sort: [worth] }
    actions:
      close: { transition: { field: state, from: [open], to: closed, set: { label: null } } }
    access: { read: { role: admin, when: { worth: 3 } } }
  Item:
    fields:
      weight: { type: int32, computed: true }
    relations:
      order: { belongs_to: Order }
    access: { read: public, write: public }
types:
  Total: { fields: { all: { type: int32, computed: true } } }
"#;
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `default` has no meaning for a computed field
     --> shop.yaml:8:51
      |
    8 |       a: { type: string, computed: true, default: x, read_only: true, create_only: true, access: { write: [public] } }
      |                                                   ^
      |
      = help: its hook gives a value for every row; remove it

    error[E0029]: `read_only` has no meaning for a computed field
     --> shop.yaml:8:54
      |
    8 |       a: { type: string, computed: true, default: x, read_only: true, create_only: true, access: { write: [public] } }
      |                                                      ^^^^^^^^^
      |
      = help: no caller sets what isn't stored; remove it

    error[E0029]: `create_only` has no meaning for a computed field
     --> shop.yaml:8:71
      |
    8 |       a: { type: string, computed: true, default: x, read_only: true, create_only: true, access: { write: [public] } }
      |                                                                       ^^^^^^^^^^^
      |
      = help: no caller sets what isn't stored; remove it

    error[E0029]: `access.write` has no meaning for `a`
     --> shop.yaml:8:100
      |
    8 |       a: { type: string, computed: true, default: x, read_only: true, create_only: true, access: { write: [public] } }
      |                                                                                                    ^^^^^
      |
      = help: callers don't set it anyway; remove it

    error[E0029]: `write_only` has no meaning for a computed field
     --> shop.yaml:9:40
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                        ^^^^^^^^^^
      |
      = help: nobody would see it; remove the field, or this key

    error[E0029]: `internal` has no meaning for a computed field
     --> shop.yaml:9:58
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                                          ^^^^^^^^
      |
      = help: nobody would see it; remove the field, or this key

    error[E0029]: `unique` has no meaning for a computed field
     --> shop.yaml:9:74
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                                                          ^^^^^^
      |
      = help: it isn't stored, so rows can't be found by it; to store it write `read_only: true` instead of `computed: true`, and a hook sets it when the row is created

    error[E0029]: `index` has no meaning for a computed field
     --> shop.yaml:9:88
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                                                                        ^^^^^
      |
      = help: it isn't stored, so rows can't be found by it; to store it write `read_only: true` instead of `computed: true`, and a hook sets it when the row is created

    error[E0029]: `filter` has no meaning for a computed field
     --> shop.yaml:9:101
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                                                                                     ^^^^^^
      |
      = help: it isn't stored, so rows can't be found by it; to store it write `read_only: true` instead of `computed: true`, and a hook sets it when the row is created

    error[E0029]: `sort` has no meaning for a computed field
     --> shop.yaml:9:115
      |
    9 |       b: { type: json, computed: true, write_only: true, internal: true, unique: true, index: true, filter: true, sort: true }
      |                                                                                                                   ^^^^
      |
      = help: it isn't stored, so rows can't be found by it; to store it write `read_only: true` instead of `computed: true`, and a hook sets it when the row is created

    error[E0029]: a password can't be computed
      --> shop.yaml:10:28
       |
    10 |       c: { type: password, computed: true }
       |                            ^^^^^^^^
       |
       = help: give it another type: a password is never shown

    error[E0006]: field `d` has no `type`
      --> shop.yaml:11:7
       |
    11 |       d: { computed: true }
       |       ^
       |
       = help: write `{ type: string }`

    error[E0029]: `computed` has no meaning for a field with `count`
      --> shop.yaml:12:26
       |
    12 |       e: { count: items, computed: true }
       |                          ^^^^^^^^
       |
       = help: it isn't stored, but found out from other rows whenever it is read

    error[E0033]: `f` can't be optional
      --> shop.yaml:13:7
       |
    13 |       f?: { type: list<string>, computed: true }
       |       ^
       |
       = help: remove the `?`: lists and maps are never absent, but may be empty

    error[E0029]: `ref<Item>` has no meaning here
      --> shop.yaml:14:22
       |
    14 |       g: { type: ref<Item>, computed: true }
       |                      ^^^^
       |
       = help: write a belongs_to under `relations:`

    error[E0012]: the name `in_create` is reserved
      --> shop.yaml:15:7
       |
    15 |       in_create: { type: int32, computed: true }
       |       ^^^^^^^^^
       |
       = help: the hook that computes it would have the name of another hook; choose another name

    error[E0029]: `weight` can't be added up
      --> shop.yaml:19:21
       |
    19 |       total: { sum: items.weight }
       |                     ^^^^^^^^^^^^
       |
       = help: only stored numbers and durations can

    error[E0029]: `weight` can't be asked for a value
      --> shop.yaml:20:45
       |
    20 |       heavy: { count: { of: items, where: { weight: 3 } } }
       |                                             ^^^^^^
       |
       = help: ask for a stored field with single values

    error[E0029]: `label` isn't stored
      --> shop.yaml:24:15
       |
    24 |     unique: [[label]]
       |               ^^^^^
       |
       = help: name fields that are stored: this one is found out whenever it is read

    error[E0029]: `worth` isn't stored
      --> shop.yaml:25:16
       |
    25 |     indexes: [[-worth], [total]]
       |                ^^^^^^
       |
       = help: name fields that are stored: this one is found out whenever it is read

    error[E0029]: `total` isn't stored
      --> shop.yaml:25:26
       |
    25 |     indexes: [[-worth], [total]]
       |                          ^^^^^
       |
       = help: name fields that are stored: this one is found out whenever it is read

    error[E0029]: `label` isn't stored
      --> shop.yaml:26:14
       |
    26 |     search: [label]
       |              ^^^^^
       |
       = help: name fields that are stored: this one is found out whenever it is read

    error[E0029]: `worth` can't be checked
      --> shop.yaml:27:14
       |
    27 |     checks: [worth > 3]
       |              ^^^^^
       |
       = help: it isn't stored, but asked of a hook whenever it is read; leave the check to a hook

    error[E0029]: `worth` isn't stored
      --> shop.yaml:28:20
       |
    28 |     list: { sort: [worth] }
       |                    ^^^^^
       |
       = help: name fields that are stored: this one is found out whenever it is read

    error[E0040]: `state` is computed: no row has it
      --> shop.yaml:30:37
       |
    30 |       close: { transition: { field: state, from: [open], to: closed, set: { label: null } } }
       |                                     ^^^^^
       |
       = help: write `default: VALUE, read_only: true` instead of `computed: true`

    error[E0040]: `label` can't be set here
      --> shop.yaml:30:77
       |
    30 |       close: { transition: { field: state, from: [open], to: closed, set: { label: null } } }
       |                                                                             ^^^^^
       |
       = help: it isn't stored, but found out whenever it is read

    error[E0029]: `worth` can't be asked for a value
      --> shop.yaml:31:44
       |
    31 |     access: { read: { role: admin, when: { worth: 3 } } }
       |                                            ^^^^^
       |
       = help: ask for a stored field with single values

    error[E0029]: `computed` has no meaning inside a value type
      --> shop.yaml:39:42
       |
    39 |   Total: { fields: { all: { type: int32, computed: true } } }
       |                                          ^^^^^^^^
       |
       = help: make it a field of the resource itself
    ");
}
