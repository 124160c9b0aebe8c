//! What sends the finished requests: a [`Transport`] of the host's choice.

use async_trait::async_trait;
use bytes::Bytes;

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
