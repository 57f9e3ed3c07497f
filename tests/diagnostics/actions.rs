//! Actions: their names, what they take and return, and transitions that can't happen.

use super::mistakes;

#[test]
fn names_and_targets() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    id: { type: string }
    fields: { note: string, total: int32 }
    actions:
      batch:
      delete:
      Cancel:
      total:
      preview: { target: row }
      purge: { target: collection }
      add_item: { input: { id: string, etag: string, item: strin, unique: { type: string, unique: true } } }
      additem:
      after_create: { returns: none }
  PreviewOrder:
    fields: { note: string }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `batch` is reserved
     --> shop.yaml:8:7
      |
    8 |       batch:
      |       ^^^^^
      |
      = help: every resource has this name for something else; choose another one

    error[E0012]: the name `delete` is reserved
     --> shop.yaml:9:7
      |
    9 |       delete:
      |       ^^^^^^
      |
      = help: every resource has this name for something else; choose another one

    error[E0011]: `Cancel` is not snake_case
      --> shop.yaml:10:7
       |
    10 |       Cancel:
       |       ^^^^^^
       |
       = help: write `cancel`

    error[E0005]: `total` is written twice
      --> shop.yaml:11:7
       |
     6 |     fields: { note: string, total: int32 }
       |                             ----- the other one
    ...
    11 |       total:
       |       ^^^^^
       |
       = help: fields, relations and actions share their names; rename one of them

    error[E0036]: unknown target `row`
      --> shop.yaml:12:26
       |
    12 |       preview: { target: row }
       |                          ^^^
       |
       = help: an action is about an `item` or a `collection`

    error[E0013]: `/orders/purge` is the path of a row whose id is `purge`, too
      --> shop.yaml:13:7
       |
    13 |       purge: { target: collection }
       |       ^^^^^
       |
       = help: give the id a `pattern` that `purge` doesn't match

    error[E0012]: the name `id` is reserved
      --> shop.yaml:14:28
       |
    14 |       add_item: { input: { id: string, etag: string, item: strin, unique: { type: string, unique: true } } }
       |                            ^^
       |
       = help: every action has it already: it says which order is meant

    error[E0012]: the name `etag` is reserved
      --> shop.yaml:14:40
       |
    14 |       add_item: { input: { id: string, etag: string, item: strin, unique: { type: string, unique: true } } }
       |                                        ^^^^
       |
       = help: every action has it already: it says which order is meant

    error[E0007]: unknown type `strin`
      --> shop.yaml:14:60
       |
    14 |       add_item: { input: { id: string, etag: string, item: strin, unique: { type: string, unique: true } } }
       |                                                            ^^^^^ no resource, type or enum has this name
       |
       = help: did you mean `string`?

    error[E0004]: unknown key `unique` in an input
      --> shop.yaml:14:91
       |
    14 |       add_item: { input: { id: string, etag: string, item: strin, unique: { type: string, unique: true } } }
       |                                                                                           ^^^^^^
       |
       = help: an input may have: type, description, example, default, deprecated, sensitive, scale, precision, min_length, max_length, pattern, minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, min_items, max_items, unique_items

    error[E0012]: the name `after_create` is reserved
      --> shop.yaml:16:7
       |
    16 |       after_create: { returns: none }
       |       ^^^^^^^^^^^^
       |
       = help: the hook that does it would have the name of another hook; choose another name

    error[E0013]: `Order` and `PreviewOrder` both need the type name `PreviewOrder`
      --> shop.yaml:17:3
       |
     4 |   Order:
       |   ----- the other one
    ...
    17 |   PreviewOrder:
       |   ^^^^^^^^^^^^
       |
       = help: rename one of them
    ");
}

#[test]
fn keys_that_contradict_each_other() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
types: { Area: { fields: { width: int32 } } }
resources:
  Order:
    fields: { state: { type: State, default: open } }
    actions:
      look: { safe: true, transition: { field: state, from: [open], to: closed } }
      peek: { safe: true, event: peeked, returns: none }
      measure: { safe: true, input: { area: Area, widths: list<int32>, extra: json } }
      sweep: { target: collection, transition: { field: state, from: [open], to: closed } }
      close: { returns: State, transition: { field: state, from: [open], to: closed } }
      wait: { long_running: true, safe: true, access: [public], limit: 1/s }
      hold: { long_running: true, transition: { field: state, from: [open], to: closed } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: a `safe` action can't have a `transition`
     --> shop.yaml:9:27
      |
    9 |       look: { safe: true, transition: { field: state, from: [open], to: closed } }
      |               ----        ^^^^^^^^^^
      |               |
      |               the other one
      |
      = help: what is safe changes nothing

    error[E0030]: a `safe` action can't emit an event
      --> shop.yaml:10:34
       |
    10 |       peek: { safe: true, event: peeked, returns: none }
       |               ---- the other one ^^^^^^
       |
       = help: what is safe changes nothing

    error[E0030]: a `safe` action must return something
      --> shop.yaml:10:51
       |
    10 |       peek: { safe: true, event: peeked, returns: none }
       |               ---- the other one                  ^^^^
       |
       = help: say what it reads: `returns: list<Order>`

    error[E0030]: a query can't hold the input `area`
      --> shop.yaml:11:39
       |
    11 |       measure: { safe: true, input: { area: Area, widths: list<int32>, extra: json } }
       |                  ---- the other one   ^^^^
       |
       = help: take its parts as inputs of their own, or remove `safe`

    error[E0030]: a query can't hold the input `extra`
      --> shop.yaml:11:72
       |
    11 |       measure: { safe: true, input: { area: Area, widths: list<int32>, extra: json } }
       |                  ---- the other one                                    ^^^^^
       |
       = help: take its parts as inputs of their own, or remove `safe`

    error[E0030]: an action on a collection can't have a `transition`
      --> shop.yaml:12:36
       |
    12 |       sweep: { target: collection, transition: { field: state, from: [open], to: closed } }
       |                        ----------  ^^^^^^^^^^
       |                        |
       |                        the other one
       |
       = help: a transition moves one row: remove `target`

    error[E0030]: a transition returns its own row
      --> shop.yaml:13:32
       |
    13 |       close: { returns: State, transition: { field: state, from: [open], to: closed } }
       |                         -----  ^^^^^^^^^^
       |                         |
       |                         the other one
       |
       = help: remove `returns`, or write `none`: nothing but the row is at hand

    error[E0030]: a `safe` action can't be `long_running`
      --> shop.yaml:14:35
       |
    14 |       wait: { long_running: true, safe: true, access: [public], limit: 1/s }
       |               ------------        ^^^^
       |               |
       |               the other one
       |
       = help: remove `safe`: starting an operation changes something

    error[E0029]: `access` has no meaning without `auth`
      --> shop.yaml:14:56
       |
    14 |       wait: { long_running: true, safe: true, access: [public], limit: 1/s }
       |                                                        ^^^^^^
       |
       = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0030]: a `long_running` action can't have a `transition`
      --> shop.yaml:15:35
       |
    15 |       hold: { long_running: true, transition: { field: state, from: [open], to: closed } }
       |               ------------        ^^^^^^^^^^
       |               |
       |               the other one
       |
       = help: remove `long_running`: a transition is done at once
    ");
}

#[test]
fn types_of_inputs_and_answers() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    fields: { note: string, owner: ref<Order> }
    actions:
      a: { input: { secret: password, other: ref<Ordr>, many: list<ref<Order>>, all: list<list<string>>, wrong: set<string> } }
      b: { returns: ref<Order> }
      c: { returns: map<Order> }
      d: { returns: decimal }
      e: { returns: Nothing, errors: [NONE] }
      f: { input: { count?: list<int32>, size: { type: int32, default: big } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `ref<Order>` has no meaning here
     --> shop.yaml:5:40
      |
    5 |     fields: { note: string, owner: ref<Order> }
      |                                        ^^^^^
      |
      = help: write a belongs_to under `relations:`

    error[E0029]: an action can't take a password
     --> shop.yaml:7:29
      |
    7 |       a: { input: { secret: password, other: ref<Ordr>, many: list<ref<Order>>, all: list<list<string>>, wrong: set<string> } }
      |                             ^^^^^^^^
      |
      = help: let an update set the password

    error[E0007]: unknown type `Ordr`
     --> shop.yaml:7:50
      |
    7 |       a: { input: { secret: password, other: ref<Ordr>, many: list<ref<Order>>, all: list<list<string>>, wrong: set<string> } }
      |                                                  ^^^^ no resource, type or enum has this name
      |
      = help: did you mean `Order`?

    error[E0007]: `list<string>` is not a type
     --> shop.yaml:7:91
      |
    7 |       a: { input: { secret: password, other: ref<Ordr>, many: list<ref<Order>>, all: list<list<string>>, wrong: set<string> } }
      |                                                                                           ^^^^^^^^^^^^
      |
      = help: a list or map can't hold another one; wrap it in a value type

    error[E0007]: `set<string>` is not a type
     --> shop.yaml:7:113
      |
    7 |       a: { input: { secret: password, other: ref<Ordr>, many: list<ref<Order>>, all: list<list<string>>, wrong: set<string> } }
      |                                                                                                                 ^^^^^^^^^^^
      |
      = help: only `list<T>`, `map<T>` and `ref<T>` have a type inside

    error[E0029]: `ref<Order>` has no meaning here
     --> shop.yaml:8:25
      |
    8 |       b: { returns: ref<Order> }
      |                         ^^^^^
      |
      = help: an answer shows the row itself: write the resource's name

    error[E0007]: a map can't hold rows
     --> shop.yaml:9:25
      |
    9 |       c: { returns: map<Order> }
      |                         ^^^^^
      |
      = help: write `list<Order>`

    error[E0029]: an action can't return `decimal`
      --> shop.yaml:10:21
       |
    10 |       d: { returns: decimal }
       |                     ^^^^^^^
       |
       = help: wrap it in a value type, which says how many digits it has

    error[E0007]: unknown type `Nothing`
      --> shop.yaml:11:21
       |
    11 |       e: { returns: Nothing, errors: [NONE] }
       |                     ^^^^^^^ no resource, type or enum has this name

    error[E0036]: unknown error `NONE`
      --> shop.yaml:11:39
       |
    11 |       e: { returns: Nothing, errors: [NONE] }
       |                                       ^^^^
       |
       = help: declare it: `errors: { NONE: { code: …, message: … } }`

    error[E0033]: `count` can't be optional
      --> shop.yaml:12:21
       |
    12 |       f: { input: { count?: list<int32>, size: { type: int32, default: big } } }
       |                     ^^^^^
       |
       = help: remove the `?`: lists and maps are never absent, but may be empty

    error[E0015]: `big` is not a value of type `int32`
      --> shop.yaml:12:72
       |
    12 |       f: { input: { count?: list<int32>, size: { type: int32, default: big } } }
       |                                                                        ^^^ expected a whole number from -2147483648 to 2147483647
    ");
}

#[test]
fn transitions_that_cannot_happen() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
resources:
  Order:
    fields:
      state:  { type: State, default: open }
      hidden: { type: State, default: open, internal: true }
      note:   { type: string, max_length: 10 }
      size:   int32
    actions:
      a: { transition: { field: stat, from: [open], to: closed } }
      b: { transition: { field: note, from: [open], to: closed } }
      c: { transition: { field: hidden, from: [open], to: closed } }
      d: { transition: { field: state, from: [opne, open, open], to: shut } }
      e: { transition: { field: state, from: [] } }
      f: { transition: { } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0040]: `Order` has no field `stat`
      --> shop.yaml:12:33
       |
    12 |       a: { transition: { field: stat, from: [open], to: closed } }
       |                                 ^^^^
       |
       = help: did you mean `state`?

    error[E0040]: `note` is of type `string`, not an enum
      --> shop.yaml:13:33
       |
    13 |       b: { transition: { field: note, from: [open], to: closed } }
       |                                 ^^^^
       |
       = help: a transition moves a field between named values

    error[E0040]: `hidden` is internal, and refusals would tell its value
      --> shop.yaml:14:33
       |
    14 |       c: { transition: { field: hidden, from: [open], to: closed } }
       |                                 ^^^^^^
       |
       = help: write `read_only: true` instead of `internal`

    error[E0040]: `opne` is not a value of enum `State`
      --> shop.yaml:15:47
       |
    15 |       d: { transition: { field: state, from: [opne, open, open], to: shut } }
       |                                               ^^^^
       |
       = help: did you mean `open`?

    error[E0005]: `open` is written twice
      --> shop.yaml:15:59
       |
    15 |       d: { transition: { field: state, from: [opne, open, open], to: shut } }
       |                                                     ----  ^^^^ again here
       |                                                     |
       |                                                     first here

    error[E0040]: `shut` is not a value of enum `State`
      --> shop.yaml:15:70
       |
    15 |       d: { transition: { field: state, from: [opne, open, open], to: shut } }
       |                                                                      ^^^^
       |
       = help: its values: open, closed

    error[E0014]: a transition from nowhere
      --> shop.yaml:16:12
       |
    16 |       e: { transition: { field: state, from: [] } }
       |            ^^^^^^^^^^
       |
       = help: say where it may begin: `from: [pending]`

    error[E0006]: a transition has no `to`
      --> shop.yaml:16:12
       |
    16 |       e: { transition: { field: state, from: [] } }
       |            ^^^^^^^^^^
       |
       = help: say where it leads: `to: cancelled`

    error[E0006]: a transition has no `field`
      --> shop.yaml:17:12
       |
    17 |       f: { transition: { } }
       |            ^^^^^^^^^^
       |
       = help: say which field moves: `field: status`
    ");
}

#[test]
fn what_a_transition_sets() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [open, closed] }
resources:
  User: { fields: { name: string } }
  Order:
    fields:
      state:  { type: State, default: open }
      note:   { type: string, max_length: 10 }
      size:   { type: int32, maximum: 5 }
      closed_at?: timestamp
      item_count: { count: items }
    relations:
      items: { has_many: Item, inverse: order }
      user:  { belongs_to: User }
    actions:
      close:
        input:
          reason?: string
          long:    { type: string, max_length: 20 }
          size:    int64
          user:    ref<Order>
          spare:   string
          odd:     { type: string, default: far too long a text }
        transition:
          field: state
          from: [open]
          to: closed
          set:
            state: closed
            id: 1
            created_at: now
            item_count: 1
            nothing: 1
            note: input.reason
            size: input.size
            user_id: input.user
            closed_at: soon
      shut:
        input: { long: { type: string, max_length: 20 }, odd: { type: string, default: far too long a text } }
        transition: { field: state, from: [open], to: closed, set: { note: input.long, size: 9, user_id: usr_1, closed_at: input.odd } }
      lock:
        input: { odd: { type: string, default: far too long a text } }
        transition: { field: state, from: [open], to: closed, set: { note: input.odd, size: null, closed_at: input.odds } }
  Item:
    relations: { order: { belongs_to: Order } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0041]: nothing uses the input `long`
      --> shop.yaml:20:11
       |
    20 |           long:    { type: string, max_length: 20 }
       |           ^^^^
       |
       = help: set a field to it (`set: { long: input.long }`), or remove it

    error[E0041]: nothing uses the input `spare`
      --> shop.yaml:23:11
       |
    23 |           spare:   string
       |           ^^^^^
       |
       = help: set a field to it (`set: { spare: input.spare }`), or remove it

    error[E0041]: nothing uses the input `odd`
      --> shop.yaml:24:11
       |
    24 |           odd:     { type: string, default: far too long a text }
       |           ^^^
       |
       = help: set a field to it (`set: { odd: input.odd }`), or remove it

    error[E0040]: `state` can't be set here
      --> shop.yaml:30:13
       |
    30 |             state: closed
       |             ^^^^^
       |
       = help: its value is what `to` says

    error[E0040]: `id` can't be set here
      --> shop.yaml:31:13
       |
    31 |             id: 1
       |             ^^
       |
       = help: a row keeps its id

    error[E0040]: `created_at` can't be set here
      --> shop.yaml:32:13
       |
    32 |             created_at: now
       |             ^^^^^^^^^^
       |
       = help: the server sets it by itself

    error[E0040]: `item_count` can't be set here
      --> shop.yaml:33:13
       |
    33 |             item_count: 1
       |             ^^^^^^^^^^
       |
       = help: it isn't stored, but found out whenever it is read

    error[E0040]: `Order` has no field `nothing`
      --> shop.yaml:34:13
       |
    34 |             nothing: 1
       |             ^^^^^^^

    error[E0040]: the input `reason` may be absent, the field `note` may not
      --> shop.yaml:35:19
       |
    19 |           reason?: string
       |           ------ the input
    ...
    35 |             note: input.reason
       |                   ^^^^^^^^^^^^
       |
       = help: remove the input's `?`, or give it a `default`

    error[E0040]: the input `size` is of type `int64`, the field `size` of type `int32`
      --> shop.yaml:36:19
       |
    21 |           size:    int64
       |           ---- the input
    ...
    36 |             size: input.size
       |                   ^^^^^^^^^^
       |
       = help: make the input a `int32`

    error[E0040]: the input `user` is of type `ref<Order>`, the field `user_id` of type `ref<User>`
      --> shop.yaml:37:22
       |
    22 |           user:    ref<Order>
       |           ---- the input
    ...
    37 |             user_id: input.user
       |                      ^^^^^^^^^^
       |
       = help: make the input a `ref<User>`

    error[E0015]: `soon` is not a value of type `timestamp`
      --> shop.yaml:38:24
       |
    38 |             closed_at: soon
       |                        ^^^^ expected a time with its offset: `2026-01-31T12:30:00Z`

    error[E0040]: the input `long` allows what `max_length` of the field `note` doesn't
      --> shop.yaml:41:76
       |
    40 | ...   input: { long: { type: string, max_length: 20 }, odd: { type: string, default: far too long a text } }
       |                ---- the input
    41 | ...   transition: { field: state, from: [open], to: closed, set: { note: input.long, size: 9, user_id: usr_1, closed_at: input.odd } }
       |                                                                          ^^^^^^^^^^
       |
       = help: remove `max_length` from the input, which then has the field's

    error[E0016]: the value breaks the field's own `maximum`
      --> shop.yaml:41:94
       |
    41 | ...   transition: { field: state, from: [open], to: closed, set: { note: input.long, size: 9, user_id: usr_1, closed_at: input.odd } }
       |                                                                                            ^ not allowed by `maximum: 5`

    error[E0040]: a literal can't name a row
      --> shop.yaml:41:106
       |
    41 | ...   transition: { field: state, from: [open], to: closed, set: { note: input.long, size: 9, user_id: usr_1, closed_at: input.odd } }
       |                                                                                                        ^^^^^
       |
       = help: let the caller say which row: `user_id: input.x`, with `x` a `ref<…>`

    error[E0040]: the input `odd` is of type `string`, the field `closed_at` of type `timestamp`
      --> shop.yaml:41:124
       |
    40 | ... string, max_length: 20 }, odd: { type: string, default: far too long a text } }
       |                               --- the input
    41 | ...tate, from: [open], to: closed, set: { note: input.long, size: 9, user_id: usr_1, closed_at: input.odd } }
       |                                                                                                 ^^^^^^^^^
       |
       = help: make the input a `timestamp`

    error[E0016]: the value breaks the field's own `max_length`
      --> shop.yaml:43:48
       |
    43 |         input: { odd: { type: string, default: far too long a text } }
       |                                                ^^^^^^^^^^^^^^^^^^^ not allowed by `max_length: 10`

    error[E0040]: `size` can't be null
      --> shop.yaml:44:93
       |
    44 |         transition: { field: state, from: [open], to: closed, set: { note: input.odd, size: null, closed_at: input.odds } }
       |                                                                                             ^^^^
       |
       = help: make it optional (`size?`), or set it to a value

    error[E0040]: there is no input `odds`
      --> shop.yaml:44:110
       |
    44 |         transition: { field: state, from: [open], to: closed, set: { note: input.odd, size: null, closed_at: input.odds } }
       |                                                                                                              ^^^^^^^^^^
       |
       = help: did you mean `odd`?
    ");
}

#[test]
fn operations_have_names_of_their_own() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    fields: { note: string }
    actions: { export: { long_running: true } }
  OperationResponse: { fields: { note: string } }
  Task: { path: operations, fields: { note: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `long_running` and `OperationResponse` both need the type name `OperationResponse`
     --> shop.yaml:7:3
      |
    6 |     actions: { export: { long_running: true } }
      |                          ------------ the other one
    7 |   OperationResponse: { fields: { note: string } }
      |   ^^^^^^^^^^^^^^^^^
      |
      = help: rename one of them

    error[E0013]: `long_running` and `Task` collide: `/operations` is the path of both
     --> shop.yaml:8:3
      |
    6 |     actions: { export: { long_running: true } }
      |                          ------------ the other one
    7 |   OperationResponse: { fields: { note: string } }
    8 |   Task: { path: operations, fields: { note: string } }
      |   ^^^^
      |
      = help: give one of them its own `plural` or `path`
    ");
}
