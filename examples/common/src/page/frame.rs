//! What all pages have around their content.

use portcullis::UserInfo;

use super::escape;

const STYLE: &str = include_str!("style.css");
const SITE: &str = "Castles of Brittany";
pub(super) const BACK: &str = "<p class=\"actions\"><a class=\"button primary\" href=\"/\">Back to the start</a></p>";
const PLACES: [(&str, &str); 3] = [("/castles", "Castles"), ("/account", "Account"), ("/settings", "Settings")];

/// Who looks at a page, as far as the page knows.
pub(super) enum Visitor<'a> {
    Nobody,
    User(&'a UserInfo),
    /// Somebody who is signed in, on a page that does not know who.
    Somebody,
    /// Anybody, on a page that does not ask.
    Unknown,
}

pub(super) struct Page<'a> {
    pub(super) path: &'a str,
    pub(super) title: &'a str,
    pub(super) visitor: Visitor<'a>,
    /// HTML.
    pub(super) main: &'a str,
}

impl Page<'_> {
    pub(super) fn html(&self) -> String {
        let (title, main, visitor, footer) = (escape(self.title), self.main, self.visitor(), self.footer());
        let place = |(path, name): (&str, &str)| {
            let current = if path == self.path { " aria-current=\"page\"" } else { "" };
            format!("<li><a href=\"{path}\"{current}>{name}</a></li>\n")
        };
        let places: String = PLACES.map(place).concat();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} \u{b7} {SITE}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n\
             </head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
             <header>\n<a class=\"brand\" href=\"/\">{SITE}</a>\n\
             <nav aria-label=\"Pages\">\n<ul>\n{places}</ul>\n</nav>\n{visitor}\n</header>\n\
             <main id=\"main\">\n<h1>{title}</h1>\n{main}\n</main>\n\
             <footer>\n<p>{footer}</p>\n</footer>\n</body>\n</html>\n"
        )
    }

    fn visitor(&self) -> String {
        let name = match self.visitor {
            Visitor::Nobody => return "<a class=\"button\" href=\"/auth/login?return_to=/account\">Sign in</a>".into(),
            Visitor::User(user) => format!("<span>{}</span>", escape(name(user))),
            Visitor::Somebody => String::new(),
            Visitor::Unknown => return String::new(),
        };
        format!(
            "<form class=\"visitor\" method=\"post\" action=\"/auth/logout\">{name}\
             <button class=\"button\">Sign out</button></form>"
        )
    }

    /// The account page has the subject among the facts that it shows.
    fn footer(&self) -> String {
        match self.visitor {
            Visitor::User(user) if self.path != "/account" => {
                format!("You are signed in as <code id=\"sub\">{}</code>.", escape(user.subject()))
            }
            _ => "An example of portcullis.".to_owned(),
        }
    }
}

/// What a user is called here.
pub(super) fn name(user: &UserInfo) -> &str {
    let known = [user.name(), user.preferred_username(), user.email()];
    known.into_iter().flatten().next().unwrap_or_else(|| user.subject())
}
