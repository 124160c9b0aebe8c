use std::{
    borrow::Borrow,
    fmt::{self, Write},
    sync::Arc,
};

/// The host's name for a webhook: any text, or a number, which stands for its decimal digits.
///
/// ```
/// use recohook::WebhookId;
///
/// assert_eq!(WebhookId::from(2), WebhookId::from("2"));
/// assert_eq!(WebhookId::from(u64::MAX).as_str(), "18446744073709551615");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(Arc<str>);

/// The id of a delivery: one batch on its way to one webhook, the same in all its attempts.
///
/// It is made of an epoch, drawn anew for each run of the program, and a sequence number, so that
/// a restart never repeats one and receivers can tell a repeated delivery by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    epoch: u64,
    sequence: u64,
}

impl WebhookId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl DeliveryId {
    /// The id of this epoch and sequence number. The core makes those of real deliveries; it is
    /// public for tests of transports.
    pub fn new(epoch: u64, sequence: u64) -> Self {
        Self { epoch, sequence }
    }

    /// The sequence number within this run, from 1, in the order in which batches were cut.
    pub fn sequence(self) -> u64 {
        self.sequence
    }

    /// The id as text, in one allocation.
    pub(crate) fn to_text(self) -> String {
        const LONGEST: usize = "0123456789abcdef-18446744073709551615".len();
        let mut text = String::with_capacity(LONGEST);
        write!(text, "{self}").expect("a string takes any text");
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

/// A number is a webhook's id as it is written in decimal.
macro_rules! from_numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for WebhookId {
            /// The number, written in decimal.
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
