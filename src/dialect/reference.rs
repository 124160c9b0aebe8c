use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};

use super::field::Field;

/// An object of a system, such as a camera, that a notification either refers to by id or includes
/// in full.
pub trait Entity {
    /// Returns the id.
    fn id(&self) -> i64;
}

/// A reference to an entity: either the entity's id or the whole entity.
///
/// FindFace Security normally writes ids, but writes whole entities in its verbose mode
/// (documented). Filters see the id in both cases.
///
/// ```
/// use recohook::findface::security::Camera;
/// use recohook::model::Ref;
///
/// let id: Ref<Camera> = serde_json::from_str("3")?;
/// let whole: Ref<Camera> = serde_json::from_str(r#"{"id": 3, "name": "Gate"}"#)?;
/// assert_eq!(id.id(), whole.id());
/// assert_eq!(whole.to_compact(), id);
///
/// let error = serde_json::from_str::<Ref<Camera>>("3.0").unwrap_err();
/// assert!(error.to_string().contains("expected an integer id or an object"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Ref<T> {
    /// Only the id.
    Id(i64),
    /// The whole entity. It is boxed because it is much larger than an id.
    Entity(Box<T>),
}

impl<T: Entity> Ref<T> {
    /// Returns the id of the entity.
    pub fn id(&self) -> i64 {
        match self {
            Self::Id(id) => *id,
            Self::Entity(entity) => entity.id(),
        }
    }

    /// Returns a reference that contains only the entity's id.
    ///
    /// ```
    /// use recohook::findface::security::Camera;
    /// use recohook::model::Ref;
    ///
    /// let whole = Ref::from(Camera::empty(3).name("Gate"));
    /// assert_eq!(whole.to_compact(), Ref::Id(3));
    /// ```
    #[must_use]
    pub fn to_compact(&self) -> Self {
        Self::Id(self.id())
    }
}

impl<T> Ref<T> {
    /// Returns the whole entity, or `None` if the reference is only an id.
    ///
    /// ```
    /// use recohook::findface::security::Camera;
    /// use recohook::model::Ref;
    ///
    /// let whole = Ref::from(Camera::empty(3).name("Gate"));
    /// assert_eq!(whole.entity().and_then(|camera| camera.name.as_str()), Some("Gate"));
    /// assert!(Ref::<Camera>::Id(3).entity().is_none());
    /// ```
    pub fn entity(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Entity(entity) => Some(entity),
        }
    }
}

impl<T: Entity> From<T> for Ref<T> {
    fn from(entity: T) -> Self {
        Self::Entity(Box::new(entity))
    }
}

/// Implements conversions from the integer types that a host may use for ids. Each of them converts
/// losslessly into `i64`.
macro_rules! from_ids {
    ($($id:ty)*) => {
        $(
            impl<T: Entity> From<$id> for Ref<T> {
                fn from(id: $id) -> Self {
                    Self::Id(id.into())
                }
            }

            // A setter accepts `Into<Field<Ref<T>>>`, and `Into` conversions do not chain.
            impl<T: Entity> From<$id> for Field<Ref<T>> {
                fn from(id: $id) -> Self {
                    Self::Value(id.into())
                }
            }

            impl<T: Entity> From<Option<$id>> for Field<Ref<T>> {
                /// `None` becomes null, not absent.
                fn from(id: Option<$id>) -> Self {
                    id.map(Ref::from).into()
                }
            }
        )*
    };
}

from_ids!(i32 i64 u32);

impl<T: Entity> From<T> for Field<Ref<T>> {
    fn from(entity: T) -> Self {
        Self::Value(entity.into())
    }
}

// Derived code for an untagged enumeration would first read the value into a buffer. An error
// inside the entity would then have no line and column, and would not say what was expected.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RefVisitor(PhantomData))
    }
}

struct RefVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RefVisitor<T> {
    type Value = Ref<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer id or an object that has one")
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<Ref<T>, E> {
        Ok(Ref::Id(id))
    }

    // serde_json calls this for every non-negative integer.
    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Ref<T>, E> {
        i64::try_from(id)
            .map(Ref::Id)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(id), &"an id below 2^63"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ref<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|entity| Ref::Entity(Box::new(entity)))
    }
}
