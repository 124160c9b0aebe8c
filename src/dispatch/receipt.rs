/// The result of publishing a notification: how many webhooks matched, accepted and rejected it.
///
/// `matched` is always the sum of `queued` and `rejected`. An accepted notification has not been
/// delivered yet and may still be dropped. [`Stats`](crate::report::Stats) counts the notifications
/// that are eventually delivered, dead or dropped.
///
/// ```
/// # use recohook::findface::security::{self, Event};
/// # use recohook::{Engine, Filter, Moment, Webhook};
/// let mut engine = Engine::new();
/// let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
/// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, Moment::ZERO)?;
/// let receipt = engine.publish(&Event::new("42").camera(3), Moment::ZERO)?;
/// assert_eq!((receipt.matched, receipt.queued, receipt.rejected), (1, 1, 0));
/// let receipt = engine.publish(&Event::new("43").camera(4), Moment::ZERO)?;
/// assert_eq!(receipt.matched, 0, "no webhook wants it, which is not an error");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Receipt {
    /// The number of webhooks that matched the notification, whether they accepted it or not.
    pub matched: usize,
    /// The number of webhooks that accepted the notification into their queues.
    pub queued: usize,
    /// The number of webhooks that rejected the notification because a limit in
    /// [`Limits`](crate::Limits) was reached or publishing had ended.
    ///
    /// A webhook that is registered while the notification is being published may require another
    /// rendering. If the notification cannot be encoded in that rendering, the webhook also rejects
    /// it.
    pub rejected: usize,
    /// Whether no webhook matched because no filter keys exist for the notification's topic. Each
    /// registered webhook has filter keys for other topics only.
    ///
    /// This is also counted and reported, see
    /// [`UnknownNotification`](crate::report::UnknownNotification). It is `false` if no webhook has
    /// been registered yet.
    pub is_unknown: bool,
}

impl Receipt {
    /// Adds the counts of `other`, a receipt for the same notification from other webhooks.
    pub(crate) fn add(&mut self, other: Self) {
        self.matched += other.matched;
        self.queued += other.queued;
        self.rejected += other.rejected;
    }
}
