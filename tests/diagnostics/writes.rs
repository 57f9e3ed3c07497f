//! Rows that are written together.

use super::mistakes;

#[test]
fn rows_that_come_along() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    relations:
      customer: { belongs_to: Customer, nested: true }
      items: { has_many: Item, inverse: order, nested: true }
    operations: [list]
  Customer: { fields: { name: string } }
  Item: { relations: { order: { belongs_to: Order } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `nested` has no meaning for a belongs_to
     --> shop.yaml:6:41
      |
    6 |       customer: { belongs_to: Customer, nested: true }
      |                                         ^^^^^^
      |
      = help: rows are created along with the one that they belong to

    error[E0029]: `nested` without the operation `create`
     --> shop.yaml:7:48
      |
    7 |       items: { has_many: Item, inverse: order, nested: true }
      |                                                ^^^^^^
      |
      = help: add `create` to the `operations`, or remove it
    ");
}

#[test]
fn batches() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order: { fields: { note: string }, batch: { max: 0 } }
  Log: { fields: { line: string }, operations: [list], batch: { max: 10 } }
  Shelf: { id: { type: string, pattern: '^[a-z]+$' }, fields: { room: string }, batch: {} }
  Room: { id: { type: string, pattern: '^[0-9]+$' }, fields: { name: string }, batch: {} }
  Note: { fields: { line: string }, operations: [list, patch], batch: {} }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0020]: `0` is not a number of rows
     --> shop.yaml:4:52
      |
    4 |   Order: { fields: { note: string }, batch: { max: 0 } }
      |                                                    ^
      |
      = help: write a whole number from 1 to 1000

    error[E0029]: `batch` without any operation that writes
     --> shop.yaml:5:56
      |
    5 |   Log: { fields: { line: string }, operations: [list], batch: { max: 10 } }
      |                                                        ^^^^^
      |
      = help: add `create`, `update` or `delete` to the `operations`, or remove it

    error[E0013]: `/shelves/batch` is the path of a row whose id is `batch`, too
     --> shop.yaml:6:81
      |
    6 |   Shelf: { id: { type: string, pattern: '^[a-z]+$' }, fields: { room: string }, batch: {} }
      |                                                                                 ^^^^^
      |
      = help: give the id a `pattern` that `batch` doesn't match

    error[E0031]: unknown operation `patch`
     --> shop.yaml:8:56
      |
    8 |   Note: { fields: { line: string }, operations: [list, patch], batch: {} }
      |                                                        ^^^^^
      |
      = help: there are: list, get, create, update, replace, delete
    ");
}
