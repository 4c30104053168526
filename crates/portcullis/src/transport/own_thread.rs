//! Where the connections of the default transport live.

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinSet, yield_now};
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use super::{HttpError, HttpErrorKind};

/// Runs a request on the one thread that drives all connections; dropped, it ends there too.
///
/// A connection is driven by the runtime that opened it, and an application may have one for each of its workers
/// (actix-web does). A worker's connection would end with it, and stand still while one of its handlers blocks, in the
/// middle of another worker's request.
pub(super) async fn on_own_thread<T: Send + 'static>(
    request: impl Future<Output = Result<T, HttpError>> + Send + 'static,
) -> Result<T, HttpError> {
    let thread = thread().map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?;
    let request = async {
        // The thread looks at its sockets first: what the provider has closed meanwhile is not asked over.
        yield_now().await;
        request.await
    };
    let mut running = JoinSet::new();
    running.spawn_on(request.in_current_span().with_current_subscriber(), &thread);
    match running.join_next().await {
        Some(Ok(answer)) => answer,
        Some(Err(error)) => Err(HttpError::new(HttpErrorKind::Broken, error)),
        None => Err(HttpErrorKind::Broken.into()),
    }
}

/// The thread of the process, started when it is first needed.
fn thread() -> io::Result<Handle> {
    static THREAD: Mutex<Option<Handle>> = Mutex::new(None);
    let mut started = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*started {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let name = "portcullis-http".to_owned();
    thread::Builder::new().name(name).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(started.insert(handle).clone())
}
