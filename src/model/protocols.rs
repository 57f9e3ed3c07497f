//! What single protocols do differently from the defaults.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocols {
    /// REST: each item tells where to go from it.
    pub links: bool,
    /// REST: RFC 6902 patches are accepted, too.
    pub json_patch: bool,
    /// GraphQL: fields within fields at most.
    pub max_depth: u32,
    /// GraphQL: the most that a query may cost.
    pub max_complexity: u32,
    /// GraphQL: the status codes of the newest draft of GraphQL over HTTP.
    pub http_draft: bool,
    /// gRPC: serves reflection.
    pub reflection: bool,
}

impl Default for Protocols {
    fn default() -> Protocols {
        Protocols {
            links: false,
            json_patch: false,
            max_depth: 12,
            max_complexity: 10_000,
            http_draft: false,
            reflection: true,
        }
    }
}
