use super::{EVENTS, EventName};
use crate::{
    dialect::string_enum::StringEnum as _,
    filter::{Section, Table},
};

/// The filter keys of the native filter language over [`EVENTS`]. The system itself does not
/// document any filters.
///
/// ```
/// use recohook::{Filter, faceio};
///
/// let text = r#"{"eventName_in": ["ENROLL", "DELETION"], "appId": "app-id"}"#;
/// let filter = Filter::parse(text, &faceio::FILTERS)?;
/// assert!(filter.covers(&faceio::EVENTS));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
///
/// [`Filter::lint`](crate::Filter::lint) warns about a name that is not documented. The
/// documentation says that such names exist, so the filter is still accepted.
pub static FILTERS: Table =
    Table::flat(&Section::native(&EVENTS)).with_known_values(&[("eventName", EventName::VALUES)]);
