//! Keys and tokens for the tests of this module. The keys are nobody's.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value as Json, json};

use super::keys;
use crate::store::{
    Store,
    sqlite::{Options, SqliteStore},
};

pub const SECRET: &str = "a secret that is long enough to be one";

/// PKCS #1 and #8, in base64.
const RSA: &str = "MIIEowIBAAKCAQEA9Zd6iauXBNEne3E8bZ2dXVhsp0zOck6Jw+ddV9N5YwTOEqduZUWf6pMmPPx0si3Zqb4pee/Xml8o9Smm7dMEMRzPwCJBTf\
    nWGcWq927ogJPGbckweQTJrwQhp+J61EvVC5sUOCWmxAZYBiLa87U8qcN/uw07srwiSNX6gVzFaWTd+pydBTtHkTdtAOEBBOknuEBbE7UvJNwz\
    bAeQ7n6uN845sCup6zLqlTaBzeR04BpZgb5217kIx1u3SpdOils38oU0MR/Mdrh/+kF1km1LgVmcsUxNS2/vBzWPgezG9Rv1onWXMc6F4gWr8z\
    mjLmxbQ/4W0OM8cFuFU8hqlorMkQIDAQABAoIBAAbPQkQNSxzZ6cotRnDUT8019Z6hQrt+Uak/bIynXfRwvoAGPsmLEoHlaPLZndNk8btC/REW\
    +ozwD4mAs/1gflDC95W1vXF6jcUIKz3ncttB0weEmRX58S0A+dKXCoiBaRuvG0fqmgL8brYOLbECjkyMvFQaQVSq4m56PxMVg0RxTCMPlt1QqN\
    p+1MmbGTTy2urtCajJfVQvAH2urCWwz/p+VzMrk1A+DYXXCBNl8i8G8vngddZKoymFlnR9i5e9OfVc45GhFqHaeASU/MTaZp1hnR6Wh94Bif6S\
    tdv7EXGaRZinw3MStbjdBXkj6LORVnVamIHnjWoTnlfv1Xn/CFkCgYEA/gFvtJL7XqZ10lpwZ5F3+KHNtS6Zoa3CRp+eEkXWibTYN8qVy05Izi\
    HWUQYcX6XoOF7Fc/NJKp6WBCKxpgygiavo9fchVoo73cSUweK+fw+ngHQS+IseQwhTPeDIytVlDpmt72/0s6fnSeZ3wJpGyCbQvElQIep3o33K\
    /6wjEAUCgYEA94UhRcS1DNe8L/eIFQSz6KfdR/of4UmBAAakc/ioeJKxxXtY/SOK+w3Xbsbi4qHXHxJJnFgaGkrCXnQKvpetJu0Cb8ovQwEcgI\
    hSm4ZJmvS6R/oe/jkcuZMbRFAfQKkofjsX5PfzBTb8LCoZprtmQfzihQcnwZA9eAE29I32zB0CgYBfmHjLFBpIyAtFzMXLJMNrLrI1w0EMyVF5\
    tO8P33rbvtU1QihYKLFb6v425j7dfJpGRNy5Q9HAmYjKK6iCXvQ4fBukHotMf6ACWc7GnaimN2UKAiV1px4Pil2Rxzyqod9zvEDrAU6uIr34YS\
    Wmtil3gKxEgK8I5K58OIai7M0RZQKBgQDPhwuSl47FKcxa20t5c+vz0WqygoBgP2StROR1Z7K5BSWP0g+WjkpknAJYmuB37AGVx5t4PlYEXVIC\
    J4Eqs7k1vdohKH/fyfq/uYypYTotdasJ1ihONkxjO3fNGvBZInsU+y7Zhxp28NcVoGbJaK4f/YtexdULcYhYKYyOFskp8QKBgBFOy6JaILHZe6\
    Xqp8LH67Zq0uTDGjBxazmNGsh3eXO4qI/74DexGkPBpEbzhsIdkjueCC5xIocgZtl6n4D9W09hgR0QLb+FMqtdQBj9Y/IlQh/OWb3dll99EOzE\
    ynN9TOSxn3GCtX0vo5mqsm3Mo3RAr2mxZZ1sPI1vEINlDsuX";
const P256: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQHMjt43UHIgeSPI/mJb8AhoI1H8z1mYXxw12Xd2EyZWhRANCAATepE8/Er0EmE\
    LtKLw81ZKf40S1YVdUQcqGWBUi+vz8rej07muDXC04DYYCwHw9ZJmiAJWipduKQfpmRnbQ2Sdz";
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIFykRjHldRDmaM0LavZljo2Z1eiCbKlrQ0NfFkp8a4Kx";

/// Who signs.
pub struct Issuer {
    pub algorithm: Algorithm,
    pub key: EncodingKey,
}

impl Issuer {
    pub fn of(algorithm: Algorithm) -> Issuer {
        let der = |text: &str| STANDARD.decode(text).unwrap();
        let key = match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => EncodingKey::from_secret(SECRET.as_bytes()),
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_der(&der(P256)),
            Algorithm::EdDSA => EncodingKey::from_ed_der(&der(ED25519)),
            _ => EncodingKey::from_rsa_der(&der(RSA)),
        };
        Issuer { algorithm, key }
    }

    pub fn header(&self, kid: Option<&str>) -> Header {
        Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) }
    }

    pub fn sign(&self, claims: &Json) -> String {
        self.sign_as(&self.header(None), claims)
    }

    pub fn sign_as(&self, header: &Header, claims: &Json) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }

    /// As it is published.
    pub fn jwk(&self, kid: &str) -> Json {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        with(serde_json::to_value(jwk).unwrap(), "kid", json!(kid))
    }
}

/// What a token has to say, and no more.
pub fn claims() -> Json {
    json!({ "sub": "ann", "exp": now() + 600 })
}

pub fn with(mut object: Json, name: &str, value: Json) -> Json {
    object[name] = value;
    object
}

pub fn without(mut object: Json, name: &str) -> Json {
    object.as_object_mut().unwrap().remove(name);
    object
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A token whose header and signature are what the text says.
pub fn forged(header: &Json, claims: &Json, signature: &[u8]) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

pub fn options(command: &[&str]) -> crate::options::Options {
    use clap::Parser;
    let arguments = ["shop"].into_iter().chain(command.iter().copied());
    crate::options::Cli::parse_from(arguments).options
}

/// A database in memory, with room for keys.
pub async fn store() -> Arc<dyn Store> {
    static MIGRATIONS: [crate::descriptor::Migration; 1] = [keys::MIGRATION];
    let store = SqliteStore::open("sqlite::memory:", Options::default()).unwrap();
    store.migrate(&MIGRATIONS).await.unwrap();
    Arc::new(store)
}
