//! The page that has the browser post a provider's answer once more.

use url::form_urlencoded::Serializer;

use crate::Answer;

/// The hidden fields of the form of a page, as the browser posts them; `None` if it shows none.
pub(super) fn hidden_fields(page: &Answer) -> Option<String> {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let (_, form) = html.split_once("<form ").filter(|_| page.status == 200)?;
    let fields = form.split("<input ").skip(1).filter_map(|input| input.split('>').next());
    let fields = fields.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
    Some(Serializer::new(String::new()).extend_pairs(fields).finish())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let value = rest.split('"').next()?.to_owned();
    Some(names.iter().fold(value, |text, (name, character)| text.replace(name, character)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(status: u16, body: &'static str) -> Answer {
        let status = http::StatusCode::from_u16(status).unwrap();
        Answer { status, headers: http::HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn the_fields_are_posted_as_they_are_on_the_page() {
        let html = "<form method=\"post\"><input type=\"hidden\" name=\"code\" value=\"a&amp;b+c\">\
                    <input type=\"hidden\" name=\"portcullis_repost\" value=\"1\"><button>Go on</button></form>";
        assert_eq!(hidden_fields(&page(200, html)).unwrap(), "code=a%26b%2Bc&portcullis_repost=1");
        assert_eq!(hidden_fields(&page(400, html)), None, "an error page is the end");
        assert_eq!(hidden_fields(&page(200, "<p>No form</p>")), None);
    }
}
