use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::StatusCode;

use crate::{
    failure::FailureKind,
    transport::{Body, TransportError},
};

/// What a [`ScriptedTransport`](super::ScriptedTransport) does with one request.
///
/// ```
/// use recohook::http::{Response, header::RETRY_AFTER};
/// use recohook::testing::{Reply, ReplyBody};
/// use std::time::Duration;
///
/// let busy = Response::builder().status(503).header(RETRY_AFTER, "120").body("busy")?;
/// let busy = Reply::response(busy).with_delay(Duration::from_millis(30));
///
/// let gigabytes = Reply::response(Response::new(ReplyBody::from("[").then_endless()));
/// # let _ = (busy, gigabytes);
/// # Ok::<(), recohook::http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) delay: Duration,
    pub(super) action: ReplyAction,
}

#[derive(Clone, Debug)]
pub(super) enum ReplyAction {
    Respond(http::Response<ReplyBody>),
    Fail(FailureKind),
    Panic,
    Hang,
}

impl Reply {
    /// A response with this status and nothing else.
    pub fn status(status: StatusCode) -> Self {
        let mut response = http::Response::new(ReplyBody::default());
        *response.status_mut() = status;
        Self::from(ReplyAction::Respond(response))
    }

    /// This response.
    pub fn response(response: http::Response<impl Into<ReplyBody>>) -> Self {
        Self::from(ReplyAction::Respond(response.map(Into::into)))
    }

    /// No response but an error of this kind.
    pub fn failure(kind: FailureKind) -> Self {
        Self::from(ReplyAction::Fail(kind))
    }

    /// A panic inside the transport.
    pub fn panic() -> Self {
        Self::from(ReplyAction::Panic)
    }

    /// Nothing, for ever.
    pub fn hang() -> Self {
        Self::from(ReplyAction::Hang)
    }

    /// Lets the clock move by `delay` first.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl From<ReplyAction> for Reply {
    fn from(action: ReplyAction) -> Self {
        Self { delay: Duration::ZERO, action }
    }
}

/// The body of a scripted response: some bytes, and how it goes on after them.
#[derive(Clone, Debug, Default)]
pub struct ReplyBody {
    bytes: Bytes,
    end: BodyEnd,
}

#[derive(Clone, Copy, Debug, Default)]
enum BodyEnd {
    #[default]
    Complete,
    Endless,
    Stalled,
    Broken(FailureKind),
}

impl ReplyBody {
    /// Zeroes without end.
    #[must_use]
    pub fn then_endless(mut self) -> Self {
        self.end = BodyEnd::Endless;
        self
    }

    /// Nothing more, and no end.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.end = BodyEnd::Stalled;
        self
    }

    /// An error of this kind.
    #[must_use]
    pub fn then_fail(mut self, kind: FailureKind) -> Self {
        self.end = BodyEnd::Broken(kind);
        self
    }

    fn followed_by(
        self,
        end: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Body {
        Body::stream(stream::iter([Ok(self.bytes)]).chain(end))
    }
}

impl<T: Into<Bytes>> From<T> for ReplyBody {
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.into(), end: BodyEnd::Complete }
    }
}

impl From<ReplyBody> for Body {
    fn from(body: ReplyBody) -> Self {
        match body.end {
            BodyEnd::Complete => body.bytes.into(),
            BodyEnd::Endless => {
                body.followed_by(stream::repeat_with(|| Ok(Bytes::from_static(&[0; 8192]))))
            }
            BodyEnd::Stalled => body.followed_by(stream::pending()),
            BodyEnd::Broken(kind) => body.followed_by(stream::iter([Err(kind.into())])),
        }
    }
}
