//! An application of actix-web in this process, asked as its server asks it.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse};
use bytes::Bytes;
use http::{Request, Response};

type Answer = Pin<Box<dyn Future<Output = HttpResponse>>>;

pub(crate) struct Application(Box<dyn Fn(TestRequest) -> Answer>);

impl Application {
    pub(crate) async fn new<T, B>(app: App<T>) -> Self
    where
        T: ServiceFactory<ServiceRequest, Response = ServiceResponse<B>, Config = (), Error = Error, InitError = ()>
            + 'static,
        T::Future: 'static,
        B: MessageBody + 'static,
    {
        let app = init_service(app).await;
        Self(Box::new(move |request| {
            let answer = app.call(request.to_request());
            Box::pin(async {
                match answer.await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                }
            })
        }))
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let is_head = request.method() == http::Method::HEAD;
        let response = self.0(received(request)).await;
        let mut sent = Response::builder().status(response.status().as_u16());
        for (name, value) in response.headers() {
            sent = sent.header(name.as_str(), value.as_bytes());
        }
        let body = to_bytes(response.into_body()).await.unwrap();
        sent.body(if is_head { Bytes::new() } else { body }).unwrap()
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
