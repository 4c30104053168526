//! As much HTML as the provider writes.

use crate::form::encode;

/// A form and its hidden fields.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: String,
    hidden: Vec<(String, String)>,
}

impl Form {
    pub(super) fn first(page: &[u8]) -> Option<Self> {
        let page = String::from_utf8_lossy(page);
        let (_, form) = page.split_once("<form ")?;
        let (form, _) = form.split_once("</form>")?;
        let (tag, content) = form.split_once('>')?;
        let inputs = content.split("<input ").skip(1).filter_map(|input| input.split('>').next());
        let hidden = inputs
            .filter(|input| input.contains("type=\"hidden\""))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect();
        Some(Self { action: attribute(tag, "action")?, hidden })
    }

    /// The form as it is sent, with more fields.
    pub(super) fn body(&self, fields: &[(&str, &str)]) -> String {
        let hidden = self.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        encode(hidden.chain(fields.iter().copied()))
    }
}

/// The text of a page, for the message of a failing test.
pub(super) fn text(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    let main = page.split_once("<main>").and_then(|(_, rest)| rest.split_once("</main>"));
    let pieces = main.map_or(&*page, |(main, _)| main).split('<').filter_map(|piece| piece.split_once('>'));
    let words: Vec<_> = pieces.flat_map(|(_, text)| text.split_whitespace()).collect();
    unescape(&words.join(" "))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    Some(unescape(rest.split('"').next()?))
}

fn unescape(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    named.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
}
