use serde_json::{Number, Value};

use super::{Camera, CameraGroup, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, List, Ref, Timestamp, model},
    },
};

/// The attributes of person episodes.
///
/// `face_matched` and `body_matched` are derived and always have a value. `face_matched` is true if
/// `matched_face_event` is present and not null, and `body_matched` is true if `matched_body_event`
/// is present and not null (inferred).
pub static HUMAN_EPISODES: Schema = Schema::new("human_episodes", HumanEpisode::ATTRIBUTES);

/// The attributes of vehicle episodes.
///
/// `car_matched` is derived and always has a value. It is true if `matched_car_event` is present
/// and not null (inferred).
pub static CAR_EPISODES: Schema = Schema::new("car_episodes", CarEpisode::ATTRIBUTES);

/// Declares an episode. It has the fields that are common to both kinds of episodes, and one field
/// for each event that can match. Each field for an event becomes an attribute that is true if the
/// field is present and not null.
macro_rules! episode {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $matched:ident as $attribute:literal,)+ }
        in $section:ident, as $schema:ident
    ) => {
        model! {
            $(#[doc = $doc])*
            ///
            /// No body is documented. The fields that filters test are documented, and the other
            /// fields are those of an episode of FindFace Security 2020 (inferred). The events of
            /// the episode are arbitrary JSON.
            $name (
                /// The id (it is inferred that the id is an integer).
                id: i64
            ) in $schema [kind event_type] {
                /// Whether the episode has been acknowledged or does not need to be.
                acknowledged: bool = true,
                /// The person who acknowledged the episode, as arbitrary JSON.
                acknowledged_by: Value,
                /// When the episode was acknowledged.
                acknowledged_date: Timestamp,
                /// The note left by the person who acknowledged the episode. It can be empty.
                acknowledged_reaction: String = "",
                /// The camera groups.
                camera_groups: List<Ref<CameraGroup>> = Field::Value(List::default()) => references,
                /// The cameras.
                cameras: List<Ref<Camera>> = Field::Value(List::default()) => references,
                /// When the episode closed, or null while it is open.
                closed_date: Timestamp,
                /// When the episode opened.
                created_date: Timestamp,
                // The enumeration contains the kinds of all notifications. Filters accept only
                // these three.
                /// The kind of notification, which indicates whether the episode opened, got
                /// another event, or closed.
                event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
                /// The number of events.
                events_count: Number => number,
                // Filter keys test only whether an event matched, not which one.
                $($(#[doc = $field_doc])* $matched: Value => (id_presence as $attribute),)+
                /// The watch lists of the cards that the events matched. -1 is the list of people
                /// and vehicles that are not on any other list.
                matched_lists: List<Ref<WatchList>> = Field::Value(List::default()) => references,
                // There is no default, because `new` sets the field according to the kind.
                /// Whether the episode is open.
                open: bool,
                /// The filter section that the episode belongs to.
                webhook_type: WebhookType = WebhookType::$section,
            }
        }

        impl $name {
            /// Creates an episode with every field of the model.
            ///
            /// `acknowledged` is true. `open` is also true, unless `event_type` is
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
    /// A person episode, which consists of related face and body events.
    HumanEpisode {
        /// The face event that matched a card, or null if there is none.
        matched_face_event as "face_matched",
        /// The body event that matched a card, or null if there is none.
        matched_body_event as "body_matched",
    }
    in HumanEpisodes, as HUMAN_EPISODES
}

episode! {
    /// A vehicle episode, which consists of related vehicle events.
    CarEpisode {
        /// The event that matched a card, or null if there is none.
        matched_car_event as "car_matched",
    }
    in CarEpisodes, as CAR_EPISODES
}
