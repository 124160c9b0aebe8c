//! The attributes that filters see in the inferred bodies.

use super::{
    Event, EventType, Features, Headpose, Medmask, MedmaskName, Orientation, parse_delivery,
};
use crate::dialect::{describe::attributes, model::Field};

/// Returns the attributes of the first event of a body.
fn of_body(body: &str) -> String {
    attributes(&parse_delivery(body.as_bytes()).unwrap()[0])
}

macro_rules! body {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/findface-lite/event.",
            $name,
            ".json"
        ))
    };
}

#[test]
fn faces() {
    assert_eq!(
        of_body(body!("face")),
        "bs_type=overall camera=1 card=4 confidence=0.7812 pitch=-4.2 roll=1.8 yaw=3.5 \
         liveness=0.44 medmask=true medmask_confidence=0.9731 medmask_name=none matched=true \
         type=face"
    );
}

#[test]
fn cars() {
    assert_eq!(
        of_body(body!("car")),
        "bs_type=realtime camera=2 confidence=0 license_plate_number=A123BC77 \
         license_plate_visibility=true license_plate_visibility_confidence=0.9918 \
         license_plate_visibility_name=fully_visible orientation=true \
         orientation_confidence=0.8804 orientation_name=front special_type=true \
         special_type_confidence=0.9642 special_type_name=not_special matched=false type=car"
    );
}

#[test]
fn license_plates() {
    assert_eq!(
        of_body(body!("license_plate")),
        "bs_type=overall camera=2 card=5 confidence=1 license_plate_event_number=A123BC77 \
         matched=true type=license_plate"
    );
}

#[test]
fn the_type_decides_which_attribute_a_plate_is() {
    let plate = Features::empty().license_plate_number("A123BC77");
    let of = |event_type: Field<EventType>| {
        attributes(&Event::empty(1).event_type(event_type).features(plate.clone()))
    };
    assert_eq!(of(EventType::Car.into()), "license_plate_number=A123BC77 type=car");
    assert_eq!(
        of(EventType::LicensePlate.into()),
        "license_plate_event_number=A123BC77 type=license_plate"
    );
    assert_eq!(of(EventType::Face.into()), "type=face");
    assert_eq!(of(EventType::Other("bus".into()).into()), "type=(other)");
    assert_eq!(of(Field::Null), "");
    assert_eq!(of(Field::Absent), "");
}

#[test]
fn a_feature_is_present_whatever_it_holds() {
    let of = |features: Features| attributes(&Event::empty(1).features(features));
    assert_eq!(of(Features::empty().medmask(Field::Null).orientation(Field::Null)), "");
    assert_eq!(of(Features::empty().medmask(Medmask::empty())), "medmask=true");
    let half = Medmask::empty().name(MedmaskName::Other("chin".into())).confidence(Field::Null);
    assert_eq!(of(Features::empty().medmask(half)), "medmask=true medmask_name=(other)");
    let half = Orientation::new(Field::Null, 0.5);
    assert_eq!(
        of(Features::empty().orientation(half)),
        "orientation=true orientation_confidence=0.5"
    );
    let pose = Headpose::new(f64::NAN, -90.0, 0.0);
    assert_eq!(of(Features::empty().headpose(pose)), "pitch=-90 roll=0");
}

#[test]
fn null_and_absent_have_no_value() {
    assert_eq!(attributes(&Event::empty(1)), "");
    let new = attributes(&Event::new(1, EventType::Face));
    assert_eq!(new, "bs_type=overall confidence=0 matched=false type=face");
}
