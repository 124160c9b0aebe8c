use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};
use serde_json::Number;

use super::empty_list;

/// A field of a JSON object. It is absent, null, or a value.
///
/// The three cases stay distinct when a body is read and written again. In your own structs, add
/// the attribute `#[serde(default, skip_serializing_if = "Field::is_absent")]` to each field of
/// this type.
///
/// ```
/// use recohook::model::Field;
///
/// let mut camera: Field<i64> = Field::Absent;
/// assert!(camera.is_absent());
/// camera = 3.into();
/// assert_eq!(camera.value(), Some(&3));
/// let unknown: Option<i64> = None;
/// camera = unknown.into();
/// assert_eq!(camera, Field::Null);
/// ```
///
/// An `Option` can be converted into a field, and `None` becomes null. Rust cannot infer the type
/// of a bare `None` in such a conversion, so write [`Field::Null`] instead.
///
/// If a field that is documented as an object is an empty list, it is read as an empty object,
/// because PHP writes an empty object as `[]`. It is written again as `{}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Field<T> {
    /// The object does not have the key.
    #[default]
    Absent,
    /// The object has the key, and the value is `null`.
    Null,
    /// The object has the key, and this is its value.
    Value(T),
}

impl<T> Field<T> {
    /// Returns the value, or `None` if the field is absent or null.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    ///
    /// let event = Event::new("42").episode(7);
    /// assert_eq!(event.episode.value(), Some(&7));
    /// assert_eq!(event.video_source.value(), None);
    /// ```
    pub fn value(&self) -> Option<&T> {
        self.as_ref().into_value()
    }

    /// Converts the field into its value, or into `None` if the field is absent or null.
    ///
    /// ```
    /// use recohook::model::Field;
    ///
    /// assert_eq!(Field::Value("gate".to_owned()).into_value().as_deref(), Some("gate"));
    /// assert_eq!(Field::<String>::Null.into_value(), None);
    /// ```
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Converts from `&Field<T>` to `Field<&T>`, as [`Option::as_ref`] does for options.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }

    /// Applies `change` to the value and returns the resulting field. An absent field stays absent
    /// and a null field stays null, without a call to `change`.
    ///
    /// ```
    /// use recohook::model::Field;
    ///
    /// assert_eq!(Field::Value(0.5).map(|score| score * 100.0), Field::Value(50.0));
    /// assert_eq!(Field::<f64>::Null.map(|score| score * 100.0), Field::Null);
    /// ```
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(change(value)),
        }
    }

    /// Returns `true` if the object does not have the key. A null field is not absent.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns `true` if the object has the key and its value is `null`. An absent field is not
    /// null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl Field<Number> {
    /// Returns the number, or `None` if the field is absent or null. An integer beyond 2^53 is
    /// rounded.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    ///
    /// assert_eq!(Event::new("42").confidence(0.91).confidence.as_f64(), Some(0.91));
    /// assert_eq!(Event::new("42").quality.as_f64(), None);
    /// ```
    pub fn as_f64(&self) -> Option<f64> {
        self.value().and_then(Number::as_f64)
    }
}

impl Field<String> {
    /// Returns the string, or `None` if the field is absent or null.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    ///
    /// let event = Event::new("42").face("http://127.0.0.1/face.jpg");
    /// assert_eq!(event.face.as_str(), Some("http://127.0.0.1/face.jpg"));
    /// assert_eq!(event.frame.as_str(), Some(""), "a new event has no URLs yet");
    /// ```
    pub fn as_str(&self) -> Option<&str> {
        self.value().map(String::as_str)
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Field<T> {
    /// `None` becomes null, not absent.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

// These conversions can lose a value, so they are not part of `lossless!`.
impl From<f64> for Field<Number> {
    /// NaN and the infinities become null, because JSON cannot represent them.
    fn from(value: f64) -> Self {
        Number::from_f64(value).into()
    }
}

impl From<Option<f64>> for Field<Number> {
    /// `None`, NaN and the infinities become null.
    fn from(value: Option<f64>) -> Self {
        value.and_then(Number::from_f64).into()
    }
}

impl From<f32> for Field<Number> {
    /// Writes the shortest digits that stand for the number, such as `0.7`, so that a filter with
    /// `0.7` matches. A conversion through `f64` would write `0.699999988079071`. NaN and the
    /// infinities become null.
    fn from(value: f32) -> Self {
        // `Display` writes the shortest digits. The parser reads "NaN" and "inf" as `f64` has them.
        value.to_string().parse::<f64>().ok().into()
    }
}

impl From<Option<f32>> for Field<Number> {
    /// `None`, NaN and the infinities become null.
    fn from(value: Option<f32>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// Implements conversions into a field from each of the given types and from an `Option` of it.
/// Each type must convert losslessly into the type of the field's value.
// The blanket `From<T>` above accepts only the exact type, and coherence rules do not allow a
// second blanket implementation for `T: Into<U>`.
macro_rules! lossless {
    ($($from:ty => $to:ty;)*) => {
        $(
            impl From<$from> for Field<$to> {
                fn from(value: $from) -> Self {
                    Self::Value(value.into())
                }
            }

            impl From<Option<$from>> for Field<$to> {
                /// `None` becomes null, not absent.
                fn from(value: Option<$from>) -> Self {
                    value.map(<$to>::from).into()
                }
            }
        )*
    };
}

lossless! {
    &str => String;
    i32 => Number;
    i64 => Number;
    u32 => Number;
    u64 => Number;
    usize => Number;
    i32 => i64;
    u32 => i64;
}

impl<T: Serialize> Serialize for Field<T> {
    // This is never called for an absent field, because the code that writes the object skips its
    // key.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    // This is called only if the key is present, so there is a value or null. An absent field comes
    // from `Default`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Field<T>, D::Error> {
        empty_list::read(value).map(Field::Value)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::{Field, Number};

    #[derive(Serialize, Deserialize)]
    struct HostType {
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        a: Field<i64>,
    }

    #[test]
    fn absent_null_and_value_stay_apart() {
        for text in ["{}", r#"{"a":null}"#, r#"{"a":0}"#] {
            let read: HostType = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn options_and_smaller_integers_convert() {
        assert_eq!(Field::from(3_u32), Field::Value(3_i64));
        assert_eq!(Field::from(Some(3_i32)), Field::Value(3_i64));
        assert_eq!(Field::from(Some("a")), Field::Value("a".to_owned()));
        assert_eq!(Field::<Number>::from(None::<f64>), Field::Null);
        assert_eq!(Field::<Number>::from(Some(f64::NAN)), Field::Null);
        assert_eq!(Field::from(Some(3_u64)), Field::Value(Number::from(3)));
    }

    #[test]
    fn a_number_that_json_cannot_write_is_null() {
        assert_eq!(Field::from(f64::NAN), Field::<serde_json::Number>::Null);
        assert_eq!(Field::from(f64::INFINITY), Field::<serde_json::Number>::Null);
    }
}
