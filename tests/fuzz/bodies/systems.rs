//! All filter tables, and the attribute values of sample notifications.

use std::sync::LazyLock;

use recohook::{
    Filter, Notification,
    attribute::{Attribute, Schema, Values},
    faceio,
    filter::{Section, Table},
    findface::{lite, multi, security, security_2019},
    model::ParseError,
    openbiometrics,
};

/// A schema that a host could define, with an attribute of each kind.
static EACH_KIND: Schema = Schema::new(
    "each_kind",
    &[
        Attribute::bool("bool"),
        Attribute::choice("choice", &["a", "b"]),
        Attribute::number("number"),
        Attribute::int("int"),
        Attribute::text("text"),
        Attribute::bools("bools"),
        Attribute::numbers("numbers"),
        Attribute::ints("ints"),
        Attribute::texts("texts"),
    ],
);

static NATIVE: Table = Table::flat(&Section::native(&EACH_KIND));
static SECTIONS: Table = Table::new(&[Section::native(&EACH_KIND)]);

pub(super) const TABLES: &[&Table] = &[
    &security::FILTERS,
    &security_2019::FILTERS,
    &lite::FILTERS,
    &lite::FILTERS_REALTIME_IS_ALL,
    &multi::FILTERS,
    &openbiometrics::FILTERS,
    &faceio::FILTERS,
    &NATIVE,
    &SECTIONS,
];

/// Returns a filter for webhooks whose filter does not matter.
pub(super) fn any_filter() -> Filter {
    Filter::everything(&security::FILTERS)
}

/// The values of sample notifications of every system, each followed by values of the same schema
/// in which every attribute is null. At the end are values of [`EACH_KIND`].
pub(super) static SAMPLES: LazyLock<Vec<Values>> = LazyLock::new(|| {
    let mut samples = Vec::new();
    fill(&mut samples, SECURITY, security::parse_delivery);
    fill(&mut samples, SECURITY_2019, security_2019::parse_delivery);
    fill(&mut samples, LITE, lite::parse_delivery);
    fill(&mut samples, MULTI, multi::parse_delivery);
    fill(&mut samples, OPENBIOMETRICS, openbiometrics::parse_delivery);
    fill(&mut samples, FACEIO, faceio::parse_delivery);
    samples.extend([usual(), extreme(), empty(), null(&EACH_KIND)]);
    samples
});

macro_rules! include_bodies {
    ($($path:literal)+) => {
        &[$(include_bytes!(concat!("../../data/", $path, ".json"))),+]
    };
}

const SECURITY: &[&[u8]] = include_bodies![
    "findface-security-2020/event"
    "findface-security-2020/event.verbose"
    "findface-security-2020/episode_opening"
    "findface-security-2020/episode_closing.verbose"
    "findface-security-2020/counter_record"
];
const SECURITY_2019: &[&[u8]] = include_bodies!["findface-security-2019/event"];
const LITE: &[&[u8]] = include_bodies![
    "findface-lite/event.face"
    "findface-lite/event.car"
    "findface-lite/event.license_plate"
];
const MULTI: &[&[u8]] = include_bodies![
    "findface-multi/face_event"
    "findface-multi/body_event"
    "findface-multi/car_event"
    "findface-multi/human_episode"
    "findface-multi/car_episode"
    "findface-multi/counter_record"
    "findface-multi/area_activation"
    "findface-multi/area_record"
];
const OPENBIOMETRICS: &[&[u8]] =
    include_bodies!["openbiometrics/delivery" "openbiometrics/recent.response"];
const FACEIO: &[&[u8]] = include_bodies!["faceio/enroll" "faceio/auth"];

fn fill<N: Notification>(
    samples: &mut Vec<Values>,
    bodies: &[&[u8]],
    parse: fn(&[u8]) -> Result<Vec<N>, ParseError>,
) {
    for body in bodies {
        for notification in parse(body).expect("a sample should be readable") {
            samples.extend([values_of(&notification), null(notification.schema())]);
        }
    }
}

/// Returns the attribute values of a notification.
pub(super) fn values_of(notification: &impl Notification) -> Values {
    let mut values = null(notification.schema());
    notification.attributes(&mut values);
    assert_eq!(values.error(), None, "the notification contradicts its schema");
    values
}

fn null(schema: &'static Schema) -> Values {
    let mut values = Values::new();
    values.reset(schema);
    values
}

/// Returns values that filters are likely to name.
fn usual() -> Values {
    let mut values = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    values.bool(id("bool"), true);
    values.choice(id("choice"), "a");
    values.number(id("number"), 0.5);
    values.int(id("int"), 7);
    values.text(id("text"), "ab");
    values.bools(id("bools"), [true, false]);
    values.numbers(id("numbers"), [0.0, 1.0]);
    values.ints(id("ints"), [1, 7]);
    values.texts(id("texts"), ["a", "ab"]);
    values
}

/// Returns values at the ends of their ranges, and a choice that is not in the schema.
fn extreme() -> Values {
    let mut values = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    values.bool(id("bool"), false);
    values.choice(id("choice"), "zz");
    values.number(id("number"), -1e300);
    values.int(id("int"), i64::MIN);
    values.text(id("text"), "");
    values.bools(id("bools"), [false]);
    values.numbers(id("numbers"), [f64::MAX, f64::MIN_POSITIVE]);
    values.ints(id("ints"), [i64::MAX, i64::MIN]);
    values.texts(id("texts"), ["", "\u{10ffff}"]);
    values
}

/// Returns empty lists, which count as missing.
fn empty() -> Values {
    let mut values = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    values.bools(id("bools"), []);
    values.numbers(id("numbers"), []);
    values.ints(id("ints"), []);
    values.texts(id("texts"), Vec::<&str>::new());
    values
}
