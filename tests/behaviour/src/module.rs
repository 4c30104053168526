//! How a module of the conformance suite is played against a web application: the provider does its part, a browser
//! logs in, and everything that can be seen of it must be right.

use bytes::Bytes;
use http::Request;
use portcullis::GuardBuilder;
use portcullis::transport::{HttpClient, HttpLimits};
use portcullis_testkit::{Algorithm, Endpoint, TestProvider};
use serde_json::Value;

use crate::web::{Browser, parameter};
use crate::{Answer, LogCapture, ResponseMode, SessionKind, TestApp, WebFixture};

/// How often the provider was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) discovery: usize,
    pub(crate) jwks: usize,
    pub(crate) token: usize,
    pub(crate) userinfo: usize,
}

/// Exactly the requests that a login needs.
pub(crate) const NEEDED: Asked = Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 };

/// What we must do.
pub(crate) enum Must {
    /// Sign the user in, with these requests.
    LogIn(Asked),
    /// Refuse for this reason, which only the log tells, with these requests.
    Refuse(&'static str, Asked),
}

/// A refusal before userinfo, with the keys that are there.
pub(crate) fn refuse(reason: &'static str) -> Must {
    Must::Refuse(reason, Asked { userinfo: 0, ..NEEDED })
}

/// The same, once the keys have been looked at again.
pub(crate) fn refuse_after_a_second_look(reason: &'static str) -> Must {
    Must::Refuse(reason, Asked { jwks: 2, userinfo: 0, ..NEEDED })
}

/// A module on its way: where the browser goes back to after the login says that nothing got lost.
pub(crate) struct Module<A, K> {
    pub(crate) fixture: WebFixture<A, K>,
    pub(crate) browser: Browser,
    log: LogCapture,
}

const LOGIN: &str = "/auth/login?return_to=%2Faccount%3Ftab%3D1";
const RETURN_TO: &str = "/account?tab=1";

impl<A: TestApp, K: SessionKind> Module<A, K> {
    /// As the suite has it: RS256 first, further keys beside it, and an issuer with a slash at its end.
    pub(crate) fn new<M: ResponseMode>() -> Self {
        Self::with::<M>(|guard| guard)
    }

    pub(crate) fn with<M: ResponseMode>(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let algorithms = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
        let provider = TestProvider::builder().issuer_path("/test/a/rp/").algorithms(algorithms).in_memory();
        let fixture = WebFixture::of(provider, |guard| settings(M::settings(guard)));
        Self { fixture, browser: Browser::default(), log: LogCapture::begin() }
    }

    pub(crate) async fn begin(&self) -> String {
        self.fixture.begin(&self.browser, LOGIN).await
    }

    /// Comes back from the provider, and does what must be done.
    pub(crate) async fn end(&self, authorize_url: &str, must: Must) {
        let answer = self.fixture.come_back(&self.browser, authorize_url, "alice").await;
        match must {
            Must::LogIn(asked) => self.assert_logged_in(&answer, asked).await,
            Must::Refuse(reason, asked) => self.assert_refused(authorize_url, &answer, reason, asked).await,
        }
    }

    /// A login of which nothing but its success is of interest.
    pub(crate) async fn log_in(&self) {
        let authorize_url = self.begin().await;
        let answer = self.fixture.come_back(&self.browser, &authorize_url, "alice").await;
        answer.assert_redirect("the callback", RETURN_TO);
    }

    pub(crate) async fn play(&self, must: Must) {
        let authorize_url = self.begin().await;
        self.end(&authorize_url, must).await;
    }

    /// Why something was refused stands in the log, and no other reason. Of requests that were merely not admitted it
    /// tells at `DEBUG`.
    #[track_caller]
    pub(crate) fn assert_logged(&self, reason: &str) {
        let lines = self.log.lines();
        let words = lines.iter().filter(|line| !line.starts_with("DEBUG ")).flat_map(|line| line.split(' '));
        let reasons: Vec<_> = words.filter_map(|word| word.strip_prefix("reason=")).collect();
        assert!(!reasons.is_empty() && reasons.iter().all(|logged| *logged == reason), "{reason}: {lines:?}");
    }

    /// Exactly this was asked.
    #[track_caller]
    pub(crate) fn assert_asked(&self, what: &str, expected: Asked) {
        assert_eq!(self.asked(), expected, "{what}");
    }

    /// What was asked so far; nothing may have been tried that the metadata does not name.
    fn asked(&self) -> Asked {
        let provider = &self.fixture.provider;
        assert!(provider.unexpected().is_empty(), "{:?}", provider.unexpected());
        assert_eq!(provider.requests(Endpoint::AuthorizationServerMetadata), 0, "nothing is probed");
        assert_eq!(provider.requests(Endpoint::Revocation), 0);
        Asked {
            discovery: provider.requests(Endpoint::Discovery),
            jwks: provider.requests(Endpoint::Jwks),
            token: provider.requests(Endpoint::Token),
            userinfo: provider.requests(Endpoint::UserInfo),
        }
    }

    /// There is one session, its cookie has every flag, and the page answers from it alone with the provider's claims.
    async fn assert_logged_in(&self, answer: &Answer, asked: Asked) {
        answer.assert_redirect("the callback", RETURN_TO);
        self.assert_cookies(answer);
        self.fixture.sessions.assert_rows("logged in", 1).await;
        let [account, again] = [self.account().await, self.account().await];
        self.assert_asked("finished means finished", asked);
        let order = self.fixture.provider.asked();
        let before: Vec<_> = order.iter().take_while(|endpoint| **endpoint != Endpoint::Authorize).collect();
        assert_eq!(before, [&Endpoint::Discovery], "nothing is fetched ahead");
        assert_eq!(account, again);
        let mut claims = account;
        for own in ["iss", "aud", "iat"] {
            // Those of a JWT, where userinfo comes as one.
            claims.as_object_mut().expect("claims").remove(own);
        }
        assert_eq!(claims, self.claims().await);
    }

    async fn account(&self) -> Value {
        let account = self.fixture.open(&self.browser, RETURN_TO).await;
        account.assert_ok("the page after the login");
        assert!(account.cookies().is_empty(), "{:?}", account.cookies());
        account.json()
    }

    fn assert_cookies(&self, answer: &Answer) {
        let set = answer.session_cookies();
        assert!(!set.is_empty(), "{:?}", answer.cookies());
        for cookie in &set {
            let (_, attributes) = cookie.split_once("; ").unwrap_or_default();
            assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800");
        }
        let others: Vec<_> = answer.cookies().into_iter().filter(|cookie| !set.contains(cookie)).collect();
        for cookie in others {
            assert!(cookie.ends_with("=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"), "{cookie}");
        }
        assert_eq!(self.browser.names("").len(), set.len(), "the login is over: {:?}", self.browser.names(""));
    }

    /// What the provider says about alice to the scopes of the login.
    async fn claims(&self) -> Value {
        let provider = &self.fixture.provider;
        let scope = provider.received(Endpoint::Authorize)[0].query("scope").expect("the scopes");
        let bearer = format!("Bearer {}", provider.token_for("alice"));
        let request = Request::get(format!("{}userinfo", provider.issuer())).header("authorization", bearer);
        let request = request.body(Bytes::new()).expect("a request");
        let answer = provider.http_client().send(request, HttpLimits::DOCUMENT).await.expect("an answer");
        let mut claims: Value = serde_json::from_slice(answer.body()).expect("claims");
        let closed = [("phone", "phone_number"), ("phone", "phone_number_verified"), ("address", "address")];
        for (_, name) in closed.iter().filter(|(opens, _)| !scope.split(' ').any(|scope| scope == *opens)) {
            claims.as_object_mut().expect("an object").remove(*name);
        }
        claims
    }

    /// A page, and nothing else: no session, no word about the reason but in the log, and nobody asked afterwards.
    async fn assert_refused(&self, authorize_url: &str, answer: &Answer, reason: &str, asked: Asked) {
        answer.assert_page(reason, 400);
        self.assert_logged(reason);
        let state = parameter(authorize_url, "state").expect("a state");
        let code = self.fixture.provider.received(Endpoint::Token).pop().and_then(|request| request.form("code"));
        let secrets = [state, code.expect("a code"), "eyJ".to_owned(), TestProvider::CLIENT_SECRET.to_owned()];
        for secret in &secrets {
            assert!(!answer.text().contains(secret), "{reason}: {answer:?}");
            self.log.assert_without(reason, &[secret]);
        }
        assert_eq!(self.browser.names(""), [""; 0], "{reason}: no session, and the login is over");
        self.fixture.sessions.assert_rows(reason, 0).await;
        let account = self.fixture.open(&self.browser, RETURN_TO).await;
        assert_eq!((account.outcome().as_str(), account.header("location")), ("303", Some(LOGIN)), "{reason}");
        self.assert_asked("nothing follows a refusal", asked);
    }
}
