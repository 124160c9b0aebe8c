use serde_json::{Number, Value};

use super::{
    BsType, Camera, CameraGroup, Card, EventModelClass, Features, ObjectType, WatchList,
    WebhookType,
    tested_features::{BodyFeatures, CarFeatures, FaceFeatures},
};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, Timestamp, model},
    },
};

/// The attributes of events of faces.
///
/// They have the names of the event's fields and features. `liveness_confidence` is the
/// `confidence` of a feature. The attributes of all other features are their `name`.
pub static FACE_EVENTS: Schema = Schema::new("face_events", FaceEvent::ATTRIBUTES);

/// The attributes of events of bodies.
///
/// They have the names of the event's fields and features. `liveness_confidence` and the attributes
/// that end in `_score` are the `confidence` of a feature. The attributes of all other features are
/// their `name`.
pub static BODY_EVENTS: Schema = Schema::new("body_events", BodyEvent::ATTRIBUTES);

/// The attributes of events of vehicles.
///
/// They have the names of the event's fields and features. The attributes that end in `_confidence`
/// are the `confidence` of a feature. The attributes of all other features are their `name`.
/// `category_type` is the feature `category`, and `license_plate_color` is the feature
/// `license_plate_number_color`.
pub static CAR_EVENTS: Schema = Schema::new("car_events", CarEvent::ATTRIBUTES);

/// Declares an event: the fields that all three kinds have, and its own fields.
macro_rules! event {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }
        is $object:ident, in $section:ident, as $schema:ident with $features:ident
    ) => {
        model! {
            $(#[$doc])*
            ///
            /// The names of the fields are documented for the vendor's REST interface. It is
            /// inferred that the body of a delivery has them, too.
            $name (
                /// The id: a string (documented).
                id: String
            ) in $schema [kind event_model_class] {
                /// Whether the event is acknowledged, or needs no acknowledgement (inferred).
                acknowledged: bool = true,
                /// The person who acknowledged the event. Free JSON.
                acknowledged_by: Value,
                /// When the event was acknowledged.
                acknowledged_date: Timestamp,
                /// The note of the person who acknowledged the event. It can be empty.
                acknowledged_reaction: String = "",
                /// How the object was tracked.
                bs_type: BsType => choice,
                /// The camera.
                camera: Ref<Camera> => reference,
                /// The group of the camera.
                camera_group: Ref<CameraGroup> => reference,
                /// The case that the event belongs to. Free JSON.
                case: Value,
                /// The confidence of the match with a cluster, 0 to 1 (inferred).
                cluster_confidence: Number,
                /// The confidence of the match with a card, 0 to 1.
                confidence: Number => number,
                /// When the object was seen.
                created_date: Timestamp,
                /// Data from the detector. Free JSON.
                detector_params: Value,
                /// The id of the episode. Null until it is known (inferred).
                episode: i64,
                /// The kind of event: `event_created`.
                event_model_class: EventModelClass = EventModelClass::EventCreated,
                /// The customer's own detector, if the event comes from one. Free JSON.
                external_detector: Value,
                // Free JSON, because each kind of object has features of its own. `$features` lists
                // the attributes in it.
                /// The features that were recognised in the object.
                features: Features = Features::default() => (lenient_object $features),
                /// The lower edge of the object in the frame, in pixels.
                frame_coords_bottom: Number,
                /// The left edge of the object in the frame, in pixels.
                frame_coords_left: Number,
                /// The right edge of the object in the frame, in pixels.
                frame_coords_right: Number,
                /// The upper edge of the object in the frame, in pixels.
                frame_coords_top: Number,
                /// The URL of the whole frame.
                fullframe: String = "",
                /// A number, which is inferred from the name.
                looks_like_confidence: Number,
                /// Whether the object matches a card.
                matched: bool = false => bool,
                /// The card that the object matches.
                matched_card: Ref<Card> => reference,
                /// The cluster that the object matches. Free JSON.
                matched_cluster: Value,
                /// The object of the card that matched. Free JSON.
                matched_object: Value,
                /// The watch lists of the card. -1 is the list of people and vehicles that are on
                /// no list.
                matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
                /// Data that the sender of the picture added. Free JSON.
                meta: Value,
                /// The type of object that was seen.
                object_type: ObjectType = ObjectType::$object,
                /// The quality of the picture.
                quality: Number,
                /// The temperature of the body (the unit is not documented).
                temperature: Number => number,
                /// The URL of the picture of the object.
                thumbnail: String = "",
                /// The video in which the object was found. Free JSON.
                video_archive: Value,
                /// The section of filters that the event belongs to.
                webhook_type: WebhookType = WebhookType::$section,
                // Last, and not in alphabetical order: the macro appends what only one kind has.
                $($(#[$field_doc])* $field: $type = $default,)*
            }
        }

        impl $name {
            /// Returns an event with every documented field.
            ///
            /// `event_model_class`, `object_type` and `webhook_type` are set, `acknowledged` is
            /// true, and `matched` is false. `features`, `matched_lists` and the strings that can
            /// be empty are empty. All other fields are null.
            pub fn new(id: impl Into<String>) -> Self {
                Self::documented(id)
            }
        }
    };
}

event! {
    /// An event: a face was seen.
    FaceEvent {}
    is Face, in FaceEvents, as FACE_EVENTS with FaceFeatures
}

event! {
    /// An event: a body was seen.
    BodyEvent {}
    is Body, in BodyEvents, as BODY_EVENTS with BodyFeatures
}

event! {
    /// An event: a vehicle was seen.
    CarEvent {
        /// The URL of the picture of the license plate.
        license_plate_thumbnail: String = "",
        /// The line that was crossed. Free JSON.
        line: Value = Field::Null,
        /// The direction in which the line was crossed. Free JSON.
        line_crossing_direction: Value = Field::Null,
    }
    is Car, in CarEvents, as CAR_EVENTS with CarFeatures
}
