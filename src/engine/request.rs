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

/// Why no valid request can be made of a delivery, in this attempt or any other.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidRequest {
    /// The notification's kind or id cannot stand in its header.
    #[error("the notification's kind or id cannot stand in a header; send it in none")]
    Value(#[source] HeaderError),
    /// A signer failed.
    #[error("a signer failed")]
    Signer(#[from] SignError),
    /// A signer wrote a header that is the transport's business.
    #[error("a signer wrote the header {name}, which is set by the transport; mend the signer")]
    Reserved { name: HeaderName },
    /// A signer wrote a header that is there already.
    #[error("a signer wrote the header {name}, which is set already; give it a name of its own")]
    DuplicateHeader { name: HeaderName },
    /// What is added to the webhook's own headers is too much.
    #[error("the added headers take {bytes} bytes, at most {limit} are allowed; sign in fewer")]
    TooLarge { bytes: usize, limit: usize },
    /// There are tens of thousands of headers.
    #[error("there are too many headers; sign in fewer")]
    TooMany,
}

/// The finished request of one attempt: framed, with the webhook's headers, signed.
///
/// The same members frame to the same bytes in every attempt, under the same delivery id; only
/// what covers the time differs. `wall` is asked where that is signed.
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

/// What a response tells, when it came at `wall`, which few responses need to know.
pub(crate) fn response_outcome(
    status: StatusCode,
    headers: &HeaderMap,
    wall: impl FnOnce() -> SystemTime,
) -> Outcome {
    Outcome::Response { status, retry_after: retry_after(headers, wall) }
}

/// A single member as it is where the webhook wants that; else a JSON array of the members, each
/// copied once.
///
/// A batch of several under [`Framing::Object`] was cut before the webhook was changed to it, and
/// stays the array that it was.
fn frame(batch: &Batch, framing: Framing) -> Bytes {
    match (framing, batch.items()) {
        (Framing::Object, [one]) => one.body().clone(),
        (Framing::Array | Framing::Object, items) => {
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

/// The signatures, the headers of the delivery and its notification, and the webhook's own.
fn headers(
    delivery: &Delivery<Webhook>,
    body: &Bytes,
    limits: &Limits,
    wall: impl FnOnce() -> SystemTime,
) -> Result<HeaderMap, InvalidRequest> {
    let webhook = delivery.endpoint();
    // Clients add their own: a clone of the webhook's would leave no room for them.
    let most = webhook.headers().len() + webhook.signers().len() + 3;
    let mut headers = HeaderMap::try_with_capacity(most).unwrap_or_default();
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
    // Several were cut before these headers were asked for, see `frame`.
    if let [one] = delivery.batch().items() {
        describe(one, webhook, &mut headers)?;
    }
    let (bytes, limit) = (header::bytes(&headers), limits.max_header_bytes());
    if bytes > limit {
        return Err(InvalidRequest::TooLarge { bytes, limit });
    }
    for (name, value) in webhook.headers() {
        insert(name, value.clone(), &mut headers)?;
    }
    Ok(headers)
}

/// Adds a signature, whose headers must be its own.
fn sign(
    signer: &dyn Signer,
    message: &Message<'_>,
    headers: &mut HeaderMap,
) -> Result<(), InvalidRequest> {
    if headers.is_empty() {
        // Mostly there is one signer: it needs no map beside the request's.
        signer.sign(message, headers)?;
        return check(headers);
    }
    let mut signature = HeaderMap::new();
    signer.sign(message, &mut signature)?;
    check(&signature)?;
    if let Some(name) = signature.keys().find(|name| headers.contains_key(*name)) {
        return Err(InvalidRequest::DuplicateHeader { name: name.clone() });
    }
    merge(signature, headers)
}

/// Refuses a signature in headers that are the transport's business.
fn check(signature: &HeaderMap) -> Result<(), InvalidRequest> {
    match signature.keys().find(|name| header::is_reserved(name)) {
        Some(name) => Err(InvalidRequest::Reserved { name: name.clone() }),
        None => Ok(()),
    }
}

/// Adds the headers of a notification's kind and id.
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

/// Adds a header, whose name only a signer may have taken already.
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

/// Moves all of one map into another that has none of its names.
fn merge(from: HeaderMap, into: &mut HeaderMap) -> Result<(), InvalidRequest> {
    let mut last = None;
    for (name, value) in from {
        // A further value of a name comes without it.
        last = name.or(last);
        if let Some(name) = &last {
            into.try_append(name.clone(), value).map_err(|_| InvalidRequest::TooMany)?;
        }
    }
    Ok(())
}
