use super::member::{Member, Shape};
use crate::attribute::{AttributeId, Schema, Unread, Values, str_eq};

/// The members that are read from an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members {
    // There are at most 64, so that a `u64` can record which members have been seen.
    pub(super) list: &'static [Member],
    /// A set of the lengths of all names, one bit for each length. The last bit stands for 63 bytes
    /// and more. The set rules out most other names without a string comparison.
    lengths: u64,
    /// Whether wrong types and duplicate names are accepted (see [`Member::lenient_object`]).
    is_lenient: bool,
    /// Whether this object or an inner one has a presence. Most topics have none, so the pass that
    /// resets presences is skipped for them.
    has_presence: bool,
    /// Whether this object or an inner one has a member that depends on the kind.
    has_kinds: bool,
}

impl Members {
    /// Creates the table of an object's members.
    ///
    /// # Panics
    /// Panics if a name is empty or used twice, or if there are more than 64 members.
    pub(super) const fn new(list: &'static [Member], is_lenient: bool) -> Self {
        assert!(list.len() <= 64, "at most 64 members of an object can be read");
        let mut members =
            Self { list, lengths: 0, is_lenient, has_presence: false, has_kinds: false };
        let mut i = 0;
        while i < list.len() {
            let member = &list[i];
            assert!(!member.name.is_empty(), "a member needs a name");
            let mut j = 0;
            while j < i {
                assert!(!str_eq(list[j].name, member.name), "two members have the same name");
                j += 1;
            }
            members.lengths |= length_bit(member.name);
            match &member.shape {
                Shape::Presence(_) | Shape::IdPresence(_) => members.has_presence = true,
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

    /// Makes the members lenient.
    pub(super) const fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Asserts that all members are compatible with the attributes in `schema`.
    pub(super) const fn check(&self, schema: &Schema, is_within: bool) {
        let mut i = 0;
        while i < self.list.len() {
            self.list[i].check(schema, is_within);
            i += 1;
        }
    }

    /// Returns whether there is a member with this name.
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

    /// Returns the index of the member with this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        // Tables are short and few other names get this far, so hashing would be slower.
        self.list.iter().position(|member| member.name == name)
    }

    /// Sets all presences to false. These are the only attributes that are not null if their member
    /// is missing.
    pub(super) fn reset(&self, values: &mut Values) {
        if self.has_presence {
            for member in self.list {
                match &member.shape {
                    Shape::Presence(id) | Shape::IdPresence(id) => values.bool(*id, false),
                    Shape::Object(_, inner) => inner.reset(values),
                    _ => {}
                }
            }
        }
    }

    /// Clears the attributes that belong only to kinds other than `kind`. A member by kind has set
    /// the attributes of all its kinds, because the kind was not known when it was read.
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

/// Clears the attributes of one member, except those that belong to `kind`.
fn apply_kind(attributes: &[(&str, AttributeId)], kind: &str, values: &mut Values) {
    // Several kinds may share an attribute. A shared attribute is kept if `kind` is one of these
    // kinds.
    let stays = |id: &AttributeId| attributes.contains(&(kind, *id));
    for (_, id) in attributes.iter().filter(|(_, id)| !stays(id)) {
        let is_given = values.is_present(*id) || values.unread(*id).is_some();
        values.clear(*id);
        if is_given {
            values.set_unread(*id, Unread::OtherKind);
        }
    }
}

/// Returns the bit of a name's length in `Members::lengths`.
const fn length_bit(name: &str) -> u64 {
    let length = name.len();
    1 << if length < 63 { length } else { 63 }
}
