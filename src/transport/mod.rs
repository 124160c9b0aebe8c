//! What sends the finished requests: a [`Transport`] of the host's choice.
//!
//! `HyperTransport` (feature `hyper`) is one that is ready to use.
//!
//! A transport wraps the HTTP client that the host already has:
//!
//! ```
//! use recohook::{async_trait, bytes::Bytes, http};
//! use recohook::transport::{Body, Context, Transport, TransportError};
//!
//! /// Accepts everything and sends nothing.
//! struct Sink;
//!
//! #[async_trait]
//! impl Transport for Sink {
//!     async fn send(
//!         &self,
//!         _request: http::Request<Bytes>,
//!         _context: &Context,
//!     ) -> Result<http::Response<Body>, TransportError> {
//!         Ok(http::Response::new(Body::empty()))
//!     }
//! }
//! ```

mod body;
#[cfg(feature = "hyper")]
mod hyper;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::base::DeliveryId;

pub use crate::failure::TransportError;
pub use body::{Body, Drained};
/// What [`HyperTransportBuilder::with_tls_config`] takes its configuration from.
#[cfg(feature = "rustls")]
pub use rustls;

#[cfg(feature = "hyper")]
pub use self::hyper::{HyperTransport, HyperTransportBuilder};

/// Sends one request and gives back the response. Nothing else: retries, timeouts, success and
/// signatures are decided before and after it.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request`.
    ///
    /// The driver bounds the whole call and the reading of the body by the delivery's timeout:
    /// it drops the future at that time. Redirects must not be followed.
    ///
    /// # Errors
    /// Where no response came: the failure's kind goes into the report and the attempt is retried
    /// by the webhook's policy.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        (**self).send(request, context).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        (**self).send(request, context).await
    }
}

/// What a transport may want to know of the attempt besides its request.
#[derive(Clone, Debug)]
pub struct Context {
    webhook: Arc<str>,
    delivery: DeliveryId,
    attempt: u32,
    timeout: Duration,
}

impl Context {
    /// The context of attempt number `attempt`, counted from 1. Drivers make it; it is public
    /// for tests of transports.
    pub fn new(
        webhook: impl Into<Arc<str>>,
        delivery: DeliveryId,
        attempt: u32,
        timeout: Duration,
    ) -> Self {
        Self { webhook: webhook.into(), delivery, attempt, timeout }
    }

    /// The id of the webhook.
    pub fn webhook(&self) -> &str {
        &self.webhook
    }

    /// The id of the delivery, the same in all its attempts: for logs, and as a key by which
    /// whatever stands behind the transport knows a repeated delivery.
    pub fn delivery(&self) -> DeliveryId {
        self.delivery
    }

    /// The number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time left for the response and its body. The driver enforces it; a transport may give
    /// it to its client to free resources early.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}
