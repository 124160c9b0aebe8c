mod history;

use std::{borrow::Cow, fmt, sync::Arc};

use bytes::Bytes;

pub use history::History;

use crate::{
    attribute::{Schema, Values},
    base::budget::Share,
};

/// Something that webhooks can be notified of. Hosts publish values of types that implement this
/// trait.
///
/// The models of the systems, such as [`findface::security::Event`], implement it. A host
/// implements it for its own types:
///
/// ```
/// use recohook::attribute::{Attribute, AttributeId, Schema, Values};
/// use recohook::filter::{Section, Table};
/// use recohook::{EncodeError, Engine, Filter, Moment, Notification, Rendering, Webhook};
/// use std::{borrow::Cow, time::SystemTime};
///
/// #[derive(serde::Serialize)]
/// struct Passage {
///     id: u64,
///     door: i64,
///     badge: Option<String>,
///     granted: bool,
/// }
///
/// // Only the fields that filters test are attributes. The JSON text contains all fields.
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
/// const DOOR: AttributeId = PASSAGES.expect("door");
/// const GRANTED: AttributeId = PASSAGES.expect("granted");
///
/// // Filters are parsed with this table. Here it defines the native language for the schema.
/// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
///
/// impl Notification for Passage {
///     fn schema(&self) -> &'static Schema {
///         &PASSAGES
///     }
///
///     fn id(&self) -> Cow<'_, str> {
///         self.id.to_string().into()
///     }
///
///     fn kind(&self) -> &str {
///         "passage"
///     }
///
///     fn attributes(&self, values: &mut Values) {
///         values.int(DOOR, self.door);
///         values.bool(GRANTED, self.granted);
///     }
///
///     fn encode(&self, _: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         Ok(serde_json::to_writer(out, self)?)
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut engine = Engine::new();
/// let now = Moment::ZERO;
/// let filter = Filter::parse(r#"{"door_in": [7, 9], "granted": false}"#, &FILTERS)?;
/// engine.insert("refused", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
///
/// let granted = Passage { id: 1, door: 7, badge: Some("visitor-12".into()), granted: true };
/// assert_eq!(engine.publish(&granted, now)?.matched, 0);
/// let refused = Passage { id: 2, door: 7, badge: None, granted: false };
/// assert_eq!(engine.publish(&refused, now)?.queued, 1);
///
/// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
/// assert_eq!(
///     outgoing.request().body(),
///     r#"[{"id":2,"door":7,"badge":null,"granted":false}]"#,
/// );
/// # Ok(())
/// # }
/// ```
///
/// # How it is called
///
/// `publish` calls the methods on the caller's thread. No lock is held during these calls, so a
/// method may call the notifier, and even publish another notification.
/// [`attributes`](Self::attributes) runs for every notification and should be quick.
/// [`encode`](Self::encode) runs only if a webhook matches the notification. It runs once for each
/// [`Rendering`] that is needed, however many webhooks there are.
///
/// [`findface::security::Event`]: crate::findface::security::Event
pub trait Notification {
    /// Returns the schema, which defines the topic of the notification and the attributes that
    /// filters can test.
    fn schema(&self) -> &'static Schema;

    /// Returns the id. The id appears in reports, in dead letters and, if the webhook asks for it,
    /// in a header.
    ///
    /// The id need not be unique, because nothing is looked up by id.
    fn id(&self) -> Cow<'_, str>;

    /// Returns the kind of notification within its topic, such as `episode_open`.
    ///
    /// [`History::recent`] can select by kind, and a header contains the kind if the webhook asks
    /// for it. Filters cannot test the kind. To filter by kind, declare an attribute for it.
    fn kind(&self) -> &str;

    /// Sets the attributes.
    ///
    /// `values` uses the notification's [`schema`](Self::schema), and none of its attributes is set
    /// yet. An attribute that is not set is null. A value that the schema does not allow makes
    /// publishing fail (see [`Values::error`]).
    fn attributes(&self, values: &mut Values);

    /// Appends the JSON text of the notification to `out`.
    ///
    /// The text must be one JSON value. It is sent as it is, without being checked or changed. A
    /// type that contains no entities can ignore `rendering`.
    ///
    /// # Errors
    /// Returns an error if the notification cannot be written as JSON. Publishing it then fails
    /// with that error. Publishing also fails if nothing was appended.
    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

/// Implements `Notification` for pointers to notifications.
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

// A blanket impl over `Deref` would rule out a host's type that dereferences to another type and
// has its own impl.
forward_notification!(&T, Box<T>, Arc<T>);

/// The way in which a notification writes the entities that it refers to, such as cameras.
///
/// It is set for each webhook with [`Webhook::with_rendering`](crate::Webhook::with_rendering).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rendering {
    /// Writes each entity that the notification contains as an object. If the notification contains
    /// only an entity's id, the id is written.
    #[default]
    Full,
    /// Writes an id instead of each entity.
    Compact,
}

impl Rendering {
    /// Both renderings, in the order of their discriminants, which are used as array indices.
    pub(crate) const ALL: [Self; 2] = [Self::Full, Self::Compact];
}

/// An error that occurs when a notification cannot be written as JSON. Its
/// [`source`](std::error::Error::source) is the cause.
#[derive(Debug, thiserror::Error)]
#[error("the notification cannot be written as JSON")]
pub struct EncodeError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl EncodeError {
    /// Creates an error from its cause, which may be a string.
    ///
    /// The `?` operator converts a `serde_json::Error` into this type.
    ///
    /// ```
    /// use recohook::{EncodeError, failure::ErrorText};
    ///
    /// let error = EncodeError::new("it has no compact form");
    /// assert_eq!(
    ///     ErrorText::of(&error).as_str(),
    ///     "the notification cannot be written as JSON: it has no compact form",
    /// );
    /// ```
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl From<serde_json::Error> for EncodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// A notification in a queue. It contains the JSON text in one [`Rendering`], and the data that
/// reports need.
///
/// A notification is encoded once for each rendering that is needed, and the webhooks that accept
/// it share the result. A host finds it in reports and dead letters (see
/// [`Batch::items`](crate::report::Batch::items)).
pub struct Encoded {
    schema: &'static Schema,
    /// The id, followed by the kind, in a single allocation.
    names: Box<str>,
    id_len: usize,
    body: Bytes,
    // This field is never read. Dropping it returns the bytes of the body to the budget.
    _share: Option<Share>,
}

impl Encoded {
    /// Creates a notification whose JSON text already exists.
    ///
    /// The text is not checked. Hosts rarely need this, because `publish` encodes notifications.
    /// This function is meant for the [`Dispatcher`](crate::unstable::Dispatcher) and for tests of
    /// dead-letter handlers.
    ///
    /// ```
    /// use recohook::{Encoded, findface::security};
    ///
    /// let encoded = Encoded::new(&security::EVENTS, "42", "event_created", r#"{"id":"42"}"#);
    /// assert_eq!((encoded.id(), encoded.kind()), ("42", "event_created"));
    /// assert_eq!(encoded.schema().topic(), "events");
    /// assert_eq!(encoded.body(), r#"{"id":"42"}"#);
    /// ```
    pub fn new(
        schema: &'static Schema,
        id: impl AsRef<str>,
        kind: impl AsRef<str>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self::shared(schema, id.as_ref(), kind.as_ref(), body.into(), None)
    }

    /// Creates a notification that holds `share`, its share of the byte budget, until the
    /// notification is dropped.
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

    /// Returns the schema.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.names[..self.id_len]
    }

    /// Returns the kind of notification within its topic.
    pub fn kind(&self) -> &str {
        &self.names[self.id_len..]
    }

    /// Returns the JSON text. Cloning the bytes does not copy them.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// The body is left out, because it may be long and contains data about people.
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
