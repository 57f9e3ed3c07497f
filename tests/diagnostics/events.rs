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

#[test]
fn webhooks_need_events_and_their_names() {
    let head = "apigen: 1\napi: { name: shop, version: v1 }\n";
    let nothing = "webhooks:\nresources:\n  Order: { fields: { note: string } }\n";
    insta::assert_snapshot!(mistakes(&format!("{head}{nothing}")), @r"
    error[E0029]: `webhooks` without any events
     --> shop.yaml:3:1
      |
    3 | webhooks:
      | ^^^^^^^^
      |
      = help: name some on a resource: `events: [created]`
    ");
    let taken = r"webhooks: { access: [public] }
enums: { WebhookEvent: [a, b] }
resources:
  Order:
    fields: { note: string, kind: WebhookEvent }
    actions: { pay: { event: item_created } }
    events: [created, item_created]
  OrderItem:
    fields: { note: string }
    events: [created]
  Hook:
    path: webhooks
    fields: { note: string }
";
    insta::assert_snapshot!(mistakes(&format!("{head}{taken}")), @r"
    error[E0013]: the events `order.item_created` and `order_item.created` are the same name in other contracts
     --> shop.yaml:3:1
      |
    3 | webhooks: { access: [public] }
      | ^^^^^^^^
      |
      = help: rename one of them by the `event` of its action

    error[E0029]: `access` has no meaning without `auth`
     --> shop.yaml:3:22
      |
    3 | webhooks: { access: [public] }
      |                      ^^^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0013]: `WebhookEvent` is taken by webhooks
     --> shop.yaml:4:10
      |
    3 | webhooks: { access: [public] }
      | -------- endpoints are a resource `Webhook`, at `/webhooks`
    4 | enums: { WebhookEvent: [a, b] }
      |          ^^^^^^^^^^^^
      |
      = help: choose another name, or another `path`

    error[E0013]: `Hook` is taken by webhooks
      --> shop.yaml:13:3
       |
     3 | webhooks: { access: [public] }
       | -------- endpoints are a resource `Webhook`, at `/webhooks`
    ...
    13 |   Hook:
       |   ^^^^
       |
       = help: choose another name, or another `path`
    ");
    let closed = r"auth: { principal: User, roles: { admin: [] } }
webhooks: { access: [role:admin, owner, role:chef] }
resources:
  User:
    fields: { name: string }
    events: [created]
";
    insta::assert_snapshot!(mistakes(&format!("{head}{closed}")), @r"
    error[E0029]: endpoints don't belong to a row
     --> shop.yaml:4:34
      |
    4 | webhooks: { access: [role:admin, owner, role:chef] }
      |                                  ^^^^^
      |
      = help: write a role or a scope: `role:admin`

    error[E0036]: `auth` has no role `chef`
     --> shop.yaml:4:46
      |
    4 | webhooks: { access: [role:admin, owner, role:chef] }
      |                                              ^^^^
      |
      = help: add it to `auth`: `roles: { chef: [] }`
    ");
}
