//! Callers and their tokens, good ones and others.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value as Json, json};

use super::spec::Spec;

pub const SECRET: &str = "a secret of the tests that is long enough";
pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "the tests";

/// Who calls, as the spec sees it. Without subject: without credentials.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    pub name: String,
    pub subject: Option<Json>,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
    /// Scopes that roles bring.
    pub brought: Vec<String>,
    pub tenant: Option<Json>,
    pub flaw: Option<Flaw>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flaw {
    Expired,
    Audience,
    Issuer,
    Unsigned,
    Signature,
    Algorithm,
}

impl Flaw {
    pub const ALL: [Flaw; 6] =
        [Flaw::Expired, Flaw::Audience, Flaw::Issuer, Flaw::Unsigned, Flaw::Signature, Flaw::Algorithm];
}

impl Caller {
    pub fn anonymous() -> Caller {
        Caller { name: "anonymous".to_owned(), ..Caller::default() }
    }

    pub fn is_anonymous(&self) -> bool {
        self.subject.is_none()
    }

    pub fn with_role(mut self, spec: &Spec, role: &str) -> Caller {
        self.name = format!("{} as {role}", self.name);
        self.brought.extend(spec.auth.iter().flat_map(|auth| &auth.roles[role]).cloned());
        self.roles.push(role.to_owned());
        self
    }

    pub fn with_scope(mut self, scope: &str) -> Caller {
        self.name = format!("{} for {scope}", self.name);
        self.scopes.push(scope.to_owned());
        self
    }

    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().chain(&self.brought).any(|own| own == "*" || own == scope)
    }

    /// `Bearer …`
    pub fn authorization(&self, spec: &Spec) -> Option<String> {
        let subject = self.subject.as_ref()?;
        let mut claims = json!({
            "sub": subject, "exp": now() + 3600, "iat": now(), "iss": ISSUER, "aud": AUDIENCE,
            "roles": self.roles, "scope": self.scopes.join(" "),
        });
        if let (Some((_, claim)), Some(tenant)) =
            (spec.auth.as_ref().and_then(|auth| auth.tenant.as_ref()), &self.tenant)
        {
            claims[claim] = tenant.clone();
        }
        Some(format!("Bearer {}", self.token(claims)))
    }

    fn token(&self, mut claims: Json) -> String {
        match self.flaw {
            None => signed(Algorithm::HS256, SECRET, &claims),
            Some(Flaw::Expired) => {
                claims["exp"] = json!(now() - 3600);
                signed(Algorithm::HS256, SECRET, &claims)
            }
            Some(Flaw::Audience) => {
                claims["aud"] = json!("another service");
                signed(Algorithm::HS256, SECRET, &claims)
            }
            Some(Flaw::Issuer) => {
                claims["iss"] = json!("https://evil.example");
                signed(Algorithm::HS256, SECRET, &claims)
            }
            Some(Flaw::Unsigned) => format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)),
            Some(Flaw::Signature) => signed(Algorithm::HS256, "the secret of somebody else altogether", &claims),
            Some(Flaw::Algorithm) => signed(Algorithm::HS512, SECRET, &claims),
        }
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

pub fn signed(algorithm: Algorithm, secret: &str, claims: &Json) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("claims can be signed")
}

/// Header and claims, and the dot before the signature missing.
pub fn unsigned(header: &Json, claims: &Json) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}
