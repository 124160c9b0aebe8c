use super::{EVENTS, Registration, profile};
use crate::{
    dialect::findface::Webhooks,
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Lite. They stand at the top: there are no sections.
///
/// The keys, their words and their ranges are documented, and that `{}` is every event. What they
/// test of an event is inferred from their names. One value may stand for a list of it: documented
/// of `camera_in` and `card_in` ("a number or several numbers"), inferred of `type_in`,
/// `bs_type_in` and the `name` within an object. An object `{}` passes on the feature alone
/// (inferred).
///
/// `bs_type_in: "realtime"` passes on events that say `realtime`. The page says "all results of
/// recognition" of it; [`FILTERS_REALTIME_IS_ALL`] reads it so.
///
/// ```
/// use recohook::{Filter, findface::lite};
///
/// let filter = Filter::parse(
///     r#"{"camera_in": 1, "medmask": {"name": ["none", "incorrect"], "confidence_gte": 0.8}}"#,
///     &lite::FILTERS,
/// )?;
/// assert!(filter.covers(&lite::EVENTS));
///
/// let error = Filter::parse(r#"{"orientation": {"name": "rear"}}"#, &lite::FILTERS).unwrap_err();
/// assert_eq!(error.pointer(), Some("/orientation/name"));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::flat(&SECTION);

/// Returns the registry behind the REST API of a FindFace Lite.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}

/// The same keys, where `bs_type_in` with `realtime` in it passes every event that has a `bs_type`.
///
/// The page says of `realtime` that "all results of recognition" are sent. Whether the best result,
/// an `overall` event, is among them is not documented.
///
/// ```
/// use recohook::{Filter, findface::lite::{self, BsType, Event, EventType}};
/// use recohook::{Notification, attribute::Values};
///
/// let overall = Event::new(42, EventType::Face).bs_type(BsType::Overall);
/// let mut record = Values::new();
/// record.reset(&lite::EVENTS);
/// overall.attributes(&mut record);
///
/// let text = r#"{"bs_type_in": "realtime"}"#;
/// assert!(!Filter::parse(text, &lite::FILTERS)?.matches(&record));
/// assert!(Filter::parse(text, &lite::FILTERS_REALTIME_IS_ALL)?.matches(&record));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS_REALTIME_IS_ALL: Table = Table::flat(&SECTION_REALTIME_IS_ALL);

static SECTION: Section = Section::new("events", &EVENTS, &KEYS);

static SECTION_REALTIME_IS_ALL: Section = Section::new("events", &EVENTS, &KEYS_REALTIME_IS_ALL);

static KEYS: [Key; 21] = keys(BS_TYPE_IN);

static KEYS_REALTIME_IS_ALL: [Key; 21] = keys(BS_TYPE_IN.with_wildcard("realtime"));

const BS_TYPE_IN: Key = Key::one_of("bs_type_in", EVENTS.expect("bs_type")).or_single();

/// An object with a name and bounds of its confidence. Both bounds are inclusive: where the page
/// says "less than or equal" of a `confidence_gte`, it is read as a slip.
macro_rules! named_feature_keys {
    ($feature:literal) => {
        Key::group(
            $feature,
            EVENTS.expect($feature),
            const {
                &[
                    Key::one_of("name", EVENTS.expect(concat!($feature, "_name"))).or_single(),
                    Key::at_most("confidence_lte", EVENTS.expect(concat!($feature, "_confidence")))
                        .between(0.0, 1.0),
                    Key::at_least(
                        "confidence_gte",
                        EVENTS.expect(concat!($feature, "_confidence")),
                    )
                    .between(0.0, 1.0),
                ]
            },
        )
    };
}

/// The keys in the order of the page, with this one for `bs_type_in`.
const fn keys(bs_type_in: Key) -> [Key; 21] {
    [
        Key::one_of("type_in", EVENTS.expect("type")).or_single(),
        Key::one_of("camera_in", EVENTS.expect("camera")).or_single(),
        Key::one_of("card_in", EVENTS.expect("card")).or_single(),
        Key::at_least("confidence_gte", EVENTS.expect("confidence")).between(0.0, 1.0),
        Key::at_most("confidence_lte", EVENTS.expect("confidence")).between(0.0, 1.0),
        Key::is("matched", EVENTS.expect("matched")),
        bs_type_in,
        Key::at_most("yaw_lte", EVENTS.expect("yaw")),
        Key::at_least("yaw_gte", EVENTS.expect("yaw")),
        Key::at_most("pitch_lte", EVENTS.expect("pitch")),
        Key::at_least("pitch_gte", EVENTS.expect("pitch")),
        Key::at_most("roll_lte", EVENTS.expect("roll")),
        Key::at_least("roll_gte", EVENTS.expect("roll")),
        Key::at_most("liveness_lte", EVENTS.expect("liveness")).between(0.0, 1.0),
        Key::at_least("liveness_gte", EVENTS.expect("liveness")).between(0.0, 1.0),
        named_feature_keys!("medmask"),
        named_feature_keys!("orientation"),
        named_feature_keys!("special_type"),
        Key::equals("license_plate_number", EVENTS.expect("license_plate_number")),
        named_feature_keys!("license_plate_visibility"),
        Key::equals("license_plate_event_number", EVENTS.expect("license_plate_event_number")),
    ]
}
