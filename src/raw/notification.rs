use std::{borrow::Cow, fmt};

use super::{extracted::Extracted, format::Format, topic::Topic};
use crate::{
    attribute::{Schema, Values},
    notification::{EncodeError, Notification, Rendering},
};

/// A notification that a [`Reader`](super::Reader) has read.
pub struct RawNotification<'a> {
    pub(super) text: &'a str,
    pub(super) format: &'static Format,
    pub(super) topic: &'static Topic,
    pub(super) extracted: &'a mut Extracted,
}

impl RawNotification<'_> {
    /// What filters see of it: for [`Filter::matches`](crate::Filter::matches) and
    /// [`FilterIndex`](crate::FilterIndex), without publishing.
    pub fn values(&self) -> &Values {
        &self.extracted.values
    }

    /// The same, to set what filters test and the bytes do not have, such as the camera group of
    /// FindFace Security 2019.
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

    /// The text as it came.
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
        values.copy_from(&self.extracted.values);
    }

    /// Appends the bytes as they came, in either rendering.
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
