//! Where users say what an application may have.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Frame, escape, hidden, page};
use crate::flow::{AuthorizationRequest, Interaction};

pub(crate) fn consent(
    interaction: &Interaction,
    action: &str,
    client_name: &str,
    user: &str,
    request: &AuthorizationRequest,
) -> Response<Bytes> {
    let leads_to = Some(request.reply_to.redirect_uri.as_str());
    let frame = Frame { title: "Allow access", status: StatusCode::OK, leads_to, script: None, ..Frame::default() };
    let scopes: String = request.scope.iter().map(|scope| format!("<li>{}</li>\n", in_words(scope))).collect();
    let main = format!(
        "<h1>{client} asks for access</h1>\n<p>You are signed in as <strong>{user}</strong>. If you allow it, \
         <strong>{client}</strong> will have:</p>\n<ul class=\"scopes\">\n{scopes}</ul>\n\
         <form method=\"post\" action=\"{action}\">{hidden}\n<div class=\"row even\">\
         <button name=\"decision\" value=\"deny\">Deny</button>\
         <button class=\"primary\" name=\"decision\" value=\"allow\">Allow</button></div>\n</form>",
        client = escape(client_name),
        user = escape(user),
        action = escape(action),
        hidden = hidden(interaction),
    );
    page(&frame, &main)
}

/// What a scope means to a user; HTML.
fn in_words(scope: &str) -> String {
    let words = match scope {
        "openid" => "Proof that it is you",
        "profile" => "Your name, picture and the rest of your profile",
        "email" => "Your e-mail address",
        "phone" => "Your phone number",
        "address" => "Your postal address",
        "offline_access" => "Access while you are away, until you take it back",
        "castles" => "Your castles",
        other => return format!("The scope <code>{}</code>", escape(other)),
    };
    words.to_owned()
}
