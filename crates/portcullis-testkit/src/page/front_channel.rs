//! The page that tells applications in frames that a session has ended (OpenID Connect Front-Channel Logout 1.0).

use bytes::Bytes;
use http::{Response, StatusCode};
use url::Url;

use super::{Frame, escape, page};

/// The page's load event comes after those of its frames.
const GO_ON: &str = "addEventListener(\"load\",()=>document.forms[0].submit())";

pub(crate) fn front_channel(frames: &[String], redirect_to: Option<&str>) -> Response<Bytes> {
    let script = redirect_to.map(|_| GO_ON);
    let frame = Frame { title: "You are signed out", status: StatusCode::OK, leads_to: redirect_to, script, frames };
    let iframe = |uri: &String| format!("<iframe src=\"{}\" title=\"Signing out\" hidden></iframe>\n", escape(uri));
    let frames: String = frames.iter().map(iframe).collect();
    let form = redirect_to.map_or_else(String::new, form);
    page(
        &frame,
        &format!("<h1>You are signed out</h1>\n<p>The applications that you have used are told.</p>\n{frames}{form}"),
    )
}

/// A form that leads to a URL; sending it replaces the query of its address, so that travels in fields.
fn form(uri: &str) -> String {
    let query = Url::parse(uri).map(|url| url.query_pairs().into_owned().collect::<Vec<_>>()).unwrap_or_default();
    let field = |(name, value): &(String, String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
    };
    let address = uri.split_once('?').map_or(uri, |(address, _)| address);
    format!(
        "<form method=\"get\" action=\"{}\">\n{}<button class=\"primary\">Continue</button>\n</form>",
        escape(address),
        query.iter().map(field).collect::<String>()
    )
}
