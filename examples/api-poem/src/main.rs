//! An API on poem that access tokens open.
//!
//! `cargo run -p api-poem` starts it with an embedded development provider and prints `curl` lines to copy; with
//! `PORTCULLIS_ISSUER` and `PORTCULLIS_AUDIENCE` set it protects itself with the tokens of your provider.

mod routes;

use std::error::Error;

use examples_common::{Castles, api_guard, custom_refusal, listen, log_to_stderr, stopped};
use poem::listener::TcpAcceptor;
use poem::{EndpointExt, Server};
use portcullis_poem::attach;

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

    let app = routes::route().with(attach(&guard)).data(guard).data(Castles::default());

    println!("listening on {base_url}");
    let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?);
    server.run_with_graceful_shutdown(app, stopped(), None).await?;
    Ok(())
}
