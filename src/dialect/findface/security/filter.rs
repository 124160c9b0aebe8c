use super::{COUNTERS, EPISODES, EVENTS, profile};
use crate::{
    dialect::findface::{Registration, Webhooks},
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Security 2020.
///
/// The keys and the names that `allowed_bs_types` and `allowed_types` take are documented. The
/// page calls the other values "number": their ranges are inferred, as is that several ids and
/// one alike are written as a list. It documents that an empty list matches nothing and that `{}`
/// is everything; that a section which is not named is off is inferred from `{"events": {}}`
/// being "all events".
///
/// ```
/// use recohook::{Filter, findface::security};
///
/// let filter = Filter::parse(
///     r#"{"episodes": {"matched": true, "allowed_types": ["episode_open"]}}"#,
///     &security::FILTERS,
/// )?;
/// assert!(filter.covers(&security::EPISODES));
/// assert!(!filter.covers(&security::EVENTS));
/// assert_eq!(
///     filter.to_string(),
///     r#"{"episodes":{"allowed_types":["episode_open"],"matched":true}}"#,
/// );
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::new(&[
    Section::new(
        "events",
        &EVENTS,
        &[
            Key::one_of("allowed_bs_types", EVENTS.expect("bs_type")),
            Key::one_of("camera_group_in", EVENTS.expect("camera_group")),
            Key::one_of("camera_in", EVENTS.expect("camera")),
            // -1 is the list "Unmatched".
            Key::one_of("matched_lists_in", EVENTS.expect("matched_lists")).integers_from(-1),
            Key::one_of("matched_dossier_in", EVENTS.expect("matched_dossier")),
            Key::is("matched", EVENTS.expect("matched")),
            Key::at_least("confidence_gte", EVENTS.expect("confidence")).between(0.0, 1.0),
        ],
    ),
    Section::new(
        "episodes",
        &EPISODES,
        &[
            Key::one_of("allowed_types", EPISODES.expect("event_type")),
            Key::one_of("camera_group_in", EPISODES.expect("camera_groups")),
            Key::one_of("camera_in", EPISODES.expect("cameras")),
            Key::one_of("matched_lists_in", EPISODES.expect("matched_lists")).integers_from(-1),
            Key::is("matched", EPISODES.expect("matched")),
            Key::at_least("events_count_gte", EPISODES.expect("events_count")).integers_from(0),
            Key::at_most("events_count_lte", EPISODES.expect("events_count")).integers_from(0),
        ],
    ),
    Section::new(
        "counters",
        &COUNTERS,
        &[
            Key::one_of("counter_in", COUNTERS.expect("counter")),
            Key::one_of("camera_group_in", COUNTERS.expect("camera_group")),
            Key::one_of("camera_in", COUNTERS.expect("camera")),
            Key::at_least("faces_gte", COUNTERS.expect("faces_count")).integers_from(0),
            Key::at_most("faces_lte", COUNTERS.expect("faces_count")).integers_from(0),
            Key::at_least("silhouettes_gte", COUNTERS.expect("silhouettes_count")).integers_from(0),
            Key::at_most("silhouettes_lte", COUNTERS.expect("silhouettes_count")).integers_from(0),
        ],
    ),
]);

/// Returns the registry behind the REST API of a FindFace Security 2020.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}
