//! An API on actix-web that access tokens open.
//!
//! `cargo run -p api-actix` starts it with an embedded development provider and prints `curl` lines to copy; with
//! `PORTCULLIS_ISSUER` and `PORTCULLIS_AUDIENCE` set it protects itself with the tokens of your provider.

mod routes;

use std::error::Error;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use examples_common::{Castles, api_guard, custom_refusal, listen, log_to_stderr, stopped};
use portcullis_actix::attach;

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

    let castles = Castles::default();
    let app = move || {
        App::new()
            .app_data(guard.clone()) // where the extractors find it
            .app_data(Data::new(castles.clone()))
            .configure(routes::configure)
            .wrap(attach(&guard))
    };

    println!("listening on {base_url}");
    HttpServer::new(app).listen(listener.into_std()?)?.shutdown_signal(stopped()).run().await?;
    Ok(())
}
