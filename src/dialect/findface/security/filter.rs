use super::schema::{COUNTERS, EPISODES, EVENTS, counters, episodes, events};
use crate::filter::{Key, Section, Table};

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
            Key::one_of("allowed_bs_types", events::BS_TYPE),
            Key::one_of("camera_group_in", events::CAMERA_GROUP),
            Key::one_of("camera_in", events::CAMERA),
            // -1 is the list "Unmatched".
            Key::one_of("matched_lists_in", events::MATCHED_LISTS).integers_from(-1),
            Key::one_of("matched_dossier_in", events::MATCHED_DOSSIER),
            Key::is("matched", events::MATCHED),
            Key::at_least("confidence_gte", events::CONFIDENCE).between(0.0, 1.0),
        ],
    ),
    Section::new(
        "episodes",
        &EPISODES,
        &[
            Key::one_of("allowed_types", episodes::EVENT_TYPE),
            Key::one_of("camera_group_in", episodes::CAMERA_GROUPS),
            Key::one_of("camera_in", episodes::CAMERAS),
            Key::one_of("matched_lists_in", episodes::MATCHED_LISTS).integers_from(-1),
            Key::is("matched", episodes::MATCHED),
            Key::at_least("events_count_gte", episodes::EVENTS_COUNT).integers_from(0),
            Key::at_most("events_count_lte", episodes::EVENTS_COUNT).integers_from(0),
        ],
    ),
    Section::new(
        "counters",
        &COUNTERS,
        &[
            Key::one_of("counter_in", counters::COUNTER),
            Key::one_of("camera_group_in", counters::CAMERA_GROUP),
            Key::one_of("camera_in", counters::CAMERA),
            Key::at_least("faces_gte", counters::FACES_COUNT).integers_from(0),
            Key::at_most("faces_lte", counters::FACES_COUNT).integers_from(0),
            Key::at_least("silhouettes_gte", counters::SILHOUETTES_COUNT).integers_from(0),
            Key::at_most("silhouettes_lte", counters::SILHOUETTES_COUNT).integers_from(0),
        ],
    ),
]);
