use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::StatusCode;

use crate::{
    failure::FailureKind,
    transport::{Body, TransportError},
};

/// The reaction of a [`ScriptedTransport`](super::ScriptedTransport) to a request. It is a
/// response, an error, a panic, or no reply at all.
///
/// ```
/// use recohook::http::{Response, header::RETRY_AFTER};
/// use recohook::testing::{Reply, ReplyBody};
/// use std::time::Duration;
///
/// // Replies after 30 milliseconds and asks the sender to wait for two minutes.
/// let busy = Response::builder().status(503).header(RETRY_AFTER, "120").body("busy")?;
/// let busy = Reply::response(busy).with_delay(Duration::from_millis(30));
///
/// // Replies with a body that never ends.
/// let endless = Reply::response(Response::new(ReplyBody::from("[").then_endless()));
/// # drop((busy, endless));
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
    /// Creates a reply with this status and neither headers nor a body.
    pub fn status(status: StatusCode) -> Self {
        let mut response = http::Response::new(ReplyBody::default());
        *response.status_mut() = status;
        Self::from(ReplyAction::Respond(response))
    }

    /// Creates a reply with this response.
    ///
    /// The body can be a [`ReplyBody`] or anything that converts into [`Bytes`].
    pub fn response(response: http::Response<impl Into<ReplyBody>>) -> Self {
        Self::from(ReplyAction::Respond(response.map(Into::into)))
    }

    /// Creates a reply that is an error of this kind instead of a response.
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use recohook::FailureKind;
    /// use recohook::testing::{ManualClock, Reply, ScriptedTransport};
    /// use recohook::transport::{Context, Transport};
    /// use recohook::{DeliveryId, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    /// let transport = ScriptedTransport::new(ManualClock::new());
    /// transport.push(Reply::failure(FailureKind::Tls));
    /// let request = Request::new(Bytes::new());
    /// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
    /// let error = block_on(transport.send(request, &context)).unwrap_err();
    /// assert_eq!(error.kind(), FailureKind::Tls);
    /// ```
    pub fn failure(kind: FailureKind) -> Self {
        Self::from(ReplyAction::Fail(kind))
    }

    /// Creates a reply that makes the transport panic. A driver reports this as
    /// [`FailureKind::Panic`].
    pub fn panic() -> Self {
        Self::from(ReplyAction::Panic)
    }

    /// Creates a reply that never arrives, so that the attempt times out.
    pub fn hang() -> Self {
        Self::from(ReplyAction::Hang)
    }

    /// Delays the reply until the transport's clock has advanced by `delay`.
    ///
    /// A second call replaces the delay. By default, there is no delay.
    ///
    /// ```
    /// use futures::FutureExt;
    /// use recohook::http::StatusCode;
    /// use recohook::testing::{ManualClock, Reply, ScriptedTransport};
    /// use recohook::transport::{Context, Transport};
    /// use recohook::{DeliveryId, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    /// let clock = ManualClock::new();
    /// let transport = ScriptedTransport::new(clock.clone());
    /// transport.push(Reply::status(StatusCode::OK).with_delay(Duration::from_secs(3)));
    /// let request = Request::new(Bytes::new());
    /// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
    /// let mut sending = transport.send(request, &context);
    /// assert!((&mut sending).now_or_never().is_none());
    /// clock.advance(Duration::from_secs(3));
    /// assert!(sending.now_or_never().is_some());
    /// ```
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

/// The body of a scripted response. It consists of some bytes and an ending.
///
/// A body that is created from bytes ends after these bytes. Each of the methods below replaces
/// this ending.
///
/// ```
/// use futures::executor::block_on;
/// use recohook::FailureKind;
/// use recohook::testing::ReplyBody;
/// use recohook::transport::Body;
///
/// let drain = |body: ReplyBody| block_on(Body::from(body).drain(1000));
/// assert_eq!(drain(ReplyBody::from("[]"))?.bytes(), 2);
/// assert!(!drain(ReplyBody::from("[").then_endless())?.is_complete());
/// let broken = drain(ReplyBody::from("[").then_fail(FailureKind::Interrupted));
/// assert_eq!(broken.unwrap_err().kind(), FailureKind::Interrupted);
/// # Ok::<(), recohook::transport::TransportError>(())
/// ```
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
    /// Continues the body with an endless sequence of zero bytes. A driver stops reading when the
    /// body exceeds [`Limits::max_response_bytes`](crate::Limits::max_response_bytes). The outcome
    /// then depends on the status of the response.
    #[must_use]
    pub fn then_endless(mut self) -> Self {
        self.end = BodyEnd::Endless;
        self
    }

    /// Makes the body stall forever after its bytes, so that the attempt times out.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.end = BodyEnd::Stalled;
        self
    }

    /// Ends the body with an error of this kind, as if the connection had broken.
    #[must_use]
    pub fn then_fail(mut self, kind: FailureKind) -> Self {
        self.end = BodyEnd::Broken(kind);
        self
    }

    /// Returns a body that yields the bytes and then the frames of `end`.
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
