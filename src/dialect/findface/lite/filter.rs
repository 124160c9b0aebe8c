use super::{EVENTS, Registration, profile};
use crate::{
    dialect::findface::Webhooks,
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Lite. They are at the top level, because there are no sections.
///
/// The keys, their names and their ranges are documented, as is the rule that `{}` matches every
/// event. The attribute that a key tests is inferred from the name of the key. A single value may
/// be used instead of a list. This is documented for `camera_in` and `card_in` ("a number or
/// several numbers"), and inferred for `type_in`, `bs_type_in` and the `name` inside an object. As
/// the value of a feature's key, `{}` matches every event that has the feature (inferred).
///
/// `bs_type_in: "realtime"` matches events whose `bs_type` is `realtime`. However, the page says
/// "all results of recognition". [`FILTERS_REALTIME_IS_ALL`] follows that wording.
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
pub static FILTERS: Table = Table::flat(&SECTION).with_renamed(RENAMED);

/// Creates a registry for the REST API of a FindFace Lite server.
///
/// ```
/// use recohook::findface::lite;
/// use recohook::{Engine, Moment};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhooks = lite::webhooks();
/// let body = r#"{"name": "gate", "target": "http://127.0.0.1:8888/", "send_attempts": 0}"#;
/// let answer = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?)?;
/// assert_eq!((answer.id, answer.send_attempts), (Some(1), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}

/// The same filter keys as [`FILTERS`], except that a `bs_type_in` that contains `realtime` matches
/// every event that has a `bs_type`.
///
/// The page says that "all results of recognition" are sent for `realtime`. It is not documented
/// whether the best result, an `overall` event, is one of them.
///
/// ```
/// use recohook::{Filter, findface::lite::{self, BsType, Event, EventType}};
/// use recohook::{Notification, attribute::Values};
///
/// let overall = Event::new(42, EventType::Face).bs_type(BsType::Overall);
/// let mut values = Values::new();
/// values.reset(&lite::EVENTS);
/// overall.attributes(&mut values);
///
/// let text = r#"{"bs_type_in": "realtime"}"#;
/// assert!(!Filter::parse(text, &lite::FILTERS)?.matches(&values));
/// assert!(Filter::parse(text, &lite::FILTERS_REALTIME_IS_ALL)?.matches(&values));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS_REALTIME_IS_ALL: Table =
    Table::flat(&SECTION_REALTIME_IS_ALL).with_renamed(RENAMED);

/// The names of FindFace Security and FindFace Multi.
const RENAMED: &[(&str, &[&str])] = &[
    ("allowed_bs_types", &["bs_type_in"]),
    ("matched_card_in", &["card_in"]),
    ("matched_dossier_in", &["card_in"]),
    ("headpose_yaw_angle_gte", &["yaw_gte"]),
    ("headpose_yaw_angle_lte", &["yaw_lte"]),
    ("headpose_pitch_angle_gte", &["pitch_gte"]),
    ("headpose_pitch_angle_lte", &["pitch_lte"]),
];

static SECTION: Section = Section::new("events", &EVENTS, &KEYS);

static SECTION_REALTIME_IS_ALL: Section = Section::new("events", &EVENTS, &KEYS_REALTIME_IS_ALL);

// The two tables differ in one key. A `const fn` creates both lists, so they cannot drift apart.
static KEYS: [Key; 21] = keys(BS_TYPE_IN);

static KEYS_REALTIME_IS_ALL: [Key; 21] = keys(BS_TYPE_IN.with_wildcard("realtime"));

const BS_TYPE_IN: Key = Key::one_of("bs_type_in", EVENTS.expect("bs_type")).or_single();

/// Expands to the key of a feature. The value of the key is an object with a name and bounds on the
/// confidence.
///
/// Both bounds are inclusive. In some places, the page describes a `confidence_gte` as "less than
/// or equal", which is treated as a slip.
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

/// Returns the keys in the order of the page, with the given key for `bs_type_in`.
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
        // In license plate events, this key tests the member of the body that
        // `license_plate_number` tests in car events.
        Key::equals("license_plate_event_number", EVENTS.expect("license_plate_event_number")),
    ]
}
