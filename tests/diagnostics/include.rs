//! Specs in several files: mistakes in the right one.

use std::io::{self, ErrorKind};

use apigen::{Input, Loaded, diagnostic::Diagnostics, read_with};

const HEAD: &str = "apigen: 1\napi: { name: shop, version: v1 }\n";

/// Files by their path; the first is the spec, without its beginning.
fn load(files: &[(&str, &str)]) -> Result<Loaded, Diagnostics> {
    let mut open = |path: &str| {
        let found = files[1..].iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    };
    let (name, text) = files[0];
    let text = format!("{HEAD}{text}");
    read_with(Input { name, bytes: text.as_bytes() }, None, &mut open)
}

fn mistakes(files: &[(&str, &str)]) -> String {
    load(files).expect_err("the spec has mistakes").to_string()
}

fn resources(files: &[(&str, &str)]) -> Vec<String> {
    let loaded = load(files).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    loaded.model.resources.into_iter().map(|resource| resource.names.pascal).collect()
}

fn of(name: &str) -> String {
    format!("resources: {{ {name}: {{ fields: {{ a: string }} }} }}\n")
}

#[test]
fn the_spec_comes_first_then_files_in_the_order_in_which_a_reader_comes_to_them() {
    let (own, a, b, c) = (of("Own"), of("Apple"), of("Berry"), of("Cherry"));
    let files = [
        ("specs/shop.yaml", format!("include: [a.yaml, parts/b.yaml]\n{own}")),
        ("specs/a.yaml", format!("include: [parts/c.yaml]\n{a}")),
        ("specs/parts/b.yaml", format!("{b}include: [c.yaml]\n")),
        ("specs/parts/c.yaml", c),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(resources(&files), ["Own", "Apple", "Cherry", "Berry"]);
}

#[test]
fn everything_may_stand_elsewhere() {
    let parts = "enums: { Size: [small, large] }\ntypes: { Box: { fields: { size: Size } } }\n\
                 resources: { Parcel: { fields: { box: Box2 } } }\n";
    let parts = parts.replace("Box2", "Carton").replace("Box:", "Carton:");
    assert_eq!(resources(&[("shop.yaml", "include: [parts.yaml]\n"), ("parts.yaml", &parts)]), ["Parcel"]);
}

#[test]
fn a_name_defined_twice_shows_both_places() {
    let files = [
        ("shop.yaml", "include: [more.yaml]\nenums: { Size: [s] }\nresources: { Thing: { fields: { a: Size } } }\n"),
        (
            "more.yaml",
            "enums:\n  Size: [m]\nresources:\n  Thing: { fields: { b: strin } }\n  Size: { fields: { a: string } }\n",
        ),
    ];
    insta::assert_snapshot!(mistakes(&files), @r"
    error[E0005]: `Size` is written twice
     --> more.yaml:2:3
      |
    2 |   Size: [m]
      |   ^^^^ again here
      |
     ::: shop.yaml:4:10
      |
    4 | enums: { Size: [s] }
      |          ---- first here

    error[E0005]: `Thing` is written twice
     --> more.yaml:4:3
      |
    4 |   Thing: { fields: { b: strin } }
      |   ^^^^^ again here
      |
     ::: shop.yaml:5:14
      |
    5 | resources: { Thing: { fields: { a: Size } } }
      |              ----- first here

    error[E0013]: the name `Size` is taken
     --> more.yaml:5:3
      |
    5 |   Size: { fields: { a: string } }
      |   ^^^^ enums, types and resources share their names
      |
     ::: shop.yaml:4:10
      |
    4 | enums: { Size: [s] }
      |          ---- first used here

    3 errors
    ");
}

#[test]
fn files_that_cannot_be_included() {
    let files = [
        ("shop.yaml", "include: [/etc/a.yaml, a.yaml, missing.yaml, a.yaml, list.yaml]\n"),
        ("a.yaml", "include: [b.yaml]\napi: { name: x, version: v1 }\n"),
        ("b.yaml", "include: [a.yaml]\nenums: { A: [b] }\nresources: { Thing: { fields: { a: strin } } }\n"),
        ("list.yaml", "- enums\n"),
    ];
    insta::assert_snapshot!(mistakes(&files), @r"
    error[E0037]: `/etc/a.yaml` is not a relative path
     --> shop.yaml:3:11
      |
    3 | include: [/etc/a.yaml, a.yaml, missing.yaml, a.yaml, list.yaml]
      |           ^^^^^^^^^^^
      |
      = help: write it as `parts/orders.yaml`

    error[E0037]: cannot read `missing.yaml`: there is no such file
     --> shop.yaml:3:32
      |
    3 | include: [/etc/a.yaml, a.yaml, missing.yaml, a.yaml, list.yaml]
      |                                ^^^^^^^^^^^^
      |
      = help: paths are relative to the file that they stand in: this one is `missing.yaml`

    error[E0005]: `a.yaml` is written twice
     --> shop.yaml:3:46
      |
    3 | include: [/etc/a.yaml, a.yaml, missing.yaml, a.yaml, list.yaml]
      |                        ------ first here     ^^^^^^ again here

    error[E0004]: unknown key `api` in an included file
     --> a.yaml:2:1
      |
    2 | api: { name: x, version: v1 }
      | ^^^
      |
      = help: an included file may have: include, enums, types, errors, resources

    error[E0037]: `a.yaml` includes itself: a.yaml → b.yaml → a.yaml
     --> b.yaml:1:11
      |
    1 | include: [a.yaml]
      |           ^^^^^^
      |
      = help: a file is read once, so none has to include those that it is included by

    error[E0007]: unknown type `strin`
     --> b.yaml:3:36
      |
    3 | resources: { Thing: { fields: { a: strin } } }
      |                                    ^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `string`?

    error[E0008]: an included file must be a mapping (`key: value`)
     --> list.yaml:1:1
      |
    1 | - enums
      | ^^^^^^^ a list stands here

    7 errors
    ");
}
