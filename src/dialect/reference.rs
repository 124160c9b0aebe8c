use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};

use super::field::Field;

/// Something a notification can refer to by its id or carry whole.
pub trait Entity {
    /// Its id.
    fn id(&self) -> i64;
}

/// A reference to an entity: its id, or the whole of it.
///
/// FindFace Security writes ids, and whole entities in its verbose mode (documented). Filters see
/// the id of either.
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
#[derive(Clone, PartialEq, Debug)]
pub enum Ref<T> {
    /// The id alone.
    Id(i64),
    /// The whole entity.
    Entity(Box<T>),
}

impl<T: Entity> Ref<T> {
    /// The entity's id.
    pub fn id(&self) -> i64 {
        match self {
            Self::Id(id) => *id,
            Self::Entity(entity) => entity.id(),
        }
    }

    /// The same reference by id alone.
    #[must_use]
    pub fn to_compact(&self) -> Self {
        Self::Id(self.id())
    }
}

impl<T> Ref<T> {
    /// The whole entity, if it is here.
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

/// An id is written as whatever integer the host has; every one here is an `i64` without loss.
macro_rules! from_ids {
    ($($id:ty)*) => {
        $(
            impl<T: Entity> From<$id> for Ref<T> {
                fn from(id: $id) -> Self {
                    Self::Id(id.into())
                }
            }

            impl<T: Entity> From<$id> for Field<Ref<T>> {
                fn from(id: $id) -> Self {
                    Self::Value(id.into())
                }
            }

            impl<T: Entity> From<Option<$id>> for Field<Ref<T>> {
                /// `None` is null, not absent.
                fn from(id: Option<$id>) -> Self {
                    id.map(Ref::from).into()
                }
            }

            impl<T: Entity> From<Vec<$id>> for Field<Vec<Ref<T>>> {
                fn from(ids: Vec<$id>) -> Self {
                    Self::Value(ids.into_iter().map(Into::into).collect())
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

impl<T, R: Into<Ref<T>>, const N: usize> From<[R; N]> for Field<Vec<Ref<T>>> {
    fn from(references: [R; N]) -> Self {
        Self::Value(references.into_iter().map(Into::into).collect())
    }
}

impl<T: Serialize> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => serializer.serialize_i64(*id),
            Self::Entity(entity) => entity.serialize(serializer),
        }
    }
}

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

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Ref<T>, E> {
        i64::try_from(id)
            .map(Ref::Id)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(id), &"an id below 2^63"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ref<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|entity| Ref::Entity(Box::new(entity)))
    }
}
