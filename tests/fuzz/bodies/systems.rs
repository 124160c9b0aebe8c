//! Every filter table, and the documented notifications as filters see them.

use std::sync::LazyLock;

use recohook::{
    Filter, Notification,
    attribute::{Attribute, Record, Schema},
    faceio,
    filter::{Section, Table},
    findface::{lite, multi, security, security_2019},
    model::ParseError,
    openbiometrics,
};

/// A schema of a host's own, with an attribute of each kind.
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

/// A filter for bodies that need one and do not care which.
pub(super) fn any_filter() -> Filter {
    Filter::everything(&security::FILTERS)
}

/// The documented notifications of every system, and records of [`EACH_KIND`]. After each follows a
/// record of the same schema in which every attribute is null.
pub(super) static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let mut records = Vec::new();
    fill(&mut records, SECURITY, security::parse_delivery);
    fill(&mut records, SECURITY_2019, security_2019::parse_delivery);
    fill(&mut records, LITE, lite::parse_delivery);
    fill(&mut records, MULTI, multi::parse_delivery);
    fill(&mut records, OPENBIOMETRICS, openbiometrics::parse_delivery);
    fill(&mut records, FACEIO, faceio::parse_delivery);
    records.extend([usual(), extreme(), empty(), null(&EACH_KIND)]);
    records
});

macro_rules! documented {
    ($($path:literal)+) => {
        &[$(include_bytes!(concat!("../../data/", $path, ".json"))),+]
    };
}

const SECURITY: &[&[u8]] = documented![
    "findface-security-2020/event"
    "findface-security-2020/event.verbose"
    "findface-security-2020/episode_opening"
    "findface-security-2020/episode_closing.verbose"
    "findface-security-2020/counter_record"
];
const SECURITY_2019: &[&[u8]] = documented!["findface-security-2019/event"];
const LITE: &[&[u8]] = documented![
    "findface-lite/event.face"
    "findface-lite/event.car"
    "findface-lite/event.license_plate"
];
const MULTI: &[&[u8]] = documented![
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
    documented!["openbiometrics/delivery" "openbiometrics/recent.response"];
const FACEIO: &[&[u8]] = documented!["faceio/enroll" "faceio/auth"];

fn fill<N: Notification>(
    records: &mut Vec<Record>,
    bodies: &[&[u8]],
    parse: fn(&[u8]) -> Result<Vec<N>, ParseError>,
) {
    for body in bodies {
        for notification in parse(body).expect("a documented body") {
            records.extend([record_of(&notification), null(notification.schema())]);
        }
    }
}

/// What filters see of a notification.
pub(super) fn record_of(notification: &impl Notification) -> Record {
    let mut record = null(notification.schema());
    notification.attributes(&mut record);
    assert_eq!(record.error(), None, "a notification contradicts its schema");
    record
}

fn null(schema: &'static Schema) -> Record {
    let mut record = Record::new();
    record.reset(schema);
    record
}

/// Every attribute has a value that filters name.
fn usual() -> Record {
    let mut record = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    record.bool(id("bool"), true);
    record.choice(id("choice"), "a");
    record.number(id("number"), 0.5);
    record.int(id("int"), 7);
    record.text(id("text"), "ab");
    record.bools(id("bools"), [true, false]);
    record.numbers(id("numbers"), [0.0, 1.0]);
    record.ints(id("ints"), [1, 7]);
    record.texts(id("texts"), ["a", "ab"]);
    record
}

/// Values at the ends of their ranges, and a name that the schema does not list.
fn extreme() -> Record {
    let mut record = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    record.bool(id("bool"), false);
    record.choice(id("choice"), "zz");
    record.number(id("number"), -1e300);
    record.int(id("int"), i64::MIN);
    record.text(id("text"), "");
    record.bools(id("bools"), [false]);
    record.numbers(id("numbers"), [f64::MAX, f64::MIN_POSITIVE]);
    record.ints(id("ints"), [i64::MAX, i64::MIN]);
    record.texts(id("texts"), ["", "\u{10ffff}"]);
    record
}

/// Lists without items, which count as missing.
fn empty() -> Record {
    let mut record = null(&EACH_KIND);
    let id = |name| EACH_KIND.expect(name);
    record.bools(id("bools"), []);
    record.numbers(id("numbers"), []);
    record.ints(id("ints"), []);
    record.texts(id("texts"), Vec::<&str>::new());
    record
}
