//! Generates the attributes of a model from its declaration.
//!
//! A field that filters see has a form in `model!`, such as `camera: Ref<Camera> => reference`.
//! This declaration defines the attribute in the schema, the statement that sets its value from the
//! model, and the member that a [`Reader`](crate::raw::Reader) reads. The three therefore cannot
//! disagree.

use serde_json::{Number, Value};

use super::model::{Entity, Field, List, NumberInText, Ref};
use crate::{
    attribute::{Attribute, AttributeId, Unread, Values},
    raw::Member,
};

/// The attributes of a notification or of an object inside a notification.
///
/// [`model!`](super::model::model) implements this trait for each model that names a schema. `T` is
/// the type that contains the values. For a model, `T` is `Self`. For arbitrary JSON, `Self` is a
/// type without values that only lists the attributes of a `T`.
pub(crate) trait Attributes<T = Self> {
    /// The attributes, in the order of the fields.
    const ATTRIBUTES: &'static [Attribute];

    /// The members of the JSON object that contain the attributes.
    const MEMBERS: &'static [Member];

    /// Sets the attributes in `values`, which must have been reset to the schema. `kind` is the
    /// kind of the notification. An attribute without a value stays null.
    fn set(value: &T, kind: &str, values: &mut Values);
}

/// Returns the total number of items in the lists.
pub(crate) const fn total<T>(lists: &[&[T]]) -> usize {
    let (mut total, mut list) = (0, 0);
    while list < lists.len() {
        total += lists[list].len();
        list += 1;
    }
    total
}

/// Joins lists that have `N` items in total.
///
/// # Panics
/// Panics if all lists are empty, because then there is no item to fill the array with. In a
/// constant, the panic is a compile error.
pub(crate) const fn join<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
    // This runs at compile time, so it uses loops rather than iterators. Every element of an array
    // must be initialised and `T` has no default, so the array is first filled with the first item.
    let (mut list, mut joined) = (0, 0);
    while lists[list].is_empty() {
        list += 1;
    }
    let mut items = [lists[list][0]; N];
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            items[joined] = lists[list][at];
            joined += 1;
            at += 1;
        }
        list += 1;
    }
    items
}

/// A type that is a string on the wire: either `String` or an enumeration of strings.
pub(crate) trait Text {
    /// Returns the string on the wire.
    fn as_text(&self) -> &str;
}

impl Text for String {
    fn as_text(&self) -> &str {
        self
    }
}

/// The type of a field with the form `id_presence`, in which filters test only whether the field
/// refers to an entity.
pub(crate) trait HasId {
    /// Returns `true` if the value is a usable id, or an entity that has one.
    fn has_id(&self) -> bool;
}

impl HasId for Value {
    fn has_id(&self) -> bool {
        is_id(self) || self.get("id").is_some_and(is_id)
    }
}

/// Returns `true` if the value can be the id of an entity: a string that is not empty, or a
/// positive integer. Senders write `""`, `0`, `false`, `[]` and `{}` in place of null.
fn is_id(value: &Value) -> bool {
    match value {
        Value::String(id) => !id.is_empty(),
        Value::Number(id) => id.as_u64().is_some_and(|id| id > 0),
        _ => false,
    }
}

/// Returns the value of a boolean or an integer field. Like the functions below, it returns no
/// value if the field is absent or null.
pub(crate) fn copied<T: Copy>(field: &Field<T>) -> Option<T> {
    field.value().copied()
}

/// Returns the value of a number field. An integer beyond 2^53 is rounded.
pub(crate) fn number(field: &Field<Number>) -> Option<f64> {
    field.as_f64()
}

/// Returns the number in a string field.
pub(crate) fn parsed(field: &Field<NumberInText>) -> Option<f64> {
    field.value().and_then(NumberInText::as_f64)
}

/// Returns the string that the field has on the wire.
pub(crate) fn text<T: Text>(field: &Field<T>) -> Option<&str> {
    field.value().map(T::as_text)
}

/// Returns whether the field refers to an entity.
pub(crate) fn refers<T: HasId>(field: &Field<T>) -> bool {
    field.value().is_some_and(T::has_id)
}

/// Returns the id of the entity that a field refers to.
pub(crate) fn id<T: Entity>(field: &Field<Ref<T>>) -> Option<i64> {
    field.value().map(Ref::id)
}

/// Returns the ids of the entities that a field refers to. An item that is null has none.
pub(crate) fn ids<T: Entity>(field: &Field<List<Ref<T>>>) -> impl Iterator<Item = i64> {
    let items: &[Option<Ref<T>>] = field.value().map_or(&[], |list| list);
    items.iter().filter_map(|item| item.as_ref().map(Ref::id))
}

/// Records why an attribute has no value if there is JSON in its place.
pub(crate) fn note_unread(values: &mut Values, id: AttributeId, json: Option<&Value>) {
    let found = match json {
        None | Some(Value::Null) => return,
        Some(_) if values.is_present(id) => return,
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    };
    values.set_unread(id, Unread::OtherType(found));
}

/// Records that a string should contain a number but does not.
pub(crate) fn note_no_number(values: &mut Values, id: AttributeId, field: &Field<NumberInText>) {
    if field.value().is_some() && !values.is_present(id) {
        values.set_unread(id, Unread::OtherType("a text"));
    }
}

/// Records that an attribute is not read in notifications of this kind if the field has a value.
pub(crate) fn note_other_kind<T>(values: &mut Values, id: AttributeId, field: &Field<T>) {
    if field.value().is_some() {
        values.set_unread(id, Unread::OtherKind);
    }
}

/// Expands to one static list that contains the items of all these constant lists.
macro_rules! joined {
    ($($list:expr),+ $(,)?) => {{
        use $crate::dialect::attributes::{join, total};
        &const { join::<_, { total(&[$($list),+]) }>(&[$($list),+]) }
    }};
}

/// Expands to one part of a field's form. The forms are documented at
/// [`model!`](super::model::model).
///
/// The first word selects the part. `attributes` and `members` are the lists of the field's
/// [`Attribute`]s and [`Member`]s, and `set` is the statement that sets the attributes. The
/// arguments in brackets are the name of the attribute, the name of the member, the type of the
/// field, the schema, a reference to the field, the values, and the kind of the notification.
///
/// To add a form, add one rule for each part, or a single rule that calls `simple_form!` if the
/// form has a single attribute. Rules are tried from top to bottom.
macro_rules! form {
    // If a field has no form, filters do not see it.
    (set $args:tt) => {};
    ($what:ident $args:tt) => { &[] };

    // The name of the attribute differs from the name of the member.
    ($what:ident [$_:expr, $($rest:tt)*] ($form:tt as $name:expr)) => {
        $crate::dialect::attributes::form!($what [$name, $($rest)*] $form)
    };

    ($what:ident $args:tt bool) => { simple_form!($what $args bool, value, copied) };
    ($what:ident $args:tt int) => { simple_form!($what $args int, value, copied) };
    ($what:ident $args:tt number) => { simple_form!($what $args number, value, number) };
    ($what:ident $args:tt text) => { simple_form!($what $args text, value, text) };
    // A number that is a string on the wire.
    (set
        [$name:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        number_in_text
    ) => {{
        let (id, number) = (const { $schema.expect($name) }, parsed($field));
        $values.number(id, number);
        note_no_number($values, id, $field);
    }};
    ($what:ident $args:tt number_in_text) => {
        simple_form!($what $args number, number_in_text, parsed)
    };
    // A boolean that always has a value. It is true if the field contains an id or an entity with
    // an id.
    ($what:ident $args:tt id_presence) => { simple_form!($what $args bool, id_presence, refers) };
    // A reference. The attribute is the id of the entity, even if the field contains the whole
    // entity.
    ($what:ident $args:tt reference) => { simple_form!($what $args int, reference, id) };
    // A list that is absent is not an empty list.
    (set
        [$name:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        references
    ) => {
        if $field.value().is_some() {
            $values.ints(const { $schema.expect($name) }, ids($field));
        }
    };
    ($what:ident $args:tt references) => { simple_form!($what $args ints, reference, ids) };

    // A choice among all strings of an enumeration, or among some of them. Any other string sets
    // the attribute to "some other value".
    (attributes [$name:expr, $_:expr, $type:ty, $($rest:tt)*] choice) => {
        &[Attribute::choice($name, <$type as $crate::dialect::string_enum::StringEnum>::VALUES)]
    };
    (attributes [$name:expr, $($rest:tt)*] (choice $words:tt)) => {
        &[Attribute::choice($name, &$words)]
    };
    ($what:ident $args:tt choice) => { simple_form!($what $args choice, value, text) };
    ($what:ident $args:tt (choice $_:tt)) => { simple_form!($what $args choice, value, text) };

    // Filters see the field, but a reader does not look for a member. If the field contains the
    // kind, the reader finds the kind without a member. If the field is `filter_only`, no body
    // contains it.
    (members $args:tt (no_member $form:tt)) => { &[] };
    ($what:ident $args:tt (no_member $form:tt)) => {
        $crate::dialect::attributes::form!($what $args $form)
    };
    // The presence of the field decides the kind and has no other effect.
    (attributes $args:tt presence_flag) => { &[] };
    (members [$_:expr, $member:expr, $($rest:tt)*] presence_flag) => {
        &[Member::presence_flag($member)]
    };
    (set $args:tt presence_flag) => {};

    // A nested model. Its attributes are in the same schema.
    (attributes [$_:expr, $member:expr, $type:ty, $($rest:tt)*] object) => {
        <$type as Attributes>::ATTRIBUTES
    };
    (members [$_:expr, $member:expr, $type:ty, $($rest:tt)*] object) => {
        &[Member::object($member, <$type as Attributes>::MEMBERS)]
    };
    (set
        [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        object
    ) => {
        if let Some(value) = $field.value() {
            <$type as Attributes>::set(value, $kind, $values);
        }
    };
    // The attributes of `object`, preceded by a boolean that is true if the field has a value and
    // null otherwise. It is never false, because a key that groups other keys tests only whether
    // the boolean has a value.
    (attributes [$name:expr, $member:expr, $type:ty, $($rest:tt)*] object_with_flag) => {
        joined!(&[Attribute::bool($name)], <$type as Attributes>::ATTRIBUTES)
    };
    (members
        [$name:expr, $member:expr, $type:ty, $schema:ident, $($rest:tt)*]
        object_with_flag
    ) => {
        &[Member::object_with_flag($member, $schema.expect($name), <$type as Attributes>::MEMBERS)]
    };
    (set
        [$name:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        object_with_flag
    ) => {
        if let Some(value) = $field.value() {
            $values.bool(const { $schema.expect($name) }, true);
            <$type as Attributes>::set(value, $kind, $values);
        }
    };
    // Arbitrary JSON. `$tested` lists its attributes.
    (attributes [$_:expr, $member:expr, $type:ty, $($rest:tt)*] (lenient_object $tested:ty)) => {
        <$tested as Attributes<$type>>::ATTRIBUTES
    };
    (members [$_:expr, $member:expr, $type:ty, $($rest:tt)*] (lenient_object $tested:ty)) => {
        &[Member::lenient_object($member, <$tested as Attributes<$type>>::MEMBERS)]
    };
    (set
        [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        (lenient_object $tested:ty)
    ) => {
        if let Some(value) = $field.value() {
            <$tested as Attributes<$type>>::set(value, $kind, $values);
        }
    };

    // A string. The kind of the notification decides which attribute it becomes, if any.
    (attributes $args:tt (text_by_kind $($of:literal => $name:literal),+)) => {
        &[$(Attribute::text($name)),+]
    };
    (members
        [$_:expr, $member:expr, $type:ty, $schema:ident, $($rest:tt)*]
        (text_by_kind $($of:literal => $name:literal),+)
    ) => {
        &[Member::by_kind($member, const { &[$(($of, $schema.expect($name))),+] })]
    };
    (set
        [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        (text_by_kind $($of:literal => $name:literal),+)
    ) => {
        $(match $kind {
            $of => $values.text(const { $schema.expect($name) }, text($field)),
            _ => note_other_kind($values, const { $schema.expect($name) }, $field),
        })+
    };
}

/// Expands to one part of a form that has a single attribute. `$attribute` names a
/// function that [`Attribute`] and [`Values`] both have, `$member` names a function of [`Member`],
/// and `$value` is the function above that reads the field.
macro_rules! simple_form {
    (attributes [$name:expr, $($rest:tt)*] $attribute:ident, $member:ident, $value:ident) => {
        &[Attribute::$attribute($name)]
    };
    (members
        [$name:expr, $in:expr, $type:ty, $schema:ident, $($rest:tt)*]
        $attribute:ident, $member:ident, $value:ident
    ) => {
        &[Member::$member($in, $schema.expect($name))]
    };
    (set
        [$name:expr, $in:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident]
        $attribute:ident, $member:ident, $value:ident
    ) => {
        $values.$attribute(const { $schema.expect($name) }, $value($field))
    };
}

/// Implements [`Attributes`] for a model that names a schema. Expands to nothing for other models.
macro_rules! attributes {
    ($model:ident in () $($field:tt)*) => {};
    (
        $model:ident in ($schema:ident) of $value:ident
        $({ $name:expr, $field:expr, $type:ty, $($form:tt)? })*
    ) => {
        // The block keeps the names that the forms use from leaking into the model's module.
        const _: () = {
            #[allow(unused_imports, reason = "a model has some of the forms")]
            use $crate::{
                attribute::{Attribute, Values},
                dialect::attributes::*,
                raw::Member,
            };

            impl Attributes for $model {
                const ATTRIBUTES: &'static [Attribute] = joined!($(
                    form!(attributes [$name, $name, $type, $schema, (), values, kind] $($form)?)
                ),*);

                const MEMBERS: &'static [Member] = joined!($(
                    form!(members [$name, $name, $type, $schema, (), values, kind] $($form)?)
                ),*);

                fn set($value: &Self, kind: &str, values: &mut Values) {
                    // Few forms use `kind`.
                    let _ = kind;
                    $(form!(set [$name, $name, $type, $schema, $field, values, kind] $($form)?);)*
                }
            }
        };
    };
}

pub(crate) use {attributes, form, joined, simple_form};
