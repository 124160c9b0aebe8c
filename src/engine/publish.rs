use super::{
    EngineAccess, PublishError,
    scratch::{Payloads, Scratch},
};
use crate::{dispatch::Receipt, notification::Notification};

/// The most webhooks that a notification is queued for in one change of the dispatcher. A notifier
/// holds its lock for a whole change, and drivers and other publishers wait meanwhile.
const CHUNK: usize = 256;

/// Publishes a notification: finds the webhooks that match it, encodes it once for each rendering
/// that they use, and queues it for them.
///
/// The attributes are read and the notification is encoded without any lock, since both run the
/// host's code.
pub(crate) fn publish(
    engine: &mut impl EngineAccess,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
    // This only saves the search: a closed dispatcher rejects everything anyway.
    if engine.is_closed() {
        return Err(PublishError::Closed);
    }
    Scratch::with(|scratch| {
        scratch.fill(notification)?;
        engine.routes(|routes| scratch.search(routes));
        match scratch.has_matches() {
            true => publish_matched(engine, scratch, notification),
            false => Ok(Receipt::default()),
        }
    })
}

/// Queues a notification for the webhooks that the search has found.
///
/// A notifier's registry may change between the search and the queueing. The dispatcher skips keys
/// of removed webhooks. If it skips any, the search is repeated with the new routes, which may hold
/// the webhooks that replace them.
fn publish_matched(
    engine: &mut impl EngineAccess,
    scratch: &mut Scratch,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
    let (mut payloads, mut receipt) = (Payloads::default(), Receipt::default());
    // All renderings are encoded before any is queued: if one fails, nothing is queued.
    scratch.encode(notification, engine.core(), &mut payloads)?;
    // Each round finds only webhooks that no earlier round has found, so nothing is queued twice,
    // and it goes on only as long as others keep replacing these webhooks.
    while queue(engine, scratch, &payloads, &mut receipt) > 0 {
        scratch.exclude_found();
        engine.routes(|routes| scratch.search(routes));
        // The new webhooks may use a rendering that was not encoded before. If it cannot be
        // encoded, these webhooks reject the notification. That is an error only if nothing is
        // queued.
        let encoded = scratch.encode(notification, engine.core(), &mut payloads);
        if receipt.queued == 0 {
            encoded?;
        }
    }
    check(receipt).map_err(|full| match engine.is_closed() {
        // A closed dispatcher rejects as a full queue does. With `Closed`, the host knows that
        // trying again later is useless.
        true => PublishError::Closed,
        false => full,
    })
}

/// Queues a notification for the webhooks that the last search has found. Adds the counts to
/// `receipt`, and returns how many of the webhooks were removed meanwhile.
fn queue(
    engine: &mut impl EngineAccess,
    scratch: &Scratch,
    payloads: &Payloads,
    receipt: &mut Receipt,
) -> usize {
    let (now, before) = (engine.now(), receipt.matched);
    let mut found = 0;
    for (rendering, keys) in scratch.found() {
        found += keys.len();
        for keys in keys.chunks(CHUNK) {
            let offer = |dispatcher: &mut _| payloads.offer(rendering, dispatcher, keys, now);
            receipt.add(engine.change(offer));
        }
    }
    // Each webhook that is still registered counts as matched, so the others were removed.
    found - (receipt.matched - before)
}

/// Returns an error if the notification matched webhooks and none of them accepted it.
fn check(receipt: Receipt) -> Result<Receipt, PublishError> {
    match receipt {
        Receipt { queued: 0, rejected: rejected @ 1.., .. } => Err(PublishError::Full { rejected }),
        _ => Ok(receipt),
    }
}
