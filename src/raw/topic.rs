use super::member::{Member, Members};
use crate::attribute::{AttributeId, AttributeKind, Schema, str_eq};

/// Where the attributes of one topic stand in its JSON.
///
/// ```
/// use recohook::attribute::{Attribute, Schema};
/// use recohook::raw::{Id, Member, Topic};
///
/// static PASSAGES: Schema = Schema::new(
///     "passages",
///     &[Attribute::int("door"), Attribute::bool("granted"), Attribute::number("weight")],
/// );
///
/// /// `{"id": 7, "what": "entry", "door": {"id": 3, "name": "Gate"}, "scale": {"weight": 71.5}}`
/// static PASSAGE: Topic = Topic::new(
///     &PASSAGES,
///     Id::integer("id"),
///     &[
///         Member::reference("door", PASSAGES.expect("door")),
///         Member::value("granted", PASSAGES.expect("granted")),
///         Member::object("scale", &[Member::value("weight", PASSAGES.expect("weight"))]),
///     ],
/// )
/// .with_kind_in(&["what"]);
/// assert_eq!(PASSAGE.schema(), &PASSAGES);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    pub(super) schema: &'static Schema,
    pub(super) id: Id,
    pub(super) kind: KindSource,
    /// The attribute that holds the kind, too.
    pub(super) kind_attribute: Option<AttributeId>,
    pub(super) members: Members,
}

/// Where the id of a notification stands.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    pub(super) source: IdSource,
    pub(super) id_type: IdType,
    pub(super) is_required: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum IdSource {
    Member(&'static str),
    Attribute(AttributeId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IdType {
    Text,
    Integer,
    TextOrInteger,
    Any,
}

/// How a notification gets its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum KindSource {
    Fixed(&'static str),
    /// The first of these labels that is a text.
    Labels(&'static [&'static str]),
    /// Whether the [presence flag](Member::presence_flag) is there.
    PresenceFlag {
        present: &'static str,
        missing: &'static str,
    },
}

impl Topic {
    /// The topic of `schema`, whose notifications have these members. They have no
    /// [kind](crate::Notification::kind) unless one of the methods below says where it is.
    ///
    /// # Panics
    /// In a `static` a compile error, where an attribute is not of the schema or of another type
    /// than the member's shape takes, a name is empty or stands twice, or there are more than 64
    /// members.
    pub const fn new(schema: &'static Schema, id: Id, members: &'static [Member]) -> Self {
        let members = Members::new(members, false);
        members.check(schema, false);
        if let Some(id) = id.member() {
            assert!(!members.contains(id), "the id is not to be listed as a member, too");
        }
        if let IdSource::Attribute(id) = id.source {
            assert!(
                id.index() < schema.attributes().len()
                    && matches!(schema.attributes()[id.index()].kind(), AttributeKind::Text),
                "the attribute that is the id is a text"
            );
        }
        Self { schema, id, kind: KindSource::Fixed(""), kind_attribute: None, members }
    }

    /// All are of this kind.
    #[must_use]
    pub const fn with_kind(mut self, kind: &'static str) -> Self {
        self.kind = KindSource::Fixed(kind);
        self
    }

    /// The kind is the first of these members of the notification that is a text, or else empty.
    ///
    /// They are labels of its [`Format`](super::Format), and not listed as members.
    #[must_use]
    pub const fn with_kind_in(mut self, labels: &'static [&'static str]) -> Self {
        self.kind = KindSource::Labels(labels);
        self
    }

    /// The kind is `present` if the [presence flag](Member::presence_flag) is there, null or not,
    /// and `missing` otherwise.
    #[must_use]
    pub const fn with_kind_by_presence_flag(
        mut self,
        present: &'static str,
        missing: &'static str,
    ) -> Self {
        self.kind = KindSource::PresenceFlag { present, missing };
        self
    }

    /// The attribute that holds the kind, too; null if there is none.
    ///
    /// # Panics
    /// Where it is not of the schema, or neither a text nor a choice: in a `static`, a compile
    /// error.
    #[must_use]
    pub const fn with_kind_attribute(mut self, attribute: AttributeId) -> Self {
        assert!(attribute.index() < self.schema.attributes().len(), "no such attribute");
        let kind = self.schema.attributes()[attribute.index()].kind();
        assert!(
            matches!(kind, AttributeKind::Text | AttributeKind::Choice(_)),
            "a kind is a text or a choice"
        );
        self.kind_attribute = Some(attribute);
        self
    }

    /// Takes notifications of any shape, as [`Member::lenient_object`] does.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.members = self.members.lenient();
        self
    }

    /// Checks the labels of its format.
    pub(super) const fn check(&self, labels: &[&str]) {
        let mut i = 0;
        while i < labels.len() {
            assert!(
                !self.members.contains(labels[i]),
                "a label is not to be listed as a member, too"
            );
            i += 1;
        }
        // A label's value is not looked at for an id: each notification would lack its id.
        if let Some(id) = self.id.member() {
            assert!(!has(labels, id), "the id is not to be a label, too");
        }
        if let KindSource::Labels(names) = self.kind {
            let mut i = 0;
            while i < names.len() {
                assert!(has(labels, names[i]), "what tells a kind is a label of the format");
                i += 1;
            }
        }
    }

    /// The schema.
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }
}

impl Id {
    /// A member that is a text. It is required.
    pub const fn text(member: &'static str) -> Self {
        Self::of(member, IdType::Text)
    }

    /// A member that is an integer. It is required.
    pub const fn integer(member: &'static str) -> Self {
        Self::of(member, IdType::Integer)
    }

    /// A member that is a text or an integer. It is required.
    pub const fn text_or_integer(member: &'static str) -> Self {
        Self::of(member, IdType::TextOrInteger)
    }

    /// A member that is anything: a text as it is, and the JSON text of what is none. It is
    /// required.
    pub const fn any(member: &'static str) -> Self {
        Self::of(member, IdType::Any)
    }

    /// An attribute that is a text; empty where it is null.
    pub const fn attribute(attribute: AttributeId) -> Self {
        Self { source: IdSource::Attribute(attribute), id_type: IdType::Text, is_required: false }
    }

    /// Empty where the member is missing, which is an error otherwise.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    const fn of(member: &'static str, id_type: IdType) -> Self {
        Self { source: IdSource::Member(member), id_type, is_required: true }
    }

    pub(super) const fn member(&self) -> Option<&'static str> {
        match self.source {
            IdSource::Member(name) => Some(name),
            IdSource::Attribute(_) => None,
        }
    }
}

impl IdType {
    /// What an error says was expected.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer below 2^63",
            Self::TextOrInteger => "an integer id or a text",
            Self::Any => "any JSON value",
        }
    }
}

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
