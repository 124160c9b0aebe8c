mod read;
mod unread;

pub use unread::Unread;

use super::{AttributeError, AttributeId, AttributeKind, Schema, dedup::dedup_from, span::Span};

/// The attributes of one notification, in the form that compiled filters read.
///
/// [`Notification::attributes`](crate::Notification::attributes) sets them. All setters follow the
/// same rules:
///
/// - An attribute is null if it is set to `None` or not set at all. A null attribute satisfies no
///   filter key except `x_exists: false` of the native language.
/// - Setting an attribute again replaces its value. The memory of a text or list is reused only
///   after [`reset`](Self::reset).
/// - A value that the schema does not allow is ignored. The first such mistake is stored as the
///   [`error`](Self::error), and publishing the notification fails with this error.
///
/// Lists with more than 32 members are stored sorted and without duplicates.
///
/// ```
/// use recohook::attribute::{Attribute, AttributeId, Schema, Values};
/// use recohook::filter::{Section, Table};
/// use recohook::Filter;
///
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::text("badge")]);
/// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
/// const DOOR: AttributeId = PASSAGES.expect("door");
/// const BADGE: AttributeId = PASSAGES.expect("badge");
///
/// let mut values = Values::new();
/// values.reset(&PASSAGES);
/// values.int(DOOR, 7);
/// values.text(BADGE, "visitor-12");
///
/// let filter = Filter::parse(r#"{"door_in": [7, 9], "badge_prefix": "visitor-"}"#, &FILTERS)?;
/// assert!(filter.matches(&values));
/// values.text(BADGE, None);
/// assert!(!filter.matches(&values));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
// The unchecked reads rely on these invariants:
//
// 1. `slots` has one slot for each attribute of the schema. `reset` sets the length, and `prepare`
//    checks each id before it is used as an index.
// 2. An attribute that is not present has no bits in `bits`, and its slot is 0. `prepare` and
//    `clear` remove the old value before a new one is set. A mask over `bits` therefore need not
//    check `present`, and a list that is null reads as the empty span.
// 3. No number is NaN or negative zero, so equal numbers have equal bits.
// 4. A list of more than `MAX_UNSORTED` members is sorted and has no duplicates.
#[derive(Debug, Default)]
pub struct Values {
    schema: Option<&'static Schema>,
    /// The set of attributes that have a value, with one bit for each index.
    present: u64,
    /// The booleans and choices. Each of them that is present has exactly one bit set in its field.
    bits: u64,
    /// For each attribute, the bits of a number or an integer, or the [`Span`] of a text or list.
    slots: Vec<u64>,
    /// The members of all lists except lists of texts. They are integers, the bits of numbers, or 0
    /// and 1 for booleans.
    members: Vec<i64>,
    /// All texts, one after another.
    text: String,
    /// The position in `text` of each member of a list of texts.
    spans: Vec<Span>,
    /// The lists that were set to an empty list, with one bit for each index.
    empty_lists: u64,
    /// The other attributes that have no value for a known reason. They do not count if values are
    /// compared.
    unread: Vec<(AttributeId, Unread)>,
    error: Option<AttributeError>,
}

impl Values {
    /// The maximum length at which a list keeps its order and its duplicates.
    ///
    /// A longer list is sorted and its duplicates are removed. The cost of matching it therefore
    /// depends on the number of distinct members, and a notification cannot raise the cost by
    /// repeating members.
    pub(crate) const MAX_UNSORTED: usize = 32;

    /// Creates values without a schema. Call [`reset`](Self::reset) before setting a value.
    ///
    /// This does not allocate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes all values and the error, and sets the schema.
    ///
    /// The memory is kept, so setting new values does not allocate once the buffers have grown.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema, Values};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    ///
    /// let mut values = Values::new();
    /// values.int(PASSAGES.expect("door"), 7);
    /// assert_eq!(values.error().expect("it has no schema").kind(), "no_schema");
    ///
    /// values.reset(&PASSAGES);
    /// assert!(values.error().is_none());
    /// ```
    pub fn reset(&mut self, schema: &'static Schema) {
        self.schema = Some(schema);
        self.present = 0;
        self.bits = 0;
        self.slots.clear();
        self.slots.resize(schema.attributes().len(), 0);
        self.members.clear();
        self.text.clear();
        self.spans.clear();
        self.empty_lists = 0;
        self.unread.clear();
        self.error = None;
    }

    /// Returns the schema, or `None` if [`reset`](Self::reset) was never called.
    pub fn schema(&self) -> Option<&'static Schema> {
        self.schema
    }

    /// Sets a boolean.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::bool("granted")]);
    /// const GRANTED: AttributeId = PASSAGES.expect("granted");
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.bool(GRANTED, false);
    /// assert!(values.is_present(GRANTED));
    /// values.bool(GRANTED, None);
    /// assert!(!values.is_present(GRANTED), "set again, to null");
    /// ```
    pub fn bool(&mut self, id: AttributeId, value: impl Into<Option<bool>>) {
        let value = value.into();
        if let Some((schema, _)) = self.prepare(id, |kind| kind == AttributeKind::Bool, "a boolean")
            && let Some(value) = value
        {
            self.set_bit(schema, id, u32::from(value));
        }
    }

    /// Sets a choice by its name.
    ///
    /// A name that the schema does not declare becomes "some other value". The attribute is then
    /// present but equals none of the declared names. This is not an error.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::choice("direction", &["in", "out"])]);
    /// const DIRECTION: AttributeId = PASSAGES.expect("direction");
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.choice(DIRECTION, "sideways");
    /// assert!(values.is_present(DIRECTION));
    /// assert!(values.error().is_none());
    /// ```
    pub fn choice<'a>(&mut self, id: AttributeId, value: impl Into<Option<&'a str>>) {
        let value = value.into();
        if let Some((schema, AttributeKind::Choice(names))) =
            self.prepare(id, |kind| matches!(kind, AttributeKind::Choice(_)), "a choice")
            && let Some(value) = value
        {
            // The last bit of the field stands for all other names.
            let at = names.iter().position(|name| *name == value).unwrap_or(names.len());
            self.set_bit(schema, id, at as u32);
        }
    }

    /// Sets a number. NaN counts as null. Infinities are accepted.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static READINGS: Schema = Schema::new("readings", &[Attribute::number("celsius")]);
    /// const CELSIUS: AttributeId = READINGS.expect("celsius");
    ///
    /// let mut values = Values::new();
    /// values.reset(&READINGS);
    /// values.number(CELSIUS, 36.6);
    /// assert!(values.is_present(CELSIUS));
    /// values.number(CELSIUS, f64::NAN);
    /// assert!(!values.is_present(CELSIUS));
    /// ```
    pub fn number(&mut self, id: AttributeId, value: impl Into<Option<f64>>) {
        let value = value.into();
        if self.prepare(id, |kind| kind == AttributeKind::Number, "a number").is_some()
            && let Some(value) = value
            && !value.is_nan()
        {
            self.set(id, number_bits(value).cast_unsigned());
        }
    }

    /// Sets an integer.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, Schema, Values};
    /// static READINGS: Schema =
    ///     Schema::new("readings", &[Attribute::int("sensor"), Attribute::number("celsius")]);
    ///
    /// let mut values = Values::new();
    /// values.reset(&READINGS);
    /// values.int(READINGS.expect("sensor"), 3);
    /// assert!(values.error().is_none());
    /// values.int(READINGS.expect("celsius"), 37);
    /// assert_eq!(values.error().expect("not an integer").kind(), "wrong_kind");
    /// ```
    pub fn int(&mut self, id: AttributeId, value: impl Into<Option<i64>>) {
        let value = value.into();
        if self.prepare(id, |kind| kind == AttributeKind::Int, "an integer").is_some()
            && let Some(value) = value
        {
            self.set(id, value.cast_unsigned());
        }
    }

    /// Sets a text. An empty string is a value, and not null.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::text("badge")]);
    /// const BADGE: AttributeId = PASSAGES.expect("badge");
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// let badge: Option<String> = Some(String::new());
    /// values.text(BADGE, badge.as_deref());
    /// assert!(values.is_present(BADGE));
    /// ```
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

    /// Sets a list of booleans. An empty list counts as null.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::bools("masks")]);
    /// const MASKS: AttributeId = PASSAGES.expect("masks");
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.bools(MASKS, [true, false]);
    /// assert!(values.is_present(MASKS));
    /// values.bools(MASKS, []);
    /// assert!(!values.is_present(MASKS));
    /// ```
    pub fn bools(&mut self, id: AttributeId, values: impl IntoIterator<Item = bool>) {
        self.list(
            id,
            AttributeKind::Bools,
            "a list of booleans",
            values.into_iter().map(i64::from),
        );
    }

    /// Sets a list of numbers. NaN is skipped, and a list that contains no other numbers counts as
    /// null.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, AttributeId, Schema, Values};
    /// static MATCHES: Schema = Schema::new("matches", &[Attribute::numbers("scores")]);
    /// const SCORES: AttributeId = MATCHES.expect("scores");
    ///
    /// let mut values = Values::new();
    /// values.reset(&MATCHES);
    /// values.numbers(SCORES, [0.91, f64::NAN]);
    /// assert!(values.is_present(SCORES));
    /// values.numbers(SCORES, [f64::NAN]);
    /// assert!(!values.is_present(SCORES));
    /// ```
    pub fn numbers(&mut self, id: AttributeId, values: impl IntoIterator<Item = f64>) {
        let values = values.into_iter().filter(|value| !value.is_nan()).map(number_bits);
        self.list(id, AttributeKind::Numbers, "a list of numbers", values);
    }

    /// Sets a list of integers. An empty list counts as null.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, Schema, Values};
    /// # use recohook::{Filter, filter::{Section, Table}};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::ints("zones")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.ints(PASSAGES.expect("zones"), [4, 7]);
    /// assert!(Filter::parse(r#"{"zones_in": [7, 9]}"#, &FILTERS)?.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn ints(&mut self, id: AttributeId, values: impl IntoIterator<Item = i64>) {
        self.list(id, AttributeKind::Ints, "a list of integers", values);
    }

    /// Sets a list of texts. An empty list counts as null.
    ///
    /// ```
    /// # use recohook::attribute::{Attribute, Schema, Values};
    /// # use recohook::{Filter, filter::{Section, Table}};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::texts("tags")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.texts(PASSAGES.expect("tags"), ["staff", "night"]);
    /// assert!(Filter::parse(r#"{"tags_in": ["vip", "staff"]}"#, &FILTERS)?.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
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
            // Only the spans are sorted. The texts themselves are not moved.
            let text = &self.text;
            self.spans[start..].sort_unstable_by(|a, b| a.str_in(text).cmp(b.str_in(text)));
            dedup_from(&mut self.spans, start, |a, b| a.str_in(text) == b.str_in(text));
        }
        self.set_span(schema, id, start, self.spans.len());
    }

    /// Returns whether an attribute has a value. It has none if it was not set, or if it was set to
    /// null, NaN or an empty list.
    ///
    /// Returns `false` for an id that the schema does not contain.
    pub fn is_present(&self, id: AttributeId) -> bool {
        self.present & bit(id) != 0
    }

    /// Returns the first mistake since the last [`reset`](Self::reset), if any.
    ///
    /// Later mistakes are not stored.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema, Values};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.text(PASSAGES.expect("door"), "seven");
    /// assert_eq!(
    ///     values.error().expect("a door is an integer").to_string(),
    ///     r#"attribute "door" of topic "passages" takes an integer, but was given a text"#,
    /// );
    /// ```
    pub fn error(&self) -> Option<&AttributeError> {
        self.error.as_ref()
    }

    /// Copies the schema, all values and the error from `other`, and reuses the memory of `self`.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        // The fields are copied one by one, because `clone_from` reuses the memory of a `Vec` or
        // `String`.
        self.schema = other.schema;
        self.present = other.present;
        self.bits = other.bits;
        self.slots.clone_from(&other.slots);
        self.members.clone_from(&other.members);
        self.text.clone_from(&other.text);
        self.spans.clone_from(&other.spans);
        self.empty_lists = other.empty_lists;
        self.unread.clone_from(&other.unread);
        self.error.clone_from(&other.error);
    }

    /// Makes an attribute null.
    pub(crate) fn clear(&mut self, id: AttributeId) {
        self.forget_unread(id);
        self.present &= !bit(id);
        self.bits &= self.schema.map_or(u64::MAX, |schema| !schema.field(id));
        if let Some(slot) = self.slots.get_mut(id.index()) {
            *slot = 0;
        }
    }

    /// Makes an attribute null, and returns the schema and the attribute's kind. If the kind is not
    /// `allowed`, the attribute keeps its value, an error is recorded, and the result is `None`.
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

    /// Sets a list whose members are stored as integers.
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

    /// Sets the slot of an attribute that [`prepare`](Self::prepare) has accepted.
    fn set(&mut self, id: AttributeId, slot: u64) {
        self.slots[id.index()] = slot;
        self.present |= bit(id);
    }

    /// Sets bit number `at` in the field of a boolean or choice.
    fn set_bit(&mut self, schema: &Schema, id: AttributeId, at: u32) {
        self.bits |= 1 << (schema.shift(id) + at);
        self.present |= bit(id);
    }

    /// Sets an attribute to the list from `start` to `end`. Does nothing if the list is empty.
    fn set_span(&mut self, schema: &Schema, id: AttributeId, start: usize, end: usize) {
        if start == end {
            self.empty_lists |= bit(id);
            return;
        }
        match Span::new(start, end) {
            Some(span) => self.set(id, span.pack()),
            None => self.too_large(schema, id),
        }
    }

    /// Appends a text to the buffer and returns its position, or `None` if the position does not
    /// fit into a [`Span`].
    fn add_text(&mut self, value: &str) -> Option<Span> {
        let start = self.text.len();
        self.text.push_str(value);
        Span::new(start, self.text.len())
    }

    /// Records that the values do not fit into the buffers.
    fn too_large(&mut self, schema: &Schema, id: AttributeId) {
        let attribute = schema.attributes()[id.index()].name();
        self.error.get_or_insert(AttributeError::TooLarge { topic: schema.topic(), attribute });
    }
}

/// Returns the bit of an attribute in [`Values::present`].
pub(crate) fn bit(id: AttributeId) -> u64 {
    1 << id.index()
}

/// Returns the bits of a number that is not NaN. Negative zero becomes 0, so that equal numbers
/// have equal bits.
pub(crate) fn number_bits(number: f64) -> i64 {
    // Adding positive zero changes only negative zero.
    (number + 0.0).to_bits().cast_signed()
}
