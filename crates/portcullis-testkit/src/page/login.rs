//! Where users say who they are.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Frame, escape, hidden, page};
use crate::flow::Interaction;
use crate::user::{User, Users};

pub(crate) struct LoginPage<'a> {
    pub(crate) interaction: &'a Interaction,
    pub(crate) action: &'a str,
    pub(crate) client_name: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// What stands in the user name field at first.
    pub(crate) name: &'a str,
    pub(crate) problem: Option<&'a str>,
}

pub(crate) fn login(users: &Users, content: &LoginPage<'_>) -> Response<Bytes> {
    let status = if content.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let frame =
        Frame { title: "Sign in", status, leads_to: Some(content.redirect_uri), script: None, ..Frame::default() };
    let (action, hidden) = (escape(content.action), hidden(content.interaction));
    let problem = content.problem.map_or_else(String::new, |problem| {
        format!("<p class=\"problem\" id=\"problem\" role=\"alert\">{}</p>\n", escape(problem))
    });
    let cards: String = users.all().map(|(subject, user)| card(users, subject, user)).collect();
    let main = format!(
        "<h1>Sign in</h1>\n<p>to continue to <strong>{client}</strong></p>\n{problem}\
         <form method=\"post\" action=\"{action}\">{hidden}\n<ul class=\"cards\">\n{cards}</ul>\n</form>\n\
         <div class=\"or\">or</div>\n\
         <form method=\"post\" action=\"{action}\">{hidden}\n\
         <label for=\"username\">User name or e-mail address</label>\n\
         <div class=\"row\"><input type=\"text\" id=\"username\" name=\"username\" value=\"{name}\" required \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\">\
         <button class=\"primary\">Sign in</button></div>\n</form>",
        client = escape(content.client_name),
        name = escape(content.name),
    );
    page(&frame, &main)
}

fn card(users: &Users, subject: &str, user: &User) -> String {
    let name = user.claims.get("name").and_then(|name| name.as_str()).unwrap_or(subject);
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let email = user.claims.get("email").and_then(|email| email.as_str());
    let email = email.map_or_else(String::new, |email| format!("<small>{}</small>", escape(email)));
    format!(
        "<li><button class=\"card\" name=\"username\" value=\"{}\"><span class=\"face\" aria-hidden=\"true\">{}</span>\
         <span class=\"who\"><strong>{}</strong>{email}<small>{}</small></span></button></li>\n",
        escape(subject),
        escape(&initial),
        escape(name),
        escape(&users.rights(user))
    )
}
