//! What the pages show.

use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::{AccessToken, UserInfo};

use super::escape;
use super::frame::{BACK, Page, Visitor, name};
use crate::Castle;

const DOORS: &str = "<ul class=\"cards\">\n\
    <li class=\"card\"><a href=\"/castles\">Castles</a><p>Open to those who have the permission to look.</p></li>\n\
    <li class=\"card\"><a href=\"/account\">Account</a><p>Open to everybody who is signed in.</p></li>\n\
    <li class=\"card\"><a href=\"/settings\">Settings</a><p>Open to those who have signed in just now.</p></li>\n</ul>";

/// Greets a user, or offers to sign in.
pub fn home(user: Option<&UserInfo>) -> String {
    let Some(user) = user else {
        let main = format!(
            "<p class=\"lead\">Three castles, and who may see them.</p>\n<p class=\"actions\">\
             <a class=\"button primary\" href=\"/auth/login?return_to=/account\">Sign in</a></p>\n{DOORS}"
        );
        return Page { path: "/", title: "Welcome", visitor: Visitor::Nobody, main: &main }.html();
    };
    let title = format!("Hello, {}", user.given_name().unwrap_or_else(|| name(user)));
    let main = format!("<p class=\"lead\">Good to see you again.</p>\n{DOORS}");
    Page { path: "/", title: &title, visitor: Visitor::User(user), main: &main }.html()
}

/// What the session knows about its user.
pub fn account(user: &UserInfo, token: &AccessToken) -> String {
    let person =
        [("Name", escape(name(user))), ("E-mail address", user.email().map_or_else(|| "not known".to_owned(), escape))];
    let facts = [
        ("Subject", format!("<code id=\"sub\">{}</code>", escape(user.subject()))),
        ("Permissions", list(token.permissions(), "none")),
        ("Scopes", list(token.scopes(), "none")),
    ];
    let main = format!(
        "<p class=\"lead\">What we were told about you when you signed in.</p>\n{}\n\
         <form class=\"actions\" method=\"post\" action=\"/account/refresh\">\
         <button class=\"button\">Refresh these details</button></form>\n\
         <h2>For developers</h2>\n<p>What this site goes by when it opens a page.</p>\n{}",
        definitions(&person),
        definitions(&facts)
    );
    Page { path: "/account", title: "Your account", visitor: Visitor::User(user), main: &main }.html()
}

/// The castles, for those who may look at them.
pub fn castles(user: &UserInfo, castles: &[Castle]) -> String {
    let cards: String = castles
        .iter()
        .map(|castle| format!("<li class=\"card\"><strong>{}</strong></li>\n", escape(&castle.name)))
        .collect();
    let main = format!(
        "<p class=\"lead\">Open to everybody with the permission <code>castles:read</code>.</p>\n\
         <ul class=\"cards\">\n{cards}</ul>"
    );
    Page { path: "/castles", title: "Castles", visitor: Visitor::User(user), main: &main }.html()
}

/// What opens only after a strong login.
pub fn settings(user: &UserInfo, token: &AccessToken) -> String {
    let facts = [
        ("Signed in", token.auth_time().map_or_else(|| "not known".to_owned(), ago)),
        (
            "Strength of the sign-in",
            token.acr().map_or_else(|| "not known".to_owned(), |acr| format!("level {}", escape(acr))),
        ),
    ];
    let main = format!(
        "<p class=\"lead\">You have just shown that it is you. Whoever finds your browser open does not get this far.</p>\n{}",
        definitions(&facts)
    );
    Page { path: "/settings", title: "Settings", visitor: Visitor::User(user), main: &main }.html()
}

/// What is said where no page is.
pub fn not_found() -> String {
    let main = format!("<p class=\"lead\">There is no page at this address.</p>\n{BACK}");
    Page { path: "", title: "Nothing here", visitor: Visitor::Unknown, main: &main }.html()
}

/// Names and their values, which are HTML.
fn definitions(facts: &[(&str, String)]) -> String {
    let rows: String = facts.iter().map(|(name, value)| format!("<dt>{name}</dt>\n<dd>{value}</dd>\n")).collect();
    format!("<dl class=\"card\">\n{rows}</dl>")
}

fn list<'a>(values: impl Iterator<Item = &'a str>, none: &str) -> String {
    let items: String = values.map(|value| format!("<li><code>{}</code></li>", escape(value))).collect();
    if items.is_empty() { none.to_owned() } else { format!("<ul>{items}</ul>") }
}

fn ago(unix_time: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match now.saturating_sub(unix_time) / 60 {
        0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}
