use super::{COUNTERS, EPISODES, EVENTS, profile};
use crate::{
    dialect::findface::{Registration, Webhooks},
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Security 2020.
///
/// The keys are documented, as are the names that `allowed_bs_types` and `allowed_types` accept.
/// The page calls the other values "number", so their ranges are inferred. It is also inferred that
/// even a single id must be written as a list.
///
/// It is documented that an empty list matches nothing and that `{}` matches everything. A
/// section that is not named is off (inferred: the page describes `{"events": {}}` as "all
/// events").
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
            // -1 is the list `Unmatched`, so the range of a key for watch lists begins at -1.
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
            // The fields of a record are called `*_count`, but the names of the keys are shorter.
            Key::at_least("faces_gte", COUNTERS.expect("faces_count")).integers_from(0),
            Key::at_most("faces_lte", COUNTERS.expect("faces_count")).integers_from(0),
            Key::at_least("silhouettes_gte", COUNTERS.expect("silhouettes_count")).integers_from(0),
            Key::at_most("silhouettes_lte", COUNTERS.expect("silhouettes_count")).integers_from(0),
        ],
    ),
])
.with_renamed(&[
    // The names of FindFace Multi.
    ("face_events", &["events"]),
    ("human_episodes", &["episodes"]),
    ("matched_card_in", &["matched_dossier_in"]),
]);

/// Creates a registry for the REST API of a FindFace Security 2020 server. See [`Webhooks`] for an
/// example.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}
