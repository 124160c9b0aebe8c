// One macro writes the field, the default, the getter and the setter of each limit, so that none
// of the four can be forgotten or have another name.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident, $with:ident = $default:expr;)*) => {
        /// All bounds of the crate, in one place.
        ///
        /// The defaults suit a server with thousands of webhooks.
        /// [`Config::with_limits`](crate::Config::with_limits) sets the limits of an engine or a
        /// notifier. The limits of filters apply when a filter is read:
        /// [`Filter::parse_with`](crate::Filter::parse_with) takes them, and the REST registries
        /// use those of their host. The size of a batch and the number of attempts are not limits:
        /// they belong to the [`Policy`](crate::policy::Policy) of each webhook.
        ///
        /// A setter counts 0 as 1: a bound of 0 would reject everything.
        ///
        /// ```
        /// use recohook::{Config, Engine, Limits};
        ///
        /// let limits = Limits::default().with_max_queue_items(10_000).with_max_in_flight(64);
        /// assert_eq!(limits.max_in_flight(), 64);
        /// assert_eq!(limits.clone().with_max_in_flight(0).max_in_flight(), 1);
        /// let engine = Engine::with_config(Config::default().with_limits(limits));
        /// # drop(engine);
        /// ```
        ///
        /// The defaults:
        ///
        /// ```
        /// use recohook::Limits;
        ///
        /// const KIB: usize = 1024;
        /// const MIB: usize = 1024 * KIB;
        ///
        /// let limits = Limits::default();
        /// assert_eq!(limits.max_webhook_queue_items(), 10_000);
        /// assert_eq!(limits.max_webhook_queue_bytes(), 64 * MIB);
        /// assert_eq!(limits.max_queue_items(), 1_000_000);
        /// assert_eq!(limits.max_queue_bytes(), 1024 * MIB);
        /// assert_eq!(limits.max_webhook_in_flight(), 8);
        /// assert_eq!(limits.max_in_flight(), 256);
        /// assert_eq!(limits.max_response_bytes(), 64 * KIB);
        /// assert_eq!(limits.max_header_bytes(), 16 * KIB);
        /// assert_eq!(limits.max_filter_bytes(), MIB);
        /// assert_eq!(limits.max_filter_depth(), 16);
        /// assert_eq!(limits.max_filter_literals(), 100_000);
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($name: usize,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            $(
                $(#[$doc])*
                pub const fn $name(&self) -> usize {
                    self.$name
                }

                #[doc = concat!(
                    "Sets [`", stringify!($name), "`](Self::", stringify!($name), ").",
                    " 0 counts as 1.",
                )]
                #[must_use]
                pub const fn $with(mut self, limit: usize) -> Self {
                    self.$name = if limit == 0 { 1 } else { limit };
                    self
                }
            )*
        }
    };
}

const MIB: usize = 1024 * 1024;

limits! {
    /// Returns how many notifications may be pending for one webhook, in all its topics. Default:
    /// 10,000.
    ///
    /// A notification is pending while it is queued, in flight, or waits for a retry. If the queue
    /// is full, the webhook's [`Overflow`](crate::policy::Overflow) policy applies.
    max_webhook_queue_items, with_max_webhook_queue_items = 10_000;
    /// Returns how many bytes may be pending for one webhook. Default: 64 MiB.
    ///
    /// The bytes are those of the JSON texts. A text that several webhooks share counts in full for
    /// each of them. A notification that is larger than this is always rejected.
    max_webhook_queue_bytes, with_max_webhook_queue_bytes = 64 * MIB;
    /// Returns how many notifications may be pending for all webhooks together. Default: 1,000,000.
    ///
    /// A notification counts once for each webhook that accepted it.
    max_queue_items, with_max_queue_items = 1_000_000;
    /// Returns how many bytes all payloads together may hold. Default: 1 GiB.
    ///
    /// Each payload counts once, however many webhooks share it, and for as long as anything holds
    /// it: a queue, a request in flight, or a report or dead letter that the host keeps. Beyond
    /// this bound new notifications are rejected, whatever the overflow policies are.
    max_queue_bytes, with_max_queue_bytes = 1024 * MIB;
    /// Returns how many requests may be in flight for one webhook, in all its topics. Default: 8.
    max_webhook_in_flight, with_max_webhook_in_flight = 8;
    /// Returns how many requests may be in flight for all webhooks together. Default: 256.
    ///
    /// Webhooks whose last attempt failed may use at most half of them, so that receivers that do
    /// not respond cannot hold up the others.
    max_in_flight, with_max_in_flight = 256;
    /// Returns how many bytes the body of a response may have to be read in full. Default: 64 KiB.
    ///
    /// A notifier reads a body until it ends or is longer than this, and discards it. Reading it
    /// lets the connection serve the next request. The rest of a longer body stays unread. If a
    /// body breaks off before it ends or is longer than this, the attempt has failed, whatever the
    /// status was. An engine reads nothing: its host reads bodies, up to this limit if it is to
    /// match a notifier.
    max_response_bytes, with_max_response_bytes = 64 * 1024;
    /// Returns how many bytes the names and values of a webhook's own headers may have together.
    /// Default: 16 KiB.
    ///
    /// A webhook with more is refused when it is registered. The headers that are generated for
    /// each request, by signers and for the delivery, have the same bound once more: a delivery
    /// that exceeds it fails as [`InvalidRequest`](crate::FailureKind::InvalidRequest).
    max_header_bytes, with_max_header_bytes = 16 * 1024;
    /// Returns how many bytes the JSON text of a filter may have. Default: 1 MiB.
    max_filter_bytes, with_max_filter_bytes = MIB;
    /// Returns how deep the arrays and objects of a filter may nest. Default: 16.
    ///
    /// A limit above 126 counts as 126.
    max_filter_depth, with_max_filter_depth = 16;
    /// Returns how many literals a filter may have: its numbers, texts and booleans. Default:
    /// 100,000.
    ///
    /// It may have as many arrays and objects, plus [`max_filter_depth`](Self::max_filter_depth).
    max_filter_literals, with_max_filter_literals = 100_000;
}
