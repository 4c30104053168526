//! A web application on axum that people sign in to.
//!
//! `cargo run -p web-axum` starts it with an embedded development provider and prints where to click; with
//! `PORTCULLIS_ISSUER`, `PORTCULLIS_CLIENT_ID` and `PORTCULLIS_CLIENT_SECRET` set its users are those of your provider.

mod pages;

use std::error::Error;

use axum::extract::FromRef;
use examples_common::{Castles, listen, log_to_stderr, refusal_page, stopped, web_guard};
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, routes};

/// The application's state: handlers find the guard in it.
#[derive(Clone, FromRef)]
struct App {
    guard: Guard,
    castles: Castles,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    log_to_stderr();
    let listener = listen().await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (guard, development) = web_guard(&url).await?;
    let guard = guard.on_reject(refusal_page).build()?;
    if let Some(development) = &development {
        development.introduce_web(&url);
    }

    let app = pages::router()
        .merge(routes(&guard)) // login, callback, logout
        .layer(attach(&guard)) // what an attempt has to say to the browser
        .with_state(App { guard, castles: Castles::default() });

    println!("listening on {url}");
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    Ok(())
}
