//! Where users confirm that they want to sign out.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Frame, escape, hidden, page};
use crate::flow::Interaction;

pub(crate) fn end_session(
    interaction: &Interaction,
    action: &str,
    user: &str,
    redirect_to: Option<&str>,
) -> Response<Bytes> {
    let frame =
        Frame { title: "Sign out", status: StatusCode::OK, leads_to: redirect_to, script: None, ..Frame::default() };
    let main = format!(
        "<h1>Sign out?</h1>\n<p>You are signed in as <strong>{}</strong>.</p>\n\
         <form method=\"post\" action=\"{}\">{}\n<div class=\"row even\">\
         <button name=\"decision\" value=\"stay\">Stay signed in</button>\
         <button class=\"primary\" name=\"decision\" value=\"leave\">Sign out</button></div>\n</form>",
        escape(user),
        escape(action),
        hidden(interaction),
    );
    page(&frame, &main)
}
