use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use super::retry_after::retry_after;
use crate::{
    base::{HeaderError, Limits, header},
    dispatch::{Batch, Delivery, Outcome},
    failure::TransportError,
    notification::Encoded,
    signature::{Message, SignError, Signer},
    webhook::{Framing, Webhook},
};

/// An error of building the request of a delivery. The delivery ends with it: another attempt would
/// most likely fail in the same way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidRequest {
    /// The notification's kind or id is not a valid header value.
    #[error(
        "the notification's kind or id is not a valid header value; do not send it in a header"
    )]
    Value(#[source] HeaderError),
    /// A signer returned an error.
    #[error("a signer failed")]
    Signer(#[from] SignError),
    /// A signer set a header that only the transport may set.
    #[error("a signer set the header {name}, which only the transport may set; fix the signer")]
    Reserved { name: HeaderName },
    /// A signer set a header that the request has already.
    #[error("a signer set the header {name}, which the request has already; use another name")]
    DuplicateHeader { name: HeaderName },
    /// The headers of the delivery, its notification and its signers are larger than
    /// [`Limits::max_header_bytes`] allows. The webhook's own headers are not among them.
    #[error(
        "the headers of the delivery and its signers take {bytes} bytes; at most {limit} are \
         allowed; shorten them or raise max_header_bytes"
    )]
    TooLarge { bytes: usize, limit: usize },
    /// The request has more headers than a [`HeaderMap`] can hold: tens of thousands.
    #[error("the request has too many headers; its signers must set fewer")]
    TooMany,
}

/// Builds the complete request of an attempt: with its body, its headers and its signatures.
///
/// All attempts of a delivery have the same body and the same delivery id, as long as the webhook
/// is not updated. Only signatures differ, if they cover the time. `wall` is called only if the
/// webhook has signers: a notifier reads its clock in it.
pub(crate) fn build_request(
    delivery: &Delivery<Webhook>,
    limits: &Limits,
    wall: impl FnOnce() -> SystemTime,
) -> Result<Request<Bytes>, TransportError> {
    let body = frame(delivery.batch(), delivery.endpoint().framing());
    let headers =
        headers(delivery, &body, limits, wall).map_err(TransportError::invalid_request)?;
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = delivery.endpoint().url().clone();
    *request.headers_mut() = headers;
    Ok(request)
}

/// Returns the outcome of an attempt that brought a response.
///
/// `wall` is the time of the response. It is called only if `Retry-After` is a date and the
/// response has no `Date` of its own.
pub(crate) fn response_outcome(
    status: StatusCode,
    headers: &HeaderMap,
    wall: impl FnOnce() -> SystemTime,
) -> Outcome {
    Outcome::Response { status, retry_after: retry_after(headers, wall) }
}

/// Returns the body of a request: a JSON array of the notifications, or a single notification by
/// itself.
///
/// A batch of several notifications meets [`Framing::Object`] only if the webhook was changed to it
/// while the batch was under way. The batch is sent as an array, as in its earlier attempts.
fn frame(batch: &Batch, framing: Framing) -> Bytes {
    match (framing, batch.items()) {
        // A clone of `Bytes` shares the memory.
        (Framing::Object, [one]) => one.body().clone(),
        (Framing::Array | Framing::Object, items) => {
            // This is the exact size: a bracket or a comma before each text, and a bracket after
            // the last one.
            let mut body = Vec::with_capacity(batch.bytes() + items.len() + 1);
            for (at, item) in items.iter().enumerate() {
                body.push(if at == 0 { b'[' } else { b',' });
                body.extend_from_slice(item.body());
            }
            body.push(b']');
            body.into()
        }
    }
}

/// Returns the headers of a request: the signatures, the headers of the delivery and its
/// notification, and the webhook's own.
fn headers(
    delivery: &Delivery<Webhook>,
    body: &Bytes,
    limits: &Limits,
    wall: impl FnOnce() -> SystemTime,
) -> Result<HeaderMap, InvalidRequest> {
    let webhook = delivery.endpoint();
    // A clone of the webhook's headers would have to grow, here and in the client, which adds its
    // own. The 3 are the delivery's id and the notification's kind and id.
    let capacity = webhook.headers().len() + webhook.signers().len() + 3;
    let mut headers = HeaderMap::try_with_capacity(capacity).unwrap_or_default();
    // Signers go first, so that adding a header of the request fails if a signer has set it.
    if !webhook.signers().is_empty() {
        let id = delivery.id().to_text();
        let message = Message::new(body, &id, wall());
        webhook.signers().iter().try_for_each(|signer| sign(&**signer, &message, &mut headers))?;
    }
    if let Some(name) = webhook.delivery_id_header() {
        let id = delivery.id().to_text();
        let value = HeaderValue::try_from(id).expect("hex digits and a dash are visible ASCII");
        insert(name, value, &mut headers)?;
    }
    // A batch of several was cut before the webhook was changed to send these headers: see `frame`.
    if let [one] = delivery.batch().items() {
        describe(one, webhook, &mut headers)?;
    }
    // The webhook's own headers are not counted: they were checked when it was registered.
    let (bytes, limit) = (header::bytes(&headers), limits.max_header_bytes());
    if bytes > limit {
        return Err(InvalidRequest::TooLarge { bytes, limit });
    }
    for (name, value) in webhook.headers() {
        insert(name, value.clone(), &mut headers)?;
    }
    Ok(headers)
}

/// Adds the headers of one signer. Fails if one is reserved, or was set by another signer.
fn sign(
    signer: &dyn Signer,
    message: &Message<'_>,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    if headers.is_empty() {
        // The common case of one signer: it writes into the request's map directly.
        signer.sign(message, headers)?;
        return check(headers);
    }
    // A map of its own, since a signer may overwrite or remove what it finds.
    let mut signature = HeaderMap::new();
    signer.sign(message, &mut signature)?;
    check(&signature)?;
    if let Some(name) = signature.keys().find(|name| headers.contains_key(*name)) {
        return Err(InvalidRequest::DuplicateHeader { name: name.clone() });
    }
    merge(signature, headers)
}

/// Fails if a signature has a header that only the transport may set.
fn check(signature: &HeaderMap) -> Result<(), InvalidRequest> {
    match signature.keys().find(|name| header::is_reserved(name)) {
        Some(name) => Err(InvalidRequest::Reserved { name: name.clone() }),
        None => Ok(()),
    }
}

/// Adds the headers of the notification's kind and id, if the webhook sends them.
fn describe(
    one: &Encoded,
    webhook: &Webhook,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    let kind = webhook.kind_header().map(|name| (name, one.kind()));
    let id = webhook.id_header().map(|name| (name, one.id()));
    for (name, text) in kind.into_iter().chain(id) {
        insert(name, header::value(name, text).map_err(InvalidRequest::Value)?, headers)?;
    }
    Ok(())
}

/// Adds a header. Fails if the request has it already.
///
/// The header that is there can only be a signer's: the registry refuses webhooks that set a name
/// twice.
fn insert(
    name: &HeaderName,
    value: HeaderValue,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    match headers.try_insert(name.clone(), value) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(InvalidRequest::DuplicateHeader { name: name.clone() }),
        Err(_) => Err(InvalidRequest::TooMany),
    }
}

/// Moves all headers of one map into another, which has none of their names.
fn merge(from: HeaderMap, into: &mut HeaderMap) -> Result<(), InvalidRequest> {
    let mut last = None;
    for (name, value) in from {
        // The iterator yields a name only with the first of its values.
        last = name.or(last);
        if let Some(name) = &last {
            into.try_append(name.clone(), value).map_err(|_| InvalidRequest::TooMany)?;
        }
    }
    Ok(())
}
