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

/// What filters test of an event of a face.
///
/// The names are those of the event's fields and features. `liveness_confidence` is the
/// `confidence` of a feature, all other features are its `name`.
pub static FACE_EVENTS: Schema = Schema::new("face_events", FaceEvent::ATTRIBUTES);

/// What filters test of an event of a body.
///
/// The names are those of the event's fields and features. `liveness_confidence` and the names that
/// end in `_score` are the `confidence` of a feature, all other features are its `name`.
pub static BODY_EVENTS: Schema = Schema::new("body_events", BodyEvent::ATTRIBUTES);

/// What filters test of an event of a vehicle.
///
/// The names are those of the event's fields and features. The names that end in `_confidence` are
/// the `confidence` of a feature, all other features are its `name`. `category_type` is the feature
/// `category`, and `license_plate_color` the feature `license_plate_number_color`.
pub static CAR_EVENTS: Schema = Schema::new("car_events", CarEvent::ATTRIBUTES);

/// Declares an event: the fields that all three have, and its own.
macro_rules! event {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }
        is $object:ident, in $section:ident, as $schema:ident with $features:ident
    ) => {
        model! {
            $(#[$doc])*
            ///
            /// The names of the fields are documented for the vendor's REST interface; that the
            /// body of a delivery has them too is inferred.
            $name (
                /// The id: a string (documented).
                id: String
            ) in $schema [kind event_model_class] {
                /// Whether nothing waits for a person to acknowledge the event (inferred).
                acknowledged: bool = true,
                /// Who acknowledged it, as it came.
                acknowledged_by: Value,
                /// When it was acknowledged.
                acknowledged_date: Timestamp,
                /// What was noted on acknowledging it, or empty.
                acknowledged_reaction: String = "",
                /// How the object was followed.
                bs_type: BsType => choice,
                /// The camera.
                camera: Ref<Camera> => reference,
                /// The camera's group.
                camera_group: Ref<CameraGroup> => reference,
                /// The case it belongs to, as it came.
                case: Value,
                /// How sure the match with a cluster is, 0 to 1 (inferred).
                cluster_confidence: Number,
                /// How sure the match with a card is, 0 to 1.
                confidence: Number => number,
                /// When the object was seen.
                created_date: Timestamp,
                /// What the detector told, as it came.
                detector_params: Value,
                /// The id of the episode; null before it is known (inferred).
                episode: i64,
                /// What happened.
                event_model_class: EventModelClass = EventModelClass::EventCreated,
                /// Of events that come from a detector of the customer's own, as it came.
                external_detector: Value,
                /// What was recognised about the object.
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
                /// A number is inferred from the name.
                looks_like_confidence: Number,
                /// Whether the object matches a card.
                matched: bool = false => bool,
                /// The card.
                matched_card: Ref<Card> => reference,
                /// The cluster that it matches, as it came.
                matched_cluster: Value,
                /// The object of the card that it matches, as it came.
                matched_object: Value,
                /// The watch lists of the card; -1 is the list of those who are on none.
                matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
                /// What the sender of the picture added, as it came.
                meta: Value,
                /// What was seen.
                object_type: ObjectType = ObjectType::$object,
                /// The quality of the picture.
                quality: Number,
                /// The temperature of the body (the unit is not documented).
                temperature: Number => number,
                /// The URL of the picture of the object.
                thumbnail: String = "",
                /// The video that it was found in, as it came.
                video_archive: Value,
                /// The section of filters.
                webhook_type: WebhookType = WebhookType::$section,
                $($(#[$field_doc])* $field: $type = $default,)*
            }
        }

        impl $name {
            /// An event with every documented field.
            ///
            /// What its kind tells is set, `acknowledged` is true, `matched` is false, texts that
            /// can be empty are, `features` and `matched_lists` are empty, and all else is null.
            pub fn new(id: impl Into<String>) -> Self {
                Self::documented(id)
            }
        }
    };
}

event! {
    /// A face was seen.
    FaceEvent {}
    is Face, in FaceEvents, as FACE_EVENTS with FaceFeatures
}

event! {
    /// A body was seen.
    BodyEvent {}
    is Body, in BodyEvents, as BODY_EVENTS with BodyFeatures
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
    is Car, in CarEvents, as CAR_EVENTS with CarFeatures
}
