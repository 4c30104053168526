//! A browser for tests, without sockets and scripts.

mod html;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use url::Url;

use self::html::Form;
use crate::form::encode;
use crate::provider::State;

/// A browser at the provider: it keeps cookies, so that a second login finds the session of the first.
///
/// It walks the real endpoints in memory, also those of a provider on loopback; what it asks is counted. Make one
/// with [`TestProvider::browser`](crate::TestProvider::browser).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use portcullis_testkit::TestProvider;
///
/// let provider = TestProvider::in_memory();
/// # let authorize_url = format!("{}/authorize?client_id=app&response_type=code&scope=openid\
/// #     &redirect_uri=https://app.example.com/auth/callback", provider.base_url());
/// let browser = provider.browser();
/// let callback = browser.sign_in(&authorize_url, "alice").await;
/// assert!(callback.starts_with("https://app.example.com/auth/callback?code="));
/// let again = browser.open(&format!("{authorize_url}&prompt=none")).await; // the session is reused
/// assert!(again.starts_with("https://app.example.com/auth/callback?code="));
/// # });
/// ```
pub struct Browser {
    provider: Arc<State>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new(provider: Arc<State>) -> Self {
        Self { provider, cookies: Mutex::default() }
    }

    /// Opens an authorization URL, signs this user in where asked to, allows what is asked, and returns the URL that
    /// the application is called back with. An answer by `form_post` is returned as if it came by query.
    ///
    /// # Panics
    /// Panics when it ends on another page, such as one that explains an error.
    pub async fn sign_in(&self, authorize_url: &str, user: &str) -> String {
        self.walk(authorize_url, user, "allow").await.as_url()
    }

    /// Like [`sign_in`](Self::sign_in), but denies consent.
    ///
    /// # Panics
    /// Panics when it ends on another page.
    pub async fn deny(&self, authorize_url: &str, user: &str) -> String {
        self.walk(authorize_url, user, "deny").await.as_url()
    }

    /// Like [`sign_in`](Self::sign_in) with `response_mode=form_post`: returns the address and the body of the form.
    ///
    /// # Panics
    /// Panics when it ends on another page, or with a redirect.
    pub async fn sign_in_form_post(&self, authorize_url: &str, user: &str) -> (String, String) {
        match self.walk(authorize_url, user, "allow").await {
            End::Form(form) => (form.action.clone(), form.body(&[])),
            End::Redirect(location) => panic!("the provider redirects to {location}"),
        }
    }

    /// Opens a URL of the provider that leads away at once, and returns where to: an authorization URL with
    /// `prompt=none` or a session that is good enough, or the end of a session. The page of a front-channel logout leads
    /// away too; its frames are not loaded.
    ///
    /// # Panics
    /// Panics when the provider shows a page.
    pub async fn open(&self, url: &str) -> String {
        let response = self.get(url).await;
        end(&response).unwrap_or_else(|| unexpected(&response)).as_url()
    }

    /// Sends a GET request, and returns what comes back as it is.
    ///
    /// # Panics
    /// Panics when the URL is not the provider's, or a fault breaks the connection.
    pub async fn get(&self, url: &str) -> Response<Bytes> {
        self.send(Request::get(url).body(Bytes::new()).expect("a URL")).await
    }

    /// Sends a form, and returns what comes back as it is.
    ///
    /// # Panics
    /// Panics when the URL is not the provider's, or a fault breaks the connection.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        self.post_body(url, encode(fields.iter().copied())).await
    }

    /// Fills in the form of a page: sends its hidden fields and these to where it says.
    ///
    /// # Panics
    /// Panics when there is no form on the page, or it is not the provider's.
    pub async fn submit(&self, page: &Response<Bytes>, fields: &[(&str, &str)]) -> Response<Bytes> {
        let form = Form::first(page.body()).unwrap_or_else(|| unexpected(page));
        let url = Url::parse(&self.provider.base_url).and_then(|base| base.join(&form.action)).expect("a URL");
        self.post_body(url.as_str(), form.body(fields)).await
    }

    /// Forgets every cookie.
    pub fn forget(&self) {
        self.cookies().clear();
    }

    async fn walk(&self, authorize_url: &str, user: &str, decision: &str) -> End {
        let mut response = self.get(authorize_url).await;
        // Login, consent, and the end.
        for _ in 0..2 {
            if let Some(end) = end(&response) {
                return end;
            }
            let form = Form::first(response.body()).filter(|_| response.status() == 200);
            let fields = match form.unwrap_or_else(|| unexpected(&response)).action.rsplit('/').next() {
                Some("login") => [("username", user)],
                Some("consent") => [("decision", decision)],
                _ => unexpected(&response),
            };
            response = self.submit(&response, &fields).await;
        }
        end(&response).unwrap_or_else(|| unexpected(&response))
    }

    async fn post_body(&self, url: &str, body: String) -> Response<Bytes> {
        let request = Request::post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Bytes::from(body)).expect("a URL")).await
    }

    async fn send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        let uri = request.uri();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let origin = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        assert!(self.provider.base_url == origin, "{uri} is not at {}", self.provider.base_url);
        let cookies: Vec<_> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let value = HeaderValue::from_str(&cookies.join("; ")).expect("cookies can stand in a header");
            request.headers_mut().insert(COOKIE, value);
        }
        let answer = self.provider.answer(request).await;
        assert!(answer.wire.is_none(), "a fault broke the connection: {:?}", answer.wire);
        self.keep(&answer.response);
        answer.response
    }

    fn keep(&self, response: &Response<Bytes>) {
        for value in response.headers().get_all(SET_COOKIE) {
            let value = value.to_str().unwrap_or_default();
            let pair = value.split(';').next().unwrap_or_default();
            let Some((name, content)) = pair.split_once('=') else { continue };
            match value.contains("Max-Age=0") {
                true => self.cookies().remove(name),
                false => self.cookies().insert(name.to_owned(), content.to_owned()),
            };
        }
    }

    fn cookies(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the provider lets go of a browser.
enum End {
    Redirect(String),
    Form(Form),
}

impl End {
    fn as_url(&self) -> String {
        match self {
            Self::Redirect(location) => location.clone(),
            Self::Form(form) if form.body(&[]).is_empty() => form.action.clone(),
            Self::Form(form) if form.action.contains('?') => format!("{}&{}", form.action, form.body(&[])),
            Self::Form(form) => format!("{}?{}", form.action, form.body(&[])),
        }
    }
}

fn end(response: &Response<Bytes>) -> Option<End> {
    if let Some(location) = response.headers().get(LOCATION) {
        return Some(End::Redirect(location.to_str().ok()?.to_owned()));
    }
    // The provider's own forms have a path as their address, those that leave it a whole URL.
    let form = Form::first(response.body()).filter(|_| response.status() == 200)?;
    (!form.action.starts_with('/')).then_some(End::Form(form))
}

fn unexpected(response: &Response<Bytes>) -> ! {
    panic!("the provider shows {}: {}", response.status(), html::text(response.body()))
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("provider", &self.provider).finish_non_exhaustive()
    }
}
