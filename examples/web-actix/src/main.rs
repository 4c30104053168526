//! A web application on actix-web that people sign in to.
//!
//! `cargo run -p web-actix` starts it with an embedded development provider and prints where to click; with
//! `PORTCULLIS_ISSUER`, `PORTCULLIS_CLIENT_ID` and `PORTCULLIS_CLIENT_SECRET` set its users are those of your provider.

mod pages;

use std::error::Error;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use examples_common::{Castles, listen, log_to_stderr, refusal_page, stopped, web_guard};
use portcullis_actix::{attach, routes};

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

    let castles = Castles::default();
    let app = move || {
        App::new()
            .app_data(guard.clone()) // where the extractors find it
            .app_data(Data::new(castles.clone()))
            .configure(pages::configure)
            .configure(routes(&guard)) // login, callback, logout
            .wrap(attach(&guard)) // what an attempt has to say to the browser
    };

    println!("listening on {url}");
    HttpServer::new(app).listen(listener.into_std()?)?.shutdown_signal(stopped()).run().await?;
    Ok(())
}
