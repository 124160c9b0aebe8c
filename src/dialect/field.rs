use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// A field of a JSON object that can be left out, be null, or have a value.
///
/// A body that is read and written again keeps the three apart. In a struct of your own, give such
/// a field `#[serde(default, skip_serializing_if = "Field::is_absent")]`.
///
/// ```
/// use recohook::model::Field;
///
/// let mut camera: Field<i64> = Field::Absent;
/// assert!(camera.is_absent());
/// camera = 3.into();
/// assert_eq!(camera.value(), Some(&3));
/// let nowhere: Option<i64> = None;
/// camera = nowhere.into();
/// assert_eq!(camera, Field::Null);
/// ```
///
/// A bare `None` does not say of what it is none; where null is meant, write [`Field::Null`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Field<T> {
    /// The object has no such key.
    #[default]
    Absent,
    /// The key is there, with `null`.
    Null,
    /// The key is there, with a value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        self.as_ref().into_value()
    }

    /// The value itself, if there is one.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The field with its value borrowed.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }

    /// The field with its value changed; absent and null stay what they are.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(change(value)),
        }
    }

    /// Whether the object has no such key.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the key is there with `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl Field<Number> {
    /// The number, if there is one. An integer beyond 2^53 is rounded.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    ///
    /// assert_eq!(Event::new("42").confidence(0.91).confidence.as_f64(), Some(0.91));
    /// assert_eq!(Event::new("42").confidence.as_f64(), None);
    /// ```
    pub fn as_f64(&self) -> Option<f64> {
        self.value().and_then(Number::as_f64)
    }
}

impl Field<String> {
    /// The text, if there is one.
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
    /// `None` is null, not absent.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl From<&str> for Field<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl From<Option<&str>> for Field<String> {
    /// `None` is null, not absent.
    fn from(value: Option<&str>) -> Self {
        value.map(str::to_owned).into()
    }
}

impl<const N: usize> From<[i64; N]> for Field<Vec<i64>> {
    fn from(ids: [i64; N]) -> Self {
        Self::Value(ids.to_vec())
    }
}

impl From<f64> for Field<Number> {
    /// NaN and the infinities are null: JSON has no text for them.
    fn from(value: f64) -> Self {
        Number::from_f64(value).into()
    }
}

impl From<Option<f64>> for Field<Number> {
    /// `None`, NaN and the infinities are null.
    fn from(value: Option<f64>) -> Self {
        value.and_then(Number::from_f64).into()
    }
}

/// Fields take what converts to their value without loss, alone or in an `Option`.
macro_rules! widen {
    ($($from:ty => $to:ty;)*) => {
        $(
            impl From<$from> for Field<$to> {
                fn from(value: $from) -> Self {
                    Self::Value(value.into())
                }
            }

            impl From<Option<$from>> for Field<$to> {
                /// `None` is null, not absent.
                fn from(value: Option<$from>) -> Self {
                    value.map(<$to>::from).into()
                }
            }
        )*
    };
}

widen! {
    i32 => Number;
    i64 => Number;
    u32 => Number;
    u64 => Number;
    usize => Number;
    i32 => i64;
    u32 => i64;
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::{Field, Number};

    #[derive(Serialize, Deserialize)]
    struct Own {
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        a: Field<i64>,
    }

    #[test]
    fn absent_null_and_value_stay_apart() {
        for text in ["{}", r#"{"a":null}"#, r#"{"a":0}"#] {
            let own: Own = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&own).unwrap(), text);
        }
    }

    #[test]
    fn options_and_small_integers_are_taken_too() {
        assert_eq!(Field::from(3_u32), Field::Value(3_i64));
        assert_eq!(Field::from(Some(3_i32)), Field::Value(3_i64));
        assert_eq!(Field::from(Some("a")), Field::Value("a".to_owned()));
        assert_eq!(Field::<Number>::from(None::<f64>), Field::Null);
        assert_eq!(Field::<Number>::from(Some(f64::NAN)), Field::Null);
        assert_eq!(Field::from(Some(3_u64)), Field::Value(Number::from(3)));
    }

    #[test]
    fn a_number_json_cannot_write_is_null() {
        assert_eq!(Field::from(f64::NAN), Field::<serde_json::Number>::Null);
        assert_eq!(Field::from(f64::INFINITY), Field::<serde_json::Number>::Null);
    }
}
