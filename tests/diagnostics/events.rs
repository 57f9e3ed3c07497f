//! Events that nothing emits, and names that they need.

use super::mistakes;

#[test]
fn only_what_happens_can_be_heard_of() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
resources:
  Order:
    id: { type: string }
    fields: { state: { type: State, default: open } }
    operations: [list, create]
    actions:
      close: { transition: { field: state, from: [open], to: closed } }
      look: { safe: true }
      ring: { event: Rang }
    events: [created, updated, close, closed, closed, look, Rang]
  Log:
    fields: { line: string }
    operations: [list]
    events: [created]
  Item:
    fields: { line: string }
    relations: { order: { belongs_to: Order, on_delete: cascade } }
    operations: [list]
    events: [deleted]
  Note:
    fields: { line: string }
    events: []
  OrderEvent:
    fields: { line: string }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0011]: `Rang` is not snake_case
      --> shop.yaml:12:22
       |
    12 |       ring: { event: Rang }
       |                      ^^^^
       |
       = help: write `rang`

    error[E0013]: `/orders/events` is the path of a row whose id is `events`, too
      --> shop.yaml:13:5
       |
    13 |     events: [created, updated, close, closed, closed, look, Rang]
       |     ^^^^^^
       |
       = help: give the id a `pattern` that `events` doesn't match

    error[E0042]: nothing emits the event `updated` of `Order`
      --> shop.yaml:13:23
       |
    13 |     events: [created, updated, close, closed, closed, look, Rang]
       |                       ^^^^^^^
       |
       = help: there are: created, closed, Rang

    error[E0042]: nothing emits the event `close` of `Order`
      --> shop.yaml:13:32
       |
    13 |     events: [created, updated, close, closed, closed, look, Rang]
       |                                ^^^^^
       |
       = help: did you mean `closed`?

    error[E0005]: `closed` is written twice
      --> shop.yaml:13:47
       |
    13 |     events: [created, updated, close, closed, closed, look, Rang]
       |                                       ------  ^^^^^^ again here
       |                                       |
       |                                       first here

    error[E0042]: nothing emits the event `look` of `Order`
      --> shop.yaml:13:55
       |
    13 |     events: [created, updated, close, closed, closed, look, Rang]
       |                                                       ^^^^
       |
       = help: there are: created, closed, Rang

    error[E0042]: nothing emits the event `created` of `Log`
      --> shop.yaml:17:14
       |
    17 |     events: [created]
       |              ^^^^^^^
       |
       = help: nothing ever changes its rows

    error[E0014]: no events
      --> shop.yaml:25:5
       |
    25 |     events: []
       |     ^^^^^^
       |
       = help: name at least one, or remove the key

    error[E0013]: `Order` and `OrderEvent` both need the type name `OrderEvent`
      --> shop.yaml:26:3
       |
     5 |   Order:
       |   ----- the other one
    ...
    26 |   OrderEvent:
       |   ^^^^^^^^^^
       |
       = help: rename one of them
    ");
}
