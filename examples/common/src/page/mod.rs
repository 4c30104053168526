//! The pages of the `web` examples: plain HTML and CSS, readable without a script.

mod content;
mod frame;
mod refusal;

pub use content::{account, castles, home, not_found, settings};
pub use refusal::refusal_page;

/// The headers of every page. No script may run, whatever a page contains.
///
/// `form-action` is left out: browsers hold the redirect of a logout to the provider against it too.
pub const PAGE_HEADERS: [(&str, &str); 4] = [
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
];

/// Text as it may stand in an element or in a quoted attribute. Everything that is not ours passes through here.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use portcullis::UserInfo;

    use crate::Castle;

    #[test]
    fn what_a_provider_says_never_becomes_markup() {
        let hostile = "</title><script>alert(1)</script>\"'&";
        let claims = serde_json::json!({"sub": hostile, "name": hostile, "given_name": hostile, "email": hostile});
        let user: UserInfo = serde_json::from_value(claims).unwrap();
        for page in [super::home(Some(&user)), super::castles(&user, &[Castle { name: hostile.to_owned() }])] {
            assert!(!page.contains("<script"), "{page}");
            assert!(page.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
        }
    }
}
