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

/// The body of a response: empty, whole, or still arriving.
///
/// It is the stream of its own chunks.
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
    /// No bytes.
    pub fn empty() -> Self {
        Self(BodySource::Empty)
    }

    /// A body that arrives in chunks.
    pub fn stream(
        chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self(BodySource::Stream(chunks.boxed()))
    }

    /// Reads the body to its end, or until more than `limit` bytes have come, and keeps nothing of
    /// it: a receiver that sends gigabytes costs no memory. What is unread is dropped, and with
    /// most clients the connection too.
    ///
    /// Drivers read each response with it, so that a connection can serve the next request. A body
    /// that always has more lets others on the executor have their turn in between.
    ///
    /// # Errors
    /// The stream's own, where the body breaks off within the limit.
    pub async fn drain(mut self, limit: usize) -> Result<Drained, TransportError> {
        let (mut bytes, mut chunks) = (0_usize, 0_usize);
        while let Some(chunk) = self.next().await {
            bytes = bytes.saturating_add(chunk?.len());
            if bytes > limit {
                return Ok(Drained { bytes: limit, complete: false });
            }
            chunks += 1;
            if chunks.is_multiple_of(CHUNKS_PER_POLL) {
                // Chunks may be empty: without this, nothing would ever end such a body.
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
        Poll::Ready(match mem::replace(&mut self.0, BodySource::Empty) {
            BodySource::Whole(bytes) => Some(Ok(bytes)),
            BodySource::Empty | BodySource::Stream(_) => None,
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodySource::Empty => f.write_str("Body(empty)"),
            BodySource::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            BodySource::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

/// How a response's body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    bytes: usize,
    complete: bool,
}

impl Drained {
    /// Bytes read, at most the limit.
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// Whether the body ended within the limit.
    pub fn is_complete(self) -> bool {
        self.complete
    }
}

/// How many chunks are read in one go.
const CHUNKS_PER_POLL: usize = 64;

/// Is ready when it is polled again, which it asks for at once.
async fn yield_now() {
    let mut asked = false;
    poll_fn(|context| {
        if mem::replace(&mut asked, true) {
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
