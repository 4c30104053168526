//! What the whole process logs, as it was handed to `tracing`.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Records every event and span of this thread at every level, until dropped.
///
/// The values are recorded as the library passes them: no formatter has escaped anything yet.
#[derive(Debug)]
pub struct LogCapture {
    lines: Lines,
    _guard: DefaultGuard,
}

impl LogCapture {
    #[allow(clippy::new_without_default, reason = "a capture is begun on purpose")]
    pub fn begin() -> Self {
        // With a single dispatcher in the process, `tracing` asks the thread that happens to meet a callsite first
        // whether anybody listens, and remembers its answer for all threads.
        static SECOND: OnceLock<Dispatch> = OnceLock::new();
        SECOND.get_or_init(|| Dispatch::new(Registry::default().with(Lines::default())));
        let lines = Lines::default();
        let dispatch = Dispatch::new(Registry::default().with(lines.clone()));
        Self { lines, _guard: dispatcher::set_default(&dispatch) }
    }

    /// One line for each event and span so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[track_caller]
    pub fn assert_without(&self, what: &str, canaries: &[&str]) {
        for line in self.lines() {
            for canary in canaries {
                assert!(!line.contains(canary), "{what}: {canary} is logged: {line}");
            }
        }
    }

    /// No value can begin a line or steer a terminal.
    #[track_caller]
    pub fn assert_printable(&self, what: &str) {
        for line in self.lines() {
            assert!(!line.contains(char::is_control), "{what}: {line:?}");
        }
    }

    pub fn contains(&self, text: &str) -> bool {
        self.lines().iter().any(|line| line.contains(text))
    }
}

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn push(&self, line: Line) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut line = Line(format!("{} {}", attributes.metadata().target(), attributes.metadata().name()));
        attributes.record(&mut line);
        self.push(line);
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        self.push(line);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.push(line);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}
