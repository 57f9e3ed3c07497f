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
       = help: a field may have: type, description, example, default, deprecated, renamed_from, access, read_only, write_only, create_only, internal, unique, index, filter, sort, sensitive, count, sum, scale, precision, min_length, max_length, pattern, minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, min_items, max_items, unique_items

    error[E0029]: `count` has no meaning inside a value type
      --> shop.yaml:32:29
       |
    32 |   Total: { fields: { all: { count: items } } }
       |                             ^^^^^
       |
       = help: make it a field of the resource itself
    ");
}
