//! Bodies that do not end as they should.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Interval, MissedTickBehavior, interval};

const TRICKLE_EVERY: Duration = Duration::from_millis(20);
const TRICKLE_BYTES: usize = 6_000;
const ENDLESS_CHUNK: Bytes = Bytes::from_static(&[b' '; 16 * 1024]);
const ENDLESS_CHUNKS: usize = 4 * 1024;

/// The body of one answer on loopback.
pub(super) enum WireBody {
    Whole(Bytes),
    /// Sent as it is though its length was announced otherwise, then the connection ends.
    Partial(Bytes),
    Trickle {
        interval: Interval,
        rest: Bytes,
    },
    Endless {
        chunks: usize,
    },
    Cut,
}

/// Why a body ends before its end; hyper then ends the connection.
#[derive(Debug)]
pub(super) struct Cut;

impl WireBody {
    /// Announced as longer than it will ever get, so that the client cannot take it for complete.
    pub(super) fn trickle(body: Bytes) -> Self {
        let mut rest = body.to_vec();
        rest.resize(TRICKLE_BYTES, b' ');
        let mut interval = interval(TRICKLE_EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self::Trickle { interval, rest: Bytes::from(rest) }
    }

    pub(super) fn endless() -> Self {
        Self::Endless { chunks: ENDLESS_CHUNKS }
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        match self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Self::Partial(bytes) if bytes.is_empty() => self.cut(cx),
            Self::Partial(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Self::Trickle { rest, .. } if !rest.has_remaining() => self.cut(cx),
            Self::Trickle { interval, rest } => {
                ready!(interval.poll_tick(cx));
                Poll::Ready(Some(Ok(rest.split_to(1))))
            }
            Self::Endless { chunks: 0 } => self.cut(cx),
            Self::Endless { chunks } => {
                *chunks -= 1;
                Poll::Ready(Some(Ok(ENDLESS_CHUNK)))
            }
            Self::Cut => Poll::Ready(Some(Err(Cut))),
        }
    }

    /// Fails at the next poll: hyper sends what it has while a body is pending, and drops it when a body fails.
    fn cut<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        *self = Self::Cut;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        self.next(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was scripted to end here")
    }
}

impl std::error::Error for Cut {}
