//! From headers to callers.

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::Algorithm;
use serde_json::{Value as Json, json};

use super::{
    fixture::{Issuer, SECRET, claims, options, store, with},
    *,
};
use crate::{
    descriptor::{Api, Field, TenantClaim},
    options::{Cli, Command, Grants},
    store::Store,
};

const ANN: &str = "usr_01h455vb4pex5vsknk084sn02q";

static USER: Resource =
    Resource { name: "User", fields: &[Field::new("id", "id", Type::Id(Id::Prefixed("usr")))], ..Resource::BLANK };
static ACCOUNT: Resource =
    Resource { name: "Account", fields: &[Field::new("id", "id", Type::Id(Id::Int64))], ..Resource::BLANK };
static AUTH: Auth = Auth {
    principal: Some(&USER),
    tenant: Some(TenantClaim { resource: &ACCOUNT, claim: "account_id" }),
    login: None,
    roles: &[("admin", &["*"]), ("support", &["orders:read", "users:read"])],
};
static API: Api = Api { name: "shop", auth: Some(&AUTH), ..Api::BLANK };

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn authentication(own: Option<Arc<dyn Recognise>>) -> Authentication {
    let options = options(&["--jwt-secret", SECRET]);
    super::authentication(&API, own, &options, store().await).await.unwrap().expect("the spec has `auth`")
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    all.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn bearer(token: &str) -> HeaderMap {
    headers(&[("authorization", &format!("Bearer {token}"))])
}

fn signed(claims: &Json) -> HeaderMap {
    bearer(&Issuer::of(Algorithm::HS256).sign(claims))
}

fn ann() -> Json {
    with(claims(), "sub", json!(ANN))
}

async fn caller(headers: &HeaderMap) -> Result<Caller, ApiError> {
    let principal = authentication(None).await.principal(headers, soon()).await?;
    Ok(principal.caller().expect("credentials were sent").clone())
}

async fn refusal(headers: &HeaderMap) -> (Code, String) {
    let error = caller(headers).await.expect_err("an error");
    (error.code, error.message)
}

#[tokio::test]
async fn without_credentials_nobody_calls() {
    let authentication = authentication(None).await;
    for nothing in [headers(&[]), headers(&[("cookie", "session=1")])] {
        assert_eq!(authentication.principal(&nothing, soon()).await.unwrap(), Principal::Anonymous);
    }
}

#[tokio::test]
async fn roles_bring_their_scopes() {
    let claims = with(with(ann(), "roles", json!(["support", "visitor"])), "scope", json!("users:read posts:write"));
    let caller = caller(&signed(&with(claims, "account_id", json!(7)))).await.unwrap();
    let expected = Caller {
        subject: ANN.to_owned(),
        roles: vec!["support".to_owned(), "visitor".to_owned()],
        scopes: vec!["users:read".to_owned(), "posts:write".to_owned(), "orders:read".to_owned()],
        tenant: Some("7".to_owned()),
    };
    assert_eq!(caller, expected);
}

#[tokio::test]
async fn subjects_and_tenants_are_ids() {
    let wrong_subject = "the claim sub isn't the id of a caller";
    for subject in ["ann", "01h455vb4pex5vsknk084sn02q", "ord_01h455vb4pex5vsknk084sn02q", "usr_", "usr_01H455VB"] {
        let (code, why) = refusal(&signed(&with(claims(), "sub", json!(subject)))).await;
        assert_eq!((code, &*why), (Code::Unauthenticated, wrong_subject), "{subject}");
    }
    assert_eq!(refusal(&signed(&with(claims(), "sub", json!("")))).await.1, "the claim sub is missing");
    for tenant in [json!("seven"), json!(7.5)] {
        let (_, why) = refusal(&signed(&with(ann(), "account_id", tenant))).await;
        assert_eq!(why, "the claim of the tenant isn't the id of one");
    }
    assert_eq!(refusal(&signed(&with(ann(), "account_id", json!([7])))).await.1, "the claim account_id isn't a text");
    assert_eq!(caller(&signed(&ann())).await.unwrap().tenant, None);
}

#[tokio::test]
async fn credentials_come_once_and_in_one_way() {
    let token = Issuer::of(Algorithm::HS256).sign(&ann());
    let good = format!("Bearer {token}");
    for spelling in [format!("bearer {token}"), format!("BEARER  {token} ")] {
        assert!(caller(&headers(&[("authorization", &spelling)])).await.is_ok(), "{spelling}");
    }
    let mut two = headers(&[("authorization", &good)]);
    two.append("authorization", good.parse().unwrap());
    let malformed = [
        (two, "there are two headers with credentials: send one"),
        (
            headers(&[("authorization", &good), ("x-api-key", "k")]),
            "a token and an API key are two kinds of credentials: send one",
        ),
        (headers(&[("authorization", "Bearer")]), "there is no token behind Bearer"),
        (headers(&[("authorization", "Bearer   ")]), "there is no token behind Bearer"),
        (bearer(&"a".repeat(LONGEST)), "the credentials are longer than 8192 bytes"),
    ];
    for (headers, why) in malformed {
        let error = caller(&headers).await.unwrap_err();
        assert_eq!((error.code, &*error.message), (Code::MalformedRequest, why));
        assert!(error.metadata[0].1.starts_with("Bearer realm=\"api\", error=\"invalid_request\""), "{error:?}");
    }
    let odd = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_bytes(b"Bearer \xe4").unwrap())]);
    assert_eq!(refusal(&odd).await.0, Code::MalformedRequest);
}

#[tokio::test]
async fn other_schemes_are_told_which_is_meant() {
    for other in ["Basic YW5uOnNlY3JldA==", "Digest x", "Bearerx y", "token"] {
        let error = caller(&headers(&[("authorization", other)])).await.unwrap_err();
        assert_eq!(error.code, Code::Unauthenticated);
        assert_eq!(error.metadata, [("www_authenticate", "Bearer realm=\"api\"".to_owned())], "{other}");
    }
}

/// Knows one header, and counts.
#[derive(Default)]
struct Proxy(AtomicUsize);

impl Authenticator for Arc<Proxy> {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Option<Caller>, ApiError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match headers.get("x-user").map(|user| user.to_str().unwrap_or_default()) {
            None => Ok(None),
            Some("mallory") => Err(invalid_token("we know mallory")),
            Some(user) => {
                let roles = vec!["support".to_owned()];
                Ok(Some(Caller { subject: user.to_owned(), roles, scopes: Vec::new(), tenant: None }))
            }
        }
    }
}

#[tokio::test]
async fn the_users_own_way_comes_first() {
    let proxy = Arc::new(Proxy::default());
    let authentication = authentication(Some(Arc::new(proxy.clone()))).await;
    let eve = authentication.principal(&headers(&[("x-user", "eve")]), soon()).await.unwrap();
    assert_eq!(eve.caller().unwrap().subject, "eve");
    assert_eq!(eve.caller().unwrap().scopes, ["orders:read", "users:read"]);
    let refused = authentication.principal(&headers(&[("x-user", "mallory")]), soon()).await.unwrap_err();
    assert_eq!(refused.message, "we know mallory");
    let ann = authentication.principal(&signed(&ann()), soon()).await.unwrap();
    assert_eq!(ann.caller().unwrap().subject, ANN, "tokens are still good");
    assert_eq!(authentication.principal(&headers(&[]), soon()).await.unwrap(), Principal::Anonymous);
    assert_eq!(proxy.0.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_is_good_is_remembered_and_what_is_not_is_not() {
    let authentication = authentication(None).await;
    let headers = signed(&ann());
    let (first, second) = (
        authentication.principal(&headers, soon()).await.unwrap(),
        authentication.principal(&headers, soon()).await.unwrap(),
    );
    let (Principal::Caller(first), Principal::Caller(second)) = (first, second) else { panic!("callers") };
    assert!(Arc::ptr_eq(&first, &second));
    let gone = signed(&with(ann(), "exp", json!(fixture::now() - 61)));
    for _ in 0..2 {
        assert_eq!(authentication.principal(&gone, soon()).await.unwrap_err().message, "the token has expired");
    }
}

#[tokio::test]
async fn production_needs_a_way_in() {
    let store = store().await;
    let error = super::authentication(&API, None, &options(&[]), store.clone()).await.err().expect("an error");
    assert!(error.to_string().starts_with("JWT_SECRET is missing, and so is JWT_JWKS"), "{error}");
    let own: Arc<dyn Recognise> = Arc::new(Arc::new(Proxy::default()));
    assert!(super::authentication(&API, Some(own), &options(&[]), store.clone()).await.is_ok());
    create_key(&store, &[]).await.unwrap();
    assert!(super::authentication(&API, None, &options(&[]), store.clone()).await.is_ok(), "keys suffice");
    let short = super::authentication(&API, None, &options(&["--jwt-secret", "short"]), store).await;
    assert!(short.err().expect("an error").to_string().starts_with("JWT_SECRET must have at least 32 characters"));
}

#[tokio::test]
async fn a_spec_without_callers_asks_nobody() {
    static OPEN: Api = Api::BLANK;
    let open = super::authentication(&OPEN, None, &options(&["--jwt-secret", SECRET]), store().await).await.unwrap();
    assert!(open.is_none());
}

fn grants(role: &[&str], tenant: Option<&str>) -> Grants {
    let role = role.iter().map(|role| (*role).to_owned()).collect();
    Grants { role, scope: vec!["a:read".to_owned()], tenant: tenant.map(str::to_owned), expires_in: None }
}

#[tokio::test]
async fn in_development_tokens_are_made_by_whoever_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("data/shop.db").display());
    let dev = options(&["--dev", "--database-url", &database, "--jwt-issuer", "me", "--jwt-audience", "shop"]);
    let token = mint::token(&API, &dev, ANN, &grants(&["support"], Some("7"))).unwrap();
    let server = super::authentication(&API, None, &dev, store().await).await.unwrap().unwrap();
    let principal = server.principal(&bearer(&token), soon()).await.unwrap();
    let expected = Caller {
        subject: ANN.to_owned(),
        roles: vec!["support".to_owned()],
        scopes: vec!["a:read".to_owned(), "orders:read".to_owned(), "users:read".to_owned()],
        tenant: Some("7".to_owned()),
    };
    assert_eq!(principal.caller(), Some(&expected));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let secret = folder.path().join("data/shop.jwt-secret").metadata().unwrap();
        assert_eq!((secret.permissions().mode() & 0o777, secret.len()), (0o600, 64));
    }
}

#[test]
fn tokens_are_made_for_what_the_spec_knows_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("shop.db").display());
    let dev = options(&["--dev", "--database-url", &database]);
    let error = |subject: &str, grants: &Grants| mint::token(&API, &dev, subject, grants).unwrap_err().to_string();
    assert_eq!(error("ann", &grants(&[], None)), "--sub ann: no User has such an id");
    assert_eq!(error(ANN, &grants(&["boss"], None)), "--role boss: the spec has the roles admin, support");
    assert_eq!(error(ANN, &grants(&[], Some("x"))), "--tenant x: no Account has such an id");
}

#[test]
fn in_production_no_tokens_are_made() {
    let production = options(&["--jwt-secret", SECRET]);
    let error = mint::token(&API, &production, ANN, &grants(&[], None)).unwrap_err().to_string();
    assert!(error.starts_with("tokens are made up in development only"), "{error}");
}

/// Makes a key as the command does.
async fn create_key(store: &Arc<dyn Store>, arguments: &[&str]) -> anyhow::Result<String> {
    use clap::Parser;
    let command = ["shop", "keys", "create", "--name", "robot"].into_iter().chain(arguments.iter().copied());
    let Some(Command::Keys(command)) = Cli::parse_from(command).command else { panic!("a command for keys") };
    let key = manage::manage(&AUTH, store.clone(), &command).await?;
    Ok(key.trim().to_owned())
}

#[tokio::test]
async fn keys_show_who_calls() {
    let store = store().await;
    let options = options(&["--dev", "--jwt-secret", SECRET]);
    let server = super::authentication(&API, None, &options, store.clone()).await.unwrap().unwrap();
    let key = create_key(&store, &["--sub", ANN, "--role", "support", "--tenant", "7"]).await.unwrap();
    let headers = headers(&[("x-api-key", &key)]);
    let principal = server.principal(&headers, soon()).await.unwrap();
    let expected = Caller {
        subject: ANN.to_owned(),
        roles: vec!["support".to_owned()],
        scopes: vec!["orders:read".to_owned(), "users:read".to_owned()],
        tenant: Some("7".to_owned()),
    };
    assert_eq!(principal.caller(), Some(&expected));
    keys::Keys::of(store).revoke(&key[..15]).await.unwrap();
    assert!(server.principal(&headers, soon()).await.is_ok(), "for a moment it is remembered");
    let bearer = bearer(&key);
    assert_eq!(server.principal(&bearer, soon()).await.unwrap_err().message, "the token can't be read");
}

#[tokio::test]
async fn keys_are_made_for_what_the_spec_knows_alone() {
    let store = store().await;
    for (arguments, why) in [
        (["--sub", "ann"], "--sub ann: no User has such an id"),
        (["--role", "boss"], "--role boss: the spec has the roles admin, support"),
        (["--tenant", "x"], "--tenant x: no Account has such an id"),
    ] {
        assert_eq!(create_key(&store, &arguments).await.unwrap_err().to_string(), why);
    }
    let unknown = crate::options::KeysCommand::Revoke { id: "ak_000000000000".to_owned() };
    let error = manage::manage(&AUTH, store, &unknown).await.unwrap_err().to_string();
    assert!(error.starts_with("there is no API key ak_000000000000"), "{error}");
}

#[tokio::test]
async fn keys_are_listed_in_columns() {
    let store = store().await;
    let key = create_key(&store, &["--scope", "a:read", "--scope", "b:read", "--expires-in", "90d"]).await.unwrap();
    let listed = manage::manage(&AUTH, store, &crate::options::KeysCommand::List).await.unwrap();
    let [titles, row] = listed.lines().collect::<Vec<_>>()[..] else { panic!("{listed}") };
    assert_eq!(
        titles.split_whitespace().collect::<Vec<_>>(),
        ["ID", "NAME", "SUB", "ROLES", "SCOPES", "TENANT", "CREATED", "EXPIRES", "LAST", "USED", "REVOKED"]
    );
    assert!(row.starts_with(&format!("{}  robot  -    -      a:read b:read  -       2", &key[..15])), "{listed}");
    assert!(row.ends_with("-          -"), "{listed}");
}
