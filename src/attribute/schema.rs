use std::fmt;

/// The attributes of one topic that filters can test.
///
/// Schemas are declared once, as a `static`; a mistake in one (a name twice, more than
/// [`Schema::MAX_ATTRIBUTES`], more than 64 bits of booleans and choices) is a compile error there.
#[derive(Clone, Copy)]
pub struct Schema {
    topic: &'static str,
    attributes: &'static [Attribute],
    shifts: [u8; Self::MAX_ATTRIBUTES],
    id: SchemaId,
}

/// Tells schemas apart: a fingerprint of the topic and of every attribute's name and kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SchemaId(u64);

/// One attribute of a [`Schema`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute {
    name: &'static str,
    kind: AttributeKind,
}

/// The place of an attribute in its schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttributeId(u8);

/// The type of an attribute's values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AttributeKind {
    /// `true` or `false`.
    Bool,
    /// One of a closed set of names. A value outside it is kept as "some other value": it is
    /// present, and equal to none of them.
    Choice(&'static [&'static str]),
    /// One number, compared as f64. NaN counts as null.
    Number,
    /// One id or count, compared as a 64-bit integer.
    Int,
    /// One text, compared byte for byte. An empty one is a value.
    Text,
    /// A list of booleans. An empty list counts as missing.
    Bools,
    /// A list of numbers, compared as f64. NaN is left out. An empty list counts as missing.
    Numbers,
    /// A list of ids. An empty list counts as missing.
    Ints,
    /// A list of texts. An empty list counts as missing.
    Texts,
}

impl Schema {
    /// The most attributes a schema can have.
    pub const MAX_ATTRIBUTES: usize = 64;

    /// Declares a schema.
    ///
    /// # Panics
    /// In a `static` or `const` a compile error, where a name is empty or stands twice, a choice
    /// has no names, there are more than [`Self::MAX_ATTRIBUTES`], or booleans (2 bits each) and
    /// choices (a bit for each name and one for "other") take more than 64 bits.
    pub const fn new(topic: &'static str, attributes: &'static [Attribute]) -> Self {
        assert!(attributes.len() <= Self::MAX_ATTRIBUTES, "a schema has at most 64 attributes");
        let mut shifts = [0; Self::MAX_ATTRIBUTES];
        let mut shift = 0;
        let mut hash = fnv(FNV_OFFSET, topic);
        let mut i = 0;
        while i < attributes.len() {
            let attribute = &attributes[i];
            assert!(!attribute.name.is_empty(), "an attribute needs a name");
            let mut j = 0;
            while j < i {
                assert!(!str_eq(attributes[j].name, attribute.name), "an attribute stands twice");
                j += 1;
            }
            if attribute.kind.width() > 0 {
                shifts[i] = shift as u8;
                shift += attribute.kind.width();
                assert!(shift <= 64, "booleans and choices of a schema take at most 64 bits");
            }
            hash = attribute.kind.fingerprint(fnv(hash, attribute.name));
            i += 1;
        }
        Self { topic, attributes, shifts, id: SchemaId(hash) }
    }

    /// The name of the topic, as reports and filters' sections spell it.
    pub const fn topic(&self) -> &'static str {
        self.topic
    }

    /// What tells this schema from others.
    pub const fn id(&self) -> SchemaId {
        self.id
    }

    /// The attributes, in the order of their ids.
    pub const fn attributes(&self) -> &'static [Attribute] {
        self.attributes
    }

    /// The id of the attribute called `name`.
    pub const fn find(&self, name: &str) -> Option<AttributeId> {
        let mut i = 0;
        while i < self.attributes.len() {
            if str_eq(self.attributes[i].name, name) {
                return Some(AttributeId(i as u8));
            }
            i += 1;
        }
        None
    }

    /// The id of the attribute called `name`, for constants.
    ///
    /// # Panics
    /// Where there is none: in a `const`, a compile error.
    pub const fn expect(&self, name: &str) -> AttributeId {
        match self.find(name) {
            Some(id) => id,
            None => panic!("the schema has no attribute of this name"),
        }
    }

    /// The attribute at `id`, if the schema has that many.
    pub fn attribute(&self, id: AttributeId) -> Option<&'static Attribute> {
        self.attributes.get(id.index())
    }

    /// The kind of an attribute that the schema has.
    pub(crate) fn kind(&self, id: AttributeId) -> AttributeKind {
        self.attributes[id.index()].kind
    }

    /// Where the bits of a boolean or choice begin in [`Values::bits`](super::Values).
    pub(crate) fn shift(&self, id: AttributeId) -> u32 {
        u32::from(self.shifts[id.index()])
    }

    /// The bits of a boolean or choice in the word of the values, all of them; 0 for other kinds.
    pub(crate) fn field(&self, id: AttributeId) -> u64 {
        match self.attribute(id).map_or(0, |attribute| attribute.kind.width()) {
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
    /// The fingerprint.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl Attribute {
    /// A boolean.
    pub const fn bool(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Bool }
    }

    /// One of `names`.
    ///
    /// # Panics
    /// Where `names` is empty, has more than 63 or one twice: in a `static`, a compile error.
    pub const fn choice(name: &'static str, names: &'static [&'static str]) -> Self {
        assert!(!names.is_empty() && names.len() < 64, "a choice has 1 to 63 names");
        let mut i = 0;
        while i < names.len() {
            let mut j = 0;
            while j < i {
                assert!(!str_eq(names[j], names[i]), "a choice has a name twice");
                j += 1;
            }
            i += 1;
        }
        Self { name, kind: AttributeKind::Choice(names) }
    }

    /// A number.
    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Number }
    }

    /// An id or a count.
    pub const fn int(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Int }
    }

    /// A text.
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Text }
    }

    /// A list of booleans.
    pub const fn bools(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Bools }
    }

    /// A list of numbers.
    pub const fn numbers(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Numbers }
    }

    /// A list of texts.
    pub const fn texts(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Texts }
    }

    /// A list of ids.
    pub const fn ints(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Ints }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type of the values.
    pub const fn kind(&self) -> AttributeKind {
        self.kind
    }
}

impl AttributeId {
    /// The id at a place that [`Self::index`] told.
    pub(crate) const fn at(index: u8) -> Self {
        Self(index)
    }

    /// The place in the schema, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl AttributeKind {
    /// Whether a value is a list.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Bools | Self::Numbers | Self::Ints | Self::Texts)
    }

    /// The bits a value takes in the word of the values: one for each thing it can be.
    const fn width(self) -> u32 {
        match self {
            Self::Bool => 2,
            Self::Choice(names) => names.len() as u32 + 1,
            _ => 0,
        }
    }

    const fn fingerprint(self, hash: u64) -> u64 {
        match self {
            Self::Bool => fnv(hash, "?bool"),
            Self::Number => fnv(hash, "?number"),
            Self::Int => fnv(hash, "?int"),
            Self::Text => fnv(hash, "?text"),
            Self::Bools => fnv(hash, "?bools"),
            Self::Numbers => fnv(hash, "?numbers"),
            Self::Ints => fnv(hash, "?ints"),
            Self::Texts => fnv(hash, "?texts"),
            Self::Choice(names) => {
                let mut hash = fnv(hash, "?choice");
                let mut i = 0;
                while i < names.len() {
                    hash = fnv(hash, names[i]);
                    i += 1;
                }
                hash
            }
        }
    }
}

impl fmt::Display for AttributeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "a boolean",
            Self::Choice(_) => "a choice",
            Self::Number => "a number",
            Self::Int => "an integer",
            Self::Text => "a text",
            Self::Bools => "a list of booleans",
            Self::Numbers => "a list of numbers",
            Self::Ints => "a list of integers",
            Self::Texts => "a list of texts",
        })
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over the text and its end, so that "ab","c" and "a","bc" differ.
const fn fnv(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i <= bytes.len() {
        let byte = if i < bytes.len() { bytes[i] } else { 0xff };
        hash = (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

pub(crate) const fn str_eq(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
