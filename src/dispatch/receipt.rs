/// How many webhooks wanted a published notification, and how many accepted it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Receipt {
    /// How many webhooks want it: those that accepted it and those that rejected it.
    pub matched: usize,
    /// How many webhooks accepted it.
    pub queued: usize,
    /// How many webhooks rejected it, because a queue was full. A webhook that is registered while
    /// the notification is published rejects it, too, if the notification cannot be encoded in the
    /// rendering that the webhook wants.
    pub rejected: usize,
}

impl Receipt {
    /// Adds another receipt of the same notification.
    pub(crate) fn add(&mut self, other: Self) {
        self.matched += other.matched;
        self.queued += other.queued;
        self.rejected += other.rejected;
    }
}
