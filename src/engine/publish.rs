use super::{
    EngineAccess, PublishError,
    scratch::{Payloads, Scratch},
};
use crate::{dispatch::Receipt, notification::Notification};

/// The most queue operations that one change of the dispatcher makes, and so one hold of a
/// notifier's lock.
const CHUNK: usize = 256;

/// Finds the webhooks that want a notification, encodes it once for each rendering that they want,
/// and queues it for them.
pub(crate) fn publish(
    engine: &mut impl EngineAccess,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
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

fn publish_matched(
    engine: &mut impl EngineAccess,
    scratch: &mut Scratch,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
    let (mut payloads, mut receipt) = (Payloads::default(), Receipt::default());
    // All renderings before any is queued: if one fails, nothing is queued.
    scratch.encode(notification, engine.core(), &mut payloads)?;
    while queue(engine, scratch, &payloads, &mut receipt) > 0 {
        // Some were removed since the routes were read: others may have taken their places.
        scratch.exclude_found();
        engine.routes(|routes| scratch.search(routes));
        // They may want a rendering that nobody wanted before. If it cannot be encoded, they
        // refuse it; that is an error only if nothing is queued.
        let encoded = scratch.encode(notification, engine.core(), &mut payloads);
        if receipt.queued == 0 {
            encoded?;
        }
    }
    check(receipt).map_err(|full| match engine.is_closed() {
        // Closed while it was encoded: to publish it again would not help.
        true => PublishError::Closed,
        false => full,
    })
}

/// Queues a notification for the webhooks found, and returns how many of them are gone.
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
    found - (receipt.matched - before)
}

/// Returns an error only if webhooks wanted the notification and none accepted it.
fn check(receipt: Receipt) -> Result<Receipt, PublishError> {
    match receipt {
        Receipt { queued: 0, rejected: rejected @ 1.., .. } => Err(PublishError::Full { rejected }),
        _ => Ok(receipt),
    }
}
