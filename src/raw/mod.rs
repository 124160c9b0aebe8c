//! Reads notifications from JSON bytes, to match them and to pass the bytes on unchanged.
//!
//! A gateway has the JSON text of a notification, from another server or from code of its own, and
//! no model. A [`Reader`] goes over the text once and extracts the attributes that filters test,
//! the id and the kind. The result is a [`Notification`] like any other. The bytes delivered are
//! the bytes received.
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
//! A [`Format`] describes the JSON of a system. Each system of this crate has one:
//! `findface::security::RAW`, `openbiometrics::RAW` and so on. A host declares a format for
//! notifications of its own, as a `static`:
//!
//! - A [`Topic`] has a schema, an [`Id`], and a [`Member`] for each part of the JSON that holds an
//!   attribute. Other parts are skipped.
//! - A format has one topic, or several and a function that chooses one by *labels*: the members of
//!   the JSON that give the topic or the kind, such as `"type"`.
//!
//! # How it differs from a model
//!
//! If a system's model can be read from the bytes, a reader gives filters the same attributes, and
//! the same id and kind. But a reader accepts more than a model: the bytes must be JSON, and only
//! the members that filters test must have the right types. If such a member has a text in place of
//! a number, or occurs twice, the reader refuses the notification. If the width of a picture is a
//! text, it passes the notification on, which a model would refuse.
//!
//! A raw notification is delivered unchanged even if a webhook asks for ids in place of whole
//! entities ([`Rendering::Compact`]).
//!
//! [`Notification`]: crate::Notification
//! [`Rendering::Compact`]: crate::Rendering::Compact

mod any_id_seed;
mod error;
mod extracted;
mod format;
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
pub use member::Member;
pub use notification::RawNotification;
pub use split::split;
pub use topic::{Id, Topic};

use extracted::Extracted;
use notification_seed::NotificationSeed;

/// A reader of the notifications of one [`Format`], one after the other.
///
/// It keeps its memory between notifications. Once warm, it allocates only for texts with escapes
/// and for an [`Id::any`] that is a list or an object.
///
/// If a format has several topics, the label that gives the topic can be the last member of a
/// notification. A reader expects the topic of the notification before, and reads the text a second
/// time if it is another one. So it is fastest if notifications of one topic follow each other.
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
    /// The topic of the last notification, which the next one is expected to have.
    topic: &'static Topic,
    extracted: Extracted,
}

impl Reader {
    /// Creates a reader of notifications of `format`. It allocates when it first reads.
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

    /// Reads a notification, which is one JSON object.
    ///
    /// The result borrows the reader and the bytes: publish or match it before you read the next
    /// one. After an error the reader can be used as before.
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
    /// // The text of the error has the position. Its source names the member.
    /// let source = std::error::Error::source(&error).expect("this kind has a source");
    /// assert!(source.to_string().starts_with("in `camera`: "));
    /// ```
    ///
    /// # Errors
    /// Returns [`RawError::Encoding`] if the bytes are not UTF-8, and [`RawError::Json`] if they
    /// are not JSON.
    ///
    /// Returns [`RawError::Notification`] if the JSON is not an object, if it lacks a required id,
    /// or if the id, a label or a listed member has a type that the format does not take or occurs
    /// twice. [Lenient](Topic::lenient) topics and objects take more. It also returns this error if
    /// [`serde_json::Value`] would not take the text: half a surrogate pair, a number out of range,
    /// or more than 127 nested lists and objects.
    pub fn read<'a>(&'a mut self, notification: &'a [u8]) -> Result<RawNotification<'a>, RawError> {
        // The notification keeps the text as `str`. `serde_json` then need not check each string.
        let text = str::from_utf8(notification)?;
        let topic = self.topic_of(text).map_err(|error| RawError::of(error, text))?;
        self.topic = topic;
        Ok(RawNotification { text, format: self.format, topic, extracted: &mut self.extracted })
    }

    /// Extracts everything from the text by the members of its topic, and returns that topic.
    fn topic_of(&mut self, text: &str) -> Result<&'static Topic, serde_json::Error> {
        // The first pass is a guess if there are several topics: what does not fit the topic is
        // then not an error yet, because the text may be of another one.
        let guess = self.topic;
        self.extracted.is_guess = self.format.has_several_topics();
        let actual = self.read_as(guess, text)?;
        // Topics are compared by address: two may have the same schema and different members.
        if ptr::eq(actual, guess) && !self.extracted.is_mismatch {
            return Ok(actual);
        }
        // Either the topic is another one, or something did not fit and is now an error.
        self.extracted.is_guess = false;
        self.read_as(actual, text)
    }

    /// Extracts from the text by the members of `topic`, and returns the topic that the labels
    /// give.
    fn read_as(
        &mut self,
        topic: &'static Topic,
        text: &str,
    ) -> Result<&'static Topic, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let read_as =
            NotificationSeed { format: self.format, topic, extracted: &mut self.extracted };
        let actual = read_as.deserialize(&mut json)?;
        // Only white space may follow the object.
        json.end()?;
        Ok(actual)
    }
}
