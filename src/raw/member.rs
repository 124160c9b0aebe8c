use super::members::Members;
use crate::attribute::{AttributeId, AttributeKind, Schema, Values};

/// A member of a JSON object, and the attribute that it holds.
///
/// Each constructor describes one shape in which a member can hold an attribute. In all shapes, the
/// attribute is null if the member is `null` or missing, except that a [`presence`](Self::presence)
/// is false.
///
/// A value that the shape does not take is an error, and so is a second member of the same name. In
/// a [lenient](Self::lenient_object) object the attribute is null instead, and the last member
/// counts. Members are declared in a `static`, so a contradiction between them and the schema is a
/// compile error: see [`Topic::new`](super::Topic::new).
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

/// The shape in which a member holds its attribute. Each is described at its constructor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A value of the attribute's kind.
    Value(AttributeId),
    /// An id or an object that has one, or a list of them.
    Reference(AttributeId),
    /// Any value. The attribute is whether it is there and not null.
    Presence(AttributeId),
    /// A text that contains a number.
    NumberInText(AttributeId),
    /// A value of the attribute that belongs to the notification's kind.
    ByKind(&'static [(&'static str, AttributeId)]),
    /// An object with members of its own. The attribute, if any, is true if the object is there.
    Object(Option<AttributeId>, Members),
    /// Any value. Whether the member is there, null or not, gives the kind.
    PresenceFlag,
}

impl Member {
    /// Creates a member that is a value of the attribute's [`AttributeKind`]: a boolean, an
    /// integer, a number, a text, a text for a choice, or a list of those.
    ///
    /// An integer has no fraction, not even `.0`, and is from -2^63 to 2^63 - 1. A number attribute
    /// takes any number. A text that is not a name of the choice is "some other value". All items
    /// of a list must have the same type, and none may be null. An empty list counts as missing.
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
    /// attribute is a list of integers, it is a list of them.
    ///
    /// Use it if a system writes either an entity or only its id. Other members of the object are
    /// skipped. An object without an `id`, with two, or with one of another type is refused.
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

    /// Creates a member of any type. Its attribute is a boolean: whether the member is there and
    /// not null.
    ///
    /// The attribute is never null. It is false if the member is missing or null, or if an object
    /// around it is missing.
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

    /// Creates a member that is a text with a number in it, such as `"31"`. Its attribute is a
    /// number.
    ///
    /// The attribute is null if the text is not a finite number. A JSON number is refused.
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
    /// assert!(reader.read(br#"{"age": 31}"#).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn number_in_text(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::NumberInText(attribute) }
    }

    /// Creates a member whose attribute depends on the [kind](crate::Notification::kind) of the
    /// notification. `attributes` are pairs of a kind and an attribute.
    ///
    /// All attributes have the same type, which is not a list. Texts and choices may be mixed. In a
    /// notification of another kind, all attributes are null. The value must have the type even
    /// then, because the kind may come after it in the text.
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

    /// Creates a member that is an object. The object's `members` are read, and all others skipped.
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

    /// Creates a member that is an object, as [`object`](Self::object) does, with a boolean
    /// attribute `flag`: true if the object is there, even if it is empty, and null if it is null
    /// or missing.
    ///
    /// This lets filters ask whether the object is there.
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
    /// If a member of the object has a wrong type, its attribute is null. If several members have
    /// the same name, the last counts. In other objects both are errors. This does not extend to
    /// objects within the object, and a value that is not an object is still refused.
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
    /// assert!(reader.read(br#"{"details": []}"#).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Panics if a name is empty or used twice, or if there are more than 64 members. In a `static`
    /// this is a compile error.
    pub const fn lenient_object(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, shape: Shape::Object(None, Members::new(members, true)) }
    }

    /// Creates a member whose value is not read. Whether it is there, null or not, gives the kind:
    /// see [`Topic::with_kind_by_presence_flag`](super::Topic::with_kind_by_presence_flag).
    ///
    /// It can only be a member of the notification itself, not of an object in it.
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

    /// Sets all attributes of the member as if it were missing.
    pub(super) fn clear(&self, values: &mut Values) {
        match &self.shape {
            Shape::Value(id) | Shape::Reference(id) | Shape::NumberInText(id) => values.clear(*id),
            Shape::Presence(id) => values.bool(*id, false),
            Shape::ByKind(attributes) => attributes.iter().for_each(|(_, id)| values.clear(*id)),
            Shape::Object(flag, members) => {
                flag.iter().for_each(|id| values.clear(*id));
                members.list.iter().for_each(|member| member.clear(values));
            }
            Shape::PresenceFlag => {}
        }
    }

    /// Asserts that the shape suits the attributes in `schema`. `is_within` is true for a member of
    /// an object within the notification.
    // A `const fn`, so that a wrong table is a compile error. It cannot use iterators or `==` for
    // texts, hence the `while` loops and `str_eq`.
    pub(super) const fn check(&self, schema: &Schema, is_within: bool) {
        match &self.shape {
            Shape::Value(id) => _ = kind(schema, *id),
            Shape::Reference(id) => assert!(
                matches!(kind(schema, *id), AttributeKind::Int | AttributeKind::Ints),
                "a reference is an integer, or a list of them"
            ),
            Shape::Presence(id) => assert!(is_bool(schema, *id), "a presence is a boolean"),
            Shape::NumberInText(id) => {
                assert!(
                    matches!(kind(schema, *id), AttributeKind::Number),
                    "a number in a text is a number"
                )
            }
            Shape::ByKind(attributes) => {
                // The first one gives the type that an error names.
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
            // The reader looks for it among the members of the notification only.
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

/// Returns whether two attributes take the same JSON values, and are not lists.
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
