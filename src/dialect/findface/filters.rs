use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::RegistrationError;
use crate::{
    base::Limits,
    filter::{Filter, FilterError, Table},
};

/// The `filters` of a registration object: JSON text, kept as it came until a table reads it, so
/// that a key that stands twice is seen.
///
/// Read the object from the body itself, with `serde_json`. A type of the host's own that has it
/// under `#[serde(flatten)]` or in an untagged enum takes the text apart first: that is an error. A
/// [`Value`](serde_json::Value) has taken it apart, too, and is read; of two keys of one name it
/// has kept the last.
///
/// ```
/// use recohook::findface::{Filters, security};
///
/// let filters: Filters = serde_json::from_str(r#"{ "events": { "camera_in": [3] } }"#)?;
/// assert_eq!(filters.parse(&security::FILTERS)?.to_string(), r#"{"events":{"camera_in":[3]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filters(Box<RawValue>);

impl Filters {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads them with the table of a system.
    ///
    /// # Errors
    /// See [`FilterError`]. Its places are within the filters.
    pub fn parse(&self, table: &'static Table) -> Result<Filter, FilterError> {
        Filter::parse(self.as_str(), table)
    }

    /// Reads them within limits of the host's own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(
        &self,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Filter, FilterError> {
        Filter::parse_with(self.as_str(), table, limits)
    }

    pub(super) fn read(
        &self,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Filter, RegistrationError> {
        self.parse_with(table, limits).map_err(RegistrationError::Filters)
    }
}

impl From<&Filter> for Filters {
    fn from(filter: &Filter) -> Self {
        Self(serde_json::value::to_raw_value(filter).expect("a filter is written as JSON"))
    }
}

impl Default for Filters {
    /// `{}`: everything.
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).expect("this is JSON"))
    }
}

impl PartialEq for Filters {
    /// Whether the texts are the same.
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
