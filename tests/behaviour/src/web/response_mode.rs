//! How the provider's answer comes back to the application.

use portcullis::GuardBuilder;

/// A response mode that logins are proven in.
pub trait ResponseMode {
    fn settings(guard: GuardBuilder) -> GuardBuilder;
}

/// By redirect, in the query: the default.
#[derive(Debug)]
pub struct Query;

impl ResponseMode for Query {
    fn settings(guard: GuardBuilder) -> GuardBuilder {
        guard
    }
}

/// By a form that the provider's page posts.
#[derive(Debug)]
pub struct FormPost;

impl ResponseMode for FormPost {
    fn settings(guard: GuardBuilder) -> GuardBuilder {
        guard.response_mode(portcullis::ResponseMode::FormPost)
    }
}
