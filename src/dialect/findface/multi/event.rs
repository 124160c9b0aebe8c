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
        findface::implied::{UNMATCHED_LIST, implied_values},
        model::{Field, List, Ref, Timestamp, model},
    },
};

/// The attributes of face events.
///
/// They are named after the fields and features of the event. `liveness_confidence` is the
/// `confidence` of a feature. Every other attribute that comes from a feature is the feature's
/// `name`.
pub static FACE_EVENTS: Schema = Schema::new("face_events", FaceEvent::ATTRIBUTES);

/// The attributes of body events.
///
/// They are named after the fields and features of the event. `liveness_confidence` and the
/// attributes that end in `_score` are the `confidence` of a feature. Every other attribute that
/// comes from a feature is the feature's `name`.
pub static BODY_EVENTS: Schema = Schema::new("body_events", BodyEvent::ATTRIBUTES);

/// The attributes of vehicle events.
///
/// They are named after the fields and features of the event. The attributes that end in
/// `_confidence` are the `confidence` of a feature. Every other attribute that comes from a feature
/// is the feature's `name`. `category_type` is the feature `category`, and `license_plate_color` is
/// the feature `license_plate_number_color`.
pub static CAR_EVENTS: Schema = Schema::new("car_events", CarEvent::ATTRIBUTES);

/// Declares an event. It has the fields that are common to all three kinds of events, and the
/// fields that are specific to this kind.
macro_rules! event {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty = $default:expr,)* }
        is $object:ident, in $section:ident, as $schema:ident with $features:ident
    ) => {
        model! {
            $(#[doc = $doc])*
            ///
            /// The names of the fields are documented for the vendor's REST interface. It is
            /// inferred that the body of a delivery has the same fields.
            $name (
                /// The id, which is a string (documented).
                id: String
            ) in $schema [kind event_model_class] {
                /// Whether the event has been acknowledged or does not need to be (inferred).
                acknowledged: bool = true,
                /// The person who acknowledged the event, as arbitrary JSON.
                acknowledged_by: Value,
                /// When the event was acknowledged.
                acknowledged_date: Timestamp,
                /// The note left by the person who acknowledged the event. It can be empty.
                acknowledged_reaction: String = "",
                /// How the object was tracked.
                bs_type: BsType = BsType::Overall => choice,
                /// The camera.
                camera: Ref<Camera> => reference,
                /// The camera group.
                camera_group: Ref<CameraGroup> => reference,
                /// The case that the event belongs to, as arbitrary JSON.
                case: Value,
                /// The confidence of the match with a cluster, from 0 to 1 (inferred).
                cluster_confidence: Number,
                /// The confidence of the match with a card, from 0 to 1.
                confidence: Number = 0.0 => number,
                /// When the object was seen.
                [acknowledge] created_date: Timestamp,
                /// Data from the detector, as arbitrary JSON.
                detector_params: Value,
                /// The id of the episode, or null until it is known (inferred).
                episode: i64,
                /// The kind of event, which is `event_created`.
                event_model_class: EventModelClass = EventModelClass::EventCreated,
                /// The customer's own detector that the event comes from, if there is one, as
                /// arbitrary JSON.
                external_detector: Value,
                // This is arbitrary JSON, because each kind of object has its own features.
                // `$features` lists the attributes in it.
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
                /// The field is a number (inferred from the name).
                looks_like_confidence: Number,
                /// Whether the object matches a card.
                [leave_unmatched_list] matched: bool = false => bool,
                /// The card that the object matches.
                matched_card: Ref<Card> => reference,
                /// The cluster that the object matches, as arbitrary JSON.
                matched_cluster: Value,
                /// The card's object that matched, as arbitrary JSON.
                matched_object: Value,
                /// The watch lists of the card. -1 is the list of people and vehicles that are not
                /// on any other list.
                matched_lists: List<Ref<WatchList>> = [UNMATCHED_LIST] => references,
                /// Data that was added by the sender of the picture, as arbitrary JSON.
                meta: Value,
                /// The type of object that was seen.
                object_type: ObjectType = ObjectType::$object,
                /// The quality of the picture.
                quality: Number,
                /// The temperature of the body (the unit is not documented).
                temperature: Number => number,
                /// The URL of the picture of the object.
                thumbnail: String = "",
                /// The video in which the object was found, as arbitrary JSON.
                video_archive: Value,
                /// The filter section that the event belongs to.
                webhook_type: WebhookType = WebhookType::$section,
                // The fields that are specific to one kind of event are last rather than in
                // alphabetical order, because the macro appends them.
                $($(#[doc = $field_doc])* $field: $type = $default,)*
            }
        }

        impl $name {
            /// Creates an event of an object that matches no card.
            ///
            /// It has the values of such an event of FindFace Security 2020 (inferred, because no
            /// body is documented): `acknowledged` is true, `bs_type` is `overall`, `confidence` is
            /// 0, `matched` is false, and `matched_lists` is `[-1]`. `event_model_class`,
            /// `object_type` and `webhook_type` are set, `features` is empty, and strings that can
            /// be empty are set to `""`. All other fields are null.
            ///
            /// Two setters also set what their value implies. `created_date` sets
            /// `acknowledged_date` to the same date if it is still null. `matched(true)` removes
            /// the list -1. Then set `matched_card`, `matched_lists` and `confidence`, too.
            pub fn new(id: impl Into<String>) -> Self {
                Self::documented(id)
            }
        }

        implied_values!($name);
    };
}

event! {
    /// An event that reports a face.
    FaceEvent {}
    is Face, in FaceEvents, as FACE_EVENTS with FaceFeatures
}

event! {
    /// An event that reports a body.
    BodyEvent {}
    is Body, in BodyEvents, as BODY_EVENTS with BodyFeatures
}

event! {
    /// An event that reports a vehicle.
    CarEvent {
        /// The URL of the picture of the license plate.
        license_plate_thumbnail: String = "",
        /// The line that was crossed, as arbitrary JSON.
        line: Value = Field::Null,
        /// The direction in which the line was crossed, as arbitrary JSON.
        line_crossing_direction: Value = Field::Null,
    }
    is Car, in CarEvents, as CAR_EVENTS with CarFeatures
}
