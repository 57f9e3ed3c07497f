//! How often callers may call.

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub requests: u32,
    pub seconds: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub anonymous: Option<Rate>,
    pub authenticated: Option<Rate>,
}

impl Rate {
    /// `60 requests per minute`.
    pub fn sentence(self) -> String {
        let unit = match self.seconds {
            1 => "second",
            60 => "minute",
            3600 => "hour",
            _ => "day",
        };
        let noun = if self.requests == 1 { "request" } else { "requests" };
        format!("{} {noun} per {unit}", self.requests)
    }
}
