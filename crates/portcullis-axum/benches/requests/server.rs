//! The server's process: one thread, so that its CPU time is the routes'.

use std::io::Write;

use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use portcullis_axum::attach;
use portcullis_axum::prelude::*;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::process::no_longer_needed;

#[derive(Clone)]
struct App {
    guard: Guard,
    alice: &'static Alice,
}

impl FromRef<App> for Guard {
    fn from_ref(app: &App) -> Self {
        app.guard.clone()
    }
}

/// What the tokens say, for the route that does not read them.
struct Alice {
    subject: String,
    scopes: Vec<String>,
    permissions: Vec<String>,
    acr: Option<String>,
}

#[derive(Serialize)]
struct User<'u> {
    id: &'u str,
    scope: Vec<&'u str>,
    permissions: Vec<&'u str>,
    acr: Option<&'u str>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(issuer: &str, audience: &str) {
    let guard = Guard::api(issuer, audience).build().unwrap();
    let app = App { guard: guard.clone(), alice: Box::leak(Box::new(alice())) };
    let attached = Router::new().route("/attached", get(user)).layer(attach(&guard));
    let router = Router::new()
        .route("/bare", get(bare))
        .route("/user", get(user))
        .route("/cpu", get(cpu))
        .merge(attached)
        .with_state(app);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    tokio::select! {
        result = axum::serve(listener, router).into_future() => result.unwrap(),
        () = no_longer_needed() => {}
    }
}

async fn user(token: Authenticated) -> Response {
    Json(User {
        id: token.subject(),
        scope: token.scopes().collect(),
        permissions: token.permissions().collect(),
        acr: token.acr(),
    })
    .into_response()
}

async fn bare(State(App { alice, .. }): State<App>) -> Response {
    Json(User {
        id: &alice.subject,
        scope: alice.scopes.iter().map(String::as_str).collect(),
        permissions: alice.permissions.iter().map(String::as_str).collect(),
        acr: alice.acr.as_deref(),
    })
    .into_response()
}

/// Microseconds of CPU time, user and system, that this process has used.
async fn cpu() -> String {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()).to_string()
}

fn alice() -> Alice {
    Alice {
        subject: "7f8a6c1e-8c0b-4a51-9d0f-2b1f5f0c9a77".to_owned(),
        scopes: ["openid", "profile", "email", "castles"].map(str::to_owned).into(),
        permissions: ["castles:read", "castles:create"].map(str::to_owned).into(),
        acr: Some("1".to_owned()),
    }
}
