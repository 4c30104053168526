//! A web application on poem that people sign in to.
//!
//! `cargo run -p web-poem` starts it with an embedded development provider and prints where to click; with
//! `PORTCULLIS_ISSUER`, `PORTCULLIS_CLIENT_ID` and `PORTCULLIS_CLIENT_SECRET` set its users are those of your provider.

mod pages;

use std::error::Error;

use examples_common::{Castles, listen, log_to_stderr, refusal_page, stopped, web_guard};
use poem::listener::TcpAcceptor;
use poem::{EndpointExt, Server};
use portcullis_poem::{attach, routes};

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

    let app = pages::route(routes(&guard)) // login, callback, logout
        .with(attach(&guard)) // the guard of the extractors, and what an attempt has to say to the browser
        .data(guard)
        .data(Castles::default());

    println!("listening on {url}");
    let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?);
    server.run_with_graceful_shutdown(app, stopped(), None).await?;
    Ok(())
}
