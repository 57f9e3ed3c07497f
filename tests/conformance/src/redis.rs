//! A Redis for servers to count in, where `APIGEN_TEST_REDIS_URL` names one.

/// `None`, said loudly, where there is none; with `CI` set that is a failure.
pub fn url() -> Option<String> {
    let url = std::env::var("APIGEN_TEST_REDIS_URL").ok();
    if url.is_none() {
        crate::postgres::skip("APIGEN_TEST_REDIS_URL names no Redis to test with");
    }
    url
}
