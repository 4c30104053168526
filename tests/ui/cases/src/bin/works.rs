//! Nothing is wrong here: the neighbours fail for their mistake, not for their surroundings.

use axum::extract::{FromRef, State};
use axum::{Router, routing::get};
use portcullis_axum::prelude::*;
use portcullis_axum::{AuthRejection, attach, require};

requirements! {
    /// May look at castles.
    pub struct ReadCastles = scope("castles") & permission("castles:read");
    struct Admin = of::<ReadCastles>() & permission("admin") & acr(Acr::STRONG);
}

#[derive(Clone, FromRef)]
struct App {
    guard: Guard,
    motto: &'static str,
}

struct Badge(String);

impl FromAuth for Badge {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        Ok(Badge(admission.token()?.subject().to_owned()))
    }
}

async fn token(token: Authenticated<(ReadCastles, Admin)>, State(motto): State<&'static str>) -> String {
    format!("{motto}, {}", token.subject())
}

async fn badge(badge: Auth<Badge>) -> String {
    badge.into_inner().0
}

async fn own_refusal(user: Result<CurrentUser, AuthRejection>) -> &'static str {
    if user.is_ok() { "in" } else { "out" }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?;
    let app = Router::new()
        .route("/token", get(token))
        .route("/badge", get(badge))
        .route("/own", get(own_refusal))
        .route("/optional", get(async |user: OptionalUser| if user.is_some() { "some" } else { "none" }))
        .route_layer(require::<Admin>(&guard))
        .layer(attach(&guard))
        .with_state(App { guard, motto: "hello" });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
