//! Raw readers of each dialect, which must return the same values as its models.

use recohook::{
    Notification,
    attribute::Values,
    faceio,
    findface::{lite, multi, security, security_2019},
    openbiometrics,
    raw::{Format, Id, Member, Reader, Topic},
};
use serde_json::Value;

use crate::dialects::{Dialect, PASSAGES};

static RAW_PASSAGES: Format = Format::of(&PASSAGE);

static PASSAGE: Topic = Topic::new(
    &PASSAGES,
    Id::any("id").optional(),
    &[
        Member::value("granted", PASSAGES.expect("granted")),
        Member::value("direction", PASSAGES.expect("direction")),
        Member::value("weight", PASSAGES.expect("weight")),
        Member::value("door", PASSAGES.expect("door")),
        Member::value("badge", PASSAGES.expect("badge")),
        Member::value("checks", PASSAGES.expect("checks")),
        Member::value("scores", PASSAGES.expect("scores")),
        Member::value("zones", PASSAGES.expect("zones")),
        Member::value("tags", PASSAGES.expect("tags")),
    ],
);

pub(crate) fn reader(dialect: &Dialect) -> Reader {
    Reader::new(match dialect.name {
        "findface-security-2020" => &security::RAW,
        "findface-security-2019" => &security_2019::RAW,
        "findface-lite" | "findface-lite-realtime-is-all" => &lite::RAW,
        "findface-multi" => &multi::RAW,
        "openbiometrics" => &openbiometrics::RAW,
        "faceio" => &faceio::RAW,
        "native" => &RAW_PASSAGES,
        other => panic!("unknown dialect {other}"),
    })
}

#[track_caller]
pub(crate) fn assert_reads(reader: &mut Reader, notification: &Value, expected: &Values) {
    let text = notification.to_string();
    let mut read = reader.read(text.as_bytes()).unwrap_or_else(|e| panic!("{e:?} in {text}"));
    // A host of FindFace Security 2019 sets the group of the camera, which is not in the body.
    if read.schema() == &security_2019::EVENTS {
        let group = security_2019::EVENTS.expect("camera_group");
        read.values_mut().int(group, notification["camera_group"].as_i64());
    }
    assert_eq!(read.values(), expected, "{text}");
}
