use std::{
    borrow::Borrow,
    fmt::{self, Write},
    sync::Arc,
};

/// The host's name for a webhook: any text, or a number, which is kept as its decimal digits.
///
/// The registry does not interpret ids, and no two registered webhooks have the same one. Ids are
/// compared and ordered as text, so `"10"` comes before `"9"`. Cloning an id does not copy its
/// text.
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

/// The id of a delivery. All attempts to deliver one batch to one webhook have the same id.
///
/// [`Webhook::with_delivery_id_header`](crate::Webhook::with_delivery_id_header) sends it, so that
/// a receiver can recognise a delivery that it has already processed.
///
/// An id has two parts: an epoch, a random number that each engine or notifier draws when it is
/// created, and a sequence number. So no id repeats after a restart. Receivers should compare ids
/// as text: a minor release may write them differently.
///
/// ```
/// use recohook::DeliveryId;
///
/// let id = DeliveryId::new(0xc0ffee, 7);
/// assert_eq!(id.to_string(), "0000000000c0ffee-7");
/// assert!(id < DeliveryId::new(0xc0ffee, 8), "ids of one epoch follow their sequence numbers");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    epoch: u64,
    sequence: u64,
}

impl WebhookId {
    /// Returns the id as text.
    ///
    /// ```
    /// use recohook::WebhookId;
    /// use std::collections::HashMap;
    ///
    /// let mut names = HashMap::new();
    /// names.insert(WebhookId::from(2), "front gate");
    /// assert_eq!(names["2"], "front gate", "a map of ids can be asked by text");
    /// assert_eq!(WebhookId::from(2).as_str(), "2");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as shared text, without a copy.
    pub(crate) fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl DeliveryId {
    /// Creates the id with this epoch and sequence number.
    ///
    /// Engines and notifiers create the ids of real deliveries. Tests of transports and signers
    /// create their own with this function.
    pub fn new(epoch: u64, sequence: u64) -> Self {
        Self { epoch, sequence }
    }

    /// Returns the sequence number: 1 for the first batch of an engine or notifier, in the order in
    /// which batches are cut from their queues.
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

    /// Returns the id as text.
    pub(crate) fn to_text(self) -> String {
        // Reserves the longest text, so that this allocates once: requests are built in a hot path.
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

// One impl for each type, not a generic one: a blanket impl over numbers could overlap with the
// impls for text above.
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
