//! What this thread logs.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Records until it is dropped.
#[derive(Debug)]
pub(crate) struct Reasons {
    seen: Seen,
    _guard: DefaultGuard,
}

#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, String)>>>);

impl Reasons {
    pub(crate) fn listen() -> Self {
        // With a single dispatcher in the process, `tracing` asks the thread that happens to meet a callsite first
        // whether anybody listens, and remembers its answer for all threads.
        static SECOND: OnceLock<Dispatch> = OnceLock::new();
        SECOND.get_or_init(|| Dispatch::new(Registry::default().with(Seen::default())));
        let seen = Seen::default();
        let dispatch = Dispatch::new(Registry::default().with(seen.clone()));
        Self { seen, _guard: dispatcher::set_default(&dispatch) }
    }

    /// The reason codes since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        let fields = std::mem::take(&mut *self.seen.0.lock().unwrap());
        fields.into_iter().filter(|(name, _)| name == "reason").map(|(_, value)| value).collect()
    }

    /// Everything since the last call: messages and the values of all fields.
    pub(crate) fn take_all(&self) -> Vec<String> {
        let fields = std::mem::take(&mut *self.seen.0.lock().unwrap());
        fields.into_iter().map(|(_, value)| value).collect()
    }
}

impl<S: Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Fields(self));
    }
}

struct Fields<'s>(&'s Seen);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.0.lock().unwrap().push((field.name().to_owned(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
