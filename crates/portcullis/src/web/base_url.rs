//! Where browsers find the application, and the library's routes in it.

use std::borrow::Cow;

use url::Url;

use super::WebRoute;
use super::return_to::{local_path, readings};
use crate::provider::address;

const DEFAULT_AUTH_PATH: &str = "/auth";

/// The public address of the application: where browsers find it, whatever a proxy says.
///
/// # Security
/// Cookie flags, origin checks and redirect URIs follow this setting. `Host` and `X-Forwarded-*` are never looked at:
/// whoever can set them could otherwise send the code of a login elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    url: Url,
    origin: String,
    /// Without a slash at its end, so empty where the application has the origin to itself.
    path: String,
    auth_path: String,
}

impl BaseUrl {
    /// `None` for what is no base URL: neither https nor plain http on loopback, with a query, or with a path that
    /// could lead away from the origin.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = address::parse(text).ok()?;
        let is_fit = url.scheme() == "https" || address::is_loopback(&url);
        let path = url.path().trim_end_matches('/').to_owned();
        let is_plain = path.is_empty() || local_path(&path).is_some();
        (is_fit && is_plain && url.query().is_none()).then(|| Self {
            origin: url.origin().ascii_serialization(),
            path,
            auth_path: DEFAULT_AUTH_PATH.to_owned(),
            url,
        })
    }

    /// With the library's routes below another path; `None` if that is none for them: `/` would take the whole
    /// application.
    pub(crate) fn with_auth_path(self, auth_path: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_plain);
        let is_fit = auth_path.strip_prefix('/').is_some_and(|segments| segments.split('/').all(is_segment));
        is_fit.then(|| Self { auth_path: auth_path.to_owned(), ..self })
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the application has the origin to itself: below a path others may have the rest of it, and a second guard
    /// beside ours has to have its routes elsewhere.
    pub(crate) fn is_alone(&self) -> bool {
        self.path.is_empty() && self.auth_path == DEFAULT_AUTH_PATH
    }

    /// The absolute URL of a path below the base path.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// Where the application finds the library's routes.
    pub(crate) fn auth_path(&self) -> &str {
        &self.auth_path
    }

    /// Where the application has one of the library's routes.
    pub(crate) fn route(&self, route: WebRoute) -> String {
        format!("{}{}", self.auth_path, route.segment())
    }

    /// Where browsers find one of the library's routes.
    pub(super) fn path_of(&self, route: WebRoute) -> String {
        self.public(&self.route(route)).into_owned()
    }

    /// The whole address of one of the library's routes, as the provider knows it.
    pub(super) fn url_of(&self, route: WebRoute) -> String {
        format!("{}{}", self.origin, self.path_of(route))
    }

    /// The start page.
    pub(super) fn home(&self) -> String {
        format!("{}/", self.path)
    }

    /// How browsers name what the application sees as this path: below the base path, which a proxy has taken off,
    /// unless it lies there already.
    pub(super) fn public<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if is_within(path, &self.path) { Cow::Borrowed(path) } else { Cow::Owned(format!("{}{path}", self.path)) }
    }

    /// The value itself if it is a path of this application, else the start page. The library's own routes are none:
    /// a login that leads to a login never ends.
    ///
    /// # Security
    /// Validate when writing and again when using, as in [`local_path`].
    pub(super) fn way_back(&self, value: Option<&str>) -> String {
        let own = self.public(&self.auth_path);
        let leads_on = |path: &&str| {
            is_within(path, &self.path)
                && readings(path).all(|reading| is_within(&reading, &self.path) && !is_within(&reading, &own))
        };
        value.and_then(local_path).filter(leads_on).map_or_else(|| self.home(), str::to_owned)
    }

    /// The path, query included, of an absolute URL at this origin.
    pub(super) fn path_within(&self, absolute: &str) -> Option<String> {
        let url = address::parse(absolute).ok()?;
        (url.origin() == self.url.origin()).then(|| url[url::Position::BeforePath..].to_owned())
    }
}

/// Whole segments are compared: `/application` is not within `/app`.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn base(url: &str) -> BaseUrl {
        BaseUrl::parse(url).unwrap()
    }

    #[test]
    fn a_path_is_public_below_the_base_path_once() {
        let rows = [
            ("https://app.example", "/account?a=/b", "/account?a=/b"),
            ("https://app.example/", "/", "/"),
            ("https://app.example/app", "/", "/app/"),
            ("https://app.example/app/", "/account", "/app/account"),
            ("https://app.example/app", "/app", "/app"),
            ("https://app.example/app", "/app?a", "/app?a"),
            ("https://app.example/app", "/app/account", "/app/account"),
            ("https://app.example/app", "/application", "/app/application"),
            ("https://app.example/a/b", "/a/c", "/a/b/a/c"),
        ];
        for (url, path, public) in rows {
            assert_eq!(base(url).public(path), public, "{url} {path}");
        }
        let mounted = base("https://app.example/app").with_auth_path("/app/sign-in").unwrap();
        assert_eq!(mounted.url_of(WebRoute::Callback), "https://app.example/app/sign-in/callback");
    }

    #[test]
    fn atk_r04_the_way_back_is_never_a_route_of_ours() {
        let own = [
            "/auth",
            "/auth/",
            "/auth/login",
            "/auth/login?return_to=/auth/login",
            "/auth/logout",
            "/auth/callback?code=a",
            "/auth/anything/else",
            "/%61uth/login",
            "/auth%2Flogin",
            "/%2561uth/login",
            "/%252561uth%25252Flogin",
            "/a%2F..%2Fauth/login",
            "/a/..%2fauth/login",
            "/a/%252e%252e/auth/login",
            "/auth//login",
            "/auth/x%5C..%5Clogin",
        ];
        let here = base("https://app.example");
        for value in own {
            assert_eq!(here.way_back(Some(value)), "/", "{value}");
        }
        for value in ["/authors", "/a?next=/auth/login", "/a/auth/login", "/Auth", "/a%2Fb", "/100%25"] {
            assert_eq!(here.way_back(Some(value)), value);
        }
        let elsewhere = base("https://app.example").with_auth_path("/session/web").unwrap();
        assert_eq!(elsewhere.way_back(Some("/session/web/login")), "/");
        assert_eq!(elsewhere.way_back(Some("/auth/login")), "/auth/login");
    }

    #[test]
    fn atk_r04_the_way_back_stays_below_the_base_path() {
        let here = base("https://app.example/app");
        for value in ["/app", "/app/", "/app?a=b", "/app/account?a=/b", "/app/a%2Fb"] {
            assert_eq!(here.way_back(Some(value)), value);
        }
        let outside = ["/", "/other", "/application", "/app/..%2fother", "/app/%252e%252e/other", "/app%2f..%2fother"];
        for value in
            outside.into_iter().chain(["/app/auth/login", "/app/%61uth/login", "//app/a", "https://app.example/app"])
        {
            assert_eq!(here.way_back(Some(value)), "/app/", "{value}");
        }
        assert_eq!(here.way_back(None), "/app/");
    }

    #[test]
    fn a_path_for_the_librarys_routes() {
        for fit in ["/auth", "/a/b", "/.well-known/sign-in", "/~a_b-1"] {
            assert!(base("https://app.example").with_auth_path(fit).is_some(), "{fit}");
        }
        for unfit in [
            "", "/", "auth", "/auth/", "//auth", "/a//b", "/.", "/a/..", "/a b", "/{a}", "/*a", "/:a", "/%61", "/a?b",
            "/é",
        ] {
            assert!(base("https://app.example").with_auth_path(unfit).is_none(), "{unfit}");
        }
    }

    #[test]
    fn a_base_path_that_leads_away_is_none() {
        for url in
            ["https://app.example//evil.example", "https://app.example/%2f/evil.example", "https://app.example/@evil"]
        {
            assert!(BaseUrl::parse(url).is_none(), "{url}");
        }
    }
}
