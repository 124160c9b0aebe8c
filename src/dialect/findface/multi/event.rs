use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{
    BODY_EVENTS, BsType, CAR_EVENTS, Camera, CameraGroup, Card, EventModelClass, FACE_EVENTS,
    Features, ObjectType, WatchList, WebhookType,
    schema::{BODY_SOURCES, CAR_SOURCES, FACE_SOURCES, event as attribute},
};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, Timestamp, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

/// Declares an event: the fields that all three have, and its own.
macro_rules! event {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }
        is $object:expr, in $section:expr, as $schema:ident with $sources:ident
    ) => {
        model! {
            $(#[$doc])*
            ///
            /// The names of the fields are documented for the vendor's REST interface; that the
            /// body of a delivery has them too is inferred.
            $name (
                /// The id: a string (documented).
                id: String
            ) {
                /// Whether nothing waits for a person to acknowledge the event (inferred).
                acknowledged: bool,
                /// Who acknowledged it, as it came.
                acknowledged_by: Value,
                /// When it was acknowledged.
                acknowledged_date: Timestamp,
                /// What was noted on acknowledging it, or empty.
                acknowledged_reaction: String,
                /// How the object was followed.
                bs_type: BsType,
                /// The camera.
                camera: Ref<Camera>,
                /// The camera's group.
                camera_group: Ref<CameraGroup>,
                /// The case it belongs to, as it came.
                case: Value,
                /// How sure the match with a cluster is, 0 to 1 (inferred).
                cluster_confidence: Number,
                /// How sure the match with a card is, 0 to 1.
                confidence: Number,
                /// When the object was seen.
                created_date: Timestamp,
                /// What the detector told, as it came.
                detector_params: Value,
                /// The id of the episode; null before it is known (inferred).
                episode: i64,
                /// What happened.
                event_model_class: EventModelClass,
                /// Of events that come from a detector of the customer's own, as it came.
                external_detector: Value,
                /// What was recognised about the object.
                features: Features,
                /// The lower edge of the object in the frame, in pixels.
                frame_coords_bottom: Number,
                /// The left edge of the object in the frame, in pixels.
                frame_coords_left: Number,
                /// The right edge of the object in the frame, in pixels.
                frame_coords_right: Number,
                /// The upper edge of the object in the frame, in pixels.
                frame_coords_top: Number,
                /// The URL of the whole frame.
                fullframe: String,
                /// A number is inferred from the name.
                looks_like_confidence: Number,
                /// Whether the object matches a card.
                matched: bool,
                /// The card.
                matched_card: Ref<Card>,
                /// The cluster that it matches, as it came.
                matched_cluster: Value,
                /// The object of the card that it matches, as it came.
                matched_object: Value,
                /// The watch lists of the card; -1 is the list of those who are on none.
                matched_lists: Vec<Ref<WatchList>>,
                /// What the sender of the picture added, as it came.
                meta: Value,
                /// What was seen.
                object_type: ObjectType,
                /// The quality of the picture.
                quality: Number,
                /// The temperature of the body (the unit is not documented).
                temperature: Number,
                /// The URL of the picture of the object.
                thumbnail: String,
                /// The video that it was found in, as it came.
                video_archive: Value,
                /// The section of filters.
                webhook_type: WebhookType,
                $($(#[$field_doc])* $field: $type,)*
            }
        }

        impl $name {
            /// An event with every documented field.
            ///
            /// What its kind tells is set, `acknowledged` is true, `matched` is false, texts that
            /// can be empty are, `features` and `matched_lists` are empty, and all else is null.
            pub fn new(id: impl Into<String>) -> Self {
                Self::bare(id)
                    .acknowledged(true)
                    .acknowledged_by(Field::Null)
                    .acknowledged_date(Field::Null)
                    .acknowledged_reaction("")
                    .bs_type(Field::Null)
                    .camera(Field::Null)
                    .camera_group(Field::Null)
                    .case(Field::Null)
                    .cluster_confidence(Field::Null)
                    .confidence(Field::Null)
                    .created_date(Field::Null)
                    .detector_params(Field::Null)
                    .episode(Field::Null)
                    .event_model_class(EventModelClass::EventCreated)
                    .external_detector(Field::Null)
                    .features(Features::default())
                    .frame_coords_bottom(Field::Null)
                    .frame_coords_left(Field::Null)
                    .frame_coords_right(Field::Null)
                    .frame_coords_top(Field::Null)
                    .fullframe("")
                    .looks_like_confidence(Field::Null)
                    .matched(false)
                    .matched_card(Field::Null)
                    .matched_cluster(Field::Null)
                    .matched_object(Field::Null)
                    .matched_lists(Vec::<i64>::new())
                    .meta(Field::Null)
                    .object_type($object)
                    .quality(Field::Null)
                    .temperature(Field::Null)
                    .thumbnail("")
                    .video_archive(Field::Null)
                    .webhook_type($section)
                    $(.$field($default))*
            }
        }

        impl Notification for $name {
            fn schema(&self) -> &'static Schema {
                &$schema
            }

            fn id(&self) -> Cow<'_, str> {
                Cow::Borrowed(&self.id)
            }

            /// `event_model_class`, or empty where it has none.
            fn kind(&self) -> &str {
                self.event_model_class.value().map_or("", EventModelClass::as_str)
            }

            fn attributes(&self, record: &mut Values) {
                let lists = self.matched_lists.value().into_iter().flatten();
                record.choice(attribute::BS_TYPE, self.bs_type.value().map(BsType::as_str));
                record.int(attribute::CAMERA, self.camera.value().map(Ref::id));
                record.int(attribute::CAMERA_GROUP, self.camera_group.value().map(Ref::id));
                record.int(attribute::MATCHED_CARD, self.matched_card.value().map(Ref::id));
                record.ints(attribute::MATCHED_LISTS, lists.map(Ref::id));
                record.bool(attribute::MATCHED, self.matched.value().copied());
                record.number(attribute::CONFIDENCE, self.confidence.as_f64());
                record.number(attribute::TEMPERATURE, self.temperature.as_f64());
                if let Some(features) = self.features.value() {
                    $sources.iter().for_each(|source| source.tell(features, record));
                }
            }

            fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                encode(self, rendering, out)
            }
        }
    };
}

event! {
    /// A face was seen.
    FaceEvent {}
    is ObjectType::Face, in WebhookType::FaceEvents, as FACE_EVENTS with FACE_SOURCES
}

event! {
    /// A body was seen.
    BodyEvent {}
    is ObjectType::Body, in WebhookType::BodyEvents, as BODY_EVENTS with BODY_SOURCES
}

event! {
    /// A vehicle was seen.
    CarEvent {
        /// The URL of the picture of the number plate.
        license_plate_thumbnail: String = "",
        /// The line that was crossed, as it came.
        line: Value = Field::Null,
        /// In which direction, as it came.
        line_crossing_direction: Value = Field::Null,
    }
    is ObjectType::Car, in WebhookType::CarEvents, as CAR_EVENTS with CAR_SOURCES
}
