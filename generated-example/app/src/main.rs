//! The Shop server. This file is yours: apigen wrote it once and won't touch it again.

mod hooks;

use std::process::ExitCode;

use shop_server::hooks::Server;

fn main() -> ExitCode {
    server().run()
}

/// With all hooks that are on.
fn server() -> Server<hooks::Hooks> {
    shop_server::server(hooks::Hooks)
}

#[cfg(test)]
mod tests {
    use shop_server::hooks::Caller;

    use super::server;

    /// Each test has a server of its own, without any rows.
    #[test]
    fn there_are_no_users_at_first() {
        let server = server().test();
        let url = server.url() + "/v1/users";
        let token = server.token(Caller {
            // There needn't be such a row.
            subject: "usr_01jekcbzgtfgxsvbjfmdnqrz4y".into(),
            ..Caller::default()
        });
        let request = ureq::get(url).header("authorization", format!("Bearer {token}"));
        let mut answer = request.call().unwrap();
        let answer: serde_json::Value = answer.body_mut().read_json().unwrap();
        assert_eq!(answer["data"], serde_json::json!([]));
    }
}
