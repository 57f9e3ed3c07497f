//! Errors of the domain.

use super::mistakes;

#[test]
fn codes_are_canonical() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
errors:
  SOLD_OUT: { code: failed_precondtion, message: Gone }
  TOO_LATE: { code: conflict, message: Gone }
  NO_CODE: { message: Gone }
  NO_MESSAGE: { code: aborted }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0038]: unknown code `failed_precondtion`
     --> shop.yaml:4:21
      |
    4 |   SOLD_OUT: { code: failed_precondtion, message: Gone }
      |                     ^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `failed_precondition`?

    error[E0038]: unknown code `conflict`
     --> shop.yaml:5:21
      |
    5 |   TOO_LATE: { code: conflict, message: Gone }
      |                     ^^^^^^^^
      |
      = help: there are: invalid_argument, out_of_range, failed_precondition, already_exists, aborted, not_found, permission_denied, unauthenticated, resource_exhausted, unavailable

    error[E0006]: error `NO_CODE` has no `code`
     --> shop.yaml:6:3
      |
    6 |   NO_CODE: { message: Gone }
      |   ^^^^^^^
      |
      = help: say what it amounts to: `code: failed_precondition`

    error[E0006]: error `NO_MESSAGE` has no `message`
     --> shop.yaml:7:3
      |
    7 |   NO_MESSAGE: { code: aborted }
      |   ^^^^^^^^^^
      |
      = help: say it in words: `message: Nothing is left`
    ");
}

#[test]
fn names_are_upper_snake_and_free() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
errors:
  soldOut: { code: aborted, message: Gone }
  NOT_FOUND: { code: not_found, message: Gone }
  NO: { code: aborted, message: Gone }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0011]: `soldOut` is not UPPER_SNAKE_CASE
     --> shop.yaml:4:3
      |
    4 |   soldOut: { code: aborted, message: Gone }
      |   ^^^^^^^
      |
      = help: write `SOLD_OUT`

    error[E0012]: the name `NOT_FOUND` is reserved
     --> shop.yaml:5:3
      |
    5 |   NOT_FOUND: { code: not_found, message: Gone }
      |   ^^^^^^^^^
      |
      = help: every service has an error of this name already; choose another one

    error[E0011]: `NO` is not UPPER_SNAKE_CASE
     --> shop.yaml:6:3
      |
    6 |   NO: { code: aborted, message: Gone }
      |   ^^
      |
      = help: words in capitals, with three characters or more: `OUT_OF_STOCK`
    ");
}

#[test]
fn placeholders_are_params() {
    let spec = r#"
apigen: 1
api: { name: shop, version: v1 }
errors:
  SOLD_OUT:
    code: aborted
    message: "Only {lft} of {product} left, {"
    params: { left: int32 }
  FEW_LEFT:
    code: aborted
    message: "Only {lft} of {product} left"
    params: { left: int32, product: string, unit: string }
resources: { Thing: { fields: { a: string } } }
"#;
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r#"
    error[E0039]: the message has a brace without a param
     --> shop.yaml:6:14
      |
    6 |     message: "Only {lft} of {product} left, {"
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: braces stand around the name of a param: `{product}`

    error[E0039]: `{lft}` is not a param
      --> shop.yaml:10:20
       |
    10 |     message: "Only {lft} of {product} left"
       |                    ^^^^^
       |
       = help: did you mean `left`?

    error[E0039]: the message doesn't use `left`
      --> shop.yaml:11:15
       |
    11 |     params: { left: int32, product: string, unit: string }
       |               ^^^^
       |
       = help: write `{left}` in the message, or remove the param

    error[E0039]: the message doesn't use `unit`
      --> shop.yaml:11:45
       |
    11 |     params: { left: int32, product: string, unit: string }
       |                                             ^^^^
       |
       = help: write `{unit}` in the message, or remove the param
    "#);
}

#[test]
fn params_are_single_values() {
    let spec = r#"
apigen: 1
api: { name: shop, version: v1 }
errors:
  SOLD_OUT:
    code: aborted
    message: "{a} {b} {c} {d}"
    params: { a: list<string>, b?: string, c: json, d: sting }
resources: { Thing: { fields: { a: string } } }
"#;
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0039]: a param can't be of type `list<string>`
     --> shop.yaml:7:23
      |
    7 |     params: { a: list<string>, b?: string, c: json, d: sting }
      |                       ^^^^^^
      |
      = help: it stands in a sentence: use a single plain value

    error[E0039]: the param `b` can't be optional
     --> shop.yaml:7:32
      |
    7 |     params: { a: list<string>, b?: string, c: json, d: sting }
      |                                ^^
      |
      = help: remove the `?`: whoever raises the error gives all of its params

    error[E0039]: a param can't be of type `json`
     --> shop.yaml:7:47
      |
    7 |     params: { a: list<string>, b?: string, c: json, d: sting }
      |                                               ^^^^
      |
      = help: it stands in a sentence: use a single plain value

    error[E0007]: unknown type `sting`
     --> shop.yaml:7:56
      |
    7 |     params: { a: list<string>, b?: string, c: json, d: sting }
      |                                                        ^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `string`?
    ");
}

#[test]
fn lists_name_declared_errors() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
errors: { SOLD_OUT: { code: aborted, message: Gone } }
resources:
  Thing:
    fields: { a: string }
    errors: [SOLD_OT, NOT_FOUND, OTHER, SOLD_OUT, SOLD_OUT]
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0036]: unknown error `SOLD_OT`
     --> shop.yaml:7:14
      |
    7 |     errors: [SOLD_OT, NOT_FOUND, OTHER, SOLD_OUT, SOLD_OUT]
      |              ^^^^^^^
      |
      = help: did you mean `SOLD_OUT`?

    error[E0036]: unknown error `NOT_FOUND`
     --> shop.yaml:7:23
      |
    7 |     errors: [SOLD_OT, NOT_FOUND, OTHER, SOLD_OUT, SOLD_OUT]
      |                       ^^^^^^^^^
      |
      = help: every contract lists the catalogue's own errors anyway; remove it

    error[E0036]: unknown error `OTHER`
     --> shop.yaml:7:34
      |
    7 |     errors: [SOLD_OT, NOT_FOUND, OTHER, SOLD_OUT, SOLD_OUT]
      |                                  ^^^^^
      |
      = help: declare it: `errors: { OTHER: { code: …, message: … } }`

    error[E0005]: `SOLD_OUT` is written twice
     --> shop.yaml:7:51
      |
    7 |     errors: [SOLD_OT, NOT_FOUND, OTHER, SOLD_OUT, SOLD_OUT]
      |                                         --------  ^^^^^^^^ again here
      |                                         |
      |                                         first here
    ");
}
