//! Writes models and their values as JSON in either rendering.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{
    reference::{Entity, Ref},
    timestamp::Timestamp,
};
use crate::notification::{EncodeError, Rendering};

/// A value that can be written in either [`Rendering`]. The full rendering is byte for byte what
/// serde_json would write.
pub(crate) trait Render: Serialize {
    /// Appends the JSON text to `out`. The default implementation is for values that contain no
    /// references to entities. Both renderings of such a value are the same.
    fn write(&self, _: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(out, self)
    }
}

/// Appends the JSON text of a model to `out`. On failure, `out` is left unchanged.
pub(crate) fn encode<T: Render>(
    model: &T,
    rendering: Rendering,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    // If a nested model fails, part of the text has already been written.
    let start = out.len();
    model.write(rendering, out).map_err(|error| {
        out.truncate(start);
        error.into()
    })
}

impl<T: Render + Entity> Render for Ref<T> {
    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match (self, rendering) {
            // An entity may refer to other entities, so the rendering is passed to it.
            (Self::Entity(entity), Rendering::Full) => entity.write(rendering, out),
            _ => self.id().write(rendering, out),
        }
    }
}

impl<T: Render> Render for Vec<T> {
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

/// Implements [`Render`] for types that contain no references to entities. Both renderings of their
/// values are the same.
macro_rules! render_plainly {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::dialect::render::Render for $type {})+
    };
}

pub(crate) use render_plainly;

render_plainly!(bool, i64, String, Number, Value, Map<String, Value>, Timestamp);
