mod history;

use std::{borrow::Cow, fmt, sync::Arc};

use bytes::Bytes;

pub use history::History;

use crate::{
    attribute::{Schema, Values},
    base::budget::Share,
};

/// Something that happened and that webhooks may want: what a host publishes.
///
/// The crate's dialects implement it for their models; a host implements it for its own types.
pub trait Notification {
    /// The attributes that filters can test, and the topic.
    fn schema(&self) -> &'static Schema;

    /// The id, as reports and receivers know it.
    fn id(&self) -> Cow<'_, str>;

    /// The kind of notification within its topic, such as `episode_open`.
    fn kind(&self) -> &str;

    /// Sets the attributes in `values`, which stands reset to [`schema`](Self::schema).
    fn attributes(&self, values: &mut Values);

    /// Appends the JSON text of the notification to `out`.
    ///
    /// # Errors
    /// Where it has none; publishing it then fails with this error, and nothing is queued.
    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

/// A pointer to a notification is one.
macro_rules! forward_notification {
    ($($pointer:ty),+) => {
        $(impl<T: Notification + ?Sized> Notification for $pointer {
            fn schema(&self) -> &'static Schema {
                (**self).schema()
            }

            fn id(&self) -> Cow<'_, str> {
                (**self).id()
            }

            fn kind(&self) -> &str {
                (**self).kind()
            }

            fn attributes(&self, values: &mut Values) {
                (**self).attributes(values);
            }

            fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                (**self).encode(rendering, out)
            }
        })+
    };
}

forward_notification!(&T, Box<T>, Arc<T>);

/// How a notification that can carry whole entities is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rendering {
    /// As it is: an entity where it carries one, an id where it carries that.
    #[default]
    Full,
    /// An id in place of each entity.
    Compact,
}

impl Rendering {
    pub(crate) const ALL: [Self; 2] = [Self::Full, Self::Compact];
}

/// A notification could not be written as JSON. Its [`source`](std::error::Error::source) says why.
#[derive(Debug, thiserror::Error)]
#[error("the notification cannot be written as JSON")]
pub struct EncodeError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl EncodeError {
    /// Wraps what went wrong.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl From<serde_json::Error> for EncodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// A notification as queues hold it: its JSON text in one [`Rendering`], and what reports say of
/// it. It is encoded once and shared by all webhooks that take it.
pub struct Encoded {
    schema: &'static Schema,
    /// The id, then the kind.
    names: Box<str>,
    id_len: usize,
    body: Bytes,
    /// Kept for its drop.
    _share: Option<Share>,
}

impl Encoded {
    /// Puts together a notification that is already encoded.
    pub fn new(
        schema: &'static Schema,
        id: impl AsRef<str>,
        kind: impl AsRef<str>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self::shared(schema, id.as_ref(), kind.as_ref(), body.into(), None)
    }

    /// One whose bytes count against a budget while it lives.
    pub(crate) fn shared(
        schema: &'static Schema,
        id: &str,
        kind: &str,
        body: Bytes,
        share: Option<Share>,
    ) -> Self {
        let mut names = String::with_capacity(id.len() + kind.len());
        names.push_str(id);
        names.push_str(kind);
        let names = names.into_boxed_str();
        Self { schema, names, id_len: id.len(), body, _share: share }
    }

    /// The schema of its topic.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The notification's id.
    pub fn id(&self) -> &str {
        &self.names[..self.id_len]
    }

    /// The notification's kind within its topic.
    pub fn kind(&self) -> &str {
        &self.names[self.id_len..]
    }

    /// The JSON text.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded")
            .field("topic", &self.schema.topic())
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("bytes", &self.body.len())
            .finish()
    }
}
