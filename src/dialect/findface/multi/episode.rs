use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{
    CAR_EPISODES, Camera, CameraGroup, EventType, HUMAN_EPISODES, WatchList, WebhookType,
    schema::episode as attribute,
};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, Timestamp, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

/// Declares an episode: the fields that both kinds have, and the events that matched.
macro_rules! episode {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $matched:ident is $attribute:ident,)+ }
        in $section:expr, as $schema:ident
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
            ) {
                /// Whether nothing waits for a person to acknowledge the episode.
                acknowledged: bool,
                /// Who acknowledged it, as it came.
                acknowledged_by: Value,
                /// When it was acknowledged.
                acknowledged_date: Timestamp,
                /// What was noted on acknowledging it, or empty.
                acknowledged_reaction: String,
                /// The groups of its cameras.
                camera_groups: Vec<Ref<CameraGroup>>,
                /// Its cameras.
                cameras: Vec<Ref<Camera>>,
                /// When it ended; null while it goes on.
                closed_date: Timestamp,
                /// When it began.
                created_date: Timestamp,
                /// What happened: it opened, got an event, or closed.
                event_type: EventType,
                /// How many events it has.
                events_count: Number,
                $($(#[$field_doc])* $matched: Value,)+
                /// The watch lists of its events' cards; -1 is the list of those who are on none.
                matched_lists: Vec<Ref<WatchList>>,
                /// Whether it goes on.
                open: bool,
                /// The section of filters.
                webhook_type: WebhookType,
            }
        }

        impl $name {
            /// An episode with every field above: `acknowledged` and `open` are true unless set
            /// (`open` is false where it closes), lists and texts are empty, and all else is null.
            pub fn new(id: impl Into<i64>, what: EventType) -> Self {
                let open = what != EventType::EpisodeClose;
                Self::bare(id)
                    .acknowledged(true)
                    .acknowledged_by(Field::Null)
                    .acknowledged_date(Field::Null)
                    .acknowledged_reaction("")
                    .camera_groups(Vec::<i64>::new())
                    .cameras(Vec::<i64>::new())
                    .closed_date(Field::Null)
                    .created_date(Field::Null)
                    .event_type(what)
                    .events_count(Field::Null)
                    $(.$matched(Field::Null))+
                    .matched_lists(Vec::<i64>::new())
                    .open(open)
                    .webhook_type($section)
            }
        }

        impl Notification for $name {
            fn schema(&self) -> &'static Schema {
                &$schema
            }

            fn id(&self) -> Cow<'_, str> {
                Cow::Owned(self.id.to_string())
            }

            /// `event_type`, or empty where it has none.
            fn kind(&self) -> &str {
                self.event_type.value().map_or("", EventType::as_str)
            }

            fn attributes(&self, record: &mut Values) {
                let what = self.event_type.value().map(EventType::as_str);
                let lists = self.matched_lists.value().into_iter().flatten();
                let cameras = self.cameras.value().into_iter().flatten();
                let groups = self.camera_groups.value().into_iter().flatten();
                let count = self.events_count.as_f64();
                record.choice(attribute::EVENT_TYPE, what);
                record.ints(attribute::MATCHED_LISTS, lists.map(Ref::id));
                record.ints(attribute::CAMERAS, cameras.map(Ref::id));
                record.ints(attribute::CAMERA_GROUPS, groups.map(Ref::id));
                record.number(attribute::EVENTS_COUNT, count);
                $(record.bool(attribute::$attribute, is_there(&self.$matched));)+
            }

            fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                encode(self, rendering, out)
            }
        }
    };
}

episode! {
    /// An episode of a person: events of a face and a body that belong together.
    HumanEpisode {
        /// The event of the face that matched a card; null without one.
        matched_face_event is FACE_MATCHED,
        /// The event of the body that matched a card; null without one.
        matched_body_event is BODY_MATCHED,
    }
    in WebhookType::HumanEpisodes, as HUMAN_EPISODES
}

episode! {
    /// An episode of a vehicle: events that belong together.
    CarEpisode {
        /// The event that matched a card; null without one.
        matched_car_event is CAR_MATCHED,
    }
    in WebhookType::CarEpisodes, as CAR_EPISODES
}

fn is_there(event: &Field<Value>) -> bool {
    event.value().is_some_and(|event| !event.is_null())
}
