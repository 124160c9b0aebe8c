/// Declares each limit once: its field, its default, its reader and its setter.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident, $with:ident = $default:expr;)*) => {
        /// Every bound of the crate, in one place.
        ///
        /// [`Limits::default`] suits a server with thousands of webhooks. A setter given 0 takes
        /// 1: a bound of nothing would only be a way to lose everything.
        ///
        /// ```
        /// use recohook::Limits;
        ///
        /// let limits = Limits::default().with_max_queue_items(10_000).with_max_in_flight(64);
        /// assert_eq!(limits.max_in_flight(), 64);
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

                #[doc = concat!("Sets [`", stringify!($name), "`](Self::", stringify!($name), ").")]
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
    /// Notifications pending for one webhook, in all its topics. Default 10,000.
    max_webhook_queue_items, with_max_webhook_queue_items = 10_000;
    /// Bytes pending for one webhook, counted as if it alone held them. Default 64 MiB.
    max_webhook_queue_bytes, with_max_webhook_queue_bytes = 64 * MIB;
    /// Notifications pending for all webhooks together. Default 1,000,000.
    max_queue_items, with_max_queue_items = 1_000_000;
    /// Bytes of all payloads held, each counted once however many webhooks wait for it.
    /// Default 1 GiB.
    max_queue_bytes, with_max_queue_bytes = 1024 * MIB;
    /// Requests in flight for one webhook, in all its topics. Default 8.
    max_webhook_in_flight, with_max_webhook_in_flight = 8;
    /// Requests in flight in all. Failing webhooks together hold at most half. Default 256.
    max_in_flight, with_max_in_flight = 256;
    /// Bytes of a response's body that are read; the rest is left unread. Default 64 KiB.
    max_response_bytes, with_max_response_bytes = 64 * 1024;
    /// Bytes of a webhook's own header names and values together; what the delivery, its
    /// notification and its signers add to a request may take as many again. Default 16 KiB.
    max_header_bytes, with_max_header_bytes = 16 * 1024;
    /// Bytes of a filter's text. Default 1 MiB. As the other limits of filters, it acts where the
    /// filter is read: [`Filter::parse_with`](crate::Filter::parse_with).
    max_filter_bytes, with_max_filter_bytes = MIB;
    /// How deep arrays and objects of a filter nest. Default 16.
    max_filter_depth, with_max_filter_depth = 16;
    /// Literals of a filter: all numbers, texts and booleans in it. Default 100,000. Of lists and
    /// objects there may be as many, and [`max_filter_depth`](Self::max_filter_depth) more.
    max_filter_literals, with_max_filter_literals = 100_000;
}
