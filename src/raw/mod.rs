//! Notifications as bytes: matched and passed on as they came, without a model.
//!
//! A gateway has the JSON text of a notification, from another server or from code of its own. A
//! [`Reader`] goes over it once, and keeps the attributes that filters test, the id and the kind.
//! What it gives is a [`Notification`] like any other; the bytes delivered are the bytes received.
//!
//! ```
//! use recohook::clock::ThreadClock;
//! use recohook::findface::security;
//! use recohook::{Filter, Notification, Rendering, raw};
//!
//! let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
//! let mut reader = raw::Reader::new(&security::RAW);
//!
//! let delivery = br#"[{"id": "42", "webhook_type": "events", "camera": {"id": 3, "name": "Gate"}}]"#;
//! for bytes in raw::split(delivery)? {
//!     let notification = reader.read(bytes)?;
//!     assert_eq!(notification.id(), "42");
//!     assert!(filter.matches(notification.values()));
//!     // Or `notifier.publish(&notification)?`.
//!     let mut body = Vec::new();
//!     notification.encode(Rendering::Full, &mut body)?;
//!     assert_eq!(body, bytes);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each system has a [`Format`]: `findface::security::RAW`, `openbiometrics::RAW` and so on. For
//! notifications of its own a host writes one, of a [`Topic`] or of several.
//!
//! # What is the same as with a model, and what is not
//!
//! Where a system's model can be read from the bytes, filters see the same, and id and kind are the
//! same. What a model refuses is taken here if it is JSON and what filters test can be read: a
//! reader looks at nothing else. So a text where a filter tests a number, or a member of this kind
//! that stands twice, is an error; a text where a picture's width should be is passed on.
//!
//! A webhook that wants ids in place of whole entities ([`Rendering::Compact`]) gets the bytes as
//! they came, too.
//!
//! [`Notification`]: crate::Notification
//! [`Rendering::Compact`]: crate::Rendering::Compact

mod any_id_seed;
mod error;
mod extracted;
mod format;
mod member;
mod member_seed;
mod notification;
mod notification_seed;
mod scalar;
mod skip;
mod split;
mod topic;

use std::{ptr, str};

use serde::de::DeserializeSeed as _;

pub use error::RawError;
pub use format::Format;
pub use member::Member;
pub use notification::RawNotification;
pub use split::split;
pub use topic::{Id, Topic};

use extracted::Extracted;
use notification_seed::NotificationSeed;

/// Reads notifications of one [`Format`], one after the other.
///
/// It keeps its memory: a warm reader allocates for texts with escapes, and nothing else.
///
/// Where a format has several topics, the member that tells the topic can stand at the end. A
/// reader takes it to be that of the notification before, and reads again where it was not.
#[derive(Debug)]
pub struct Reader {
    format: &'static Format,
    topic: &'static Topic,
    extracted: Extracted,
}

impl Reader {
    /// A reader of notifications of `format`. It allocates when it first reads.
    pub fn new(format: &'static Format) -> Self {
        Self { format, topic: format.first(), extracted: Extracted::default() }
    }

    /// Reads a notification, one JSON object.
    ///
    /// # Errors
    /// Where the bytes are not UTF-8, not JSON or not an object, or where the id or what filters
    /// test is of another type than the format says, or stands twice. The text is read as
    /// [`serde_json::Value`] reads it: half a surrogate pair, a number out of range, and more than
    /// 127 nested lists and objects are refused.
    pub fn read<'a>(&'a mut self, notification: &'a [u8]) -> Result<RawNotification<'a>, RawError> {
        let text = str::from_utf8(notification)?;
        let topic = self.topic_of(text).map_err(|error| RawError::of(error, text))?;
        self.topic = topic;
        Ok(RawNotification { text, format: self.format, topic, extracted: &mut self.extracted })
    }

    /// Reads the text by the table of its topic, and returns that topic.
    fn topic_of(&mut self, text: &str) -> Result<&'static Topic, serde_json::Error> {
        let guess = self.topic;
        self.extracted.is_guess = self.format.has_several_topics();
        let actual = self.read_as(guess, text)?;
        if ptr::eq(actual, guess) && !self.extracted.is_mismatch {
            return Ok(actual);
        }
        self.extracted.is_guess = false;
        self.read_as(actual, text)
    }

    fn read_as(
        &mut self,
        topic: &'static Topic,
        text: &str,
    ) -> Result<&'static Topic, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let read_as =
            NotificationSeed { format: self.format, topic, extracted: &mut self.extracted };
        let actual = read_as.deserialize(&mut json)?;
        json.end()?;
        Ok(actual)
    }
}
