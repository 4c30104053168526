//! Pages that only say something.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Frame, escape, page};

/// What is wrong with a request that cannot be answered to the application.
pub(crate) fn problem(title: &str, text: &str) -> Response<Bytes> {
    let frame = Frame { title, status: StatusCode::BAD_REQUEST, ..Frame::default() };
    page(&frame, &format!("<h1>{}</h1>\n<p class=\"problem\" id=\"problem\">{}</p>", escape(title), escape(text)))
}

/// The end of a session that leads nowhere else.
pub(crate) fn signed_out(text: &str) -> Response<Bytes> {
    let frame = Frame { title: text, ..Frame::default() };
    page(&frame, &format!("<h1>{}</h1>\n<p>You can close this page.</p>", escape(text)))
}
