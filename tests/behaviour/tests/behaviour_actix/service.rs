//! An application of actix-web in this process, asked as its server asks it.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service as _, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpResponse, error};
use bytes::Bytes;
use http::{Request, Response};
use portcullis_actix::attach;
use portcullis_actix::prelude::*;
use portcullis_behaviour::caught;
use tokio::sync::OnceCell;

type Routes = fn(&Guard, &mut ServiceConfig);
type Answer = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// The application, built when the first request comes.
pub(crate) struct Service {
    guard: Guard,
    routes: Routes,
    built: OnceCell<Box<dyn Fn(TestRequest) -> Answer>>,
}

impl Service {
    pub(crate) fn new(guard: Guard, routes: Routes) -> Self {
        Self { guard, routes, built: OnceCell::new() }
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let is_head = request.method() == http::Method::HEAD;
        let response = self.built.get_or_init(|| self.build()).await(received(request)).await;
        let mut sent = Response::builder().status(response.status().as_u16());
        for (name, value) in response.headers() {
            sent = sent.header(name.as_str(), value.as_bytes());
        }
        let body = to_bytes(response.into_body()).await.unwrap();
        sent.body(if is_head { Bytes::new() } else { body }).unwrap()
    }

    async fn build(&self) -> Box<dyn Fn(TestRequest) -> Answer> {
        let app = App::new()
            .app_data(self.guard.clone())
            .configure(|app| (self.routes)(&self.guard, app))
            .wrap(from_fn(answer_panics))
            .wrap(attach(&self.guard));
        let app = init_service(app).await;
        Box::new(move |request| {
            let answer = app.call(request.to_request());
            Box::pin(async {
                match answer.await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                }
            })
        })
    }
}

fn received(request: Request<Bytes>) -> TestRequest {
    let (parts, body) = request.into_parts();
    let method = Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
    let mut received = TestRequest::with_uri(&parts.uri.to_string()).method(method).set_payload(body);
    for (name, value) in &parts.headers {
        received = received.append_header((name.as_str(), value.as_bytes()));
    }
    received
}

/// Of a panic, actix-web makes no response: the connection ends.
async fn answer_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = caught(next.call(request)).await;
    let answer = answer.unwrap_or_else(|| Err(error::ErrorInternalServerError("out of order")));
    answer.map(ServiceResponse::map_into_boxed_body)
}
