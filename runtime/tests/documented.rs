//! The catalogue of errors as users read it.

use apigen_runtime::error::Code;
use heck::ToShoutySnakeCase as _;

const GUIDE: &str = include_str!("../../docs/server.md");
/// As apigen writes it for every spec.
const CONTRACT: &str = include_str!("../../generated-example/contracts/errors.md");

/// The first columns of a code's row.
fn statuses(code: Code) -> String {
    let grpc = format!("{:?}", tonic::Code::from_i32(code.grpc_code())).to_shouty_snake_case();
    format!("| `{}` | {} | `{grpc}`", code.as_str(), code.http_status())
}

#[test]
fn the_guide_lists_every_code() {
    for code in Code::ALL {
        let again = if code.retryable() { "yes" } else { "" };
        let row = format!("{} | {again} | {} |", statuses(*code), code.title());
        assert!(GUIDE.contains(&row), "docs/server.md lacks\n{row}");
    }
}

#[test]
fn the_contract_lists_every_code_and_no_other() {
    let (_, catalogue) = CONTRACT.split_once("\n## Of every service\n").expect("the catalogue has a heading");
    let rows: Vec<&str> = catalogue.lines().filter(|line| line.starts_with("| `")).collect();
    let again = |code: &Code| if code.retryable() { "yes" } else { "no" };
    let row = |code: &Code| format!("{} | {} | {} |", statuses(*code), again(code), code.title());
    assert_eq!(rows, Code::ALL.iter().map(row).collect::<Vec<_>>());
}
