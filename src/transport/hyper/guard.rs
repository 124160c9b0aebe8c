//! A guard around the I/O of a connection. Whatever a receiver sends, it bounds what one poll and
//! one head can take.

use std::{
    borrow::Cow,
    io,
    mem::MaybeUninit,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    head::{HeadScanner, MAX_HELD_BYTES},
    spelled_head::SpelledHead,
};
use crate::{
    base::sync::{Guarded, LockOrder, Mutex},
    transport::HeaderCase,
};

/// The number of bytes that one poll of an exchange reads at most. Without this bound, hyper reads
/// and parses as long as bytes arrive, and no other task of the thread runs.
const BYTES_PER_POLL: usize = 64 * 1024;

/// The size of one read.
const READ_BYTES: usize = 8 * 1024;

/// What a short read counts, because each read costs time, however short it is.
const MIN_READ_COST: usize = 1024;

/// The I/O of a connection, for hyper.
#[derive(Debug)]
pub(super) struct GuardedIo<S> {
    io: S,
    exchange: Arc<Exchange>,
    scanner: HeadScanner,
    /// The head of the request, if names are spelled in a way that hyper cannot write.
    head: Option<SpelledHead>,
    /// The first error of a write. It counts only if no response arrives, because a receiver may
    /// answer before it has read the whole request, and then close the connection.
    write_error: Option<io::Error>,
}

/// What the guard and the exchange that uses it tell each other. The connection belongs to hyper,
/// so they cannot share it.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// How many bytes may still be read in this poll.
    allowance: AtomicUsize,
    /// Whether an exchange began since the last read.
    has_begun: AtomicBool,
    /// The number of bytes of the response that arrived, up to its body.
    received: AtomicUsize,
    /// The status of the response, or 0 if it has not been read.
    status: AtomicU16,
    is_lenient: AtomicBool,
    /// Whether `next_case` is set.
    has_next_case: AtomicBool,
    next_case: Mutex<NextCase>,
}

/// How the names are spelled in the next head that is written.
#[derive(Debug, Default)]
struct NextCase(Option<HeaderCase>);

impl Guarded for NextCase {
    const ORDER: LockOrder = LockOrder::HeaderCase;
}

impl Exchange {
    /// Begins an exchange. What arrives from now on is its response.
    pub(super) fn begin(&self, case: Option<&HeaderCase>) {
        if let Some(case) = case {
            self.next_case.lock().0 = Some(case.clone());
        }
        self.has_next_case.store(case.is_some(), Relaxed);
        self.received.store(0, Relaxed);
        self.status.store(0, Relaxed);
        self.has_begun.store(true, Relaxed);
    }

    /// Begins a poll, which may read a number of bytes.
    pub(super) fn begin_poll(&self) {
        self.allowance.store(BYTES_PER_POLL, Relaxed);
    }

    /// Returns whether any part of the response arrived.
    pub(super) fn has_received(&self) -> bool {
        self.received.load(Relaxed) > 0
    }

    /// Returns the status of the response if it was read, even if the head is not complete.
    pub(super) fn status(&self) -> Option<u16> {
        Some(self.status.load(Relaxed)).filter(|status| *status != 0)
    }

    /// Returns whether a head was read that only lenient clients accept.
    pub(super) fn is_lenient(&self) -> bool {
        self.is_lenient.load(Relaxed)
    }
}

impl<S> GuardedIo<S> {
    pub(super) fn new(io: S, exchange: Arc<Exchange>) -> Self {
        Self { io, exchange, scanner: HeadScanner::new(), head: None, write_error: None }
    }

    pub(super) fn into_inner(self) -> S {
        self.io
    }

    /// Looks at bytes that have arrived, and returns those that are passed on.
    fn inspect<'a>(&mut self, bytes: &'a [u8]) -> io::Result<Cow<'a, [u8]>> {
        if self.scanner.is_complete() {
            return Ok(Cow::Borrowed(bytes));
        }
        let exchange = &*self.exchange;
        exchange.received.store(exchange.received.load(Relaxed) + bytes.len(), Relaxed);
        let result = self.scanner.scan(bytes);
        exchange.status.store(self.scanner.status().unwrap_or(0), Relaxed);
        if self.scanner.is_lenient() {
            exchange.is_lenient.store(true, Relaxed);
        }
        result.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Returns what hyper is told about the end of the connection.
    fn end(&mut self, end: io::Result<()>) -> io::Result<()> {
        self.write_error.take().map_or(end, Err)
    }
}

impl<S: AsyncRead + Unpin> hyper::rt::Read for GuardedIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.exchange.has_begun.swap(false, Relaxed) {
            self.scanner = HeadScanner::new();
        }
        loop {
            let allowance = self.exchange.allowance.load(Relaxed);
            if allowance == 0 {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let mut bytes = [MaybeUninit::uninit(); READ_BYTES];
            // Some bytes may be passed on later than they are read.
            let most = READ_BYTES.min(buffer.remaining().saturating_sub(MAX_HELD_BYTES).max(1));
            let mut read = ReadBuf::uninit(&mut bytes[..most]);
            let result = ready!(Pin::new(&mut self.io).poll_read(context, &mut read));
            if result.is_err() || read.filled().is_empty() {
                return Poll::Ready(self.end(result));
            }
            let cost = read.filled().len().max(MIN_READ_COST);
            self.exchange.allowance.store(allowance.saturating_sub(cost), Relaxed);
            let passed = self.inspect(read.filled())?;
            // To hyper, no bytes mean the end of the connection.
            if !passed.is_empty() {
                buffer.put_slice(&passed);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> GuardedIo<S> {
    /// Writes bytes, and keeps the first error for later.
    fn write(
        &mut self,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.write_error.is_none() {
            match ready!(self.write_spelled(context, parts)) {
                Ok(0) => self.write_error = Some(io::ErrorKind::WriteZero.into()),
                Ok(written) => return Poll::Ready(Ok(written)),
                Err(error) => self.write_error = Some(error),
            }
        }
        // Nobody reads these bytes any more, but an answer may have arrived.
        Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()))
    }

    /// Writes bytes. The names in the head of a request are spelled as the request says.
    fn write_spelled(
        &mut self,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.exchange.has_next_case.load(Relaxed)
            && let Some(first) = parts.first()
            && SpelledHead::is_head(first)
        {
            self.exchange.has_next_case.store(false, Relaxed);
            let case = self.exchange.next_case.lock().0.take();
            self.head = case.and_then(|case| SpelledHead::new(first, &case));
        }
        let io = Pin::new(&mut self.io);
        let Some(head) = &mut self.head else { return io.poll_write_vectored(context, parts) };
        let written = ready!(io.poll_write_vectored(context, &head.replace_in(parts)))?;
        if head.is_finished_by(written) {
            self.head = None;
        }
        Poll::Ready(Ok(written))
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for GuardedIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.write_error.is_none()
            && let Err(error) = ready!(Pin::new(&mut self.io).poll_flush(context))
        {
            self.write_error = Some(error);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, parts)
    }
}
