//! Matches notifications that arrive as JSON bytes, and passes the bytes on unchanged.
//!
//! A gateway gets the JSON text of a notification from another server or from its own code, and has
//! no model for the notification. A [`Reader`] parses the text once and extracts the id, the kind
//! and the attributes that filters test. The result is a [`Notification`] like any other. Webhooks
//! receive exactly the bytes that were read.
//!
//! ```
//! use recohook::findface::security;
//! use recohook::{Filter, Notification, Rendering, raw};
//!
//! let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
//! let mut reader = raw::Reader::new(&security::RAW);
//!
//! let delivery = br#"[{"id": "42", "webhook_type": "events", "camera": {"id": 3}, "new": [1]}]"#;
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
//! # Formats
//!
//! A [`Format`] describes the JSON that a system sends. Each system in this crate has one:
//! `findface::security::RAW`, `openbiometrics::RAW` and so on. A host declares a format for its own
//! notifications as a `static`:
//!
//! - A [`Topic`] consists of a schema, an [`Id`], and a [`Member`] for each part of the JSON that
//!   contains an attribute. Other parts are skipped.
//! - A format has either one topic, or several topics and a function that chooses between them. The
//!   function chooses by *labels*: the members of the JSON that determine the topic or the kind,
//!   such as `"type"`.
//!
//! # How it differs from a model
//!
//! If the bytes can also be parsed into a system's model, a reader extracts the same attributes, id
//! and kind that the model has. But a reader accepts more than a model does. The bytes must be
//! JSON, but only the members that filters test must have the right types. If such a member is a
//! string instead of a number, or occurs twice, the reader refuses the notification. If the width
//! of a picture is a string, the reader accepts the notification, although a model would refuse it.
//!
//! A raw notification is delivered unchanged even if a webhook asks for ids instead of whole
//! entities ([`Rendering::Compact`]).
//!
//! [`Notification`]: crate::Notification
//! [`Rendering::Compact`]: crate::Rendering::Compact

mod any_id_seed;
mod error;
mod extracted;
mod format;
mod inexact;
mod member;
mod member_seed;
mod members;
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
pub use inexact::{InexactNumber, inexact_numbers};
pub use member::Member;
pub use notification::RawNotification;
pub(crate) use split::items as split_items;
pub use split::split;
pub use topic::{Id, Topic};

use crate::base::json::without_mark;
use extracted::Extracted;
use notification_seed::NotificationSeed;

/// Reads notifications of one [`Format`], one after another.
///
/// A reader reuses its memory. After the first notifications, it allocates only for strings with
/// escapes and for an [`Id::any`] that is a list or an object.
///
/// If a format has several topics, the label that determines the topic can be the last member of a
/// notification. A reader therefore assumes that each notification has the same topic as the one
/// before, and reads the text a second time if the topics differ. Reading is fastest if
/// notifications of the same topic follow each other.
///
/// ```
/// use recohook::{Notification, findface::security, raw::Reader};
///
/// let mut reader = Reader::new(&security::RAW);
/// let event = reader.read(br#"{"id": "42", "webhook_type": "events"}"#)?;
/// assert_eq!((event.schema().topic(), &*event.id()), ("events", "42"));
/// let episode = reader.read(br#"{"id": 7, "webhook_type": "episodes"}"#)?;
/// assert_eq!((episode.schema().topic(), &*episode.id()), ("episodes", "7"));
/// # Ok::<(), recohook::raw::RawError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    format: &'static Format,
    /// The topic of the last notification. The next notification is assumed to have the same topic.
    topic: &'static Topic,
    extracted: Extracted,
}

impl Reader {
    /// Creates a reader for notifications of `format`. The reader does not allocate until it reads
    /// the first notification.
    ///
    /// ```
    /// use recohook::{faceio, raw::Reader};
    ///
    /// let mut reader = Reader::new(&faceio::RAW);
    /// let event = reader.read(br#"{"facialId": "f7", "eventName": "new_enrollment"}"#)?;
    /// assert!(event.values().is_present(faceio::EVENTS.expect("facialId")));
    /// # Ok::<(), recohook::raw::RawError>(())
    /// ```
    pub fn new(format: &'static Format) -> Self {
        Self { format, topic: format.first(), extracted: Extracted::default() }
    }

    /// Reads a notification, which is one JSON object. A byte order mark before it is skipped.
    ///
    /// The result borrows the reader and the bytes: publish or match it before you read the next
    /// notification. After an error the reader can be used as before.
    ///
    /// ```
    /// use recohook::{findface::security, raw::Reader};
    ///
    /// let mut reader = Reader::new(&security::RAW);
    /// let odd = br#"{"id": "42", "webhook_type": "events", "camera": 3, "frame": "none"}"#;
    /// assert!(reader.read(odd).is_ok(), "no filter tests the frame");
    ///
    /// let wrong = br#"{"id": "42", "webhook_type": "events", "camera": "gate"}"#;
    /// let error = reader.read(wrong).unwrap_err();
    /// assert_eq!(error.kind(), "notification");
    ///
    /// // The message of the error contains the position. Its source names the member.
    /// let source = std::error::Error::source(&error).expect("this kind has a source");
    /// assert!(source.to_string().starts_with("in `camera`: "));
    /// ```
    ///
    /// # Errors
    /// Returns [`RawError::Encoding`] if the bytes are not UTF-8, and [`RawError::Json`] if they
    /// are not JSON.
    ///
    /// Returns [`RawError::Notification`] if the JSON is not an object or lacks a required id. The
    /// same error is returned if the id, a label or a listed member occurs twice or has a type that
    /// the format does not accept. [Lenient](Topic::lenient) topics and objects accept more. The
    /// error also covers text that [`serde_json::Value`] would not accept because it contains half
    /// a surrogate pair, a number out of range, or more than 127 nested lists and objects.
    pub fn read<'a>(&'a mut self, notification: &'a [u8]) -> Result<RawNotification<'a>, RawError> {
        // The notification stores the text as a `str`. As a result, `serde_json` does not have to
        // check every string.
        let text = str::from_utf8(without_mark(notification))?;
        let topic = self.topic_of(text).map_err(|error| RawError::of(error, text))?;
        self.topic = topic;
        Ok(RawNotification { text, format: self.format, topic, extracted: &mut self.extracted })
    }

    /// Determines the topic of the text, extracts everything that the topic describes, and returns
    /// the topic.
    fn topic_of(&mut self, text: &str) -> Result<&'static Topic, serde_json::Error> {
        // If there are several topics, the first pass is a guess. A mismatch is not an error yet,
        // because the text may belong to a different topic.
        let guess = self.topic;
        self.extracted.is_guess = self.format.has_several_topics();
        let actual = self.read_as(guess, text)?;
        // Topics are compared by address, because two topics can have the same schema and different
        // members.
        if ptr::eq(actual, guess) && !self.extracted.is_mismatch {
            return Ok(actual);
        }
        // Either the guess was wrong, or there was a mismatch. A mismatch is an error from now on.
        self.extracted.is_guess = false;
        self.read_as(actual, text)
    }

    /// Extracts from the text everything that `topic` describes, and returns the topic that the
    /// labels determine.
    fn read_as(
        &mut self,
        topic: &'static Topic,
        text: &str,
    ) -> Result<&'static Topic, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let read_as =
            NotificationSeed { format: self.format, topic, extracted: &mut self.extracted };
        let actual = read_as.deserialize(&mut json)?;
        // Only whitespace may follow the object.
        json.end()?;
        Ok(actual)
    }
}
