use std::borrow::Cow;

use super::key::{Key, Operator};
use crate::attribute::{Attribute, AttributeKind, Schema, str_eq};

/// The filter keys of one system: what the JSON text of its filters may say.
///
/// A table is declared once, as a `static`. A mistake in one (a name twice, a key that cannot test
/// its attribute) is a compile error there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Table {
    sections: &'static [Section],
    flat: bool,
}

/// The keys that test the notifications of one topic.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Section {
    name: &'static str,
    schema: &'static Schema,
    keys: KeySet,
}

/// Which keys a section has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum KeySet {
    /// These.
    Listed(&'static [Key]),
    /// Those of the native language: each attribute's name with each suffix that suits its kind.
    Native,
}

impl Table {
    /// Declares a table whose filters name sections: `{"events": {...}, "counters": {...}}`.
    ///
    /// # Panics
    /// In a `static` a compile error, where two sections share a name or a schema.
    pub const fn new(sections: &'static [Section]) -> Self {
        let mut i = 0;
        while i < sections.len() {
            let mut j = 0;
            while j < i {
                assert!(!str_eq(sections[j].name, sections[i].name), "a section stands twice");
                assert!(
                    sections[j].schema.id().as_u64() != sections[i].schema.id().as_u64(),
                    "two sections have one schema"
                );
                j += 1;
            }
            i += 1;
        }
        Self { sections, flat: false }
    }

    /// Declares a table of one section whose filters have its keys at the top: `{"camera_in": [3]}`.
    pub const fn flat(section: &'static Section) -> Self {
        Self { sections: std::slice::from_ref(section), flat: true }
    }

    /// The sections, in the order in which filters are written.
    pub const fn sections(&self) -> &'static [Section] {
        self.sections
    }

    /// Whether filters have the keys of the one section at the top, and name no section.
    pub const fn is_flat(&self) -> bool {
        self.flat
    }
}

impl Section {
    /// Declares the keys for notifications of `schema`.
    ///
    /// # Panics
    /// In a `static` a compile error, where two keys share a name, or an attribute and operator;
    /// where a key cannot test its attribute; and where its values do not suit the attribute.
    pub const fn new(name: &'static str, schema: &'static Schema, keys: &'static [Key]) -> Self {
        let mut i = 0;
        while i < keys.len() {
            keys[i].check(schema);
            let mut j = 0;
            while j < i {
                assert!(!str_eq(keys[j].name(), keys[i].name()), "a key stands twice");
                keys[i].check_distinct(&keys[j]);
                j += 1;
            }
            i += 1;
        }
        Self { name, schema, keys: KeySet::Listed(keys) }
    }

    /// Declares the keys of the [native language](super#the-native-language) for notifications of
    /// `schema`. The section has the name of the topic.
    ///
    /// # Panics
    /// In a `static` a compile error, where a key could be read in two ways: an attribute is called
    /// `all`, `any` or `not`, or as another one with a suffix, such as `door_in` beside `door`.
    pub const fn native(schema: &'static Schema) -> Self {
        let attributes = schema.attributes();
        let mut i = 0;
        while i < attributes.len() {
            let name = attributes[i].name();
            assert!(
                !str_eq(name, "all") && !str_eq(name, "any") && !str_eq(name, "not"),
                "an attribute has the name of a combinator"
            );
            let mut j = 0;
            while j < attributes.len() {
                assert_no_suffix(name, attributes[j].name());
                j += 1;
            }
            i += 1;
        }
        Self { name: schema.topic(), schema, keys: KeySet::Native }
    }

    /// The name under which a filter writes it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The notifications it is about.
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The keys that are listed, in the order in which filters are written. The native language
    /// lists none: it has those of its attributes.
    pub const fn keys(&self) -> &'static [Key] {
        match self.keys {
            KeySet::Listed(keys) => keys,
            KeySet::Native => &[],
        }
    }

    pub(super) const fn key_set(&self) -> KeySet {
        self.keys
    }

    pub(super) fn is_native(&self) -> bool {
        matches!(self.keys, KeySet::Native)
    }

    /// The key called `name`.
    pub(super) fn key(&self, name: &str) -> Option<Key> {
        match self.keys {
            KeySet::Listed(keys) => keys.iter().find(|key| key.name() == name).copied(),
            KeySet::Native => Operator::ALL.iter().find_map(|operator| {
                let id = self.schema.find(name.strip_suffix(operator.suffix())?)?;
                let kind = self.schema.attribute(id)?.kind();
                operator.is_native(kind).then(|| Key::native(id, *operator))
            }),
        }
    }

    /// The name under which a text has `key`.
    pub(super) fn key_name(&self, key: &Key) -> Cow<'static, str> {
        match self.keys {
            KeySet::Listed(_) => Cow::Borrowed(key.name()),
            KeySet::Native => {
                let name = self.attribute(key).name();
                Cow::Owned(format!("{name}{}", key.operator().suffix()))
            }
        }
    }

    /// The names of all keys, and of what combines them.
    pub(super) fn names(&self) -> Box<dyn Iterator<Item = Cow<'static, str>>> {
        match self.keys {
            KeySet::Listed(keys) => Box::new(keys.iter().map(|key| key.name().into())),
            KeySet::Native => {
                let keys = self.schema.attributes().iter().flat_map(Self::native_names);
                Box::new(
                    ["all", "any", "not"].map(Cow::from).into_iter().chain(keys.map(Cow::from)),
                )
            }
        }
    }

    /// The attribute whose name with a suffix of the native language is `name`, where the suffix
    /// does not suit its kind.
    pub(super) fn unsuited(&self, name: &str) -> Option<&'static Attribute> {
        let known = |base| self.schema.attribute(self.schema.find(base)?);
        let mut suffixes = Operator::ALL.iter().filter(|_| self.is_native());
        suffixes.find_map(|operator| name.strip_suffix(operator.suffix()).and_then(known))
    }

    /// The names of the keys that test an attribute in the native language.
    pub(super) fn native_names(attribute: &Attribute) -> impl Iterator<Item = String> {
        let operators = Operator::ALL.iter().filter(|one| one.is_native(attribute.kind()));
        operators.map(|operator| format!("{}{}", attribute.name(), operator.suffix()))
    }

    /// The attribute that `key` tests. The section's making has checked that there is one.
    pub(super) fn attribute(&self, key: &Key) -> &'static Attribute {
        &self.schema.attributes()[key.attribute().index()]
    }

    /// The kind of the attribute that `key` tests.
    pub(super) fn kind(&self, key: &Key) -> AttributeKind {
        self.attribute(key).kind()
    }
}

/// A compile error where `name` is `base` with one of the language's suffixes, or with what makes
/// one of them of another: `door_not` beside `door` would make two of `door_not_in`.
const fn assert_no_suffix(name: &str, base: &str) {
    assert!(!is_joined(name, base, "_not"), "an attribute has the name of another one and _not");
    let mut i = 0;
    while i < Operator::ALL.len() {
        let suffix = Operator::ALL[i].suffix();
        assert!(
            suffix.is_empty() || !is_joined(name, base, suffix),
            "an attribute has the name of another one with a suffix"
        );
        i += 1;
    }
}

const fn is_joined(name: &str, base: &str, suffix: &str) -> bool {
    let (name, base, suffix) = (name.as_bytes(), base.as_bytes(), suffix.as_bytes());
    if name.len() != base.len() + suffix.len() {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        let other = if i < base.len() { base[i] } else { suffix[i - base.len()] };
        if name[i] != other {
            return false;
        }
        i += 1;
    }
    true
}
