//! Public keys taken for secrets: a token under HS256 whose HMAC is made with what an issuer publishes is nobody's.

use std::path::Path;

use apigen_conformance::{
    access::{
        caller::{AUDIENCE, ISSUER, SECRET, now},
        spec::Spec,
    },
    cluster::openssl,
    command::succeed,
    corpus::{Clients, Contracts},
    generated::GUARDED,
    server::{Server, repository},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value as Json, json};

use crate::tokens::codes;

/// An issuer's key, and its public half in every form that somebody might take for a secret.
struct Published {
    algorithm: Algorithm,
    key: EncodingKey,
    jwk: Json,
    forms: Vec<Vec<u8>>,
}

impl Published {
    fn new(folder: &Path, algorithm: Algorithm, kind: &[&str]) -> Published {
        succeed(openssl(folder).args(["genpkey", "-out", "key.pem", "-algorithm"]).args(kind));
        succeed(openssl(folder).args(["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]));
        succeed(openssl(folder).args(["pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der"]));
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let (pem, der) = (read("public.pem"), read("public.der"));
        let key = match algorithm {
            Algorithm::RS256 => {
                let rsa = "rsa -in key.pem -traditional -outform DER -out key.der";
                succeed(openssl(folder).args(rsa.split(' ')));
                EncodingKey::from_rsa_der(&read("key.der"))
            }
            _ => {
                let ec = "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der";
                succeed(openssl(folder).args(ec.split(' ')));
                EncodingKey::from_ec_der(&read("key.der"))
            }
        };
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(format!("{algorithm:?}"));
        let members = ["n", "x", "y"].map(|name| jwk[name].as_str().unwrap_or("none").as_bytes().to_vec());
        let trimmed = pem.trim_ascii_end().to_vec();
        let forms = [pem, trimmed, der, jwk.to_string().into_bytes()].into_iter().chain(members).collect();
        Published { algorithm, key, jwk, forms }
    }

    fn kid(&self) -> Option<String> {
        self.jwk["kid"].as_str().map(str::to_owned)
    }

    /// What its issuer signs.
    fn genuine(&self, claims: &Json) -> String {
        let header = Header { kid: self.kid(), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// What anybody could sign.
    fn forged(&self, claims: &Json) -> Vec<String> {
        let under = |secret: &Vec<u8>| {
            [self.kid(), None].map(|kid| {
                let header = Header { kid, ..Header::new(Algorithm::HS256) };
                jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
            })
        };
        self.forms.iter().flat_map(under).collect()
    }
}

#[tokio::test]
async fn public_keys_are_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let issuers = [
        Published::new(folder.path(), Algorithm::RS256, &["RSA"]),
        Published::new(folder.path(), Algorithm::ES256, &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ];
    let keys = folder.path().join("keys.json");
    std::fs::write(&keys, json!({ "keys": issuers.each_ref().map(|issuer| &issuer.jwk) }).to_string()).unwrap();
    let mut command = GUARDED.command();
    command.env("DATABASE_URL", format!("sqlite:{}", folder.path().join("data.db").display()));
    command.env("LISTEN_ADDR", "127.0.0.1:0").env("MODE", "development").env("JWT_SECRET", SECRET);
    let server = Server::run(command.env("JWT_JWKS", &keys));
    let spec = Spec::read(&repository().join("tests/specs/guarded.yaml"));
    let contracts = GUARDED.folder().join("contracts");
    let clients = Clients::to(&server, &Contracts::read(&spec.name, &spec.version, &contracts, &spec.names())).await;

    let claims = json!({
        "sub": "usr_01h455vb4pex5vsknk084sn02q", "exp": now() + 600, "iss": ISSUER, "aud": AUDIENCE, "roles": ["admin"],
    });
    for issuer in &issuers {
        assert_eq!(codes(&clients, &format!("Bearer {}", issuer.genuine(&claims))).await, [None, None, None]);
        for token in issuer.forged(&claims) {
            let codes = codes(&clients, &format!("Bearer {token}")).await;
            assert_eq!(codes, [(); 3].map(|()| Some("UNAUTHENTICATED".to_owned())), "{token}");
        }
    }
}
