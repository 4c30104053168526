//! The behaviour suite on poem.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod web;

use bytes::Bytes;
use poem::endpoint::BoxEndpoint;
use poem::http::header::{CACHE_CONTROL, VARY};
use poem::http::uri::Scheme;
use poem::http::{Method, Request, Response, StatusCode};
use poem::web::{Json, LocalAddr, RemoteAddr};
use poem::{Body, Endpoint, EndpointExt, IntoResponse, RequestParts, Route, get, handler};
use portcullis_behaviour::{
    AnyWay, Castles, CreateCastles, Everything, Never, ReadCastles, Recent, Seat, Silver, Strong, TestApp,
    mount_behaviours, token_facts,
};
use portcullis_poem::portcullis::Require;
use portcullis_poem::prelude::*;
use portcullis_poem::{attach, require};
use serde_json::{Value, json};

struct Poem(BoxEndpoint<'static>);

impl TestApp for Poem {
    fn new(guard: Guard) -> Self {
        let group =
            Route::new().at("/token", get(show_token)).at("/plain", get(plain)).with(require::<ReadCastles>(&guard));
        let nested =
            Route::new().at("/inner/token", get(show_token)).at("/inner/never", get(facts::<Never>::default()));
        let app = Route::new()
            .at("/open", get(open))
            .at("/token", get(show_token))
            .at("/scoped", get(facts::<Castles>::default()))
            .at("/castles", get(facts::<ReadCastles>::default()).post(create))
            .at("/both", get(show_both))
            .at("/any", get(facts::<AnyWay>::default()))
            .at("/strong", get(facts::<Strong>::default()))
            .at("/recent", get(facts::<Recent>::default()))
            .at("/silver", get(facts::<Silver>::default()))
            .at("/everything", get(facts::<Everything>::default()))
            .at("/enforced", get(enforced))
            .at("/user", get(show_user))
            .at("/user/fresh", get(fresh_user))
            .at("/optional", get(optional::<()>::default()))
            .at("/optional/token", get(optional_token))
            .at("/optional/castles", get(optional::<ReadCastles>::default()))
            .at("/optional/strong", get(optional::<Strong>::default()))
            .at("/if-present", get(if_present))
            .at("/result", get(result))
            .at("/pair", get(pair))
            .at("/seat", get(show_seat))
            .at("/three", get(three))
            .at("/user-and-fresh", get(user_and_fresh))
            .at("/cache/private", get(cached_private))
            .at("/cache/public", get(cached_public))
            .nest("/group", group)
            .nest("/nested", nested)
            .with(attach(&guard));
        Self(app.boxed())
    }

    fn web(guard: Guard) -> Self {
        Self(web::route(guard).boxed())
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let is_head = parts.method == Method::HEAD;
        // As the server does it: this is where poem learns the URI that the client sent.
        let parts = RequestParts::from((parts, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
        let response = self.0.get_response(poem::Request::from_parts(parts, Body::from(body))).await;
        let (parts, body) = response.into_parts();
        let body = body.into_bytes().await.unwrap();
        // The server sends no body to a `HEAD`, whatever a route has made.
        let mut answer = Response::new(if is_head { Bytes::new() } else { body });
        *answer.status_mut() = parts.status;
        *answer.headers_mut() = parts.headers;
        *answer.extensions_mut() = parts.extensions;
        answer
    }
}

#[handler]
async fn open() -> &'static str {
    "open"
}

#[handler]
async fn plain() -> &'static str {
    "in"
}

#[handler]
async fn show_token(token: Authenticated) -> Json<Value> {
    Json(token_facts(&token))
}

#[handler]
async fn facts<R: Require>(token: Authenticated<R>) -> Json<Value> {
    Json(token_facts(&token))
}

#[handler]
async fn create(token: Authenticated<CreateCastles>) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(token_facts(&token)))
}

#[handler]
async fn show_both(user: CurrentUser<(Castles, ReadCastles)>) -> Json<UserInfo> {
    Json(user.into_inner())
}

#[handler]
async fn enforced(_: Auth<(), ReadCastles>) -> &'static str {
    "in"
}

#[handler]
async fn show_user(user: CurrentUser) -> Json<UserInfo> {
    Json(user.into_inner())
}

#[handler]
async fn fresh_user(user: Auth<Fresh<UserInfo>>) -> Json<UserInfo> {
    Json(user.into_inner().0)
}

#[handler]
async fn optional<R: Require>(user: OptionalUser<R>) -> Json<Value> {
    Json(json!({"id": user.as_ref().map(UserInfo::subject)}))
}

#[handler]
async fn optional_token(token: Auth<Option<AccessToken>>) -> Json<Value> {
    id(token.as_ref())
}

#[handler]
async fn if_present(token: Auth<IfPresent<AccessToken>>) -> Json<Value> {
    id(token.as_ref())
}

fn id(token: Option<&AccessToken>) -> Json<Value> {
    Json(json!({"id": token.map(AccessToken::subject)}))
}

#[handler]
async fn result(outcome: Auth<Result<AccessToken, AuthError>, ReadCastles>) -> Json<Value> {
    Json(match &*outcome {
        Ok(token) => json!({"id": token.subject()}),
        Err(error) => json!({"code": error.code()}),
    })
}

#[handler]
async fn pair(both: Auth<(AccessToken, UserInfo)>) -> Json<Value> {
    Json(json!({"token": both.0.subject(), "user": both.1.subject()}))
}

#[handler]
async fn show_seat(seat: Auth<Seat>) -> Json<Value> {
    Json(json!({"seat": seat.0}))
}

#[handler]
async fn three(token: Authenticated, user: CurrentUser, seat: Auth<Seat>) -> Json<Value> {
    assert_eq!(token.subject(), user.subject());
    assert!(seat.0.starts_with(token.subject()));
    Json(json!({"id": user.subject()}))
}

#[handler]
async fn user_and_fresh(user: CurrentUser, fresh: Auth<Fresh<UserInfo>>) -> Json<Value> {
    assert_eq!(*user, **fresh);
    Json(json!({"id": user.subject()}))
}

#[handler]
async fn cached_private(_: Authenticated) -> impl IntoResponse {
    "mine".with_header(CACHE_CONTROL, "private, max-age=60").with_header(VARY, "accept")
}

#[handler]
async fn cached_public(_: Authenticated) -> impl IntoResponse {
    "ours".with_header(CACHE_CONTROL, "public, max-age=60")
}

mount_behaviours!(Poem);
