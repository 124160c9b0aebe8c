use super::{member::Member, members::Members};
use crate::attribute::{AttributeId, AttributeKind, Schema, str_eq};

/// The JSON of the notifications of one topic: where their id, their kind and their attributes are.
///
/// It is declared as a `static`, and used through a [`Format`](super::Format).
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

/// The place and the type of a notification's id.
///
/// An id is always a text for [`Notification::id`](crate::Notification::id): an integer is written
/// in decimal. A member that is the id must not be listed as a [`Member`], too.
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

/// The place of an id.
#[derive(Clone, Copy, Debug)]
pub(super) enum IdSource {
    /// A member of the notification, which only the id uses.
    Member(&'static str),
    /// An attribute, which a listed member sets.
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

/// The place of a notification's kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum KindSource {
    /// It is the same for all notifications of the topic. Empty by default.
    Fixed(&'static str),
    /// The first of these labels that is a text. Empty if none is.
    Labels(&'static [&'static str]),
    /// One of two kinds, by whether the [presence flag](Member::presence_flag) is there.
    PresenceFlag { present: &'static str, missing: &'static str },
}

impl Topic {
    /// Creates the topic of `schema`, whose notifications have these members. Members that are not
    /// listed are skipped.
    ///
    /// The [kind](crate::Notification::kind) is empty unless one of the other methods sets its
    /// place.
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
    /// Panics if `schema` lacks an attribute of a member or of the id, or has it with a kind that
    /// the member's shape does not take; if a name is empty or used twice, also by the id; or if
    /// there are more than 64 members. In a `static` this is a compile error.
    pub const fn new(schema: &'static Schema, id: Id, members: &'static [Member]) -> Self {
        let members = Members::new(members, false);
        members.check(schema, false);
        if let Some(id) = id.member() {
            // The id is looked for first, so the member would never be read.
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

    /// Sets the members that give the kind. The kind is the first of them, in this order, that is a
    /// text. It is empty if none of them is a text.
    ///
    /// They are labels of the topic's [`Format`](super::Format), and must not be listed as members.
    /// [`Format::of`](super::Format::of) takes them from the topic, and
    /// [`Format::choosing`](super::Format::choosing) must have them among its labels.
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

    /// Sets the two kinds of a topic with a [presence flag](Member::presence_flag): `present` if
    /// that member is there, null or not, and `missing` otherwise.
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

    /// Sets an attribute to the kind, so that filters can test it. The attribute is null if none of
    /// the members of [`with_kind_in`](Self::with_kind_in) is a text.
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
    /// Panics if the schema lacks the attribute, or if it is neither a text nor a choice. In a
    /// `static` this is a compile error.
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

    /// Makes the topic take notifications of any shape, as [`Member::lenient_object`] takes
    /// objects.
    ///
    /// The attribute of a listed member with a wrong type is null. An id or a kind is empty if its
    /// member has a wrong type. If several members have the same name, the last counts. A required
    /// id must still be there.
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

    /// Asserts that the topic suits the labels of its format.
    pub(super) const fn check(&self, labels: &[&str]) {
        let mut i = 0;
        while i < labels.len() {
            // Labels are looked for first, so the member would never be read.
            assert!(
                !self.members.contains(labels[i]),
                "a label must not be listed as a member, too"
            );
            i += 1;
        }
        // For the same reason, the id would never be found.
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
    /// Creates an id that is a text in this member. It is required: a notification without it is an
    /// error.
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

    /// Creates an id that is an integer in this member, from -2^63 to 2^63 - 1. It is required.
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

    /// Creates an id that is a text or an integer in this member. It is required.
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

    /// Creates an id that is any value in this member. It is required.
    ///
    /// A text is the id as it is. Any other value is written as JSON, without white space and with
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

    /// Creates an id that is the value of a text attribute. Use it if filters test the id, because
    /// a member cannot be both the id and an attribute. The id is empty if the attribute is null.
    ///
    /// A change of the attribute by [`values_mut`](super::RawNotification::values_mut) changes the
    /// id, too.
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

    /// Makes a missing id empty instead of an error. An id that is there must still have the type.
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

    /// Creates a required id in a member.
    const fn of(member: &'static str, id_type: IdType) -> Self {
        Self { source: IdSource::Member(member), id_type, is_required: true }
    }

    /// Returns the member that has the id, unless it is an attribute.
    pub(super) const fn member(&self) -> Option<&'static str> {
        match self.source {
            IdSource::Member(name) => Some(name),
            IdSource::Attribute(_) => None,
        }
    }
}

impl IdType {
    /// Returns the description of the type for errors.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer below 2^63",
            Self::TextOrInteger => "an integer id or a text",
            Self::Any => "any JSON value",
        }
    }
}

/// Returns whether `name` is one of `names`. Texts have no `==` in constant functions.
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
