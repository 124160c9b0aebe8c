use super::members::Members;
use crate::attribute::{AttributeId, AttributeKind, Schema, Values};

/// A member of a JSON object, and the attribute that it contains.
///
/// Each constructor describes one shape in which a member can contain an attribute. If the member
/// is `null` or missing, the attribute is null, except that a [`presence`](Self::presence) is
/// false.
///
/// A value that the shape does not accept is an error, and so is a second member of the same name.
/// In a [lenient](Self::lenient_object) object, neither is an error: such a value makes the
/// attribute null, and the last of several members of the same name counts.
///
/// Members are declared in a `static`, so that a contradiction between them and the schema
/// is a compile error (see [`Topic::new`](super::Topic::new)).
///
/// ```
/// use recohook::attribute::{Attribute, Schema};
/// use recohook::raw::{Format, Id, Member, Reader, Topic};
///
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::number("weight")]);
///
/// static MEMBERS: [Member; 2] = [
///     Member::reference("door", PASSAGES.expect("door")),
///     Member::object("scale", &[Member::value("weight", PASSAGES.expect("weight"))]),
/// ];
/// static PASSAGE: Topic = Topic::new(&PASSAGES, Id::integer("id"), &MEMBERS);
/// static FORMAT: Format = Format::of(&PASSAGE);
///
/// let text = br#"{"id": 1, "door": {"id": 3, "name": "Gate"}, "scale": {"weight": 71.5}}"#;
/// let mut reader = Reader::new(&FORMAT);
/// let passage = reader.read(text)?;
/// assert!(passage.values().is_present(PASSAGES.expect("door")));
/// assert!(passage.values().is_present(PASSAGES.expect("weight")));
/// # Ok::<(), recohook::raw::RawError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

/// The shape in which a member contains its attribute. Each variant is documented at its
/// constructor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A value of the attribute's kind.
    Value(AttributeId),
    /// An id or an object with an id, or a list of these.
    Reference(AttributeId),
    /// Any value. The attribute is true if the member is present and not null.
    Presence(AttributeId),
    /// A boolean that is true if the member contains an id or an object with an id.
    IdPresence(AttributeId),
    /// A string that contains a number.
    NumberInText(AttributeId),
    /// A value of the attribute that belongs to the notification's kind.
    ByKind(&'static [(&'static str, AttributeId)]),
    /// An object with its own members. The attribute, if any, is true if the object is present.
    Object(Option<AttributeId>, Members),
    /// Any value, even null. The kind depends on whether the member is present.
    PresenceFlag,
}

impl Member {
    /// Creates a member whose value has the type of the attribute's [`AttributeKind`]: a boolean,
    /// an integer, a number, a string (for a text or a choice), or a list of booleans, integers,
    /// numbers or strings.
    ///
    /// An integer must be between -2^63 and 2^63 - 1 and have no fraction, not even `.0`. A number
    /// attribute accepts any number. For a choice, a string that is not one of its names is "some
    /// other value". All items of a list must have the same type, and none may be null. An empty
    /// list counts as missing.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::ints("zones")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::value("zones", SCHEMA.expect("zones"));
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"zones": 7}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"zones": [3, 7]}"#)?.values()));
    /// assert!(reader.read(br#"{"zones": [3, "7"]}"#).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn value(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Value(attribute) }
    }

    /// Creates a member that is an integer, or an object whose member `id` is an integer. If the
    /// attribute is a list of integers, the member is a list of such values.
    ///
    /// Use it if a system writes either an entity or only its id. Other members of the object are
    /// skipped. An object is refused if it has no `id`, more than one `id`, or an `id` that is not
    /// an integer.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::reference("door", SCHEMA.expect("door"));
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"door": 7}"#, &FILTERS)?;
    /// for text in [r#"{"door": 7}"#, r#"{"door": {"id": 7, "name": "Gate"}}"#] {
    ///     assert!(filter.matches(reader.read(text.as_bytes())?.values()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn reference(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Reference(attribute) }
    }

    /// Creates a member of any type. Its attribute is a boolean, which is true if the member is
    /// present and not null.
    ///
    /// The attribute is never null. It is false if the member is missing or null, or if an
    /// enclosing object is missing.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::bool("has_photo")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::presence("photo", SCHEMA.expect("has_photo"));
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"has_photo": true}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"photo": {"width": 640}}"#)?.values()));
    /// assert!(!filter.matches(reader.read(br#"{"photo": null}"#)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn presence(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Presence(attribute) }
    }

    /// Creates a member that refers to an entity. Its attribute is a boolean, which is true if the
    /// member contains an id, or an object with the member `id` that contains one.
    ///
    /// An id is a string that is not empty or a positive integer. The attribute is false for any
    /// other value, because senders write `""`, `0`, `[]` or `{}` in place of null. The attribute
    /// is never null, as that of a [`presence`](Self::presence).
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::bool("invited")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::id_presence("guest", SCHEMA.expect("invited"));
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"invited": true}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"guest": {"id": 7}}"#)?.values()));
    /// assert!(!filter.matches(reader.read(br#"{"guest": {}}"#)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn id_presence(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::IdPresence(attribute) }
    }

    /// Creates a member that is a string containing a number, such as `"31"`. Its attribute is a
    /// number.
    ///
    /// The attribute is null if the string is not a finite number. A JSON number is also accepted.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::number("age")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::number_in_text("age", SCHEMA.expect("age"));
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"age_gte": 18}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"age": "31"}"#)?.values()));
    /// assert!(!filter.matches(reader.read(br#"{"age": "unknown"}"#)?.values()));
    /// assert!(filter.matches(reader.read(br#"{"age": 31}"#)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn number_in_text(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::NumberInText(attribute) }
    }

    /// Creates a member whose attribute depends on the [kind](crate::Notification::kind) of the
    /// notification. `attributes` is a list of pairs, each consisting of a kind and an attribute.
    ///
    /// All attributes must have the same type, which must not be a list. Texts and choices may be
    /// mixed. In a notification of any other kind, all these attributes are null. Even then, the
    /// value must have the right type, because the kind may follow it in the JSON.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema =
    ///     Schema::new("counts", &[Attribute::int("entered"), Attribute::int("left")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic =
    ///     Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]).with_kind_in(&["type"]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::by_kind(
    ///     "count",
    ///     &[("entry", SCHEMA.expect("entered")), ("exit", SCHEMA.expect("left"))],
    /// );
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"left": 5}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"count": 5, "type": "exit"}"#)?.values()));
    /// assert!(!filter.matches(reader.read(br#"{"count": 5, "type": "entry"}"#)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn by_kind(
        name: &'static str,
        attributes: &'static [(&'static str, AttributeId)],
    ) -> Self {
        Self { name, shape: Shape::ByKind(attributes) }
    }

    /// Creates a member that is an object. The object's `members` are read, and all others are
    /// skipped.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::number("weight")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member =
    ///     Member::object("scale", &[Member::value("weight", SCHEMA.expect("weight"))]);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"weight_gt": 70}"#, &FILTERS)?;
    /// let text = br#"{"scale": {"unit": "kg", "weight": 71.5}}"#;
    /// assert!(filter.matches(reader.read(text)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Panics if a name is empty or used twice, or if there are more than 64 members. In a `static`
    /// this is a compile error.
    pub const fn object(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, shape: Shape::Object(None, Members::new(members, false)) }
    }

    /// Creates a member that is an object, like [`object`](Self::object), and that also sets a
    /// boolean attribute, `flag`. The flag is true if the object is present, even if it is empty,
    /// and null if the object is null or missing.
    ///
    /// Filters can use the flag to test whether the object is present.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema =
    ///     Schema::new("passages", &[Attribute::bool("weighed"), Attribute::number("weight")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member = Member::object_with_flag(
    ///     "scale",
    ///     SCHEMA.expect("weighed"),
    ///     &[Member::value("weight", SCHEMA.expect("weight"))],
    /// );
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"weighed": true}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"scale": {}}"#)?.values()));
    /// assert!(!filter.matches(reader.read(br#"{"scale": null}"#)?.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Panics if a name is empty or used twice, or if there are more than 64 members. In a `static`
    /// this is a compile error.
    pub const fn object_with_flag(
        name: &'static str,
        flag: AttributeId,
        members: &'static [Member],
    ) -> Self {
        Self { name, shape: Shape::Object(Some(flag), Members::new(members, false)) }
    }

    /// Creates a member that is an object with content of any shape, such as arbitrary JSON.
    ///
    /// If a member of the object has the wrong type, its attribute is null. If several members have
    /// the same name, the last one counts. In other objects, both are errors. Objects within this
    /// object are not lenient, and a value that is not an object is still refused, except for an
    /// empty list, which PHP writes in place of an empty object.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}, raw::*};
    /// static SCHEMA: Schema = Schema::new("passages", &[Attribute::number("age")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&SCHEMA));
    /// static TOPIC: Topic = Topic::new(&SCHEMA, Id::any("id").optional(), &[MEMBER]);
    /// static FORMAT: Format = Format::of(&TOPIC);
    /// static MEMBER: Member =
    ///     Member::lenient_object("details", &[Member::value("age", SCHEMA.expect("age"))]);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let filter = Filter::parse(r#"{"age_exists": false}"#, &FILTERS)?;
    /// assert!(filter.matches(reader.read(br#"{"details": {"age": "about 30"}}"#)?.values()));
    /// assert!(reader.read(br#"{"details": [1]}"#).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Panics if a name is empty or used twice, or if there are more than 64 members. In a `static`
    /// this is a compile error.
    pub const fn lenient_object(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, shape: Shape::Object(None, Members::new(members, true)) }
    }

    /// Creates a member whose value is not read. The kind depends only on whether the member is
    /// present, and a null member counts as present (see
    /// [`Topic::with_kind_by_presence_flag`](super::Topic::with_kind_by_presence_flag)).
    ///
    /// It must be a member of the notification itself, not of an object within the notification.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::Schema, raw::*};
    /// static SCHEMA: Schema = Schema::new("visits", &[]);
    /// static TOPIC: Topic =
    ///     Topic::new(&SCHEMA, Id::integer("id"), &[Member::presence_flag("left_at")])
    ///         .with_kind_by_presence_flag("ended", "began");
    /// static FORMAT: Format = Format::of(&TOPIC);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 1, "left_at": null}"#)?.kind(), "ended");
    /// assert_eq!(reader.read(br#"{"id": 1}"#)?.kind(), "began");
    /// # Ok::<(), RawError>(())
    /// ```
    pub const fn presence_flag(name: &'static str) -> Self {
        Self { name, shape: Shape::PresenceFlag }
    }

    /// Returns the name of the member.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the shape of the member.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns the attributes that the member itself sets, without those of the members of an
    /// object.
    pub(super) fn attributes(&self) -> impl Iterator<Item = AttributeId> {
        let (one, several): (_, &[(&str, AttributeId)]) = match &self.shape {
            Shape::Value(id)
            | Shape::Reference(id)
            | Shape::NumberInText(id)
            | Shape::Presence(id)
            | Shape::IdPresence(id) => (Some(*id), &[]),
            Shape::ByKind(attributes) => (None, attributes),
            Shape::Object(flag, _) => (*flag, &[]),
            Shape::PresenceFlag => (None, &[]),
        };
        one.into_iter().chain(several.iter().map(|(_, id)| *id))
    }

    /// Resets all attributes of the member, as if the member were missing.
    pub(super) fn clear(&self, values: &mut Values) {
        match &self.shape {
            Shape::Value(id) | Shape::Reference(id) | Shape::NumberInText(id) => values.clear(*id),
            Shape::Presence(id) | Shape::IdPresence(id) => values.bool(*id, false),
            Shape::ByKind(attributes) => attributes.iter().for_each(|(_, id)| values.clear(*id)),
            Shape::Object(flag, members) => {
                flag.iter().for_each(|id| values.clear(*id));
                members.list.iter().for_each(|member| member.clear(values));
            }
            Shape::PresenceFlag => {}
        }
    }

    /// Asserts that the shape is compatible with the attributes in `schema`. `is_within` is true
    /// for a member of an object within the notification.
    // This is a `const fn` so that a wrong table is a compile error. It cannot use iterators or
    // compare strings with `==`, hence the `while` loops and `str_eq`.
    pub(super) const fn check(&self, schema: &Schema, is_within: bool) {
        match &self.shape {
            Shape::Value(id) => _ = kind(schema, *id),
            Shape::Reference(id) => assert!(
                matches!(kind(schema, *id), AttributeKind::Int | AttributeKind::Ints),
                "a reference is an integer, or a list of them"
            ),
            Shape::Presence(id) | Shape::IdPresence(id) => {
                assert!(is_bool(schema, *id), "a presence is a boolean")
            }
            Shape::NumberInText(id) => {
                assert!(
                    matches!(kind(schema, *id), AttributeKind::Number),
                    "a number in a text is a number"
                )
            }
            Shape::ByKind(attributes) => {
                // Error messages name the type of the first attribute.
                assert!(!attributes.is_empty(), "a member by kind needs an attribute");
                let mut i = 0;
                while i < attributes.len() {
                    let kinds = (kind(schema, attributes[0].1), kind(schema, attributes[i].1));
                    assert!(
                        are_alike(kinds),
                        "the attributes of a member by kind have one type, which is not a list"
                    );
                    i += 1;
                }
            }
            Shape::Object(flag, members) => {
                if let Some(id) = flag {
                    assert!(is_bool(schema, *id), "the flag of an object is a boolean");
                }
                members.check(schema, true);
            }
            // The reader looks for a presence flag only among the members of the notification
            // itself.
            Shape::PresenceFlag => {
                assert!(!is_within, "only a member of the notification can be a presence flag")
            }
        }
    }
}

/// Returns the kind of an attribute.
const fn kind(schema: &Schema, id: AttributeId) -> AttributeKind {
    assert!(id.index() < schema.attributes().len(), "the schema has no such attribute");
    schema.attributes()[id.index()].kind()
}

/// Returns whether two attributes accept the same JSON values and neither is a list.
const fn are_alike(kinds: (AttributeKind, AttributeKind)) -> bool {
    matches!(
        kinds,
        (AttributeKind::Bool, AttributeKind::Bool)
            | (
                AttributeKind::Choice(_) | AttributeKind::Text,
                AttributeKind::Choice(_) | AttributeKind::Text
            )
            | (AttributeKind::Number, AttributeKind::Number)
            | (AttributeKind::Int, AttributeKind::Int)
    )
}

/// Returns whether an attribute is a boolean.
const fn is_bool(schema: &Schema, id: AttributeId) -> bool {
    matches!(kind(schema, id), AttributeKind::Bool)
}
