// One macro generates the field, the default, the getter and the setter of each limit, so that none
// of the four can be forgotten or misnamed.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident, $with:ident = $default:expr;)*) => {
        /// The limits on queues, requests, responses, headers and filters, in one place.
        ///
        /// The defaults suit a server with thousands of webhooks.
        /// [`Config::with_limits`](crate::Config::with_limits) sets the limits of an engine or a
        /// notifier. The limits on filters apply when a filter is parsed:
        /// [`Filter::parse_with`](crate::Filter::parse_with) has a `Limits` argument, and the REST
        /// registries use the limits of their host. The size of a batch and the number of attempts
        /// are set in the [`Policy`](crate::policy::Policy) of each webhook instead.
        ///
        /// A setter treats 0 as 1, because a limit of 0 would reject everything.
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
    /// Returns the maximum number of notifications that may be pending for one webhook, across all
    /// its topics. Default: 10,000.
    ///
    /// A notification is pending while it is queued, in flight, or waiting for a retry. If the
    /// queue is full, the webhook's [`Overflow`](crate::policy::Overflow) policy applies.
    max_webhook_queue_items, with_max_webhook_queue_items = 10_000;
    /// Returns the maximum number of bytes that may be pending for one webhook. Default: 64 MiB.
    ///
    /// This is the size of the JSON texts. A text that several webhooks share counts in full for
    /// each of them. A notification that is larger than the limit is always rejected.
    max_webhook_queue_bytes, with_max_webhook_queue_bytes = 64 * MIB;
    /// Returns the maximum number of notifications that may be pending across all webhooks.
    /// Default: 1,000,000.
    ///
    /// A notification counts once for each webhook that accepted it.
    max_queue_items, with_max_queue_items = 1_000_000;
    /// Returns the maximum total size of all payloads, in bytes. Default: 1 GiB.
    ///
    /// Each payload counts once, however many webhooks share it. It stops counting once no queue,
    /// no request in flight, and no report or dead letter that the host has kept refers to it. If a
    /// new notification would exceed the limit, it is rejected, whatever the overflow policies are.
    max_queue_bytes, with_max_queue_bytes = 1024 * MIB;
    /// Returns the maximum number of requests in flight for one webhook, across all its topics.
    /// Default: 8.
    max_webhook_in_flight, with_max_webhook_in_flight = 8;
    /// Returns the maximum number of requests in flight across all webhooks. Default: 256.
    ///
    /// Webhooks whose last attempt failed share half of this number, but at least one request.
    /// While that many of their requests are in flight, they start no new requests. Receivers that
    /// stop responding can therefore hold up the others only until the requests that are already in
    /// flight have ended.
    max_in_flight, with_max_in_flight = 256;
    /// Returns the maximum size of a response's body that is read in full, in bytes. Default: 64
    /// KiB.
    ///
    /// A notifier reads a body until it ends or exceeds this limit, and discards what it reads. The
    /// body is read so that the connection can be reused for the next request. The rest of a longer
    /// body stays unread. What happens to a body never changes the result of the
    /// attempt. An engine does not read bodies. Its host reads them, and should do so up to this
    /// limit to behave like a notifier.
    max_response_bytes, with_max_response_bytes = 64 * 1024;
    /// Returns the maximum total size of the names and values of a webhook's own headers, in bytes.
    /// Default: 16 KiB.
    ///
    /// A webhook that exceeds the limit is refused when it is registered. The same limit applies
    /// separately to the headers that are generated for each request, including those that signers
    /// add. A delivery that exceeds the limit fails with
    /// [`InvalidRequest`](crate::FailureKind::InvalidRequest).
    max_header_bytes, with_max_header_bytes = 16 * 1024;
    /// Returns the maximum size of a filter's JSON text, in bytes. Default: 1 MiB.
    max_filter_bytes, with_max_filter_bytes = MIB;
    /// Returns the maximum nesting depth of the arrays and objects in a filter. Default: 16.
    ///
    /// A limit above 126 is treated as 126.
    max_filter_depth, with_max_filter_depth = 16;
    /// Returns the maximum number of literals (numbers, strings and booleans) in a filter. Default:
    /// 100,000.
    ///
    /// The number of arrays and objects may be at most the sum of this limit and
    /// [`max_filter_depth`](Self::max_filter_depth).
    max_filter_literals, with_max_filter_literals = 100_000;
}
