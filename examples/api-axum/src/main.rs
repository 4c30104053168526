//! An API on axum that access tokens open.
//!
//! `cargo run -p api-axum` starts it with an embedded development provider and prints `curl` lines to copy; with
//! `PORTCULLIS_ISSUER` and `PORTCULLIS_AUDIENCE` set it protects itself with the tokens of your provider.

mod routes;

use std::error::Error;

use axum::extract::FromRef;
use examples_common::{Castles, api_guard, custom_refusal, listen, log_to_stderr, stopped};
use portcullis_axum::attach;
use portcullis_axum::prelude::*;

/// The application's state: handlers find the guard in it.
#[derive(Clone, FromRef)]
struct App {
    guard: Guard,
    castles: Castles,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    log_to_stderr();
    let (guard, development) = api_guard().await?;
    let guard = guard.on_reject(custom_refusal).build()?;
    let listener = listen().await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    if let Some(development) = &development {
        development.introduce(&base_url);
    }

    let app = routes::router().layer(attach(&guard)).with_state(App { guard, castles: Castles::default() });

    println!("listening on {base_url}");
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    Ok(())
}
