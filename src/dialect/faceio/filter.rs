use super::EVENTS;
use crate::filter::{Section, Table};

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
pub static FILTERS: Table = Table::flat(&Section::native(&EVENTS));
