use serde_json::{Number, Value};

use super::{Camera, CameraGroup, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, Timestamp, model},
    },
};

/// The attributes of episodes of people.
///
/// `face_matched` and `body_matched` are derived and always have a value: true if
/// `matched_face_event` or `matched_body_event`, respectively, is present and not null (inferred).
pub static HUMAN_EPISODES: Schema = Schema::new("human_episodes", HumanEpisode::ATTRIBUTES);

/// The attributes of episodes of vehicles.
///
/// `car_matched` is derived and always has a value: true if `matched_car_event` is present and not
/// null (inferred).
pub static CAR_EPISODES: Schema = Schema::new("car_episodes", CarEpisode::ATTRIBUTES);

/// Declares an episode: the fields that both kinds have, and its own fields, the events that
/// matched. Each of those has an attribute for its presence.
macro_rules! episode {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $matched:ident as $attribute:literal,)+ }
        in $section:ident, as $schema:ident
    ) => {
        model! {
            $(#[$doc])*
            ///
            /// No body is documented. The fields that filters test are documented, and the other
            /// fields are the fields of an episode of FindFace Security 2020 (inferred). The events
            /// of the episode are free JSON.
            $name (
                /// The id (an integer is inferred).
                id: i64
            ) in $schema [kind event_type] {
                /// Whether the episode is acknowledged, or needs no acknowledgement.
                acknowledged: bool = true,
                /// The person who acknowledged the episode. Free JSON.
                acknowledged_by: Value,
                /// When the episode was acknowledged.
                acknowledged_date: Timestamp,
                /// The note of the person who acknowledged the episode. It can be empty.
                acknowledged_reaction: String = "",
                /// The groups of the cameras.
                camera_groups: Vec<Ref<CameraGroup>> = Field::Value(vec![]) => references,
                /// The cameras.
                cameras: Vec<Ref<Camera>> = Field::Value(vec![]) => references,
                /// When the episode closed. Null while it is open.
                closed_date: Timestamp,
                /// When the episode opened.
                created_date: Timestamp,
                // The enumeration has the kinds of all notifications. Filters know only these.
                /// The kind of notification: the episode opened, got another event, or closed.
                event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
                /// The number of events.
                events_count: Number => number,
                // No key tests which event matched, only whether one did.
                $($(#[$field_doc])* $matched: Value => (presence as $attribute),)+
                /// The watch lists of the cards that its events matched. -1 is the list of people
                /// and vehicles that are on no list.
                matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
                // No default: `new` sets it by the kind.
                /// Whether the episode is open.
                open: bool,
                /// The section of filters that the episode belongs to.
                webhook_type: WebhookType = WebhookType::$section,
            }
        }

        impl $name {
            /// Returns an episode with every field of the model.
            ///
            /// `acknowledged` is true, and so is `open` unless `event_type` is
            /// [`EventType::EpisodeClose`]. Lists and strings are empty, and all other fields are
            /// null.
            pub fn new(id: impl Into<i64>, event_type: EventType) -> Self {
                let open = event_type != EventType::EpisodeClose;
                Self::documented(id).event_type(event_type).open(open)
            }
        }
    };
}

episode! {
    /// An episode of a person: events of a face and a body that belong together.
    HumanEpisode {
        /// The event of the face that matched a card. Null if there is none.
        matched_face_event as "face_matched",
        /// The event of the body that matched a card. Null if there is none.
        matched_body_event as "body_matched",
    }
    in HumanEpisodes, as HUMAN_EPISODES
}

episode! {
    /// An episode of a vehicle: events that belong together.
    CarEpisode {
        /// The event that matched a card. Null if there is none.
        matched_car_event as "car_matched",
    }
    in CarEpisodes, as CAR_EPISODES
}
