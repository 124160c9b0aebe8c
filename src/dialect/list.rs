use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{
    field::Field,
    reference::{Entity, Ref},
    render::Render,
};
use crate::notification::Rendering;

/// A list of a system. Its items can be null.
///
/// The vendor's OpenAPI document of FindFace Multi marks the items of lists as nullable, and a
/// gateway may not know an item. Filters ignore such items. The list is a slice of options. To read
/// only the items that are not null, use [`present`](Self::present).
///
/// ```
/// use recohook::findface::security::Event;
///
/// let event: Event = serde_json::from_str(r#"{"id": "42", "matched_lists": [4, null]}"#)?;
/// let lists = event.matched_lists.value().expect("the body has lists");
/// assert_eq!(lists.len(), 2);
/// assert_eq!(lists.present().map(|list| list.id()).collect::<Vec<_>>(), [4]);
///
/// let event = Event::new("42").matched_lists([4, 5]);
/// assert_eq!(serde_json::to_value(&event)?["matched_lists"], serde_json::json!([4, 5]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct List<T>(Vec<Option<T>>);

impl<T> List<T> {
    /// Returns the items that are not null, in their order.
    pub fn present(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(Option::as_ref)
    }

    /// Applies `change` to each item that is not null.
    pub(crate) fn map(&self, mut change: impl FnMut(&T) -> T) -> Self {
        Self(self.0.iter().map(|item| item.as_ref().map(&mut change)).collect())
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [Option<T>];

    fn deref(&self) -> &[Option<T>] {
        &self.0
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(Some).collect())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T> From<Vec<Option<T>>> for List<T> {
    fn from(items: Vec<Option<T>>) -> Self {
        Self(items)
    }
}

impl<T> From<List<T>> for Vec<Option<T>> {
    fn from(list: List<T>) -> Self {
        list.0
    }
}

impl<T> From<Vec<T>> for Field<List<T>> {
    fn from(items: Vec<T>) -> Self {
        Self::Value(items.into())
    }
}

impl<T> From<Vec<Option<T>>> for Field<List<T>> {
    fn from(items: Vec<Option<T>>) -> Self {
        Self::Value(items.into())
    }
}

impl<T: Entity, R: Into<Ref<T>>, const N: usize> From<[R; N]> for Field<List<Ref<T>>> {
    fn from(references: [R; N]) -> Self {
        Self::Value(references.into_iter().map(Into::into).collect())
    }
}

/// Implements conversions from lists of the integer types that a host may use for ids.
macro_rules! from_lists_of_ids {
    ($($id:ty)*) => {
        $(impl<T: Entity> From<Vec<$id>> for Field<List<Ref<T>>> {
            fn from(ids: Vec<$id>) -> Self {
                Self::Value(ids.into_iter().map(Ref::from).collect())
            }
        })*
    };
}

from_lists_of_ids!(i32 i64 u32);

impl<const N: usize> From<[i64; N]> for Field<List<i64>> {
    fn from(ids: [i64; N]) -> Self {
        Self::Value(ids.into_iter().collect())
    }
}

impl<T: Render> Render for List<T> {
    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        out.push(b'[');
        for (at, item) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match item {
                Some(item) => item.write(rendering, out)?,
                None => out.extend_from_slice(b"null"),
            }
        }
        out.push(b']');
        Ok(())
    }
}
