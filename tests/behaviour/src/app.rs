//! What each framework mounts: one route table, the same everywhere.

use std::time::Duration;

use bytes::Bytes;
use portcullis::{
    AccessToken, Admission, AuthError, FromAuth, Guard, RefreshedSession, RequestFacts, Secret, requirements,
};
use serde_json::{Value, json};

/// One framework's application over the route table of the suite.
///
/// | route | handler | answers |
/// |---|---|---|
/// | `GET /open` | no extractor | `"open"` |
/// | `GET /token` | `Authenticated` | [`token_facts`] |
/// | `GET /scoped` | `Authenticated<Castles>` | [`token_facts`] |
/// | `GET /castles` | `Authenticated<ReadCastles>` | [`token_facts`] |
/// | `POST /castles` | `Authenticated<CreateCastles>` | 201 and [`token_facts`] |
/// | `GET /both` | `CurrentUser<(Castles, ReadCastles)>` | the claims |
/// | `GET /any` | `Authenticated<AnyWay>` | [`token_facts`] |
/// | `GET /strong` | `Authenticated<Strong>` | [`token_facts`] |
/// | `GET /recent` | `Authenticated<Recent>` | [`token_facts`] |
/// | `GET /silver` | `Authenticated<Silver>` | [`token_facts`] |
/// | `GET /everything` | `Authenticated<Everything>` | [`token_facts`] |
/// | `GET /enforced` | `Auth<(), ReadCastles>` | `"in"` |
/// | `GET /user` | `CurrentUser` | the claims |
/// | `GET /user/fresh` | `Auth<Fresh<UserInfo>>` | the claims |
/// | `GET /optional` | `OptionalUser` | `{"id"}` |
/// | `GET /optional/token` | `Auth<Option<AccessToken>>` | `{"id"}` |
/// | `GET /optional/castles` | `OptionalUser<ReadCastles>` | `{"id"}` |
/// | `GET /optional/strong` | `OptionalUser<Strong>` | `{"id"}` |
/// | `GET /if-present` | `Auth<IfPresent<AccessToken>>` | `{"id"}` |
/// | `GET /result` | `Auth<Result<AccessToken, AuthError>, ReadCastles>` | `{"id"}` or `{"code"}` |
/// | `GET /pair` | `Auth<(AccessToken, UserInfo)>` | `{"token": sub, "user": sub}` |
/// | `GET /seat` | `Auth<Seat>` | `{"seat"}` |
/// | `GET /three` | `Authenticated`, `CurrentUser`, `Auth<Seat>` in one handler | `{"id"}` |
/// | `GET /user-and-fresh` | `CurrentUser` and `Auth<Fresh<UserInfo>>` in one handler | `{"id"}` |
/// | `GET /group/token` | behind `require::<ReadCastles>`: `Authenticated` | [`token_facts`] |
/// | `GET /group/plain` | behind `require::<ReadCastles>`: no extractor | `"in"` |
/// | `GET /nested/inner/token` | in a nested router: `Authenticated` | [`token_facts`] |
/// | `GET /nested/inner/never` | in a nested router: `Authenticated<Never>` | never |
/// | `GET /cache/private` | `Authenticated`, sets `Cache-Control: private, max-age=60` and `Vary: accept` | `"mine"` |
/// | `GET /cache/public` | `Authenticated`, sets `Cache-Control: public, max-age=60` | `"ours"` |
///
/// `attach(&guard)` is outermost.
///
/// # The web application
///
/// Each of its routes takes every method.
///
/// | route | handler | answers |
/// |---|---|---|
/// | `/public` | no extractor | `"public"` |
/// | `/` | `OptionalUser` | `{"id"}` |
/// | `/if-present` | `Auth<IfPresent<UserInfo>>` | `{"id"}` |
/// | `/optional/never` | `OptionalUser<Never>` | `{"id"}` |
/// | `/account` | `CurrentUser` | the claims |
/// | `/token` | `Authenticated` | [`session_facts`] |
/// | `/enforced` | `Auth<()>` | `"in"` |
/// | `/castles` | `CurrentUser<ReadCastles>` | the claims |
/// | `/never` | `CurrentUser<Never>` | never |
/// | `/mail` | `CurrentUser<Mail>` | the claims |
/// | `/scoped` | `CurrentUser<Castles>` | the claims |
/// | `/strong` | `CurrentUser<Strong>` | the claims |
/// | `/recent` | `CurrentUser<Recent>` | the claims |
/// | `/silver` | `CurrentUser<Silver>` | the claims |
/// | `/fresh` | `Auth<(Fresh<UserInfo>, Fresh<UserInfo>)>` | `{"id"}` |
/// | `/fresh/never` | `Auth<Fresh<UserInfo>, Never>` | never |
/// | `/refresh` | `Auth<RefreshedSession>` | [`refreshed`] |
/// | `/three` | `Authenticated`, `CurrentUser` and `OptionalUser` in one handler | `{"id"}` |
/// | `/own-headers` | `OptionalUser`, sets `Set-Cookie: theme=dark` and `Vary: Accept, Cookie` | `"dark"` |
/// | `/cache/private` | `CurrentUser`, sets `Cache-Control: private, max-age=60` | `"mine"` |
/// | `/cache/public` | `CurrentUser`, sets `Cache-Control: public, max-age=60` | `"ours"` |
/// | `/fails` | `CurrentUser`, returns an error of the framework | 500 |
/// | `/panics` | `CurrentUser`, panics; what makes a response of that is inside of `attach` | 500 |
/// | `/group/account` | behind `require::<ReadCastles>`: `CurrentUser` | the claims |
/// | `/group/plain` | behind `require::<ReadCastles>`: no extractor | `"in"` |
/// | `/nested/inner/account` | in a nested router: `CurrentUser` | the claims |
/// | any other | `CurrentUser` | 404 `"nothing here"` |
///
/// `routes(&guard)` are merged into it, `attach(&guard)` is outermost.
pub trait TestApp: Sized {
    /// The API.
    fn new(guard: Guard) -> Self;

    /// The web application.
    fn web(guard: Guard) -> Self;

    /// Sends one request through the whole application, as a server of the framework would.
    fn send(&self, request: http::Request<Bytes>) -> impl Future<Output = http::Response<Bytes>>;
}

requirements! {
    pub struct Castles = scope("castles");
    pub struct ReadCastles = permission("castles:read");
    pub struct CreateCastles = permission("castles:create") & acr(Acr::STRONG);
    pub struct AnyWay = any_of(&[permission("look"), all(&[scope("paint"), acr(Acr::STRONG)])]);
    pub struct Strong = acr(Acr::STRONG);
    pub struct Recent = max_age(Duration::from_secs(300));
    pub struct Silver = acr(Acr::value("silver"));
    pub struct Everything =
        max_age(Duration::from_secs(300)) & acr(Acr::STRONG) & permission("castles:read") & scope("castles");
    pub struct Never = permission("castles:never");
    pub struct Mail = scope("email");
}

/// A principal of the application's own.
#[derive(Debug)]
pub struct Seat(pub String);

impl FromAuth for Seat {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        let (token, user) = (admission.token()?, admission.user_info().await?);
        Ok(Self(format!("{}/{}", token.subject(), user.email().unwrap_or("-"))))
    }
}

/// What a handler shows of its token.
pub fn token_facts(token: &AccessToken) -> Value {
    json!({
        "id": token.subject(),
        "scope": token.scopes().collect::<Vec<_>>(),
        "permissions": token.permissions().collect::<Vec<_>>(),
        "acr": token.acr(),
        "client": token.is_client(),
    })
}

/// What a handler shows of the token of a session: all of it.
pub fn session_facts(token: &AccessToken) -> Value {
    let mut facts = token_facts(token);
    facts["issuer"] = json!(token.issuer());
    facts["auth_time"] = json!(token.auth_time());
    facts["expires_at"] = json!(token.expires_at());
    facts["secret"] = json!(token.secret().map(Secret::expose));
    facts["debug"] = json!(format!("{token:?}"));
    facts
}

/// What a handler shows of a session that it has refreshed.
pub fn refreshed(session: &RefreshedSession) -> Value {
    match session {
        RefreshedSession::Active(user) => json!({"active": user}),
        _ => json!({"active": null}),
    }
}

/// An application's own words for a refusal, for `on_reject`.
pub fn own_words(error: &AuthError, facts: &RequestFacts, reply: http::Response<Bytes>) -> http::Response<Bytes> {
    reply.map(|_| json!({"sorry": error.code(), "at": facts.path()}).to_string().into())
}
