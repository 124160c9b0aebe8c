use super::{member::Member, members::Members};
use crate::attribute::{AttributeId, AttributeKind, Schema, str_eq};

/// A description of the JSON of one topic: where a notification's id, kind and attributes are.
///
/// A topic is declared as a `static` and used through a [`Format`](super::Format).
///
/// ```
/// use recohook::Notification;
/// use recohook::attribute::{Attribute, Schema};
/// use recohook::raw::{Format, Id, Member, Reader, Topic};
///
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
///
/// // The JSON of the `Passage` in the example of `Notification`.
/// static PASSAGE: Topic = Topic::new(
///     &PASSAGES,
///     Id::integer("id"),
///     &[
///         Member::value("door", PASSAGES.expect("door")),
///         Member::value("granted", PASSAGES.expect("granted")),
///     ],
/// )
/// .with_kind("passage");
/// static FORMAT: Format = Format::of(&PASSAGE);
///
/// let mut reader = Reader::new(&FORMAT);
/// let passage = reader.read(br#"{"id": 2, "door": 7, "badge": null, "granted": false}"#)?;
/// assert_eq!((&*passage.id(), passage.kind()), ("2", "passage"));
/// assert!(passage.values().is_present(PASSAGES.expect("granted")));
/// # Ok::<(), recohook::raw::RawError>(())
/// ```
///
/// [`Member`] shows how to describe an entity, an object within the notification, and other shapes.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    pub(super) schema: &'static Schema,
    pub(super) id: Id,
    pub(super) kind: KindSource,
    /// The attribute that is set to the kind.
    pub(super) kind_attribute: Option<AttributeId>,
    pub(super) members: Members,
}

/// The location and the type of a notification's id.
///
/// [`Notification::id`](crate::Notification::id) always returns a string, so an integer is written
/// in decimal. The member that contains the id must not also be listed as a [`Member`].
///
/// ```
/// # use recohook::{Notification, attribute::Schema, raw::*};
/// static SCHEMA: Schema = Schema::new("passages", &[]);
/// static TOPIC: Topic = Topic::new(&SCHEMA, Id::text_or_integer("key").optional(), &[]);
/// static FORMAT: Format = Format::of(&TOPIC);
///
/// let mut reader = Reader::new(&FORMAT);
/// assert_eq!(reader.read(br#"{"key": "a-7"}"#)?.id(), "a-7");
/// assert_eq!(reader.read(br#"{"key": 7}"#)?.id(), "7");
/// assert_eq!(reader.read(br#"{}"#)?.id(), "");
/// # Ok::<(), RawError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Id {
    pub(super) source: IdSource,
    pub(super) id_type: IdType,
    pub(super) is_required: bool,
}

/// Where an id is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum IdSource {
    /// A member of the notification that is used only as the id.
    Member(&'static str),
    /// An attribute that a listed member sets.
    Attribute(AttributeId),
}

/// The type of an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IdType {
    Text,
    Integer,
    TextOrInteger,
    Any,
}

/// Where a notification's kind is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum KindSource {
    /// All notifications of the topic have this kind. It is empty by default.
    Fixed(&'static str),
    /// The kind is the first of these labels that is a string. If none is, the kind is empty.
    Labels(&'static [&'static str]),
    /// One of two kinds, depending on whether the [presence flag](Member::presence_flag) is
    /// present.
    PresenceFlag { present: &'static str, missing: &'static str },
}

impl Topic {
    /// Creates a topic for `schema`. Apart from the id and the labels, a reader reads only
    /// `members` and skips the rest of a notification.
    ///
    /// The [kind](crate::Notification::kind) is empty unless one of the other methods sets it or
    /// determines where it is found.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static TOPIC: Topic = Topic::new(
    ///     &SCHEMA,
    ///     Id::integer("id"),
    ///     &[Member::reference("door", SCHEMA.expect("door"))],
    /// );
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let passage = reader.read(br#"{"id": 7, "door": {"id": 3}, "camera": null}"#)?;
    /// assert!(passage.values().is_present(SCHEMA.expect("door")));
    /// assert_eq!(passage.kind(), "");
    /// # Ok::<(), RawError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if `schema` lacks an attribute that a member or the id uses, or if that attribute is
    /// of a kind that the member's shape does not accept. Also panics if a member's name is empty,
    /// is used twice or is also the name of the id, or if there are more than 64 members. In a
    /// `static` this is a compile error.
    pub const fn new(schema: &'static Schema, id: Id, members: &'static [Member]) -> Self {
        let members = Members::new(members, false);
        members.check(schema, false);
        if let Some(id) = id.member() {
            // The reader looks for the id first, so it would never read the member.
            assert!(!members.contains(id), "the id must not be listed as a member, too");
        }
        if let IdSource::Attribute(id) = id.source {
            assert!(
                id.index() < schema.attributes().len()
                    && matches!(schema.attributes()[id.index()].kind(), AttributeKind::Text),
                "an attribute that is the id must be a text"
            );
        }
        Self { schema, id, kind: KindSource::Fixed(""), kind_attribute: None, members }
    }

    /// Sets the kind of all notifications of the topic.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::integer("id"), &[]).with_kind("passage");
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 7}"#)?.kind(), "passage");
    /// # Ok::<(), RawError>(())
    /// ```
    #[must_use]
    pub const fn with_kind(mut self, kind: &'static str) -> Self {
        self.kind = KindSource::Fixed(kind);
        self
    }

    /// Sets the members that determine the kind. The kind is the value of the first member in
    /// `labels` that is a string. If none is, the kind is empty.
    ///
    /// These members are labels of the topic's [`Format`](super::Format) and must not be listed as
    /// members. [`Format::of`](super::Format::of) takes them from the topic. If you use
    /// [`Format::choosing`](super::Format::choosing), include them in its `labels`.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic =
    ///     Topic::new(&SCHEMA, Id::integer("id"), &[]).with_kind_in(&["type", "old_type"]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 7, "old_type": "in", "type": "go"}"#)?.kind(), "go");
    /// assert_eq!(reader.read(br#"{"id": 7, "old_type": "in"}"#)?.kind(), "in");
    /// # Ok::<(), RawError>(())
    /// ```
    #[must_use]
    pub const fn with_kind_in(mut self, labels: &'static [&'static str]) -> Self {
        self.kind = KindSource::Labels(labels);
        self
    }

    /// Sets the two kinds of a topic with a [presence flag](Member::presence_flag). The kind is
    /// `present` if that member is present, even if it is null, and `missing` otherwise.
    ///
    /// If the topic lists no presence flag, the kind is always `missing`.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic =
    ///     Topic::new(&SCHEMA, Id::integer("id"), &[Member::presence_flag("line")])
    ///         .with_kind_by_presence_flag("line_crossed", "area_entered");
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 7, "line": 2}"#)?.kind(), "line_crossed");
    /// assert_eq!(reader.read(br#"{"id": 7, "area": 2}"#)?.kind(), "area_entered");
    /// # Ok::<(), RawError>(())
    /// ```
    #[must_use]
    pub const fn with_kind_by_presence_flag(
        mut self,
        present: &'static str,
        missing: &'static str,
    ) -> Self {
        self.kind = KindSource::PresenceFlag { present, missing };
        self
    }

    /// Stores the kind in an attribute, so that filters can test it. The attribute is null if none
    /// of the members of [`with_kind_in`](Self::with_kind_in) is a string.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::text("type")]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::integer("id"), &[])
    ///     .with_kind_in(&["type"])
    ///     .with_kind_attribute(SCHEMA.expect("type"));
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let passage = reader.read(br#"{"id": 7, "type": "entry"}"#)?;
    /// assert!(passage.values().is_present(SCHEMA.expect("type")));
    /// # Ok::<(), RawError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if the schema lacks the attribute, or if the attribute is neither a text nor a
    /// choice. In a `static` this is a compile error.
    #[must_use]
    pub const fn with_kind_attribute(mut self, attribute: AttributeId) -> Self {
        assert!(
            attribute.index() < self.schema.attributes().len(),
            "the schema has no such attribute"
        );
        let kind = self.schema.attributes()[attribute.index()].kind();
        assert!(
            matches!(kind, AttributeKind::Text | AttributeKind::Choice(_)),
            "a kind is a text or a choice"
        );
        self.kind_attribute = Some(attribute);
        self
    }

    /// Makes the topic accept notifications of any shape, just as [`Member::lenient_object`]
    /// accepts any object.
    ///
    /// If a listed member has the wrong type, its attribute is null. If the member that contains
    /// the id or the kind has the wrong type, the id or the kind is empty. If several members have
    /// the same name, the last one counts. A required id must still be present.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static TOPIC: Topic =
    ///     Topic::new(&SCHEMA, Id::integer("id"), &[Member::value("door", SCHEMA.expect("door"))])
    ///         .lenient();
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let passage = reader.read(br#"{"id": 7, "door": "north"}"#)?;
    /// assert!(!passage.values().is_present(SCHEMA.expect("door")));
    /// assert!(reader.read(br#"{"door": 3}"#).is_err());
    /// # Ok::<(), RawError>(())
    /// ```
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.members = self.members.lenient();
        self
    }

    /// Asserts that the topic is compatible with the labels of its format.
    pub(super) const fn check(&self, labels: &[&str]) {
        let mut i = 0;
        while i < labels.len() {
            // The reader looks for labels first, so it would never read the member.
            assert!(
                !self.members.contains(labels[i]),
                "a label must not be listed as a member, too"
            );
            i += 1;
        }
        // For the same reason, the reader would never find an id that is also a label.
        if let Some(id) = self.id.member() {
            assert!(!has(labels, id), "the id must not be a label, too");
        }
        if let KindSource::Labels(names) = self.kind {
            let mut i = 0;
            while i < names.len() {
                assert!(
                    has(labels, names[i]),
                    "a member that gives the kind must be a label of the format"
                );
                i += 1;
            }
        }
    }

    /// Returns the schema of the topic's notifications.
    ///
    /// ```
    /// # use recohook::{attribute::Schema, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::integer("id"), &[]);
    /// assert_eq!(TOPIC.schema().topic(), "passages");
    /// ```
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }
}

impl Id {
    /// Creates an id that is a string in this member. The id is required, and a notification
    /// without it is refused.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::text("uuid"), &[]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"uuid": "9b2e"}"#)?.id(), "9b2e");
    /// assert!(reader.read(br#"{"uuid": 7}"#).is_err());
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn text(member: &'static str) -> Self {
        Self::of(member, IdType::Text)
    }

    /// Creates an id that is an integer in this member. The integer must be from -2^63 to 2^63 - 1.
    /// The id is required.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::integer("id"), &[]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 7}"#)?.id(), "7");
    /// assert!(reader.read(br#"{"id": "7"}"#).is_err());
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn integer(member: &'static str) -> Self {
        Self::of(member, IdType::Integer)
    }

    /// Creates an id that is a string or an integer in this member. The id is required.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::text_or_integer("id"), &[]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": "a-7"}"#)?.id(), "a-7");
    /// assert_eq!(reader.read(br#"{"id": 7}"#)?.id(), "7");
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn text_or_integer(member: &'static str) -> Self {
        Self::of(member, IdType::TextOrInteger)
    }

    /// Creates an id that is a value of any type in this member. The id is required.
    ///
    /// A string is used as it is. Any other value is written as JSON, without whitespace and with
    /// the members of objects in the order in which `serde_json` writes a `Value`.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("key"), &[]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"key": "a-7"}"#)?.id(), "a-7");
    /// assert_eq!(reader.read(br#"{"key": [1, null]}"#)?.id(), "[1,null]");
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn any(member: &'static str) -> Self {
        Self::of(member, IdType::Any)
    }

    /// Creates an id that is the value of a text attribute. Use this constructor if filters test
    /// the id, because a member that the other constructors name cannot also set an attribute. The
    /// id is empty if the attribute is null.
    ///
    /// If you change the attribute through [`values_mut`](super::RawNotification::values_mut), the
    /// id also changes.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::text("badge")]);
    /// static TOPIC: Topic = Topic::new(
    ///     &SCHEMA,
    ///     Id::attribute(SCHEMA.expect("badge")),
    ///     &[Member::value("badge", SCHEMA.expect("badge"))],
    /// );
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"badge": "B7"}"#)?.id(), "B7");
    /// assert_eq!(reader.read(br#"{"badge": null}"#)?.id(), "");
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn attribute(attribute: AttributeId) -> Self {
        Self { source: IdSource::Attribute(attribute), id_type: IdType::Text, is_required: false }
    }

    /// Makes the id optional. If the notification does not contain the id, the id is empty. If it
    /// does, the id must still have the right type.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::{Attribute, Schema}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[]);
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::text("id").optional(), &[]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"door": 3}"#)?.id(), "");
    /// assert!(reader.read(br#"{"id": null}"#).is_err());
    /// # Ok::<(), RawError>(())
    /// ```
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    /// Creates a required id that is found in a member.
    const fn of(member: &'static str, id_type: IdType) -> Self {
        Self { source: IdSource::Member(member), id_type, is_required: true }
    }

    /// Returns the member that contains the id, or `None` if the id is an attribute.
    pub(super) const fn member(&self) -> Option<&'static str> {
        match self.source {
            IdSource::Member(name) => Some(name),
            IdSource::Attribute(_) => None,
        }
    }
}

impl IdType {
    /// Returns a description of the type for error messages.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer below 2^63",
            Self::TextOrInteger => "an integer or a string",
            Self::Any => "any JSON value",
        }
    }
}

/// Returns whether `name` is one of `names`. Strings cannot be compared with `==` in constant
/// functions.
const fn has(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if str_eq(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}
