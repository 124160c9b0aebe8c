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

mod any_id;
mod error;
mod extracted;
mod format;
mod member;
mod notification;
mod notification_seed;
mod scalar;
mod skip;
mod split;
mod topic;
mod value;

use std::{ptr, str};

use serde::de::DeserializeSeed as _;

pub use error::RawError;
pub use format::Format;
pub use member::Member;
pub use notification::RawNotification;
pub use split::split;
pub use topic::{Id, Topic};

use extracted::Found;
use notification_seed::Pass;

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
    found: Found,
}

impl Reader {
    /// A reader of notifications of `format`. It allocates when it first reads.
    pub fn new(format: &'static Format) -> Self {
        Self { format, topic: format.first(), found: Found::default() }
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
        Ok(RawNotification { text, format: self.format, topic, found: &mut self.found })
    }

    /// Reads the text by the table of its topic, and tells that.
    fn topic_of(&mut self, text: &str) -> Result<&'static Topic, serde_json::Error> {
        let guess = self.topic;
        self.found.is_guess = self.format.has_several_topics();
        let told = self.pass(guess, text)?;
        if ptr::eq(told, guess) && !self.found.is_misfit {
            return Ok(told);
        }
        self.found.is_guess = false;
        self.pass(told, text)
    }

    fn pass(
        &mut self,
        topic: &'static Topic,
        text: &str,
    ) -> Result<&'static Topic, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let pass = Pass { format: self.format, topic, found: &mut self.found };
        let told = pass.deserialize(&mut json)?;
        json.end()?;
        Ok(told)
    }
}
