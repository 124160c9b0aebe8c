//! What filters test of a model, made from the model's declaration.
//!
//! A field that filters test has a form in `model!`, such as `camera: Ref<Camera> => reference`.
//! The attribute in the schema, the value that the model sets, and the member that a
//! [`Reader`](crate::raw::Reader) reads all come from that line.

use serde_json::{Number, Value};

use super::model::{Entity, Field, Ref};
use crate::{
    attribute::{Attribute, Values},
    raw::Member,
};

/// What filters test of a notification, or of an object within one.
///
/// `T` is the type that holds the values, if that is another one: free JSON.
pub(crate) trait Attributes<T = Self> {
    /// The attributes, in the order of the fields.
    const ATTRIBUTES: &'static [Attribute];

    /// The members of the JSON object that hold them.
    const MEMBERS: &'static [Member];

    /// Sets the attributes. `kind` is the notification's.
    fn set(value: &T, kind: &str, values: &mut Values);
}

/// Returns how many items the lists have together.
pub(crate) const fn total<T>(lists: &[&[T]]) -> usize {
    let (mut total, mut list) = (0, 0);
    while list < lists.len() {
        total += lists[list].len();
        list += 1;
    }
    total
}

/// Joins lists that have `N` items together.
///
/// # Panics
/// Panics if all lists are empty. In a constant this is a compile error.
pub(crate) const fn join<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
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

/// The text of a field that has one: a string, or a word of an enumeration.
pub(crate) trait Text {
    fn as_text(&self) -> &str;
}

impl Text for String {
    fn as_text(&self) -> &str {
        self
    }
}

/// A value that can be null although its field has a value.
pub(crate) trait Presence {
    fn is_null(&self) -> bool {
        false
    }
}

impl Presence for Value {
    fn is_null(&self) -> bool {
        self.is_null()
    }
}

pub(crate) fn copied<T: Copy>(field: &Field<T>) -> Option<T> {
    field.value().copied()
}

pub(crate) fn number(field: &Field<Number>) -> Option<f64> {
    field.as_f64()
}

/// The number that a text spells, if it is finite.
pub(crate) fn parsed(field: &Field<String>) -> Option<f64> {
    field.as_str().and_then(|text| text.parse().ok()).filter(|number: &f64| number.is_finite())
}

pub(crate) fn text<T: Text>(field: &Field<T>) -> Option<&str> {
    field.value().map(T::as_text)
}

pub(crate) fn present<T: Presence>(field: &Field<T>) -> bool {
    field.value().is_some_and(|value| !value.is_null())
}

pub(crate) fn id<T: Entity>(field: &Field<Ref<T>>) -> Option<i64> {
    field.value().map(Ref::id)
}

pub(crate) fn ids<T: Entity>(field: &Field<Vec<Ref<T>>>) -> impl Iterator<Item = i64> {
    field.value().into_iter().flatten().map(Ref::id)
}

/// Joins constant lists into one.
macro_rules! joined {
    ($($list:expr),+ $(,)?) => {{
        use $crate::dialect::attributes::{join, total};
        &const { join::<_, { total(&[$($list),+]) }>(&[$($list),+]) }
    }};
}

/// What a field's form stands for: its `attributes`, its `members`, or the statement that `set`s
/// the attributes. The arguments are the attribute's name, the member's name, the field's type,
/// the schema, a reference to the field, the values, and the notification's kind.
macro_rules! form {
    // No filter tests it.
    (set $args:tt) => {};
    ($what:ident $args:tt) => { &[] };

    // The attribute and the member have different names.
    ($what:ident [$_:expr, $($rest:tt)*] ($form:tt as $name:expr)) => {
        $crate::dialect::attributes::form!($what [$name, $($rest)*] $form)
    };

    ($what:ident $args:tt bool) => { simple_form!($what $args bool, value, copied) };
    ($what:ident $args:tt int) => { simple_form!($what $args int, value, copied) };
    ($what:ident $args:tt number) => { simple_form!($what $args number, value, number) };
    ($what:ident $args:tt text) => { simple_form!($what $args text, value, text) };
    // A number that is written as a text.
    ($what:ident $args:tt number_in_text) => {
        simple_form!($what $args number, number_in_text, parsed)
    };
    // Whether it is there and not null.
    ($what:ident $args:tt presence) => { simple_form!($what $args bool, presence, present) };
    // An id, or an entity with an id.
    ($what:ident $args:tt reference) => { simple_form!($what $args int, reference, id) };
    ($what:ident $args:tt references) => { simple_form!($what $args ints, reference, ids) };

    // One of the words of an enumeration, or of some of them.
    (attributes [$name:expr, $_:expr, $type:ty, $($rest:tt)*] choice) => {
        &[Attribute::choice($name, <$type as $crate::dialect::string_enum::StringEnum>::VALUES)]
    };
    (attributes [$name:expr, $($rest:tt)*] (choice $words:tt)) => {
        &[Attribute::choice($name, &$words)]
    };
    ($what:ident $args:tt choice) => { simple_form!($what $args choice, value, text) };
    ($what:ident $args:tt (choice $_:tt)) => { simple_form!($what $args choice, value, text) };

    // Filters test it, but it is no member that is read: it tells the kind, or no body has it.
    (members $args:tt (no_member $form:tt)) => { &[] };
    ($what:ident $args:tt (no_member $form:tt)) => {
        $crate::dialect::attributes::form!($what $args $form)
    };
    // Its presence tells the kind.
    (attributes $args:tt presence_flag) => { &[] };
    (members [$_:expr, $member:expr, $($rest:tt)*] presence_flag) => { &[Member::presence_flag($member)] };
    (set $args:tt presence_flag) => {};

    // An object of which filters test members.
    (attributes [$_:expr, $member:expr, $type:ty, $($rest:tt)*] object) => {
        <$type as Attributes>::ATTRIBUTES
    };
    (members [$_:expr, $member:expr, $type:ty, $($rest:tt)*] object) => {
        &[Member::object($member, <$type as Attributes>::MEMBERS)]
    };
    (set [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident] object) => {
        if let Some(value) = $field.value() {
            <$type as Attributes>::set(value, $kind, $values);
        }
    };
    // The same, and whether the object is there.
    (attributes [$name:expr, $member:expr, $type:ty, $($rest:tt)*] object_with_flag) => {
        joined!(&[Attribute::bool($name)], <$type as Attributes>::ATTRIBUTES)
    };
    (members [$name:expr, $member:expr, $type:ty, $schema:ident, $($rest:tt)*] object_with_flag) => {
        &[Member::object_with_flag($member, $schema.expect($name), <$type as Attributes>::MEMBERS)]
    };
    (set [$name:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident] object_with_flag) => {
        if let Some(value) = $field.value() {
            $values.bool(const { $schema.expect($name) }, true);
            <$type as Attributes>::set(value, $kind, $values);
        }
    };
    // An object that can hold anything. `$tested` says what filters test of it.
    (attributes [$_:expr, $member:expr, $type:ty, $($rest:tt)*] (lenient_object $tested:ty)) => {
        <$tested as Attributes<$type>>::ATTRIBUTES
    };
    (members [$_:expr, $member:expr, $type:ty, $($rest:tt)*] (lenient_object $tested:ty)) => {
        &[Member::lenient_object($member, <$tested as Attributes<$type>>::MEMBERS)]
    };
    (set [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident] (lenient_object $tested:ty)) => {
        if let Some(value) = $field.value() {
            <$tested as Attributes<$type>>::set(value, $kind, $values);
        }
    };

    // A text that is another attribute for each kind of notification.
    (attributes $args:tt (text_by_kind $($of:literal => $name:literal),+)) => {
        &[$(Attribute::text($name)),+]
    };
    (members [$_:expr, $member:expr, $type:ty, $schema:ident, $($rest:tt)*] (text_by_kind $($of:literal => $name:literal),+)) => {
        &[Member::by_kind($member, const { &[$(($of, $schema.expect($name))),+] })]
    };
    (set [$_:expr, $member:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident] (text_by_kind $($of:literal => $name:literal),+)) => {
        match $kind {
            $($of => $values.text(const { $schema.expect($name) }, text($field)),)+
            _ => {}
        }
    };
}

/// A form that has one attribute: `$attribute` makes it and sets it, `$member` reads it, and
/// `$value` is what it is set to.
macro_rules! simple_form {
    (attributes [$name:expr, $($rest:tt)*] $attribute:ident, $member:ident, $value:ident) => {
        &[Attribute::$attribute($name)]
    };
    (members [$name:expr, $in:expr, $type:ty, $schema:ident, $($rest:tt)*] $attribute:ident, $member:ident, $value:ident) => {
        &[Member::$member($in, $schema.expect($name))]
    };
    (set [$name:expr, $in:expr, $type:ty, $schema:ident, $field:expr, $values:ident, $kind:ident] $attribute:ident, $member:ident, $value:ident) => {
        $values.$attribute(const { $schema.expect($name) }, $value($field))
    };
}

/// Implements [`Attributes`] for a model that is part of a schema.
macro_rules! attributes {
    ($model:ident in () $($field:tt)*) => {};
    ($model:ident in ($schema:ident) of $value:ident $({ $name:expr, $field:expr, $type:ty, $($form:tt)? })*) => {
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
                    let _ = kind;
                    $(form!(set [$name, $name, $type, $schema, $field, values, kind] $($form)?);)*
                }
            }
        };
    };
}

pub(crate) use {attributes, form, joined, simple_form};
