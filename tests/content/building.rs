//! What a host builds looks like what the original sends.

use recohook::{
    Filter, Notification,
    attribute::Values,
    faceio,
    findface::{multi, security, security_2019},
    model::Field,
    openbiometrics,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Returns the first notification of a documented body.
fn documented(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap();
    if body.is_array() { body[0].clone() } else { body }
}

/// Collects the places at which the two values differ. The members of objects are compared one by
/// one, and lists as a whole.
fn differences(built: &Value, documented: &Value, at: &str, found: &mut Vec<String>) {
    match (built, documented) {
        (Value::Object(built), Value::Object(documented)) => {
            let names = built.keys().chain(documented.keys().filter(|n| !built.contains_key(*n)));
            for name in names {
                let at = format!("{at}/{name}");
                match (built.get(name), documented.get(name)) {
                    (Some(built), Some(documented)) => differences(built, documented, &at, found),
                    (Some(_), None) => found.push(format!("+{at}")),
                    (None, _) => found.push(format!("-{at}")),
                }
            }
        }
        _ if built == documented => {}
        _ => found.push(at.to_owned()),
    }
}

/// Asserts that a notification that has been built differs from a documented body at exactly these
/// places. A place begins with `+` if only the built notification has the member, and with `-` if
/// only the documented body has it.
#[track_caller]
fn assert_differs(built: &impl Serialize, body: &str, places: &str) {
    let mut found = Vec::new();
    differences(&serde_json::to_value(built).unwrap(), &documented(body), "", &mut found);
    found.sort();
    let mut expected = Vec::from_iter(places.split_whitespace());
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// What only the host knows about an event: when and where it was seen, and its pictures.
const SEEN_2020: &str = "/acknowledged_date /created_date /camera_group /face /frame \
    /frame_coords_bottom /frame_coords_left /frame_coords_right /frame_coords_top /quality \
    /scores/quality /scores/track/first_timestamp /scores/track/id /scores/track/last_timestamp \
    /scores/track_duration_seconds";

macro_rules! body {
    ($path:literal) => {
        include_str!(concat!("../data/", $path))
    };
}

#[test]
fn m11_a_new_event_is_an_unmatched_event_of_the_original() {
    let event = security::Event::new("4267625862518432158");
    let body = body!("findface-security-2020/event.json");
    // This body is of a video file. The video is known only to the host.
    assert_differs(&event, body, &format!("{SEEN_2020} -/video_source +/temperature"));
    let body = body!("findface-security-2020/event.verbose.json");
    let event = security::Event::new(documented(body)["id"].as_str().unwrap());
    // This body has whole entities.
    assert_differs(&event, body, &format!("{SEEN_2020} /camera /matched_lists"));
}

#[test]
fn m11_the_documented_filters_see_a_new_event_as_the_originals() {
    let matches = |event: &security::Event, filter: Value| {
        let mut values = Values::new();
        values.reset(event.schema());
        event.attributes(&mut values);
        Filter::parse(filter.to_string(), &security::FILTERS).unwrap().matches(&values)
    };
    let event = security::Event::new("1");
    for filter in [
        json!({"events": {"matched_lists_in": [-1]}}),
        json!({"events": {"confidence_gte": 0.0}}),
        json!({"events": {"allowed_bs_types": ["overall"]}}),
        json!({"events": {"matched": false}}),
    ] {
        assert!(matches(&event, filter.clone()), "{filter}");
    }
    // A matched event is not on the list of all others, in whatever order its fields are set.
    for event in [
        security::Event::new("1").matched(true),
        security::Event::new("1").matched(true).matched_lists([4]),
        security::Event::new("1").matched_lists([4]).matched(true),
    ] {
        assert!(!matches(&event, json!({"events": {"matched_lists_in": [-1]}})));
    }
    let listed = security::Event::new("1").matched_lists([4]).matched(true);
    assert!(matches(&listed, json!({"events": {"matched_lists_in": [4]}})));
}

#[test]
fn m11_the_date_of_an_event_is_also_that_of_its_acknowledgement() {
    let date = "2020-05-18T15:08:38+00:00";
    let event = security::Event::new("1").created_date(date);
    assert_eq!(event.acknowledged_date, event.created_date);
    let later = "2020-05-18T16:00:00+00:00";
    let event = security::Event::new("1").acknowledged_date(later).created_date(date);
    assert_eq!(event.acknowledged_date, later.into());
    let open = security::Event::new("1").acknowledged(false).created_date(date);
    assert_eq!(open.acknowledged_date, Field::Null);
    let event = multi::CarEvent::new("1").created_date(date);
    assert_eq!(event.acknowledged_date, event.created_date);
}

#[test]
fn m11_new_events_of_the_other_systems() {
    let event = security_2019::Event::new("4174176938131012985")
        .matched(true)
        .matched_dossier(1)
        .matched_lists([1])
        .confidence(0.9098);
    let body = body!("findface-security-2019/event.json");
    assert_differs(
        &event,
        body,
        "/acknowledged_date /camera /created_date /frame_coords_bottom \
         /frame_coords_left /frame_coords_right /frame_coords_top /id /matched_face /quality \
         /scores/direction_score /scores/frame_no /scores/score /scores/tracking_duration",
    );
    let unmatched = serde_json::to_value(security_2019::Event::new("1")).unwrap();
    assert_eq!(
        (&unmatched["matched_lists"], &unmatched["confidence"]),
        (&json!([-1]), &json!(0.0))
    );

    let body = body!("openbiometrics/delivery.json");
    let event = openbiometrics::Event::new(
        "evt_9f8e7d6c-5b4a-3210-fedc-ba9876543210",
        "watchlist_alert",
        "2026-03-19T10:32:15Z",
    );
    assert_differs(
        &event,
        body,
        "/camera_id /source -/data/identity_id -/data/label -/data/similarity -/data/watchlist",
    );

    let body = body!("faceio/auth.json");
    let id = "5c8ad1b7-52a0-4c5e-9d3f-000000000001";
    let event = faceio::Event::new("AUTH", id, "app-public-id", "198.51.100.7");
    assert_differs(&event, body, "");
    let event = faceio::Event::new("ENROLL", id, "app-public-id", "198.51.100.7");
    let details = "-/details/age -/details/gender -/details/timestamp";
    assert_differs(&event, body!("faceio/enroll.json"), details);
}

/// An event as it is in the documented episodes.
fn event(body: &Value) -> security::Event {
    serde_json::from_value(body.clone()).unwrap()
}

#[test]
fn m11_episodes_take_from_their_events_what_the_originals_take() {
    let body = body!("findface-security-2020/episode_opening.json");
    let episode = documented(body);
    let built = security::Episode::opening(2118, event(&episode["last_event"]));
    assert_differs(&built, body, "/created_date +/temperature");

    let body = body!("findface-security-2020/episode_closing.json");
    let episode = documented(body);
    let built = security::Episode::closing(518, 1, event(&episode["last_event"]));
    assert_differs(&built, body, "/closed_date /created_date +/temperature");

    // These bodies have whole entities in the episode, but ids in the event.
    let body = body!("findface-security-2020/episode_opening.verbose.json");
    let episode = documented(body);
    let built = security::Episode::opening(104_229, event(&episode["last_event"]));
    assert_differs(&built, body, "/camera_groups /cameras /created_date /matched_lists");

    let body = body!("findface-security-2020/episode_closing.verbose.json");
    let episode = documented(body);
    let built = security::Episode::closing(104_236, 4, event(&episode["last_event"]))
        .best_event(event(&episode["best_event"]));
    let places = "/camera_groups /cameras /closed_date /created_date /matched_lists";
    assert_differs(&built, body, places);
}

#[test]
fn m11_counter_records() {
    let body = body!("findface-security-2020/counter_record.json");
    let id = documented(body)["id"].as_i64().unwrap();
    assert_differs(
        &security::CounterRecord::new(id),
        body,
        "/camera /camera_group /counter /counter_name /created_date /faces_bbox /faces_count \
         /fullframe /silhouettes_bbox /silhouettes_count /thumbnail",
    );
}

#[test]
fn m12_an_episode_of_a_matched_event_is_matched() {
    let matches = |episode: &security::Episode, matched: bool| {
        let mut values = Values::new();
        values.reset(episode.schema());
        episode.attributes(&mut values);
        let filter = json!({"episodes": {"matched": matched}}).to_string();
        Filter::parse(filter, &security::FILTERS).unwrap().matches(&values)
    };
    let matched = || security::Event::new("42").matched(true).matched_lists([4]);
    for episode in [
        security::Episode::opening(1, matched()),
        security::Episode::event_added(1, 2, matched()),
        security::Episode::closing(1, 2, matched()),
    ] {
        assert!(matches(&episode, true) && !matches(&episode, false), "{episode:?}");
        assert_eq!(episode.matched_event.value().unwrap().id(), Some("42"));
        assert_eq!(episode.matched_lists, [4].into());
    }
    for episode in [
        security::Episode::opening(1, security::Event::new("42")),
        security::Episode::closing(1, 1, security::Event::new("42")),
    ] {
        assert!(matches(&episode, false) && !matches(&episode, true), "{episode:?}");
        assert_eq!(episode.matched_lists, [-1].into());
    }
}
