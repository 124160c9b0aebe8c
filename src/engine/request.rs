use std::time::SystemTime;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header::CONTENT_ENCODING,
};

use super::retry_after::retry_after;
#[cfg(feature = "gzip")]
use crate::base::gzip;
use crate::{
    base::{Limits, header, percent::percent_encoded},
    dispatch::{Batch, Delivery, Outcome},
    failure::TransportError,
    notification::Encoded,
    signature::{Message, SignError, Signer},
    webhook::{Framing, HeaderFallback, Webhook},
};

/// An error that occurred while the request of a delivery was being built. It ends the delivery,
/// because another attempt would most likely fail in the same way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidRequest {
    /// A signer returned an error.
    #[error("a signer failed")]
    Signer(#[from] SignError),
    /// A signer set a header that only the transport may set.
    #[error("a signer set the header {name}, which only the transport may set; fix the signer")]
    Reserved { name: HeaderName },
    /// A signer set a header that the request already has.
    #[error("a signer set the header {name}, which the request has already; use another name")]
    DuplicateHeader { name: HeaderName },
    /// The headers of the delivery, its notification and its signers exceed
    /// [`Limits::max_header_bytes`]. The webhook's own headers are not included.
    #[error(
        "the headers of the delivery and its signers take {bytes} bytes; at most {limit} are \
         allowed; shorten them or raise max_header_bytes"
    )]
    TooLarge { bytes: usize, limit: usize },
    /// The request has more headers than a [`HeaderMap`] can hold. The limit is in the tens of
    /// thousands.
    #[error("the request has too many headers; its signers must set fewer")]
    TooMany,
}

/// Builds the complete request of an attempt, including its body, headers and signatures.
///
/// As long as the webhook is not updated, all attempts of a delivery have the same body and the
/// same delivery id. Only signatures that cover the time differ. `wall` is called only if the
/// webhook has signers, because a notifier reads its clock in `wall`.
pub(crate) fn build_request(
    delivery: &Delivery<Webhook>,
    limits: &Limits,
    wall: impl FnOnce() -> SystemTime,
) -> Result<Request<Bytes>, TransportError> {
    let (body, is_compressed) = body(delivery);
    let mut headers =
        headers(delivery, &body, limits, wall).map_err(TransportError::invalid_request)?;
    if is_compressed {
        insert(&CONTENT_ENCODING, HeaderValue::from_static("gzip"), &mut headers)
            .map_err(TransportError::invalid_request)?;
    }
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = delivery.endpoint().url().clone();
    *request.headers_mut() = headers;
    *request.extensions_mut() = delivery.endpoint().extensions().clone();
    if let Some(case) = delivery.endpoint().header_case() {
        request.extensions_mut().insert(case);
    }
    Ok(request)
}

/// Returns the outcome of an attempt that received a response.
///
/// `wall` returns the time of the response. It is called only if `Retry-After` is a date and the
/// response has no valid `Date` header.
pub(crate) fn response_outcome(
    status: StatusCode,
    headers: &HeaderMap,
    wall: impl FnOnce() -> SystemTime,
) -> Outcome {
    Outcome::Response { status, retry_after: retry_after(headers, wall) }
}

/// Returns the body of a request and whether it is compressed.
fn body(delivery: &Delivery<Webhook>) -> (Bytes, bool) {
    let framed = frame(delivery.batch(), delivery.endpoint().framing());
    #[cfg(feature = "gzip")]
    if delivery.endpoint().profile().gzip_above().is_some_and(|bytes| framed.len() > bytes)
        && let Some(compressed) = gzip::gzip(&framed)
    {
        return (compressed, true);
    }
    (framed, false)
}

/// Returns the framed notifications of a request: either a JSON array of the notifications, or a single
/// notification by itself.
///
/// A batch of several notifications can have [`Framing::Object`] only if the webhook was changed to
/// that framing during the delivery. The batch is then sent as an array, as in its earlier
/// attempts.
fn frame(batch: &Batch, framing: Framing) -> Bytes {
    match (framing, batch.items()) {
        // A clone of `Bytes` shares the memory.
        (Framing::Object, [one]) => one.body().clone(),
        (Framing::Array | Framing::Object, items) => {
            // The capacity is exact. There is a bracket or a comma before each item and a bracket
            // after the last one.
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
/// notification, and the webhook's own headers.
fn headers(
    delivery: &Delivery<Webhook>,
    body: &Bytes,
    limits: &Limits,
    wall: impl FnOnce() -> SystemTime,
) -> Result<HeaderMap, InvalidRequest> {
    let webhook = delivery.endpoint();
    // A clone of the webhook's headers would have to grow here, and again in the client, which adds
    // its own headers. The 3 stands for the delivery id and the notification's kind and id.
    let capacity = webhook.headers().len() + webhook.signers().len() + 3;
    let mut headers = HeaderMap::try_with_capacity(capacity).unwrap_or_default();
    // The signers run first. If a signer has set one of the request's headers, adding that header
    // later fails.
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
    // A batch of several notifications can only have been formed before the webhook was changed to
    // send these headers. See `frame`.
    if let [one] = delivery.batch().items() {
        describe(one, webhook, &mut headers)?;
    }
    // The webhook's own headers are not counted, because they were checked when it was registered.
    let (bytes, limit) = (header::bytes(&headers), limits.max_header_bytes());
    if bytes > limit {
        return Err(InvalidRequest::TooLarge { bytes, limit });
    }
    for (name, value) in webhook.headers() {
        insert(name, value.clone(), &mut headers)?;
    }
    Ok(headers)
}

/// Adds the headers of one signer. Fails if a header is reserved or was already set by another
/// signer.
fn sign(
    signer: &dyn Signer,
    message: &Message<'_>,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    if headers.is_empty() {
        // In the common case of a single signer, the signer writes directly into the request's map.
        signer.sign(message, headers)?;
        return check(headers);
    }
    // This signer gets its own map, because a signer may overwrite or remove the headers that it
    // finds.
    let mut signature = HeaderMap::new();
    signer.sign(message, &mut signature)?;
    check(&signature)?;
    if let Some(name) = signature.keys().find(|name| headers.contains_key(*name)) {
        return Err(InvalidRequest::DuplicateHeader { name: name.clone() });
    }
    merge(signature, headers)
}

/// Fails if a signature contains a header that only the transport may set.
fn check(signature: &HeaderMap) -> Result<(), InvalidRequest> {
    match signature.keys().find(|name| header::is_reserved(name)) {
        Some(name) => Err(InvalidRequest::Reserved { name: name.clone() }),
        None => Ok(()),
    }
}

/// Adds the headers for the notification's kind and id if the webhook sends them.
fn describe(
    one: &Encoded,
    webhook: &Webhook,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    let kind = webhook.kind_header().map(|name| (name, one.kind()));
    let id = webhook.id_header().map(|name| (name, one.id()));
    for (name, text) in kind.into_iter().chain(id) {
        let value = match (header::value(name, text), webhook.profile().header_fallback()) {
            (Ok(value), _) => Some(value),
            (Err(_), HeaderFallback::Encode) => header::value(name, &percent_encoded(text)).ok(),
            (Err(_), HeaderFallback::Omit) => None,
        };
        if let Some(value) = value {
            insert(name, value, headers)?;
        }
    }
    Ok(())
}

/// Adds a header. Fails if the request already has it.
///
/// An existing header can only have been set by a signer, because the registry refuses webhooks
/// that set a name twice.
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

/// Moves all headers of `from` into `into`, which must not contain a header with any of the same
/// names.
fn merge(from: HeaderMap, into: &mut HeaderMap) -> Result<(), InvalidRequest> {
    let mut last = None;
    for (name, value) in from {
        // The iterator yields each name only once, with its first value.
        last = name.or(last);
        if let Some(name) = &last {
            into.try_append(name.clone(), value).map_err(|_| InvalidRequest::TooMany)?;
        }
    }
    Ok(())
}
