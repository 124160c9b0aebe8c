//! Writes a model as JSON, member by member.
//!
//! The names of a model's members are known at compile time, and none of them needs escaping. They
//! are copied into the text unchanged, whereas serde_json would search each of them for characters
//! to escape. Values are written by serde_json. The result is byte for byte what serde_json would
//! write.

use serde::ser;
use serde_json::{Error, Map, Value};

use super::{field::Field, render::Render};
use crate::notification::Rendering;

/// A JSON object that is being written.
///
/// Invariant: `is_empty` is true until the first member has been written.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    rendering: Rendering,
    is_empty: bool,
}

impl<'a> ObjectWriter<'a> {
    /// Writes the opening brace.
    pub(crate) fn open(out: &'a mut Vec<u8>, rendering: Rendering) -> Self {
        out.push(b'{');
        Self { out, rendering, is_empty: true }
    }

    /// Writes a member. `name` is the text that precedes the value: a comma, the quoted name and a
    /// colon.
    pub(crate) fn member<T: Render>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.name(name);
        value.write(self.rendering, self.out)
    }

    /// Writes a field as a member. Writes nothing if the field is absent.
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

    /// Writes the unknown fields. Fails if one of them has the name of a documented field.
    pub(crate) fn extra(
        &mut self,
        extra: &Map<String, Value>,
        documented: &[&str],
    ) -> Result<(), Error> {
        extra.iter().try_for_each(|(name, value)| {
            check_unknown(name, documented)?;
            // These names come from a body or from the host, so they may need escaping.
            self.name(",");
            serde_json::to_writer(&mut *self.out, name)?;
            self.out.push(b':');
            serde_json::to_writer(&mut *self.out, value)
        })
    }

    /// Writes the closing brace.
    pub(crate) fn close(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &'static str) {
        // `name` begins with a comma, so the comma and the name are written in one copy. For the
        // first member, `is_empty` is true, which converts into 1, so the comma is skipped.
        let from = usize::from(std::mem::replace(&mut self.is_empty, false));
        self.out.extend_from_slice(&name.as_bytes()[from..]);
    }
}

/// Fails if an unknown field has the name of a documented field, because the object could then
/// contain the key twice.
pub(super) fn check_unknown<E: ser::Error>(name: &str, documented: &[&str]) -> Result<(), E> {
    match documented.contains(&name) {
        true => Err(E::custom(format_args!(
            "`{name}` is a documented field: set it on the model, not in `extra`"
        ))),
        false => Ok(()),
    }
}

/// Returns `true` if all names consist of ASCII letters, digits and underscores, which JSON does
/// not escape.
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
