//! Forms that come back from the provider's own pages.

use bytes::Bytes;
use http::{Request, Response};

use super::cookie;
use crate::flow::Interaction;
use crate::form::Form;
use crate::page;
use crate::provider::State;

/// A form, and the page it came from.
pub(super) struct Sent {
    pub(super) interaction: Interaction,
    pub(super) form: Form,
}

/// Reads a form that this very browser got from the provider.
pub(super) fn read(state: &State, request: &Request<Bytes>) -> Option<Sent> {
    let form = Form::of_body(request)?;
    let visitor = cookie::read(state, request)?;
    let interaction = state.visitors().interaction(form.get("interaction")?, form.get("csrf")?, &visitor)?;
    Some(Sent { interaction, form })
}

/// A form from elsewhere, from another browser, or sent twice.
pub(super) fn expired() -> Response<Bytes> {
    page::problem("This page has expired", "Go back to the application and start again.")
}
