use std::{borrow::Cow, fmt};

use super::{extracted::Extracted, format::Format, topic::Topic};
use crate::{
    attribute::{Schema, Values},
    notification::{EncodeError, Notification, Rendering},
};

/// A notification that a [`Reader`](super::Reader) has read from bytes.
///
/// It implements [`Notification`] and can be published like any other. It borrows both the bytes
/// and the reader, which stores the attributes.
///
/// Its `Debug` output contains the topic, the id, the kind and the number of bytes, but not the
/// text, which may contain personal data.
///
/// ```
/// use recohook::{Notification, Rendering, findface::security, raw::Reader};
///
/// let mut reader = Reader::new(&security::RAW);
/// let bytes = br#"{"id": "42", "webhook_type": "events", "camera": {"id": 3, "name": "Gate"}}"#;
/// let event = reader.read(bytes)?;
/// let mut body = Vec::new();
/// event.encode(Rendering::Compact, &mut body)?;
/// assert_eq!(body, bytes, "the entity is not replaced by its id");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RawNotification<'a> {
    pub(super) text: &'a str,
    pub(super) format: &'static Format,
    pub(super) topic: &'static Topic,
    pub(super) extracted: &'a mut Extracted,
}

impl RawNotification<'_> {
    /// Returns the attributes that were read.
    ///
    /// To match the notification without publishing it, pass them to
    /// [`Filter::matches`](crate::Filter::matches) or to a [`FilterIndex`](crate::FilterIndex).
    ///
    /// ```
    /// use recohook::{Filter, findface::security, raw::Reader};
    ///
    /// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
    /// let mut reader = Reader::new(&security::RAW);
    /// let event = reader.read(br#"{"id": "42", "webhook_type": "events", "matched": true}"#)?;
    /// assert!(filter.matches(event.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn values(&self) -> &Values {
        &self.extracted.values
    }

    /// Returns a mutable reference to the attributes that were read.
    ///
    /// Use it to set an attribute that filters test but the bytes do not contain, such as the
    /// camera group of FindFace Security 2019. The bytes do not change. Setting a value of the
    /// wrong kind records an [error](Values::error), which is returned when the notification is
    /// published.
    ///
    /// ```
    /// use recohook::{Filter, findface::security_2019::{EVENTS, FILTERS, RAW}, raw::Reader};
    ///
    /// let filter = Filter::parse(r#"{"camera_group_in": [1]}"#, &FILTERS)?;
    /// let mut reader = Reader::new(&RAW);
    /// let mut event = reader.read(br#"{"id": "42", "camera": 2}"#)?;
    /// event.values_mut().int(EVENTS.expect("camera_group"), 1);
    /// assert!(filter.matches(event.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn values_mut(&mut self) -> &mut Values {
        &mut self.extracted.values
    }

    /// Returns the JSON text exactly as it was received. Webhooks receive this text.
    ///
    /// ```
    /// use recohook::{findface::security, raw::Reader};
    ///
    /// let mut reader = Reader::new(&security::RAW);
    /// let event = reader.read(br#"{ "id": "42",  "webhook_type": "events" }"#)?;
    /// assert_eq!(event.text(), r#"{ "id": "42",  "webhook_type": "events" }"#);
    /// # Ok::<(), recohook::raw::RawError>(())
    /// ```
    pub fn text(&self) -> &str {
        self.text
    }
}

impl Notification for RawNotification<'_> {
    fn schema(&self) -> &'static Schema {
        self.topic.schema
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.extracted.id(self.topic))
    }

    fn kind(&self) -> &str {
        self.extracted.kind(self.format, self.topic)
    }

    fn attributes(&self, values: &mut Values) {
        // The caller passes its own `Values`, and copying is much cheaper than reading again.
        values.copy_from(&self.extracted.values);
    }

    /// Appends the text as it was received, whatever the rendering, because only a model knows
    /// which objects are entities.
    fn encode(&self, _: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(self.text.as_bytes());
        Ok(())
    }
}

impl fmt::Debug for RawNotification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawNotification")
            .field("topic", &self.topic.schema.topic())
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("bytes", &self.text.len())
            .finish()
    }
}
