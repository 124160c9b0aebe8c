use crate::attribute::{AttributeId, AttributeKind, Schema, Values, str_eq};

/// One member of a JSON object, and the attribute that it holds.
///
/// In each shape `null` is null, and so is a member that is missing.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    name: &'static str,
    shape: Shape,
}

/// The shape in which a member holds its attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As the attribute's kind says.
    Value(AttributeId),
    /// An id, or an object that has one; or a list of those.
    Reference(AttributeId),
    /// A boolean: whether the member is there and not null.
    Presence(AttributeId),
    /// A number, written as a text.
    NumberInText(AttributeId),
    /// The value of one of these attributes, told by the notification's kind.
    ByKind(&'static [(&'static str, AttributeId)]),
    /// An object; true in the attribute where it is there.
    Object(Option<AttributeId>, Members),
    /// Nothing but that it is there, null or not.
    PresenceFlag,
}

/// The members of an object that are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members {
    list: &'static [Member],
    /// A bit for each length of a name, the last one for all longer ones: most other names are
    /// told from these by it.
    lengths: u64,
    /// See [`Member::lenient_object`].
    is_lenient: bool,
    has_presence: bool,
    has_kinds: bool,
}

impl Member {
    /// The value as the attribute's [`AttributeKind`] says: a text for a text or a choice, an
    /// integer for an integer, a list for a list.
    pub const fn value(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Value(attribute) }
    }

    /// An integer, or an object whose member `id` is one; a list of them for a list of integers.
    pub const fn reference(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Reference(attribute) }
    }

    /// Whether the member is there and not null, as a boolean that is never null.
    pub const fn presence(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::Presence(attribute) }
    }

    /// A text that tells a number, such as `"31"`. Null where it tells no finite one.
    pub const fn number_in_text(name: &'static str, attribute: AttributeId) -> Self {
        Self { name, shape: Shape::NumberInText(attribute) }
    }

    /// A value whose attribute depends on the [kind](crate::Notification::kind): pairs of a kind
    /// and an attribute, all of one type and no lists. In a notification of another kind it is not looked at.
    pub const fn by_kind(
        name: &'static str,
        attributes: &'static [(&'static str, AttributeId)],
    ) -> Self {
        Self { name, shape: Shape::ByKind(attributes) }
    }

    /// An object with members that are read.
    ///
    /// # Panics
    /// Where a name is empty or stands twice, or there are more than 64: in a `static`, a compile
    /// error.
    pub const fn object(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, shape: Shape::Object(None, Members::new(members, false)) }
    }

    /// The same, with a boolean that is true where the object is there, and null elsewhere.
    ///
    /// # Panics
    /// As [`object`](Self::object).
    pub const fn object_with_flag(
        name: &'static str,
        flag: AttributeId,
        members: &'static [Member],
    ) -> Self {
        Self { name, shape: Shape::Object(Some(flag), Members::new(members, false)) }
    }

    /// An object in which anything can stand: a member of another type is null, and of members of
    /// one name the last counts. In other objects both are errors.
    ///
    /// # Panics
    /// As [`object`](Self::object).
    pub const fn lenient_object(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, shape: Shape::Object(None, Members::new(members, true)) }
    }

    /// A member whose value is not read. Whether it is there gives the kind: see
    /// [`Topic::with_kind_by_presence_flag`](super::Topic::with_kind_by_presence_flag).
    pub const fn presence_flag(name: &'static str) -> Self {
        Self { name, shape: Shape::PresenceFlag }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Makes all that it holds null, as if it had not been read.
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

    const fn check(&self, schema: &Schema, is_within: bool) {
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
                assert!(!attributes.is_empty(), "a member by kind needs an attribute");
                let mut i = 0;
                while i < attributes.len() {
                    let kinds = (kind(schema, attributes[0].1), kind(schema, attributes[i].1));
                    assert!(are_alike(kinds), "the attributes of a member are of one plain type");
                    i += 1;
                }
            }
            Shape::Object(flag, members) => {
                if let Some(id) = flag {
                    assert!(is_bool(schema, *id), "the flag of an object is a boolean");
                }
                members.check(schema, true);
            }
            Shape::PresenceFlag => {
                assert!(!is_within, "only a member of the notification can be a presence flag")
            }
        }
    }
}

impl Members {
    pub(super) const fn new(list: &'static [Member], is_lenient: bool) -> Self {
        assert!(list.len() <= 64, "of an object at most 64 members are read");
        let mut members =
            Self { list, lengths: 0, is_lenient, has_presence: false, has_kinds: false };
        let mut i = 0;
        while i < list.len() {
            let member = &list[i];
            assert!(!member.name.is_empty(), "a member needs a name");
            let mut j = 0;
            while j < i {
                assert!(!str_eq(list[j].name, member.name), "a member stands twice");
                j += 1;
            }
            members.lengths |= length_bit(member.name);
            match &member.shape {
                Shape::Presence(_) => members.has_presence = true,
                Shape::ByKind(_) => members.has_kinds = true,
                Shape::Object(_, inner) => {
                    members.has_presence |= inner.has_presence;
                    members.has_kinds |= inner.has_kinds;
                }
                _ => {}
            }
            i += 1;
        }
        members
    }

    pub(super) const fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    pub(super) const fn check(&self, schema: &Schema, is_within: bool) {
        let mut i = 0;
        while i < self.list.len() {
            self.list[i].check(schema, is_within);
            i += 1;
        }
    }

    pub(super) const fn contains(&self, name: &str) -> bool {
        let mut i = 0;
        while i < self.list.len() {
            if str_eq(self.list[i].name, name) {
                return true;
            }
            i += 1;
        }
        false
    }

    pub(super) fn is_lenient(&self) -> bool {
        self.is_lenient
    }

    pub(super) fn at(&self, index: usize) -> &'static Member {
        &self.list[index]
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        self.list.iter().position(|member| member.name == name)
    }

    /// Sets what is not null where nothing is there.
    pub(super) fn reset(&self, values: &mut Values) {
        if self.has_presence {
            for member in self.list {
                match &member.shape {
                    Shape::Presence(id) => values.bool(*id, false),
                    Shape::Object(_, inner) => inner.reset(values),
                    _ => {}
                }
            }
        }
    }

    /// Leaves of what depends on the kind what this one has.
    pub(super) fn apply_kind(&self, kind: &str, values: &mut Values) {
        if self.has_kinds {
            for member in self.list {
                match &member.shape {
                    Shape::ByKind(attributes) => apply_kind(attributes, kind, values),
                    Shape::Object(_, inner) => inner.apply_kind(kind, values),
                    _ => {}
                }
            }
        }
    }
}

fn apply_kind(attributes: &[(&str, AttributeId)], kind: &str, values: &mut Values) {
    let stays = |id: &AttributeId| attributes.contains(&(kind, *id));
    for (_, id) in attributes.iter().filter(|(_, id)| !stays(id)) {
        values.clear(*id);
    }
}

const fn kind(schema: &Schema, id: AttributeId) -> AttributeKind {
    assert!(id.index() < schema.attributes().len(), "the schema has no such attribute");
    schema.attributes()[id.index()].kind()
}

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

const fn is_bool(schema: &Schema, id: AttributeId) -> bool {
    matches!(kind(schema, id), AttributeKind::Bool)
}

const fn length_bit(name: &str) -> u64 {
    let length = name.len();
    1 << if length < 63 { length } else { 63 }
}
