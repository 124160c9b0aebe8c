use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use crate::{
    Webhook,
    dispatch::{Batch, Delivery, Outcome},
    retry_after::retry_after,
    signature::Message,
};

/// The finished request of one attempt: framed, with the webhook's headers, signed.
///
/// The same members frame to the same bytes in every attempt, under the same delivery id; only
/// what covers the time differs.
pub(crate) fn build(delivery: &Delivery<Webhook>, wall: SystemTime) -> Request<Bytes> {
    let webhook = delivery.endpoint();
    let body = frame(delivery.batch());
    let mut headers = webhook.headers().clone();
    let id = delivery.id().to_string();
    if let Some(name) = webhook.delivery_id_header() {
        let value = HeaderValue::try_from(&id).expect("hex digits and a dash are visible ASCII");
        headers.insert(name.clone(), value);
    }
    for signer in webhook.signers() {
        signer.sign(&Message::new(&body, &id, wall), &mut headers);
    }
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = webhook.url().clone();
    *request.headers_mut() = headers;
    request
}

/// What a response tells, when it came at `wall`.
pub(crate) fn outcome(status: StatusCode, headers: &HeaderMap, wall: SystemTime) -> Outcome {
    Outcome::Response { status, retry_after: retry_after(headers, wall) }
}

/// A JSON array of the members, each copied once.
fn frame(batch: &Batch) -> Bytes {
    let mut body = Vec::with_capacity(batch.bytes() + batch.len() + 1);
    for (at, item) in batch.items().iter().enumerate() {
        body.push(if at == 0 { b'[' } else { b',' });
        body.extend_from_slice(item.body());
    }
    body.push(b']');
    body.into()
}
