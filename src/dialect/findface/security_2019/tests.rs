//! The attributes that filters see in the documented body.

use super::{Event, parse_delivery};
use crate::dialect::{describe::attributes, model::Field};

const BODY: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/findface-security-2019/event.json"
));

#[test]
fn the_documented_event() {
    let event = &parse_delivery(BODY.as_bytes()).unwrap()[0];
    assert_eq!(attributes(event), "camera=2 matched=true matched_dossier=1");
}

#[test]
fn the_camera_group_is_seen_if_the_host_sets_it() {
    let event = parse_delivery(BODY.as_bytes()).unwrap().remove(0).camera_group(3);
    assert_eq!(attributes(&event), "camera=2 matched=true matched_dossier=1 camera_group=3");
    let text = r#"[{"id": "42", "camera_group": 3}]"#;
    assert_eq!(attributes(&parse_delivery(text.as_bytes()).unwrap()[0]), "");
}

#[test]
fn null_and_absent_have_no_value() {
    assert_eq!(attributes(&Event::new("42")), "matched=false");
    assert_eq!(attributes(&Event::empty("42")), "");
    assert_eq!(attributes(&Event::new("42").matched(Field::Null)), "");
}
