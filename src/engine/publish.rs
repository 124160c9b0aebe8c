use super::{
    EngineAccess, PublishError,
    scratch::{Payloads, Scratch},
};
use crate::{dispatch::Receipt, notification::Notification};

/// The maximum number of webhooks for which a notification is queued in one change of the
/// dispatcher. A notifier holds its lock for the whole change, and drivers and other publishers
/// have to wait.
const CHUNK: usize = 256;

/// Publishes a notification. Finds the matching webhooks, encodes the notification once for each
/// rendering that they use and queues it for them.
///
/// No lock is held while the attributes are read and the notification is encoded, because both run
/// the host's code.
pub(crate) fn publish(
    engine: &mut impl EngineAccess,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
    // This check only avoids a useless search, because a closed dispatcher rejects everything
    // anyway.
    if engine.is_closed() {
        return Err(PublishError::Closed);
    }
    Scratch::with(|scratch| {
        scratch.fill(notification)?;
        let is_unknown = engine.routes(|routes| {
            scratch.search(routes);
            !scratch.has_matches() && scratch.is_unknown(routes)
        });
        match scratch.has_matches() {
            true => publish_matched(engine, scratch, notification),
            false => {
                if is_unknown {
                    engine.core().count_unknown(notification);
                }
                Ok(Receipt { is_unknown, ..Receipt::default() })
            }
        }
    })
}

/// Queues a notification for the webhooks that the search found.
///
/// A notifier's registry may change after the search and before the notification is queued. The
/// dispatcher skips the keys of removed webhooks. If it skips any, the search is repeated with the
/// new routes, because they may contain replacements for these webhooks.
fn publish_matched(
    engine: &mut impl EngineAccess,
    scratch: &mut Scratch,
    notification: &dyn Notification,
) -> Result<Receipt, PublishError> {
    let (mut payloads, mut receipt) = (Payloads::default(), Receipt::default());
    // All renderings are encoded before any is queued, so that nothing is queued if one of them
    // fails.
    scratch.encode(notification, engine.core(), &mut payloads)?;
    // Each round finds only webhooks that no earlier round found, so nothing is queued twice. The
    // loop continues only as long as other threads keep replacing these webhooks.
    while queue(engine, scratch, &payloads, &mut receipt) > 0 {
        scratch.exclude_found();
        engine.routes(|routes| scratch.search(routes));
        // The new webhooks may use a rendering in which the notification has not been encoded yet.
        // If encoding fails, these webhooks reject the notification. This is an error only if
        // nothing was queued.
        let encoded = scratch.encode(notification, engine.core(), &mut payloads);
        if receipt.queued == 0 {
            encoded?;
        }
    }
    check(receipt).map_err(|full| match engine.is_closed() {
        // A closed dispatcher rejects notifications just as a full queue does. `Closed` lets the
        // host know that trying again later is useless.
        true => PublishError::Closed,
        false => full,
    })
}

/// Queues a notification for the webhooks that the last search found. Adds the counts to `receipt`
/// and returns the number of these webhooks that have been removed since the search.
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
    // Every webhook that is still registered was counted as matched, so the rest were removed.
    found - (receipt.matched - before)
}

/// Returns an error if the notification matched webhooks but none of them accepted it.
fn check(receipt: Receipt) -> Result<Receipt, PublishError> {
    match receipt {
        Receipt { queued: 0, rejected: rejected @ 1.., .. } => Err(PublishError::Full { rejected }),
        _ => Ok(receipt),
    }
}
