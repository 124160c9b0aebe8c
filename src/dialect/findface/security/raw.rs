use super::{
    COUNTERS, EPISODES, EVENTS,
    notice::{OTHER, Section},
    schema::{counters, episodes, events},
};
use crate::{
    dialect::delivery::Kind as _,
    raw::{Format, Id, Member, Topic},
};

/// The JSON of notifications, for gateways: see [`raw`](crate::raw).
///
/// What a notification is of is told as for [`Notice`](super::Notice).
pub static RAW: Format =
    Format::choosing(&Section::FIELDS, &[&EVENT, &EPISODE, &COUNTER], topic, &OTHERS);

static EVENT: Topic = Topic::new(
    &EVENTS,
    Id::text("id"),
    &[
        Member::value("bs_type", events::BS_TYPE),
        Member::reference("camera_group", events::CAMERA_GROUP),
        Member::reference("camera", events::CAMERA),
        Member::reference("matched_lists", events::MATCHED_LISTS),
        Member::reference("matched_dossier", events::MATCHED_DOSSIER),
        Member::value("matched", events::MATCHED),
        Member::value("confidence", events::CONFIDENCE),
    ],
)
.with_kind_in(&["event_type"]);

static EPISODE: Topic = Topic::new(
    &EPISODES,
    Id::integer("id"),
    &[
        Member::reference("camera_groups", episodes::CAMERA_GROUPS),
        Member::reference("cameras", episodes::CAMERAS),
        Member::reference("matched_lists", episodes::MATCHED_LISTS),
        Member::presence("matched_event", episodes::MATCHED),
        Member::value("events_count", episodes::EVENTS_COUNT),
    ],
)
.with_kind_in(&["event_type"])
.with_kind_attribute(episodes::EVENT_TYPE);

static COUNTER: Topic = Topic::new(
    &COUNTERS,
    Id::integer("id"),
    &[
        Member::reference("counter", counters::COUNTER),
        Member::reference("camera_group", counters::CAMERA_GROUP),
        Member::reference("camera", counters::CAMERA),
        Member::value("faces_count", counters::FACES_COUNT),
        Member::value("silhouettes_count", counters::SILHOUETTES_COUNT),
    ],
)
.with_kind_in(&["event_type"]);

static OTHERS: Topic =
    Topic::new(&OTHER, Id::any("id").optional(), &[]).with_kind_in(&["event_type"]).lenient();

fn topic(labels: &[Option<&str>]) -> &'static Topic {
    match labels.try_into().map_or(Section::OTHER, Section::of) {
        Section::Events => &EVENT,
        Section::Episodes => &EPISODE,
        Section::Counters => &COUNTER,
        Section::Other => &OTHERS,
    }
}
