//! An authorization response that travels in a form (OAuth 2.0 Form Post Response Mode).

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Frame, escape, page};

/// The one script of the provider, allowed by its hash; without scripts there is the button.
const SUBMIT: &str = "document.forms[0].submit()";

pub(crate) fn form_post(redirect_uri: &str, parameters: &[(String, String)]) -> Response<Bytes> {
    let leads_to = Some(redirect_uri);
    let frame = Frame {
        title: "Back to the application",
        status: StatusCode::OK,
        leads_to,
        script: Some(SUBMIT),
        ..Frame::default()
    };
    let field = |(name, value): &(String, String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
    };
    let fields: String = parameters.iter().map(field).collect();
    let main = format!(
        "<h1>One moment</h1>\n<p>You are taken back to the application.</p>\n\
         <form method=\"post\" action=\"{}\">\n{fields}<button class=\"primary\">Continue</button>\n</form>",
        escape(redirect_uri)
    );
    page(&frame, &main)
}
