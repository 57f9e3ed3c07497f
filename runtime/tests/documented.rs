//! The catalogue of errors as users read it.

use apigen_runtime::error::Code;
use heck::ToShoutySnakeCase as _;

const GUIDE: &str = include_str!("../../docs/server.md");

#[test]
fn the_guide_lists_every_code() {
    for code in Code::ALL {
        let grpc = format!("{:?}", tonic::Code::from_i32(code.grpc_code())).to_shouty_snake_case();
        let again = if code.retryable() { "yes" } else { "" };
        let row = format!("| `{}` | {} | `{grpc}` | {again} | {} |", code.as_str(), code.http_status(), code.title());
        assert!(GUIDE.contains(&row), "docs/server.md lacks\n{row}");
    }
}
