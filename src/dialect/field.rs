use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// A field of a JSON object: absent, null, or a value.
///
/// A body that is read and written again keeps the three apart. In a struct of your own, give such
/// a field the attribute `#[serde(default, skip_serializing_if = "Field::is_absent")]`.
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
/// An `Option` converts into a field, and `None` becomes null. Rust cannot infer the type of a bare
/// `None` there: write [`Field::Null`] instead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Field<T> {
    /// The object does not have the key.
    #[default]
    Absent,
    /// The object has the key, and its value is `null`.
    Null,
    /// The object has the key with a value.
    Value(T),
}

impl<T> Field<T> {
    /// Returns the value. Returns `None` if the field is absent or null.
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

    /// Takes the value out of the field. Returns `None` if the field is absent or null.
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

    /// Returns the field with its value borrowed, as [`Option::as_ref`] does.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }

    /// Returns the field with its value replaced by the result of `change`. An absent field stays
    /// absent and null stays null: `change` is not called then.
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

    /// Returns whether the object does not have the key. A null is not absent.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns whether the object has the key with `null`. An absent field is not null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl Field<Number> {
    /// Returns the number. Returns `None` if the field is absent or null. An integer beyond 2^53 is
    /// rounded.
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
    /// Returns the string. Returns `None` if the field is absent or null.
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

impl<const N: usize> From<[i64; N]> for Field<Vec<i64>> {
    fn from(ids: [i64; N]) -> Self {
        Self::Value(ids.to_vec())
    }
}

// Not lossless, and so by hand.
impl From<f64> for Field<Number> {
    /// NaN and the infinities become null, because JSON cannot write them.
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

/// Implements the conversions from types that convert into the value without loss, alone or in an
/// `Option`.
// The blanket `From<T>` above takes only the exact type, and coherence allows no blanket
// implementation for `T: Into<U>` in addition.
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
    // An absent field is never asked: whoever writes the object leaves its key out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    // A key that is read is present, so `None` is null. `Default` gives the absent field.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
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
