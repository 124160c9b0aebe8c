//! FindFace Security 2020: reading, writing, building and refusing the documented bodies.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bodies;

use std::time::{Duration, UNIX_EPOCH};

use bodies::{
    any_changes, any_damage, assert_kept, assert_refused_or_kept, changed, damaged, encoded, json,
};
use proptest::prelude::*;
use recohook::{
    Notification, Rendering,
    findface::security::{
        AnyNotification, BsType, Camera, Counter, CounterRecord, Episode, Event, EventRef,
        EventType, Scores, Track, WatchList, WebhookType, parse_delivery,
    },
    model::{Field, List, ParseError, Ref},
};
use serde_json::{Map, Value, json};

macro_rules! body {
    ($name:literal) => {
        include_str!(concat!("data/findface-security-2020/", $name, ".json"))
    };
}

const EVENT: &str = body!("event");
const EVENT_VERBOSE: &str = body!("event.verbose");
const OPENING: &str = body!("episode_opening");
const OPENING_VERBOSE: &str = body!("episode_opening.verbose");
const CLOSING: &str = body!("episode_closing");
const CLOSING_VERBOSE: &str = body!("episode_closing.verbose");
const COUNTER: &str = body!("counter_record");
const COUNTER_VERBOSE: &str = body!("counter_record.verbose");

const BODIES: [&str; 8] = [
    EVENT,
    EVENT_VERBOSE,
    OPENING,
    OPENING_VERBOSE,
    CLOSING,
    CLOSING_VERBOSE,
    COUNTER,
    COUNTER_VERBOSE,
];

fn parse_one(text: &str) -> AnyNotification {
    let [notification] =
        <[AnyNotification; 1]>::try_from(parse_delivery(text.as_bytes()).unwrap()).unwrap();
    notification
}

fn event(text: &str) -> Event {
    match parse_one(text) {
        AnyNotification::Event(event) => *event,
        other => panic!("expected an event, got {other:?}"),
    }
}

fn episode(text: &str) -> Episode {
    match parse_one(text) {
        AnyNotification::Episode(episode) => *episode,
        other => panic!("expected an episode, got {other:?}"),
    }
}

fn counter_record(text: &str) -> CounterRecord {
    match parse_one(text) {
        AnyNotification::Counter(record) => *record,
        other => panic!("expected a counter record, got {other:?}"),
    }
}

fn refusal(body: &str) -> ParseError {
    parse_delivery(body.as_bytes()).unwrap_err()
}

mod documented_bodies {
    use super::*;

    #[test]
    fn bodies_are_read_and_written_without_a_change() {
        for body in BODIES {
            let notifications = parse_delivery(body.as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(&notifications).unwrap(), json(body));
            assert_eq!(encoded(&notifications[0], Rendering::Full), json(body)[0]);
        }
    }

    #[test]
    fn bodies_have_no_unknown_fields() {
        for body in BODIES {
            match parse_one(body) {
                AnyNotification::Event(event) => assert_eq!(event.extra, Map::new()),
                AnyNotification::Episode(episode) => assert_eq!(episode.extra, Map::new()),
                AnyNotification::Counter(record) => assert_eq!(record.extra, Map::new()),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn serde_and_parse_delivery_read_the_same() {
        for body in BODIES {
            let notifications: Vec<AnyNotification> = serde_json::from_str(body).unwrap();
            assert_eq!(notifications, parse_delivery(body.as_bytes()).unwrap());
        }
    }

    #[test]
    fn an_event_has_its_fields() {
        let event = event(EVENT);
        assert_eq!(event.id, "4267625862518432158");
        assert_eq!(event.acknowledged, Field::Value(true));
        assert_eq!(event.bs_type, Field::Value(BsType::Overall));
        assert_eq!(event.event_type, Field::Value(EventType::EventCreated));
        assert_eq!(event.webhook_type, Field::Value(WebhookType::Events));
        assert_eq!(event.camera, Field::Null);
        assert_eq!(event.camera_group, 1.into());
        assert_eq!(event.confidence, 0.0.into());
        assert_eq!(event.episode, Field::Null);
        assert_eq!(event.frame_coords_bottom, 320.into());
        assert_eq!(event.matched, Field::Value(false));
        assert_eq!(event.matched_dossier, Field::Null);
        assert_eq!(event.matched_face, "".into());
        assert_eq!(event.matched_lists, [-1].into());
        assert_eq!(event.quality, (-0.000766).into());
        assert_eq!(event.temperature, Field::Absent);
        assert_eq!(event.video_source, Field::Value(1));
        assert!(event.features.value().unwrap().medmask.is_null());

        let created = event.created_date.value().unwrap();
        assert_eq!(created.as_str(), "2020-05-18T15:08:38+00:00");
        let moment = UNIX_EPOCH + Duration::from_secs(1_589_814_518);
        assert_eq!(created.to_system_time(), Some(moment));

        let scores = event.scores.value().unwrap();
        assert_eq!(scores.track_duration_seconds, 2.502499999999997.into());
        let track = scores.track.value().unwrap();
        assert_eq!(track.id, "43277e17b1c2-44".into());
        let first = track.first_timestamp.value().unwrap();
        assert_eq!(first.as_str(), "2020-05-18T15:08:38");
        assert_eq!(first.to_system_time(), Some(moment));
    }

    #[test]
    fn a_verbose_event_has_whole_entities() {
        let event = event(EVENT_VERBOSE);
        assert_eq!(event.temperature, Field::Null);
        assert_eq!(event.video_source, Field::Absent);

        let camera = event.camera.value().unwrap().entity().unwrap();
        assert_eq!((camera.id, &camera.group), (1, &Field::Value(1)));
        assert_eq!(camera.azimuth, Field::Null);
        let health = camera.health_status.value().unwrap();
        assert_eq!(health.code, "yellow".into());
        assert_eq!(health.statistic.value().unwrap()["processed_duration"], 1499.44);
        assert_eq!(camera.stream_settings.value().unwrap()["md_scale"], 0.3);
        assert_eq!(camera.stream_settings_gpu.value().unwrap()["play_speed"], -1);

        let group = event.camera_group.value().unwrap().entity().unwrap();
        assert_eq!(group.deduplicate_delay, 10.into());
        assert_eq!(group.permissions.value().unwrap()["2"], "view");

        let [Some(Ref::Entity(list))] = &event.matched_lists.value().unwrap()[..] else {
            panic!("expected one whole list");
        };
        assert_eq!((list.id, &list.name), (-1, &"Unmatched".into()));
        assert_eq!(list.remote_url, Field::Null);
    }

    #[test]
    fn an_opening_episode_has_its_fields() {
        let episode = episode(OPENING);
        assert_eq!(episode.id, 2118);
        assert_eq!(episode.event_type, Field::Value(EventType::EpisodeOpen));
        assert_eq!(episode.webhook_type, Field::Value(WebhookType::Episodes));
        assert_eq!(episode.best_event, "4267637154774219594".into());
        assert_eq!(episode.camera_groups, [1].into());
        assert_eq!(episode.cameras, Field::Value(List::default()));
        assert_eq!(episode.closed_date, Field::Null);
        assert_eq!(episode.events_count, 1.into());
        assert_eq!(episode.features, Field::Null);
        assert_eq!(episode.matched_event, Field::Null);
        assert_eq!(episode.open, Field::Value(true));
        assert_eq!(episode.temperature, Field::Absent);
        let created = episode.created_date.value().unwrap().to_system_time();
        assert_eq!(created, Some(UNIX_EPOCH + Duration::from_micros(1_589_818_729_111_880)));

        let last = episode.last_event.value().unwrap();
        assert_eq!(last.id(), Some("4267637154774219594"));
        let last = last.event().unwrap();
        assert_eq!(last.episode, Field::Value(2118));
        assert_eq!(last.bs_type, Field::Absent);
        assert_eq!(last.event_type, Field::Absent);
        assert_eq!(last.webhook_type, Field::Absent);
    }

    #[test]
    fn a_verbose_opening_episode_has_whole_entities_at_the_top_level() {
        let episode = episode(OPENING_VERBOSE);
        let [Some(Ref::Entity(camera))] = &episode.cameras.value().unwrap()[..] else {
            panic!("expected one whole camera");
        };
        let [Some(Ref::Entity(group))] = &episode.camera_groups.value().unwrap()[..] else {
            panic!("expected one whole group");
        };
        assert_eq!((camera.id, group.id), (1, 1));
        assert_eq!(episode.temperature, Field::Null);
        let last = episode.last_event.value().unwrap().event().unwrap();
        assert_eq!(last.camera, 1.into());
        assert_eq!((&last.temperature, &last.video_source), (&Field::Null, &Field::Null));
    }

    #[test]
    fn a_closing_episode_has_its_fields() {
        let episode = episode(CLOSING);
        assert_eq!(episode.event_type, Field::Value(EventType::EpisodeClose));
        assert_eq!(episode.open, Field::Value(false));
        assert_eq!(episode.closed_date, "2020-05-18T15:10:42.870851Z".into());
        assert_eq!(episode.best_event, episode.last_event);
        let best = episode.best_event.value().unwrap().event().unwrap();
        assert_eq!(best.id, "4267626103667833809");
        assert_eq!(best.quality, (-0.653877).into());
    }

    #[test]
    fn a_verbose_closing_episode_has_absent_and_null_fields() {
        let episode = episode(CLOSING_VERBOSE);
        assert_eq!((episode.id, &episode.events_count), (104_236, &4.into()));
        let list =
            episode.matched_lists.value().unwrap().present().next().unwrap().entity().unwrap();
        assert_eq!(list.remote_url, Field::Absent);
        assert_eq!(list.threshold, Field::Null);
    }

    #[test]
    fn a_counter_record_has_its_fields() {
        let record = counter_record(COUNTER);
        assert_eq!(record.id, 16);
        assert_eq!(record.event_type, Field::Value(EventType::CounterRecord));
        assert_eq!(record.webhook_type, Field::Value(WebhookType::Counters));
        assert_eq!((&record.camera, &record.camera_group), (&3.into(), &1.into()));
        assert_eq!((&record.counter, &record.counter_name), (&2.into(), &"smosh".into()));
        assert_eq!((&record.faces_count, &record.silhouettes_count), (&2.into(), &3.into()));
        let faces = record.faces_bbox.value().unwrap();
        assert_eq!(faces[1].as_ref().unwrap().0[2], [304.into(), 394.into()]);
        assert_eq!(record.silhouettes_bbox.value().unwrap().len(), 3);
    }

    #[test]
    fn a_verbose_counter_record_has_whole_entities() {
        let record = counter_record(COUNTER_VERBOSE);
        let counter = record.counter.value().unwrap().entity().unwrap();
        assert_eq!((counter.id, &counter.camera), (1, &Field::Value(1)));
        assert_eq!(counter.roi.value().unwrap().0[3], [0.into(), 576.into()]);
        assert_eq!(record.silhouettes_bbox, Field::Null);
        assert_eq!(record.silhouettes_count, 0.into());
        let camera = record.camera.value().unwrap().entity().unwrap();
        assert_eq!(camera.health_status.value().unwrap().code_desc, "Всё в порядке".into());
    }
}

mod rendering {
    use super::*;

    /// Applies the documented rule to JSON: an entity is replaced by its id.
    fn compact(mut notification: Value) -> Value {
        for key in ["camera", "camera_group", "counter", "matched_dossier"] {
            if let Some(entity @ Value::Object(_)) = notification.get_mut(key) {
                *entity = entity["id"].take();
            }
        }
        for key in ["cameras", "camera_groups", "matched_lists"] {
            let list = notification.get_mut(key).and_then(Value::as_array_mut);
            for entity in list.into_iter().flatten().filter(|entity| entity.is_object()) {
                *entity = entity["id"].take();
            }
        }
        notification
    }

    #[test]
    fn the_compact_rendering_has_ids_instead_of_entities() {
        for body in BODIES {
            let expected = compact(json(body)[0].take());
            assert_eq!(encoded(&parse_one(body), Rendering::Compact), expected);
        }
        let verbose = encoded(&parse_one(OPENING_VERBOSE), Rendering::Compact);
        assert_eq!(verbose["cameras"], json!([1]));
        assert_eq!(verbose["matched_lists"], json!([-1]));
        assert!(verbose["last_event"].is_object());
        let verbose = encoded(&parse_one(COUNTER_VERBOSE), Rendering::Compact);
        assert_eq!(verbose["counter"], 1);
    }

    #[test]
    fn a_dossier_is_any_json_object_with_an_id() {
        let whole = json!({"id": 12, "name": "A name", "active": true});
        let event: Event =
            serde_json::from_value(json!({"id": "42", "matched_dossier": whole})).unwrap();
        assert_eq!(encoded(&event, Rendering::Full)["matched_dossier"], whole);
        assert_eq!(encoded(&event, Rendering::Compact)["matched_dossier"], 12);
    }

    #[test]
    fn unknown_kinds_are_written_without_a_change() {
        let body = json!([{"webhook_type": "areas", "id": 7, "camera": {"id": 3}}]);
        let notification = parse_one(&body.to_string());
        assert!(matches!(notification, AnyNotification::Other(_)));
        assert_eq!((&*notification.id(), notification.kind()), ("7", ""));
        assert_eq!(notification.schema().topic(), "other");
        for rendering in [Rendering::Full, Rendering::Compact] {
            assert_eq!(encoded(&notification, rendering), body[0]);
        }
    }

    #[test]
    fn a_documented_field_must_not_be_in_extra() {
        let mut event = Event::new("42").camera(Camera::empty(3));
        let camera = event.camera.value().unwrap().entity().unwrap().clone();
        event.extra.insert("camera".into(), json!(4));
        let mut out = b"kept".to_vec();
        let error = event.encode(Rendering::Full, &mut out).unwrap_err();
        let reason = std::error::Error::source(&error).unwrap().to_string();
        assert!(reason.contains("`camera` is a documented field"), "{reason}");
        assert_eq!(out, b"kept");

        let mut group = recohook::findface::security::CameraGroup::empty(1);
        group.extra.insert("deduplicateDelay".into(), json!(4));
        assert!(serde_json::to_string(&group).is_err());
        group.extra = Map::from_iter([("deduplicate_delay".into(), json!(4))]);
        assert_eq!(serde_json::to_value(&group).unwrap(), json!({"id": 1, "deduplicate_delay": 4}));
        assert_eq!(serde_json::to_value(&camera).unwrap(), json!({"id": 3}));
    }
}

mod building {
    use super::*;

    /// Returns an event with the fields that the documented events of May 2020 share.
    fn documented(id: &str, created: &str) -> Event {
        Event::new(id)
            .acknowledged_date(created)
            .camera_group(1)
            .confidence(0.0)
            .created_date(created)
            .matched_lists([-1])
            .temperature(Field::Absent)
    }

    #[test]
    fn a_host_can_build_the_documented_event() {
        let built = documented("4267625862518432158", "2020-05-18T15:08:38+00:00")
            .bs_type(BsType::Overall)
            .face("http://172.17.46.134/uploads/2020/05/18/event/150842_face_AgohWm.jpg")
            .frame("http://172.17.46.134/uploads/2020/05/18/event/150842_full_frame_Y3vtGe.jpg")
            .frame_coords_bottom(320)
            .frame_coords_left(117)
            .frame_coords_right(170)
            .frame_coords_top(242)
            .quality(-0.000766)
            .scores(
                Scores::unknown()
                    .quality(-0.000766480341553)
                    .track(
                        Track::empty()
                            .first_timestamp("2020-05-18T15:08:38")
                            .id("43277e17b1c2-44")
                            .last_timestamp("2020-05-18T15:08:39"),
                    )
                    .track_duration_seconds(2.502499999999997),
            )
            .video_source(1);
        assert_eq!(built, event(EVENT));
    }

    #[test]
    fn a_host_can_build_the_documented_opening_episode() {
        let expected = episode(OPENING);
        let first = expected.last_event.value().unwrap().event().unwrap().clone();
        let built = Episode::opening(2118, first)
            .created_date("2020-05-18T16:18:49.111880Z")
            .temperature(Field::Absent);
        assert_eq!(built, expected);
    }

    #[test]
    fn a_host_can_build_the_documented_closing_episode() {
        let expected = episode(CLOSING);
        let last = expected.last_event.value().unwrap().event().unwrap().clone();
        let built = Episode::closing(518, 1, last.clone())
            .best_event(last)
            .closed_date("2020-05-18T15:10:42.870851Z")
            .created_date("2020-05-18T15:10:12.201230Z")
            .temperature(Field::Absent);
        assert_eq!(built, expected);
    }

    #[test]
    fn an_added_event_has_the_form_of_events_in_an_episode() {
        let camera = Camera::empty(3).name("Gate");
        let event = documented("43", "2020-05-18T16:18:46+00:00").camera(camera.clone());
        let built = Episode::event_added(2118, 7, event);
        assert_eq!(built.kind(), "episode_event");
        assert_eq!((&*built.id(), built.schema().topic()), ("2118", "episodes"));
        assert_eq!(built.events_count, 7.into());
        assert_eq!(built.open, Field::Value(true));
        assert_eq!(built.best_event, Field::Null);
        assert_eq!(built.cameras, [camera].into());

        let Field::Value(EventRef::Event(last)) = &built.last_event else {
            panic!("expected an event")
        };
        assert_eq!(last.camera, 3.into(), "an event in an episode must have the id of its camera");
        assert_eq!(last.episode, Field::Value(2118));
        assert!(last.bs_type.is_absent() && last.event_type.is_absent());
        assert!(last.webhook_type.is_absent());
    }

    #[test]
    fn a_host_can_build_the_documented_counter_record() {
        let expected = counter_record(COUNTER);
        let built = CounterRecord::new(16)
            .camera(3)
            .camera_group(1)
            .counter(2)
            .counter_name("smosh")
            .created_date("2020-05-18T16:15:06.679592Z")
            .faces_bbox(expected.faces_bbox.clone())
            .faces_count(2)
            .fullframe(
                "http://172.17.46.134/uploads/2020/05/18/counters/161506_fullframe_7Z8n7X.jpg",
            )
            .silhouettes_bbox(expected.silhouettes_bbox.clone())
            .silhouettes_count(3)
            .thumbnail("http://172.17.46.134/uploads/2020/05/18/counters/161506_thumb_XLMFwE.jpg");
        assert_eq!(built, expected);
    }

    #[test]
    fn a_new_notification_has_all_documented_keys() {
        let keys = |value: &Value| Vec::from_iter(value.as_object().unwrap().keys().cloned());
        let event = encoded(&Event::new("42"), Rendering::Full);
        // The most recent documented event, whose body has no video file.
        let expected = json(EVENT_VERBOSE)[0].take();
        assert_eq!(keys(&event), keys(&expected));
        assert_eq!(keys(&event["features"]), keys(&expected["features"]));
        assert_eq!(keys(&event["scores"]), keys(&expected["scores"]));

        let opening = encoded(&Episode::opening(1, Event::new("42")), Rendering::Full);
        assert_eq!(keys(&opening), keys(&json(OPENING_VERBOSE)[0]));
        let record = encoded(&CounterRecord::new(1), Rendering::Full);
        assert_eq!(keys(&record), keys(&json(COUNTER)[0]));
    }

    #[test]
    fn references_can_be_set_to_ids_and_entities() {
        let event = Event::new("42")
            .camera(Camera::empty(3))
            .matched_dossier(12)
            .matched_lists([Ref::from(4), WatchList::empty(5).into()]);
        assert_eq!(event.camera.value().map(Ref::id), Some(3));
        assert_eq!(
            event.matched,
            Field::Value(false),
            "`matched` must not follow from `matched_dossier`"
        );
        let lists = event.matched_lists.value().unwrap();
        assert_eq!(Vec::from_iter(lists.present().map(Ref::id)), [4, 5]);
        assert_eq!(Event::new("42").matched_lists(vec![4]).matched_lists, [4].into());
        let gate = Event::new("42").camera(3_i64).camera;
        assert_eq!(Event::new("42").camera(Some(3)).camera, gate);
        assert_eq!(Event::new("42").camera(3_u32).camera, gate);
        assert_eq!(Event::new("42").camera(None::<i64>).camera, Field::Null);
        assert_eq!(Event::new("42").matched_lists([4_u32]).matched_lists, [4].into());
        assert_eq!(Event::new("42").confidence(Some(0.5)).confidence, 0.5.into());
        assert!(CounterRecord::new(1).counter(Counter::empty(2)).counter.value().is_some());
    }

    #[test]
    fn a_system_time_is_written_in_the_documented_form() {
        let moment = UNIX_EPOCH + Duration::from_micros(1_589_818_729_111_880);
        let event = Event::new("42").created_date(moment).confidence(f64::NAN);
        let written = encoded(&event, Rendering::Full);
        assert_eq!(written["created_date"], "2020-05-18T16:18:49.111880Z");
        assert_eq!(written["confidence"], Value::Null);
    }
}

mod leniency {
    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are() {
        let text = r#"{"id":"42","confidence":1,"quality":0.0,"new":18446744073709551615}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        let text = r#"{"id":9223372036854775807,"camera":-9223372036854775808,"faces_count":2.0}"#;
        let record: CounterRecord = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
    }

    #[test]
    fn undocumented_words_are_kept() {
        let text = r#"{"id":"42","bs_type":"best_shot","event_type":"event_updated","webhook_type":"events"}"#;
        let AnyNotification::Event(event) = parse_one(text) else { panic!("expected an event") };
        assert_eq!(event.bs_type, Field::Value(BsType::Other("best_shot".into())));
        assert_eq!(event.kind(), "event_updated");
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }

    #[test]
    fn the_model_is_chosen_by_the_section_or_else_by_the_event_type() {
        let kind = |fields: Value| {
            let notification = parse_one(&fields.to_string());
            assert_eq!(serde_json::from_value::<AnyNotification>(fields).unwrap(), notification);
            match notification {
                AnyNotification::Event(_) => "event",
                AnyNotification::Episode(_) => "episode",
                AnyNotification::Counter(_) => "counter",
                _ => "other",
            }
        };
        assert_eq!(kind(json!({"id": "1", "event_type": "event_created"})), "event");
        assert_eq!(kind(json!({"id": 1, "event_type": "episode_event"})), "episode");
        assert_eq!(kind(json!({"id": 1, "event_type": "counter_record"})), "counter");
        assert_eq!(
            kind(json!({"id": 1, "webhook_type": null, "event_type": "counter_record"})),
            "counter"
        );
        assert_eq!(
            kind(json!({"id": 1, "webhook_type": "episodes", "event_type": "x"})),
            "episode"
        );
        assert_eq!(
            kind(json!({"id": 1, "webhook_type": "areas", "event_type": "event_created"})),
            "other"
        );
        assert_eq!(kind(json!({"id": 1, "webhook_type": 3})), "other");
        assert_eq!(kind(json!({"webhook_type": 5, "event_type": "event_created"})), "other");
        assert_eq!(kind(json!({"webhook_type": "events", "event_type": ["x"]})), "other");
        assert_eq!(kind(json!({})), "other");
    }

    #[test]
    fn events_of_an_episode_can_be_null_an_id_or_a_whole_event() {
        for matched in [json!(null), json!("42"), json!({"id": "42", "new": {}})] {
            let body = json!([{"id": 1, "webhook_type": "episodes", "matched_event": matched}]);
            assert_eq!(serde_json::to_value(parse_one(&body.to_string())).unwrap(), body[0]);
        }
    }

    #[test]
    fn a_body_can_contain_several_notifications_one_or_none() {
        assert_eq!(parse_delivery(b" [ ] ").unwrap(), []);
        let mixed = format!("[{},{}]", json(EVENT)[0], json(COUNTER)[0]);
        let notifications = parse_delivery(mixed.as_bytes()).unwrap();
        assert_eq!(notifications, [event(EVENT).into(), counter_record(COUNTER).into()]);
        let alone = json(OPENING)[0].to_string();
        assert_eq!(parse_delivery(alone.as_bytes()).unwrap(), [episode(OPENING).into()]);
    }
}

mod refusals {
    use super::*;

    #[track_caller]
    fn assert_refused(body: &str, index: usize, part: &str) {
        bodies::assert_refused(parse_delivery(body.as_bytes()), index, part);
    }

    #[test]
    fn ids_must_be_integers_and_event_ids_must_be_texts() {
        let event = |field: &str| format!(r#"[{{"id":"1","webhook_type":"events",{field}}}]"#);
        assert_refused(&event(r#""camera":3.0"#), 0, "in `camera`: invalid type: floating point");
        assert_refused(&event(r#""camera":"3""#), 0, "expected an integer id");
        assert_refused(&event(r#""camera":[3]"#), 0, "expected an integer id");
        assert_refused(&event(r#""camera":9223372036854775808"#), 0, "an id below 2^63");
        assert_refused(&event(r#""camera":{"name":"Gate"}"#), 0, "missing field `id`");
        assert_refused(&event(r#""camera":{"id":3.5}"#), 0, "in `camera`: in `id`: invalid type");
        assert_refused(&event(r#""matched_lists":[4,false]"#), 0, "in `matched_lists`: invalid");
        assert_refused(&event(r#""episode":2.5"#), 0, "in `episode`: invalid type");
        assert_refused(r#"[{"id":1,"webhook_type":"events"}]"#, 0, "expected a string");
        assert_refused(r#"[{"id":"1","webhook_type":"counters"}]"#, 0, "in `id`: invalid type");
        assert_refused(r#"[{"id":null,"webhook_type":"counters"}]"#, 0, "in `id`: invalid type");
        assert_refused(r#"[{"webhook_type":"episodes"}]"#, 0, "missing field `id`");
    }

    #[test]
    fn a_field_must_not_be_repeated() {
        assert_refused(
            r#"{"id":"1","webhook_type":"events","camera":null,"camera":3}"#,
            0,
            "duplicate field `camera`",
        );
        assert_refused(
            r#"{"id":"1","webhook_type":"events","a":1,"a":2}"#,
            0,
            "duplicate field `a`",
        );
        assert_refused(r#"{"id":"1","id":"1","webhook_type":"events"}"#, 0, "duplicate field `id`");
    }

    #[test]
    fn an_error_has_the_index_the_keys_the_line_and_the_column() {
        let body = json(OPENING)[0].clone();
        let mut broken = body.clone();
        broken["last_event"]["scores"]["track"]["id"] = json!(9);
        let text = format!("[{body},\n{broken}]");
        assert_refused(&text, 1, "in `last_event`: in `scores`: in `track`: in `id`: invalid type");
        let (line, column) = refusal(&text).position().unwrap();
        let key = text.lines().nth(1).unwrap().find(r#""id":9,"#).unwrap();
        assert_eq!((line, column), (2, key + r#""id":9"#.len()));
    }

    #[test]
    fn a_notification_must_be_an_object() {
        assert_refused(r#"[{"id":1}, 2]"#, 1, "expected a notification, an object");
        assert_refused(r#"[["events", "event_created"]]"#, 0, "expected a notification, an object");
        assert_refused("[null]", 0, "expected a notification, an object");
    }

    #[test]
    fn invalid_bodies_have_different_errors() {
        assert_eq!(refusal("3").kind(), "framing");
        assert_eq!(refusal("null").kind(), "framing");
        assert_eq!(refusal(r#""[]""#).kind(), "framing");
        for broken in ["", "[", "{}{}", "[{}],", r#"[{"id":1,}]"#, "{'id': 1}", " \u{feff}[]"] {
            let error = refusal(broken);
            assert_eq!(error.kind(), "json", "{broken}: {error:?}");
            assert!(error.position().is_some());
        }
        let error = parse_delivery(b"[{\"id\":\"\xff\"}]").unwrap_err();
        assert_eq!(error.kind(), "encoding");
        assert_eq!(error.position(), None);
        let kinds = ["3", "[", "[2]"].map(|body| refusal(body).kind());
        assert_eq!((error.kind(), kinds), ("encoding", ["framing", "json", "notification"]));
    }

    #[test]
    fn a_truncated_body_is_refused() {
        for body in BODIES.map(str::trim_end) {
            for end in (0..body.len()).filter(|end| body.is_char_boundary(*end)).step_by(7) {
                assert_eq!(refusal(&body[..end]).kind(), "json");
            }
        }
    }

    #[test]
    fn the_depth_of_a_body_is_limited() {
        let body = format!(r#"[{{"id":"1","webhook_type":"events","deep":{}}}]"#, "[".repeat(9999));
        assert_eq!(refusal(&body).kind(), "json");
        let deep = format!("{}{}", "[".repeat(9999), "]".repeat(9999));
        assert_refused(&format!(r#"[{{"deep":{deep}}}]"#), 0, "recursion limit");
    }
}

proptest! {
    #[test]
    fn unknown_absent_and_null_fields_are_kept(
        body in prop::sample::select(BODIES.as_slice()),
        changes in any_changes(),
    ) {
        assert_kept(parse_delivery, &changed(body, &changes));
    }

    #[test]
    fn a_damaged_body_is_refused_or_read_without_loss(
        body in prop::sample::select(BODIES.as_slice()),
        damage in any_damage(),
    ) {
        assert_refused_or_kept(parse_delivery, &damaged(body, damage));
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_delivery(&bytes);
    }

    #[test]
    fn random_text_of_json_characters_does_not_panic(
        text in r#"[\[\]{}:,"\\0-9eE.\- a-d]{0,60}|\[\{"(id|webhook_type)":.{0,40}"#,
    ) {
        let _ = parse_delivery(text.as_bytes());
    }
}
