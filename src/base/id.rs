use std::{
    borrow::Borrow,
    fmt::{self, Write},
    sync::Arc,
};

/// The id that the host gives to a webhook. It can be any string or a number. A number is stored as
/// decimal digits.
///
/// The registry does not interpret ids, and no two registered webhooks have the same id. Ids are
/// compared and ordered as strings, so `"10"` comes before `"9"`. Cloning an id does not copy the
/// string.
///
/// ```
/// use recohook::WebhookId;
///
/// assert_eq!(WebhookId::from("front gate").to_string(), "front gate");
/// assert_eq!(WebhookId::from(2), WebhookId::from("2"));
/// assert_eq!(WebhookId::from(u64::MAX).as_str(), "18446744073709551615");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(Arc<str>);

/// The id of a delivery. All attempts to deliver a batch to a webhook have the same id.
///
/// If a webhook sends it in a header (see
/// [`Webhook::with_delivery_id_header`](crate::Webhook::with_delivery_id_header)), a receiver can
/// recognise a delivery that it has already processed.
///
/// An id consists of an epoch and a sequence number. The epoch is a random number that each engine
/// or notifier draws when it is created, so no id is repeated after a restart. Receivers should
/// compare ids as strings, because a minor release may format them differently.
///
/// ```
/// use recohook::DeliveryId;
///
/// let id = DeliveryId::new(0xc0ffee, 7);
/// assert_eq!(id.to_string(), "0000000000c0ffee-7");
/// assert!(id < DeliveryId::new(0xc0ffee, 8), "ids of one epoch are ordered by sequence");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    epoch: u64,
    sequence: u64,
}

impl WebhookId {
    /// Returns the id as a string.
    ///
    /// ```
    /// use recohook::WebhookId;
    /// use std::collections::HashMap;
    ///
    /// let mut names = HashMap::new();
    /// names.insert(WebhookId::from(2), "front gate");
    /// assert_eq!(names["2"], "front gate", "a map of ids can be searched by string");
    /// assert_eq!(WebhookId::from(2).as_str(), "2");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as a shared string, without copying it.
    pub(crate) fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl DeliveryId {
    /// Creates an id with this epoch and sequence number.
    ///
    /// Engines and notifiers create the ids of real deliveries. Use this function in tests of
    /// transports and signers.
    pub fn new(epoch: u64, sequence: u64) -> Self {
        Self { epoch, sequence }
    }

    /// Returns the sequence number.
    ///
    /// An engine or notifier numbers its batches from 1, in the order in which it takes them from
    /// the queues.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// engine.insert(1, webhook.with_delivery_id_header("x-delivery")?, Moment::ZERO)?;
    /// engine.publish(&Event::new("42"), Moment::ZERO)?;
    /// let outgoing = engine.poll_request(Moment::ZERO, SystemTime::now()).expect("it is due");
    /// let id = outgoing.request().headers()["x-delivery"].to_str()?;
    /// assert!(id.ends_with("-1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sequence(self) -> u64 {
        self.sequence
    }

    /// Returns the id as a string.
    pub(crate) fn to_text(self) -> String {
        // The capacity suffices for the longest id. Requests are built in a hot path, so a second
        // allocation is avoided.
        const LONGEST: usize = "0123456789abcdef-18446744073709551615".len();
        let mut text = String::with_capacity(LONGEST);
        write!(text, "{self}").expect("writing to a String cannot fail");
        text
    }
}

impl From<&str> for WebhookId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<&WebhookId> for WebhookId {
    fn from(id: &WebhookId) -> Self {
        id.clone()
    }
}

impl From<String> for WebhookId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

// Each number type has its own impl, because a generic impl could overlap with the impls for
// strings above.
macro_rules! from_numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for WebhookId {
            /// Writes the number in decimal.
            fn from(id: $number) -> Self {
                Self(id.to_string().into())
            }
        })+
    };
}

from_numbers!(i32, u32, i64, u64);

impl AsRef<str> for WebhookId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for WebhookId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookId({})", self.0)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.sequence)
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({self})")
    }
}
