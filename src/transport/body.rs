use std::{
    fmt,
    future::poll_fn,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};

use super::TransportError;

/// The body of a response: empty, complete, or still arriving.
///
/// The crate ignores the content of a body. It reads the body until the body ends or exceeds
/// [`Limits::max_response_bytes`](crate::Limits::max_response_bytes), so that the connection can
/// serve the next request. If the body breaks off, the connection cannot be used again, but the
/// response counts nevertheless. A transport uses `into` to create a `Body` from `()`, bytes or a string.
/// For a body that is still arriving, it uses [`stream`](Self::stream).
///
/// `Body` is a [`Stream`] of its chunks.
///
/// ```
/// use recohook::transport::Body;
///
/// let body = Body::from("accepted");
/// let drained = futures::executor::block_on(body.drain(1024))?;
/// assert_eq!((drained.bytes(), drained.is_complete()), (8, true));
/// # Ok::<(), recohook::transport::TransportError>(())
/// ```
pub struct Body(BodySource);

enum BodySource {
    Empty,
    Whole(Bytes),
    Stream(BoxStream<'static, Result<Bytes, TransportError>>),
}

impl Body {
    /// Creates a body without bytes.
    ///
    /// A transport may return an empty body for any response, because the status and the headers
    /// alone decide what happens to the batch.
    ///
    /// ```
    /// use recohook::transport::Body;
    ///
    /// let drained = futures::executor::block_on(Body::empty().drain(0))?;
    /// assert_eq!((drained.bytes(), drained.is_complete()), (0, true));
    /// # Ok::<(), recohook::transport::TransportError>(())
    /// ```
    pub fn empty() -> Self {
        Self(BodySource::Empty)
    }

    /// Creates a body whose bytes arrive in chunks.
    ///
    /// The body breaks off if the stream returns an error.
    ///
    /// ```
    /// use futures::stream;
    /// use recohook::{FailureKind, bytes::Bytes, transport::Body};
    ///
    /// let chunks = [Ok(Bytes::from("half of")), Err(FailureKind::Interrupted.into())];
    /// let body = Body::stream(stream::iter(chunks));
    /// let error = futures::executor::block_on(body.drain(1024)).unwrap_err();
    /// assert_eq!(error.kind(), FailureKind::Interrupted);
    /// ```
    pub fn stream(
        chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self(BodySource::Stream(chunks.boxed()))
    }

    /// Reads and discards the body until it ends or exceeds `limit` bytes.
    ///
    /// Drivers call it for each response, with
    /// [`Limits::max_response_bytes`](crate::Limits::max_response_bytes). It holds one chunk at a
    /// time, so a receiver that sends gigabytes costs no memory. If the body is longer than the
    /// limit, the rest is dropped unread, and most clients then close the connection.
    ///
    /// A body whose next chunk is always ready does not monopolise its executor: the future yields
    /// every 64 chunks.
    ///
    /// # Errors
    /// Returns the stream's error if the body breaks off before it has ended or exceeded `limit`
    /// bytes.
    ///
    /// # Cancel safety
    /// Dropping the future drops the body, including the part that has not been read.
    ///
    /// ```
    /// use recohook::transport::Body;
    ///
    /// let body = Body::from(vec![0; 5000]);
    /// let drained = futures::executor::block_on(body.drain(1024))?;
    /// assert_eq!((drained.bytes(), drained.is_complete()), (1024, false));
    /// # Ok::<(), recohook::transport::TransportError>(())
    /// ```
    pub async fn drain(mut self, limit: usize) -> Result<Drained, TransportError> {
        let (mut bytes, mut chunks) = (0_usize, 0_usize);
        while let Some(chunk) = self.next().await {
            bytes = bytes.saturating_add(chunk?.len());
            if bytes > limit {
                return Ok(Drained { bytes: limit, complete: false });
            }
            // This counts chunks rather than bytes. Empty chunks never add up to the limit, and
            // without the yield no timeout could end an endless body of empty chunks.
            chunks += 1;
            if chunks.is_multiple_of(CHUNKS_PER_POLL) {
                yield_now().await;
            }
        }
        Ok(Drained { bytes, complete: true })
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(BodySource::Whole(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let BodySource::Stream(chunks) = &mut self.0 {
            return chunks.poll_next_unpin(context);
        }
        // Bytes that are already complete form a single chunk. After that chunk, the body is empty.
        Poll::Ready(match mem::replace(&mut self.0, BodySource::Empty) {
            BodySource::Whole(bytes) => Some(Ok(bytes)),
            BodySource::Empty | BodySource::Stream(_) => None,
        })
    }
}

/// The bytes are left out, because a receiver may echo the notification.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodySource::Empty => f.write_str("Body(empty)"),
            BodySource::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            BodySource::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

/// The result of [`Body::drain`]. It states how many bytes were read and whether the body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    bytes: usize,
    complete: bool,
}

impl Drained {
    /// Returns the number of bytes read. It never exceeds the limit.
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// Returns whether the body ended within the limit. This includes a body of exactly `limit`
    /// bytes.
    ///
    /// ```
    /// use recohook::transport::Body;
    ///
    /// let drain = |limit| futures::executor::block_on(Body::from("abc").drain(limit));
    /// assert!(drain(3)?.is_complete());
    /// assert!(!drain(2)?.is_complete());
    /// # Ok::<(), recohook::transport::TransportError>(())
    /// ```
    pub fn is_complete(self) -> bool {
        self.complete
    }
}

/// The number of chunks that are read before other tasks of the executor can run. The docs of
/// [`Body::drain`] state this number.
const CHUNKS_PER_POLL: usize = 64;

/// Lets the executor run other tasks once.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, stream};

    use super::*;
    use crate::failure::FailureKind;

    fn chunks(
        sizes: &'static [usize],
    ) -> impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static {
        stream::iter(sizes).map(|&size| Ok(Bytes::from(vec![0; size])))
    }

    fn drain(body: Body, limit: usize) -> (usize, bool) {
        let drained = block_on(body.drain(limit)).unwrap();
        (drained.bytes(), drained.is_complete())
    }

    #[test]
    fn a_body_is_complete_up_to_and_including_the_limit() {
        assert_eq!(drain(Body::empty(), 0), (0, true));
        assert_eq!(drain(().into(), 0), (0, true));
        assert_eq!(drain(vec![1, 2, 3].into(), 3), (3, true));
        assert_eq!(drain("abc".into(), 2), (2, false));
        assert_eq!(drain(Body::stream(chunks(&[4, 0, 4])), 8), (8, true));
        assert_eq!(drain(Body::stream(chunks(&[4, 4, 1])), 8), (8, false));
    }

    #[test]
    fn an_endless_body_is_left_at_the_limit() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[0; 1000])));
        assert_eq!(drain(Body::stream(endless), 64_500), (64_500, false));
    }

    #[test]
    fn a_body_that_breaks_off_is_an_error_only_within_the_limit() {
        let broken = || {
            let end = stream::iter([Err(FailureKind::Interrupted.into())]);
            Body::stream(chunks(&[4, 4]).chain(end))
        };
        let error = block_on(broken().drain(8)).unwrap_err();
        assert_eq!(error.kind(), FailureKind::Interrupted);
        assert_eq!(drain(broken(), 7), (7, false));
    }
}
