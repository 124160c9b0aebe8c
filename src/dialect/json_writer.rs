//! The JSON text of a model, written member by member.
//!
//! A model's names are known when it is compiled: they stand in the text as they are, where
//! serde_json would look through each of them for what must be escaped. Values are serde_json's,
//! and so is, byte for byte, the text.

use serde::ser;
use serde_json::{Error, Map, Value};

use super::{field::Field, render::Render};
use crate::notification::Rendering;

/// An object that is being written.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    rendering: Rendering,
    empty: bool,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn open(out: &'a mut Vec<u8>, rendering: Rendering) -> Self {
        out.push(b'{');
        Self { out, rendering, empty: true }
    }

    /// Writes a member. `name` is what stands before its value: a comma, the name and a colon.
    pub(crate) fn member<T: Render>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.name(name);
        value.write(self.rendering, self.out)
    }

    /// Writes a field under such a name, unless it is absent.
    pub(crate) fn field<T: Render>(
        &mut self,
        name: &'static str,
        field: &Field<T>,
    ) -> Result<(), Error> {
        match field {
            Field::Absent => Ok(()),
            Field::Null => {
                self.name(name);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Field::Value(value) => self.member(name, value),
        }
    }

    /// Writes the unknown fields. A documented one among them is refused.
    pub(crate) fn extra(
        &mut self,
        extra: &Map<String, Value>,
        documented: &[&str],
    ) -> Result<(), Error> {
        extra.iter().try_for_each(|(name, value)| {
            check_unknown(name, documented)?;
            self.name(",");
            serde_json::to_writer(&mut *self.out, name)?;
            self.out.push(b':');
            serde_json::to_writer(&mut *self.out, value)
        })
    }

    pub(crate) fn close(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &'static str) {
        // The first one stands behind no comma.
        let from = usize::from(std::mem::replace(&mut self.empty, false));
        self.out.extend_from_slice(&name.as_bytes()[from..]);
    }
}

/// Refuses a documented field among the unknown ones: its key could stand twice.
pub(super) fn check_unknown<E: ser::Error>(name: &str, documented: &[&str]) -> Result<(), E> {
    match documented.contains(&name) {
        true => Err(E::custom(format_args!(
            "`{name}` is a documented field: set it on the model, not in `extra`"
        ))),
        false => Ok(()),
    }
}

/// Whether all names are letters, digits and underscores, of which none is escaped.
pub(crate) const fn are_plain(names: &[&str]) -> bool {
    let mut name = 0;
    while name < names.len() {
        let bytes = names[name].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_alphanumeric() && bytes[at] != b'_' {
                return false;
            }
            at += 1;
        }
        name += 1;
    }
    true
}
