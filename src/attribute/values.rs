use super::{
    Attribute, AttributeError, AttributeId, AttributeKind, Schema, SchemaId, dedup::dedup_from,
    span::Span,
};

/// One notification's attributes, as compiled filters read them.
///
/// A null is told by passing `None` or by not setting the attribute at all. Setting an attribute
/// again replaces its value. A value of the wrong kind is left out and remembered as
/// [`error`](Self::error); publishing reports it instead of guessing.
#[derive(Debug, Default)]
pub struct Values {
    schema: Option<&'static Schema>,
    /// A bit for each attribute that has a value.
    present: u64,
    /// Booleans and choices, one bit set in the field of each that is present.
    bits: u64,
    /// For each attribute: a number's bits, or the start and length of what lies in an arena.
    slots: Vec<u64>,
    /// The members of lists: ids, the bits of numbers, 0 and 1 for booleans.
    members: Vec<i64>,
    /// All texts, one after the other.
    text: String,
    /// Where the members of lists of texts lie.
    spans: Vec<Span>,
    error: Option<AttributeError>,
}

impl Values {
    /// A longer list is kept sorted, with each member once: so that to look each up costs what it
    /// says, and not what it repeats.
    pub(crate) const MAX_UNSORTED: usize = 32;

    /// No values yet. It allocates when first filled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all values and takes up `schema`, keeping the memory.
    pub fn reset(&mut self, schema: &'static Schema) {
        self.schema = Some(schema);
        self.present = 0;
        self.bits = 0;
        self.slots.clear();
        self.slots.resize(schema.attributes().len(), 0);
        self.members.clear();
        self.text.clear();
        self.spans.clear();
        self.error = None;
    }

    /// The schema of the values, if [`reset`](Self::reset) has told one.
    pub fn schema(&self) -> Option<&'static Schema> {
        self.schema
    }

    /// Sets a boolean.
    pub fn bool(&mut self, id: AttributeId, value: impl Into<Option<bool>>) {
        let value = value.into();
        if let Some((schema, _)) = self.prepare(id, |kind| kind == AttributeKind::Bool, "a boolean")
            && let Some(value) = value
        {
            self.set_bit(schema, id, u32::from(value));
        }
    }

    /// Sets a choice by its name. A name outside the closed set is "some other value".
    pub fn choice<'a>(&mut self, id: AttributeId, value: impl Into<Option<&'a str>>) {
        let value = value.into();
        if let Some((schema, AttributeKind::Choice(names))) =
            self.prepare(id, |kind| matches!(kind, AttributeKind::Choice(_)), "a choice")
            && let Some(value) = value
        {
            let at = names.iter().position(|name| *name == value).unwrap_or(names.len());
            self.set_bit(schema, id, at as u32);
        }
    }

    /// Sets a number. NaN counts as null.
    pub fn number(&mut self, id: AttributeId, value: impl Into<Option<f64>>) {
        let value = value.into();
        if self.prepare(id, |kind| kind == AttributeKind::Number, "a number").is_some()
            && let Some(value) = value
            && !value.is_nan()
        {
            self.set(id, number_bits(value).cast_unsigned());
        }
    }

    /// Sets an id or a count.
    pub fn int(&mut self, id: AttributeId, value: impl Into<Option<i64>>) {
        let value = value.into();
        if self.prepare(id, |kind| kind == AttributeKind::Int, "an integer").is_some()
            && let Some(value) = value
        {
            self.set(id, value.cast_unsigned());
        }
    }

    /// Sets a text.
    pub fn text<'a>(&mut self, id: AttributeId, value: impl Into<Option<&'a str>>) {
        let value = value.into();
        if let Some((schema, _)) = self.prepare(id, |kind| kind == AttributeKind::Text, "a text")
            && let Some(value) = value
        {
            match self.add_text(value) {
                Some(span) => self.set(id, span.pack()),
                None => self.too_large(schema, id),
            }
        }
    }

    /// Sets a list of booleans. An empty list counts as missing.
    pub fn bools(&mut self, id: AttributeId, values: impl IntoIterator<Item = bool>) {
        self.list(
            id,
            AttributeKind::Bools,
            "a list of booleans",
            values.into_iter().map(i64::from),
        );
    }

    /// Sets a list of numbers. NaN is left out; an empty list counts as missing.
    pub fn numbers(&mut self, id: AttributeId, values: impl IntoIterator<Item = f64>) {
        let values = values.into_iter().filter(|value| !value.is_nan()).map(number_bits);
        self.list(id, AttributeKind::Numbers, "a list of numbers", values);
    }

    /// Sets a list of ids. An empty list counts as missing.
    pub fn ints(&mut self, id: AttributeId, values: impl IntoIterator<Item = i64>) {
        self.list(id, AttributeKind::Ints, "a list of integers", values);
    }

    /// Sets a list of texts. An empty list counts as missing.
    pub fn texts(&mut self, id: AttributeId, values: impl IntoIterator<Item: AsRef<str>>) {
        let Some((schema, _)) =
            self.prepare(id, |kind| kind == AttributeKind::Texts, "a list of texts")
        else {
            return;
        };
        let start = self.spans.len();
        for value in values {
            match self.add_text(value.as_ref()) {
                Some(span) => self.spans.push(span),
                None => return self.too_large(schema, id),
            }
        }
        if self.spans.len() - start > Self::MAX_UNSORTED {
            let text = &self.text;
            self.spans[start..].sort_unstable_by(|a, b| a.str_in(text).cmp(b.str_in(text)));
            dedup_from(&mut self.spans, start, |a, b| a.str_in(text) == b.str_in(text));
        }
        self.set_span(schema, id, start, self.spans.len());
    }

    /// Whether the attribute has a value: it was set, and not to null or an empty list.
    pub fn is_present(&self, id: AttributeId) -> bool {
        self.present & bit(id) != 0
    }

    /// The first value that was refused, if any.
    pub fn error(&self) -> Option<&AttributeError> {
        self.error.as_ref()
    }

    /// Copies the schema and all values of `other`, keeping its own memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.schema = other.schema;
        self.present = other.present;
        self.bits = other.bits;
        self.slots.clone_from(&other.slots);
        self.members.clone_from(&other.members);
        self.text.clone_from(&other.text);
        self.spans.clone_from(&other.spans);
        self.error.clone_from(&other.error);
    }

    /// Makes an attribute null.
    pub(crate) fn clear(&mut self, id: AttributeId) {
        self.present &= !bit(id);
        self.bits &= self.schema.map_or(u64::MAX, |schema| !schema.field(id));
        if let Some(slot) = self.slots.get_mut(id.index()) {
            *slot = 0;
        }
    }

    /// The memory that it keeps, about.
    pub(crate) fn bytes(&self) -> usize {
        let words = self.slots.capacity() + self.members.capacity() + self.spans.capacity();
        words * size_of::<u64>() + self.text.capacity()
    }

    pub(crate) fn schema_id(&self) -> Option<SchemaId> {
        self.schema.map(Schema::id)
    }

    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    pub(crate) fn bits(&self) -> u64 {
        self.bits
    }

    /// The place of a choice's name, one past the last for any other; 1 for `true`, 0 for `false`.
    /// Meaningful only where the attribute is a present choice or boolean.
    pub(crate) fn choice_at(&self, id: AttributeId) -> usize {
        let shift = |schema: &Schema| (self.bits & schema.field(id)) >> schema.shift(id);
        self.schema.map_or(0, |schema| shift(schema).trailing_zeros() as usize)
    }

    /// The number at `id`. Meaningful only where the attribute is a present number.
    pub(crate) fn number_at(&self, id: AttributeId) -> f64 {
        f64::from_bits(self.slot(id))
    }

    /// The id at `id`, or the [bits](number_bits) of a number. Meaningful only where the attribute
    /// is a present integer or number.
    pub(crate) fn int_at(&self, id: AttributeId) -> i64 {
        self.slot(id).cast_signed()
    }

    /// The text at `id`; empty where the attribute is no present text.
    pub(crate) fn text_at(&self, id: AttributeId) -> &str {
        self.text_in(Span::unpack(self.slot(id)))
    }

    /// The members at `id`: ids, the [bits](number_bits) of numbers, or 0 and 1 for booleans; empty
    /// where the attribute is no present list of such.
    pub(crate) fn members_at(&self, id: AttributeId) -> &[i64] {
        Span::unpack(self.slot(id)).slice(&self.members)
    }

    /// The texts at `id`; none where the attribute is no present list of them.
    pub(crate) fn texts_at(&self, id: AttributeId) -> impl Iterator<Item = &str> {
        Span::unpack(self.slot(id)).slice(&self.spans).iter().map(|span| self.text_in(*span))
    }

    fn text_in(&self, span: Span) -> &str {
        span.str_in(&self.text)
    }

    fn slot(&self, id: AttributeId) -> u64 {
        self.slots.get(id.index()).copied().unwrap_or_default()
    }

    /// The schema and the attribute's kind, if that is `allowed`; the attribute is then null until
    /// it is set. Otherwise the error is recorded.
    fn prepare(
        &mut self,
        id: AttributeId,
        allowed: impl Fn(AttributeKind) -> bool,
        given: &'static str,
    ) -> Option<(&'static Schema, AttributeKind)> {
        let Some(schema) = self.schema else {
            self.error.get_or_insert(AttributeError::NoSchema);
            return None;
        };
        let topic = schema.topic();
        let Some(attribute) = schema.attribute(id) else {
            self.error.get_or_insert(AttributeError::Unknown { topic, index: id.index() });
            return None;
        };
        if !allowed(attribute.kind()) {
            self.error.get_or_insert(AttributeError::WrongKind {
                topic,
                attribute: attribute.name(),
                expected: attribute.kind(),
                given,
            });
            return None;
        }
        self.present &= !bit(id);
        self.bits &= !schema.field(id);
        self.slots[id.index()] = 0;
        Some((schema, attribute.kind()))
    }

    fn list(
        &mut self,
        id: AttributeId,
        kind: AttributeKind,
        given: &'static str,
        values: impl IntoIterator<Item = i64>,
    ) {
        if let Some((schema, _)) = self.prepare(id, |allowed| allowed == kind, given) {
            let start = self.members.len();
            self.members.extend(values);
            if self.members.len() - start > Self::MAX_UNSORTED {
                self.members[start..].sort_unstable();
                dedup_from(&mut self.members, start, |a, b| a == b);
            }
            self.set_span(schema, id, start, self.members.len());
        }
    }

    fn set(&mut self, id: AttributeId, slot: u64) {
        self.slots[id.index()] = slot;
        self.present |= bit(id);
    }

    fn set_bit(&mut self, schema: &Schema, id: AttributeId, at: u32) {
        self.bits |= 1 << (schema.shift(id) + at);
        self.present |= bit(id);
    }

    fn set_span(&mut self, schema: &Schema, id: AttributeId, start: usize, end: usize) {
        if start == end {
            return;
        }
        match Span::new(start, end) {
            Some(span) => self.set(id, span.pack()),
            None => self.too_large(schema, id),
        }
    }

    fn add_text(&mut self, value: &str) -> Option<Span> {
        let start = self.text.len();
        self.text.push_str(value);
        Span::new(start, self.text.len())
    }

    fn too_large(&mut self, schema: &Schema, id: AttributeId) {
        let attribute = schema.attributes()[id.index()].name();
        self.error.get_or_insert(AttributeError::TooLarge { topic: schema.topic(), attribute });
    }
}

/// Two are equal if they have one schema and the same values, in lists also in the same order.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let is_equal = |(index, attribute): (usize, &Attribute)| {
            let id = AttributeId::at(index as u8);
            match attribute.kind() {
                _ if !self.is_present(id) => true,
                // These are in the word of bits.
                AttributeKind::Bool | AttributeKind::Choice(_) => true,
                AttributeKind::Number | AttributeKind::Int => self.slot(id) == other.slot(id),
                AttributeKind::Text => self.text_at(id) == other.text_at(id),
                AttributeKind::Texts => self.texts_at(id).eq(other.texts_at(id)),
                AttributeKind::Bools | AttributeKind::Numbers | AttributeKind::Ints => {
                    self.members_at(id) == other.members_at(id)
                }
            }
        };
        let attributes = self.schema.map_or(&[][..], Schema::attributes);
        self.schema == other.schema
            && (self.present, self.bits) == (other.present, other.bits)
            && attributes.iter().enumerate().all(is_equal)
    }
}

pub(crate) fn bit(id: AttributeId) -> u64 {
    1 << id.index()
}

/// The bits of a number that is not NaN, alike for equal numbers: a negative zero is 0.
pub(crate) fn number_bits(number: f64) -> i64 {
    (number + 0.0).to_bits().cast_signed()
}
