use super::*;
use crate::{
    descriptor::{Action, Limits, Resource, Returns, Target},
    principal::Caller,
};

const fn rate(requests: u32, seconds: u32) -> Option<Rate> {
    Some(Rate { requests, seconds })
}

static ORDER: Resource = Resource {
    name: "Order",
    limit: rate(3, 3600),
    actions: &[Action {
        name: "cancel",
        camel: "cancelOrder",
        method: "CancelOrder",
        path: "cancel",
        target: Target::Item,
        safe: false,
        input: &[],
        references: &[],
        returns: Returns::Nothing,
        transition: None,
        limit: rate(1, 86_400),
    }],
    ..Resource::BLANK
};

static API: Api =
    Api { resources: &[&ORDER], limits: Limits { anonymous: rate(1, 60), authenticated: rate(4, 60) }, ..Api::BLANK };

fn limiter() -> Arc<Limiter> {
    Arc::new(Limiter::of(&API, None).unwrap().unwrap())
}

fn caller(subject: &str, tenant: Option<&str>) -> Principal {
    let (subject, tenant) = (subject.to_owned(), tenant.map(str::to_owned));
    Principal::Caller(Arc::new(Caller { subject, roles: vec![], scopes: vec![], tenant }))
}

fn meter(limiter: &Arc<Limiter>, principal: &Principal) -> Meter {
    Meter::of(limiter, principal, "10.0.0.1".parse().ok())
}

fn told(meter: &Meter) -> [String; 2] {
    let mut headers = HeaderMap::new();
    meter.tell(&mut headers);
    [POLICY, STANDING].map(|name| headers[name].to_str().unwrap().to_owned())
}

#[test]
fn without_rates_nothing_is_counted() {
    assert!(Limiter::of(&Api::BLANK, None).unwrap().is_none());
}

#[tokio::test]
async fn callers_are_told_apart() {
    let limiter = limiter();
    let anonymous = |address: &str| Meter::of(&limiter, &Principal::Anonymous, address.parse().ok());
    assert!(anonymous("10.0.0.1").end().await.is_ok());
    assert!(anonymous("10.0.0.1").end().await.is_err());
    assert!(anonymous("10.0.0.2").end().await.is_ok());
    for _ in 0..4 {
        assert!(meter(&limiter, &caller("ann", None)).end().await.is_ok());
    }
    assert!(meter(&limiter, &caller("ann", None)).end().await.is_err());
    assert!(meter(&limiter, &caller("ann", Some("acme"))).end().await.is_ok());
    assert!(meter(&limiter, &caller("bob", None)).end().await.is_ok());
}

#[tokio::test]
async fn what_has_its_own_rate_is_counted_by_that_alone() {
    let limiter = limiter();
    let ann = caller("ann", None);
    let first = meter(&limiter, &ann);
    first.begin().await.unwrap();
    first.operation("Order", Some("cancel")).await.unwrap();
    first.end().await.unwrap();
    let [policies, standings] = told(&first);
    assert_eq!(policies, r#""Order.cancel";q=1;w=86400"#);
    assert_eq!(standings, r#""Order.cancel";r=0;t=86400"#);

    let second = meter(&limiter, &ann);
    let refused = second.operation("Order", Some("cancel")).await.unwrap_err();
    assert_eq!(refused.code, Code::RateLimited);
    assert_eq!(refused.message, "the limit Order.cancel allows 1 request a day");
    assert!(refused.retry_after.unwrap() > Duration::from_secs(86_000));
    assert_eq!(told(&second)[1], r#""Order.cancel";r=0;t=86400"#);

    // What the action counted took none of the resource's room.
    for _ in 0..3 {
        meter(&limiter, &ann).operation("Order", None).await.unwrap();
    }
    let refused = meter(&limiter, &ann).operation("Order", None).await.unwrap_err();
    assert_eq!(refused.metadata[0], ("policy", "Order".to_owned()));
    meter(&limiter, &ann).operation("Customer", None).await.unwrap();
}

#[tokio::test]
async fn a_policy_is_told_once_per_request() {
    let limiter = limiter();
    let both = meter(&limiter, &caller("ann", None));
    both.operation("Order", None).await.unwrap();
    both.operation("Order", None).await.unwrap();
    assert_eq!(told(&both)[1], r#""Order";r=1;t=2400"#);
}

#[test]
fn waits_are_rounded_up() {
    assert_eq!(whole_seconds(Duration::ZERO), 0);
    assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
    assert_eq!(whole_seconds(Duration::from_secs(2)), 2);
}
