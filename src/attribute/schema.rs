use std::fmt;

use super::{
    Attribute, AttributeKind,
    const_text::{FNV_OFFSET, fnv, str_eq},
};

/// The attributes that filters can test in the notifications of one topic.
///
/// A schema is declared once, as a `static`, so that mistakes in it are compile errors (see
/// [`new`](Self::new)).
///
/// ```
/// use recohook::attribute::{Attribute, AttributeId, Schema};
///
/// static PASSAGES: Schema = Schema::new(
///     "passages",
///     &[
///         Attribute::int("door"),
///         Attribute::choice("direction", &["in", "out"]),
///         Attribute::bool("granted"),
///     ],
/// );
/// // A name that the schema does not contain is also a compile error.
/// const GRANTED: AttributeId = PASSAGES.expect("granted");
///
/// assert_eq!(PASSAGES.topic(), "passages");
/// assert_eq!(GRANTED.index(), 2);
/// ```
///
/// Two schemas are equal if their [ids](Self::id) are equal.
#[derive(Clone, Copy)]
pub struct Schema {
    topic: &'static str,
    attributes: &'static [Attribute],
    /// For each boolean or choice, the position of its first bit in the word that all booleans and
    /// choices share.
    shifts: [u8; Self::MAX_ATTRIBUTES],
    id: SchemaId,
}

/// The identity of a schema. It is a fingerprint of the topic and of each attribute's name and
/// kind.
///
/// Two schemas with the same declaration have the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SchemaId(u64);

/// The position of an attribute in its schema.
///
/// [`Schema::find`] and [`Schema::expect`] return it. Use an id only with the schema that returned
/// it. In another schema, it refers to the attribute at the same position, if there is one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttributeId(u8);

impl Schema {
    /// The maximum number of attributes in a schema.
    // `Values` has one bit for each attribute in a `u64`.
    pub const MAX_ATTRIBUTES: usize = 64;

    /// Declares a schema.
    ///
    /// Reports and the sections of native filters use `topic` exactly as it is given here. Each
    /// webhook has a separate lane for each schema, so a batch never contains notifications of
    /// different schemas.
    ///
    /// # Panics
    /// Panics if:
    ///
    /// - there are more than [`MAX_ATTRIBUTES`](Self::MAX_ATTRIBUTES) attributes,
    /// - an attribute's name is empty, or two attributes have the same name,
    /// - booleans (2 bits each) and choices (1 bit for each name and 1 for other values) take more
    ///   than 64 bits in total.
    ///
    /// In a `static` or `const` this is a compile error.
    ///
    /// ```compile_fail
    /// use recohook::attribute::{Attribute, Schema};
    ///
    /// static TWICE: Schema =
    ///     Schema::new("passages", &[Attribute::int("door"), Attribute::text("door")]);
    /// ```
    pub const fn new(topic: &'static str, attributes: &'static [Attribute]) -> Self {
        assert!(attributes.len() <= Self::MAX_ATTRIBUTES, "a schema has more than 64 attributes");
        let mut shifts = [0; Self::MAX_ATTRIBUTES];
        let mut shift = 0;
        let mut hash = fnv(FNV_OFFSET, topic);
        let mut i = 0;
        while i < attributes.len() {
            let attribute = &attributes[i];
            assert!(!attribute.name().is_empty(), "an attribute has an empty name");
            let mut j = 0;
            while j < i {
                assert!(
                    !str_eq(attributes[j].name(), attribute.name()),
                    "two attributes have the same name"
                );
                j += 1;
            }
            if attribute.kind().width() > 0 {
                // The cast cannot truncate. If `shift` exceeds 64, the assertion below fails.
                shifts[i] = shift as u8;
                shift += attribute.kind().width();
                assert!(shift <= 64, "the booleans and choices of a schema take more than 64 bits");
            }
            hash = attribute.kind().fingerprint(fnv(hash, attribute.name()));
            i += 1;
        }
        Self { topic, attributes, shifts, id: SchemaId(hash) }
    }

    /// Returns the name of the topic.
    pub const fn topic(&self) -> &'static str {
        self.topic
    }

    /// Returns the identity of the schema.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static SAME: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static RENAMED: Schema = Schema::new("passages", &[Attribute::int("gate")]);
    ///
    /// assert_eq!(PASSAGES.id(), SAME.id());
    /// assert_ne!(PASSAGES.id(), RENAMED.id());
    /// ```
    pub const fn id(&self) -> SchemaId {
        self.id
    }

    /// Returns the attributes, in the order of their ids.
    pub const fn attributes(&self) -> &'static [Attribute] {
        self.attributes
    }

    /// Returns the id of the attribute with this name, or `None` if there is none.
    ///
    /// This method compares the names one by one. Look up each id only once, or use
    /// [`expect`](Self::expect) at compile time.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    ///
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
    ///
    /// assert_eq!(PASSAGES.find("granted").map(|id| id.index()), Some(1));
    /// assert_eq!(PASSAGES.find("colour"), None);
    /// ```
    pub const fn find(&self, name: &str) -> Option<AttributeId> {
        let mut i = 0;
        while i < self.attributes.len() {
            if str_eq(self.attributes[i].name(), name) {
                return Some(AttributeId(i as u8));
            }
            i += 1;
        }
        None
    }

    /// Returns the id of the attribute with this name.
    ///
    /// Use this method in constants, so that a wrong name is a compile error:
    ///
    /// ```
    /// use recohook::attribute::{Attribute, AttributeId, Schema};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// const DOOR: AttributeId = PASSAGES.expect("door");
    /// assert_eq!(DOOR.index(), 0);
    /// ```
    ///
    /// # Panics
    /// Panics if the schema has no attribute with this name. In a `const` this is a compile error.
    pub const fn expect(&self, name: &str) -> AttributeId {
        match self.find(name) {
            Some(id) => id,
            None => panic!("the schema has no attribute with this name"),
        }
    }

    /// Returns the attribute with this id, or `None` if the schema has fewer attributes.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, AttributeKind, Schema};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    ///
    /// let door = PASSAGES.attribute(PASSAGES.expect("door")).expect("it has this id");
    /// assert_eq!((door.name(), door.kind()), ("door", AttributeKind::Int));
    /// ```
    pub fn attribute(&self, id: AttributeId) -> Option<&'static Attribute> {
        self.attributes.get(id.index())
    }

    /// Returns the kind of an attribute.
    ///
    /// # Panics
    /// Panics if the schema has no attribute with this id.
    pub(crate) fn kind(&self, id: AttributeId) -> AttributeKind {
        self.attributes[id.index()].kind()
    }

    /// Returns the position of a boolean's or choice's first bit in
    /// [`Values::bits`](super::Values::bits).
    pub(crate) fn shift(&self, id: AttributeId) -> u32 {
        u32::from(self.shifts[id.index()])
    }

    /// Returns the mask of all bits of a boolean or choice in
    /// [`Values::bits`](super::Values::bits), or 0 for other kinds.
    pub(crate) fn field(&self, id: AttributeId) -> u64 {
        match self.attribute(id).map_or(0, |attribute| attribute.kind().width()) {
            // This is a separate case, because a shift by 64 would overflow.
            0 => 0,
            width => (u64::MAX >> (64 - width)) << self.shift(id),
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("topic", &self.topic)
            .field("attributes", &self.attributes)
            .finish()
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Schema {}

impl SchemaId {
    /// Returns the fingerprint as a number.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl AttributeId {
    /// Creates an id from an index that [`index`](Self::index) returned.
    pub(crate) const fn at(index: u8) -> Self {
        Self(index)
    }

    /// Returns the 0-based position of the attribute in its schema.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
