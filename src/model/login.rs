//! Logging in, refreshing and logging out: what contracts offer beside resources, where the spec asks for it.

use super::{Login, Model};

/// One of the operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// `login`: its operationId and its mutation, and the last segment of its path.
    pub name: &'static str,
    pub summary: &'static str,
    /// Answers with a new pair of tokens.
    pub gives_tokens: bool,
}

/// In the order of all contracts.
pub const OPERATIONS: [Operation; 3] = [
    Operation { name: "login", summary: "Exchanges credentials for tokens.", gives_tokens: true },
    Operation {
        name: "refresh",
        summary: "Exchanges a refresh token for new tokens. The old one isn't good any more.",
        gives_tokens: true,
    },
    Operation {
        name: "logout",
        summary: "Makes a refresh token, and all that came of it, worthless.",
        gives_tokens: false,
    },
];

/// What a pair of tokens is made of: name and purpose, all texts but the number of seconds.
pub const TOKENS: [(&str, &str); 4] = [
    ("access_token", "The token to send with requests."),
    ("token_type", "How to send it: `Bearer` (RFC 6750)."),
    ("expires_in", "After how many seconds the access token isn't good any more."),
    ("refresh_token", "Gets new tokens, once."),
];

pub const REFRESH_TOKEN: &str = "The refresh token that came with an access token.";

/// Names of types that contracts need for it.
pub const TYPES: [&str; 16] = [
    "AuthLogin",
    "AuthRefresh",
    "AuthService",
    "AuthToken",
    "LoginInput",
    "LoginPayload",
    "LoginRequest",
    "LoginResponse",
    "LogoutInput",
    "LogoutPayload",
    "LogoutRequest",
    "LogoutResponse",
    "RefreshInput",
    "RefreshPayload",
    "RefreshRequest",
    "RefreshResponse",
];

impl Operation {
    /// `/v1/auth/login`.
    pub fn path(&self, version: &str) -> String {
        format!("/{version}/auth/{}", self.name)
    }

    /// `Login`.
    pub fn method(&self) -> String {
        super::prose::capitalised(self.name)
    }
}

impl Model {
    pub fn login(&self) -> Option<&Login> {
        self.auth.as_ref()?.login.as_ref()
    }

    /// What a login takes: name and purpose of the identifier and of the secret.
    pub fn credentials(&self, login: &Login) -> [(&super::Field, String); 2] {
        let resource = self.resource(login.resource);
        let field = |index: usize| &resource.fields[index];
        [
            (field(login.identifier), format!("Says which {} it is.", resource.noun())),
            (field(login.secret), "Proves it.".to_owned()),
        ]
    }
}
