//! The `grpc-timeout` header: at most eight digits and a unit. tonic reads it only in its own transport.

use std::time::Duration;

use http::HeaderMap;

use crate::error::{ApiError, Code};

const HEADER: &str = "grpc-timeout";

/// `None`: the caller waits as long as it takes.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<Duration>, ApiError> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    match value.to_str().ok().and_then(parse) {
        Some(timeout) => Ok(Some(timeout)),
        None => Err(ApiError::parameter(
            Code::MalformedRequest,
            HEADER,
            "INVALID_TIMEOUT",
            "must be at most eight digits and one of H, M, S, m, u, n",
        )),
    }
}

fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        'H' => Duration::from_secs(amount * 3_600),
        'M' => Duration::from_secs(amount * 60),
        'S' => Duration::from_secs(amount),
        'm' => Duration::from_millis(amount),
        'u' => Duration::from_micros(amount),
        'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_limits() {
        assert_eq!(parse("2H"), Some(Duration::from_secs(7_200)));
        assert_eq!(parse("3M"), Some(Duration::from_secs(180)));
        assert_eq!(parse("15S"), Some(Duration::from_secs(15)));
        assert_eq!(parse("99999999m"), Some(Duration::from_millis(99_999_999)));
        assert_eq!(parse("7u"), Some(Duration::from_micros(7)));
        assert_eq!(parse("0n"), Some(Duration::ZERO));
        for malformed in ["", "S", "1", "1s", "100000000S", "-1S", "+1S", "1.5S", " 1S", "1S ", "١S", "1é"] {
            assert_eq!(parse(malformed), None, "{malformed:?}");
        }
    }
}
