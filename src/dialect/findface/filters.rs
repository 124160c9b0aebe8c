use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::RegistrationError;
use crate::{
    base::Limits,
    dialect::json_object::JsonObject,
    filter::{Filter, FilterError, Table},
    webhook::Webhook,
};

/// The metadata key under which the registry keeps the filters as the client wrote them.
const FILTERS: &str = "filters";

/// The `filters` of a registration object, as unparsed JSON text.
///
/// The text is kept unchanged until it is parsed with the filter keys of a system. Therefore a key
/// that appears twice is detected, and an error points to a position in the client's own text.
///
/// Read the object directly from the body with `serde_json`. If one of the host's types contains
/// the object under `#[serde(flatten)]` or in an untagged enum, serde buffers the JSON first and
/// reading fails. Reading from a [`Value`](serde_json::Value) works, but if a key appeared twice in
/// the text, the `Value` contains only the key's last value.
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
// This is a `RawValue` rather than a `Value`, because the text preserves duplicate keys and
// positions.
pub struct Filters(
    Box<RawValue>,
    /// The line and the column at which the filters begin in the text of the whole object. It is
    /// (1, 1) if this is not known, so positions are then relative to the filters.
    #[serde(skip, default = "beginning")]
    (usize, usize),
);

fn beginning() -> (usize, usize) {
    (1, 1)
}

impl Filters {
    /// Returns the JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Parses the filters with the filter keys of a system, using the default [`Limits`].
    ///
    /// ```
    /// use recohook::findface::{Filters, multi};
    ///
    /// let filters: Filters = serde_json::from_str(r#"{"car_events": {"make": ["nissan"]}}"#)?;
    /// let error = filters.parse(&multi::FILTERS).unwrap_err();
    /// assert_eq!(error.pointer(), Some("/car_events/make"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`FilterError`] if the filters are invalid. The position in the error is relative
    /// to the filters.
    pub fn parse(&self, table: &'static Table) -> Result<Filter, FilterError> {
        Filter::parse(self.as_str(), table)
    }

    /// Parses the filters with the host's limits, such as
    /// [`Registrar::limits`](crate::Registrar::limits).
    ///
    /// # Errors
    /// Returns a [`FilterError`] if the filters are invalid or exceed the limits.
    pub fn parse_with(
        &self,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Filter, FilterError> {
        Filter::parse_with(self.as_str(), table, limits)
    }

    /// Parses the filters of a registration object.
    pub(super) fn read(
        &self,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Filter, RegistrationError> {
        self.parse_with(table, limits).map_err(|mut error| {
            if let FilterError::Syntax { line, column, .. }
            | FilterError::TooDeep { line, column, .. }
            | FilterError::TooManyLiterals { line, column, .. } = &mut error
            {
                let (first_line, first_column) = self.1;
                if *line == 1 {
                    *column += first_column - 1;
                }
                *line += first_line - 1;
            }
            RegistrationError::Filters(error)
        })
    }

    /// Returns the filters of an object, if it has any.
    pub(super) fn of(object: &JsonObject<'_>) -> Option<Self> {
        object.raw("filters").map(|(raw, place)| Self(raw.to_owned(), place))
    }

    /// Returns the filters of a webhook as the client wrote them, without white space. If the host
    /// has replaced the filter since, returns its normal form.
    pub(super) fn of_webhook(webhook: &Webhook) -> Self {
        let filter = webhook.filter();
        // The text was within the host's limits when it was registered.
        let limits = Limits::default()
            .with_max_filter_bytes(usize::MAX)
            .with_max_filter_depth(usize::MAX)
            .with_max_filter_literals(usize::MAX);
        webhook
            .metadata()
            .get(FILTERS)
            .and_then(|text| RawValue::from_string(text.clone()).ok())
            .map(|raw| Self(raw, beginning()))
            .filter(|kept| kept.parse_with(filter.table(), &limits).is_ok_and(|it| it == *filter))
            .unwrap_or_else(|| filter.into())
    }

    /// Sets the filter of a webhook, and keeps the text for the answers.
    pub(super) fn put(&self, webhook: Webhook, filter: Filter) -> Webhook {
        webhook.with_filter(filter).with_metadata(FILTERS, without_white_space(self.as_str()))
    }
}

/// Returns JSON text without the white space between its tokens.
fn without_white_space(text: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let keep = |char: &char| {
        let is_quote = *char == '"' && !escaped;
        in_text ^= is_quote;
        escaped = in_text && *char == '\\' && !escaped;
        in_text || !matches!(char, ' ' | '\t' | '\n' | '\r')
    };
    text.chars().filter(keep).collect()
}

impl From<&Filter> for Filters {
    /// Converts the filter into the JSON text of its normal form.
    // This cannot fail, because a filter contains only strings, numbers that were read from JSON,
    // and lists of them.
    fn from(filter: &Filter) -> Self {
        Self(
            serde_json::value::to_raw_value(filter).expect("a filter is written as JSON"),
            beginning(),
        )
    }
}

impl Default for Filters {
    /// Returns `{}`, which matches everything.
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).expect("this is JSON"), beginning())
    }
}

impl PartialEq for Filters {
    /// Compares the texts. Filters with the same meaning can have different texts.
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
