use serde_json::{Number, Value};

use super::{Camera, CameraGroup, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, Timestamp, model},
    },
};

/// What filters test of an episode of a person.
///
/// `face_matched` and `body_matched` are derived and never null: `matched_face_event` or
/// `matched_body_event` is there and is not null (inferred).
pub static HUMAN_EPISODES: Schema = Schema::new("human_episodes", HumanEpisode::ATTRIBUTES);

/// What filters test of an episode of a vehicle.
///
/// `car_matched` is derived and never null: `matched_car_event` is there and is not null
/// (inferred).
pub static CAR_EPISODES: Schema = Schema::new("car_episodes", CarEpisode::ATTRIBUTES);

/// Declares an episode: the fields that both kinds have, and the events that matched.
macro_rules! episode {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $matched:ident as $attribute:literal,)+ }
        in $section:ident, as $schema:ident
    ) => {
        model! {
            $(#[$doc])*
            ///
            /// No body is documented: what filters test is, and the other fields are those of an
            /// episode of FindFace Security 2020 (inferred). The events of the episode are left as
            /// they come.
            $name (
                /// The id (an integer is inferred).
                id: i64
            ) in $schema [kind event_type] {
                /// Whether nothing waits for a person to acknowledge the episode.
                acknowledged: bool = true,
                /// Who acknowledged it, as it came.
                acknowledged_by: Value,
                /// When it was acknowledged.
                acknowledged_date: Timestamp,
                /// What was noted on acknowledging it, or empty.
                acknowledged_reaction: String = "",
                /// The groups of its cameras.
                camera_groups: Vec<Ref<CameraGroup>> = Field::Value(vec![]) => references,
                /// Its cameras.
                cameras: Vec<Ref<Camera>> = Field::Value(vec![]) => references,
                /// When it ended; null while it goes on.
                closed_date: Timestamp,
                /// When it began.
                created_date: Timestamp,
                /// What happened: it opened, got an event, or closed.
                event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
                /// How many events it has.
                events_count: Number => number,
                $($(#[$field_doc])* $matched: Value => (presence as $attribute),)+
                /// The watch lists of its events' cards; -1 is the list of those who are on none.
                matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
                /// Whether it goes on.
                open: bool,
                /// The section of filters.
                webhook_type: WebhookType = WebhookType::$section,
            }
        }

        impl $name {
            /// An episode with every field above: `acknowledged` and `open` are true unless set
            /// (`open` is false where it closes), lists and texts are empty, and all else is null.
            pub fn new(id: impl Into<i64>, what: EventType) -> Self {
                let open = what != EventType::EpisodeClose;
                Self::documented(id).event_type(what).open(open)
            }
        }
    };
}

episode! {
    /// An episode of a person: events of a face and a body that belong together.
    HumanEpisode {
        /// The event of the face that matched a card; null without one.
        matched_face_event as "face_matched",
        /// The event of the body that matched a card; null without one.
        matched_body_event as "body_matched",
    }
    in HumanEpisodes, as HUMAN_EPISODES
}

episode! {
    /// An episode of a vehicle: events that belong together.
    CarEpisode {
        /// The event that matched a card; null without one.
        matched_car_event as "car_matched",
    }
    in CarEpisodes, as CAR_EPISODES
}
