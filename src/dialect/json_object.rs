//! Reads the text of a registration object, with errors that name the field.

use std::{borrow::Cow, fmt};

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::registration_error::RegistrationError;
use crate::{
    base::json::{remedy, without_mark},
    filter::{Excerpt, FilterError, hint, reason},
};

/// What a registry does with a field that the system's API does not have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum UnknownFields {
    /// Ignores the field. This is what the web frameworks of the systems do by default (inferred).
    #[default]
    Ignore,
    /// Refuses the object (ours). The error names the nearest known field.
    Refuse,
}

/// The members of a JSON object, unparsed.
pub(crate) struct JsonObject<'a> {
    text: &'a [u8],
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> JsonObject<'a> {
    /// Reads an object with these fields. A byte order mark before the object is skipped.
    pub(crate) fn read(
        text: &'a [u8],
        fields: &'static [&'static str],
        unknown: UnknownFields,
    ) -> Result<Self, RegistrationError> {
        let text = without_mark(text);
        check_syntax(text)?;
        // The text is valid JSON, so only the type can be wrong.
        let members = serde_json::from_slice::<ObjectMembers<'_>>(text).map_err(|_| {
            let found = serde_json::from_slice::<&RawValue>(text).map(|raw| found(raw.get()));
            wrong_type("", "an object", found.unwrap_or_default())
        })?;
        let object = Self { text, members: members.0 };
        for (at, (name, _)) in object.members.iter().enumerate() {
            if !fields.contains(&name.as_str()) {
                if unknown == UnknownFields::Refuse {
                    let known = fields.iter().copied().map(Cow::from);
                    let (pointer, hint) = (pointer(name), hint(name, known));
                    return Err(RegistrationError::UnknownField { pointer, hint });
                }
            } else if object.members[..at].iter().any(|(other, _)| other == name) {
                return Err(RegistrationError::Duplicate { pointer: pointer(name) });
            }
        }
        Ok(object)
    }

    /// Returns a text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, RegistrationError> {
        self.value(name, "a string")
    }

    /// Returns a boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, RegistrationError> {
        self.value(name, "true or false")
    }

    /// Returns an integer, or an error that says `expected`.
    pub(crate) fn integer<T: Deserialize<'a>>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, RegistrationError> {
        self.value(name, expected)
    }

    /// Returns a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, RegistrationError> {
        let Some(items) = self.value::<Vec<&RawValue>>(name, "a list of strings")? else {
            return Ok(None);
        };
        let read = |(at, item): (usize, &&RawValue)| {
            let pointer = || format!("{}/{at}", pointer(name));
            serde_json::from_str(item.get())
                .map_err(|_| wrong_type(&pointer(), "a string", found(item.get())))
        };
        items.iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Returns a member as its text, with the line and column at which it begins.
    pub(crate) fn raw(&self, name: &str) -> Option<(&'a RawValue, (usize, usize))> {
        let raw = self.find(name)?;
        // The value is a part of the text, so its address tells where it begins.
        let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        let before = &self.text[..start];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        Some((raw, (line, column)))
    }

    /// Returns whether a member is null.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.find(name).is_some_and(|raw| raw.get() == "null")
    }

    fn find(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, raw)| *raw)
    }

    fn value<T: Deserialize<'a>>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, RegistrationError> {
        let Some(raw) = self.find(name) else { return Ok(None) };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|_| wrong_type(&pointer(name), expected, found(raw.get())))
    }
}

/// Returns the value of a required field.
pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, RegistrationError> {
    value.ok_or_else(|| RegistrationError::Missing { pointer: pointer(name) })
}

fn wrong_type(pointer: &str, expected: &'static str, found: String) -> RegistrationError {
    RegistrationError::WrongType { pointer: pointer.to_owned(), expected, found }
}

/// Returns the JSON Pointer to a member.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Describes a value in an error. A text may be a secret, so only its type is named.
fn found(raw: &str) -> String {
    match raw.as_bytes().first() {
        Some(b'"') => "a string".to_owned(),
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "a list".to_owned(),
        _ => Excerpt(raw).to_string(),
    }
}

/// Checks that the text is JSON. A syntax error inside `filters` is an error of the filter.
fn check_syntax(text: &[u8]) -> Result<(), RegistrationError> {
    let mut field = None;
    let mut json = serde_json::Deserializer::from_slice(text);
    let walked = Syntax { field: Some(&mut field) }.deserialize(&mut json);
    walked.and_then(|()| json.end()).map_err(|error| {
        // For empty text, `serde_json` reports column 0.
        let (line, column) = (error.line().max(1), error.column().max(1));
        let (reason, remedy) = (reason(&error), remedy(text, line, column));
        match field.as_deref() {
            Some("filters") => {
                RegistrationError::Filters(FilterError::Syntax { line, column, reason, remedy })
            }
            _ => RegistrationError::Syntax { line, column, reason, remedy },
        }
    })
}

/// Reads a value and keeps nothing of it.
///
/// `IgnoredAny` is not enough, because `serde_json` then reports a trailing comma only as a missing
/// key.
struct Syntax<'a> {
    /// Where to store the field that is being read. `None` below the top level.
    field: Option<&'a mut Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Syntax<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Syntax<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Syntax { field: None })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Some(field) = self.field else {
            while members.next_key::<IgnoredAny>()?.is_some() {
                members.next_value_seed(Syntax { field: None })?;
            }
            return Ok(());
        };
        while let Some(name) = members.next_key()? {
            *field = Some(name);
            members.next_value_seed(Syntax { field: None })?;
            *field = None;
        }
        Ok(())
    }
}

/// The members of an object, in the order of the text.
struct ObjectMembers<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for ObjectMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = ObjectMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(ObjectMembers(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
