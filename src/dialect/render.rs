//! How models and their values are written, in either rendering.

use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::{
    reference::{Entity, Ref},
    timestamp::Timestamp,
};
use crate::{EncodeError, Rendering};

/// What is written in either [`Rendering`].
pub(crate) trait Render {
    fn render<S: Serializer>(&self, rendering: Rendering, serializer: S)
    -> Result<S::Ok, S::Error>;

    /// Appends the JSON text that [`render`](Self::render) makes with serde_json, and does it
    /// faster where the names are known.
    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(out, &Rendered(self, rendering))
    }
}

/// Appends the JSON text of a model; nothing where it has none.
pub(crate) fn encode<T: Render>(
    model: &T,
    rendering: Rendering,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = out.len();
    model.write(rendering, out).map_err(|error| {
        out.truncate(start);
        error.into()
    })
}

/// A value together with how to write it, as serde takes it.
pub(crate) struct Rendered<'a, T: ?Sized>(pub(crate) &'a T, pub(crate) Rendering);

impl<T: Render + ?Sized> Serialize for Rendered<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.render(self.1, serializer)
    }
}

impl<T: Render + Entity> Render for Ref<T> {
    fn render<S: Serializer>(
        &self,
        rendering: Rendering,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match (self, rendering) {
            (Self::Entity(entity), Rendering::Full) => entity.render(rendering, serializer),
            _ => serializer.serialize_i64(self.id()),
        }
    }

    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match (self, rendering) {
            (Self::Entity(entity), Rendering::Full) => entity.write(rendering, out),
            _ => self.id().write(rendering, out),
        }
    }
}

impl<T: Render> Render for Vec<T> {
    fn render<S: Serializer>(
        &self,
        rendering: Rendering,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|item| Rendered(item, rendering)))
    }

    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        out.push(b'[');
        for (at, item) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            item.write(rendering, out)?;
        }
        out.push(b']');
        Ok(())
    }
}

/// For what holds no reference: it is written the same in every rendering.
macro_rules! render_plainly {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::dialect::render::Render for $type {
            fn render<S: serde::Serializer>(
                &self,
                _: $crate::Rendering,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, serializer)
            }
        })+
    };
}

pub(crate) use render_plainly;

render_plainly!(bool, i64, String, Number, Value, Map<String, Value>, Timestamp);
