use super::{BODY_EVENTS, CAR_EVENTS, FACE_EVENTS, Features};
use crate::{
    attribute::{Attribute, Values},
    dialect::attributes::{Attributes, note_unread},
    raw::Member,
};

/// Declares a type that lists the attributes in the features of an event. The type is used with the
/// form `lenient_object`.
///
/// For example, `"vest_type": text as "vest_type", confidence as "vest_type_score";` declares two
/// attributes of the feature `vest_type`. `text` and `number` stand for the feature's `name`, as a
/// string or a number, and `confidence` stands for the feature's `confidence`. The string after
/// `as` is the name of the attribute.
///
/// [`model!`](crate::dialect::model::model) cannot declare these attributes. Features are arbitrary
/// JSON, so a feature with an unexpected shape must be kept, but its attributes have no value.
macro_rules! tested_features {
    (
        $(#[$doc:meta])*
        $tested:ident in $schema:ident {
            $($feature:literal: $($part:ident as $attribute:literal),+;)+
        }
    ) => {
        $(#[$doc])*
        pub(super) struct $tested;

        impl Attributes<Features> for $tested {
            const ATTRIBUTES: &'static [Attribute] =
                &[$($(part!(attribute $part)($attribute),)+)+];

            const MEMBERS: &'static [Member] = &[$(
                Member::lenient_object($feature, const { &[$(
                    Member::value(part!(member $part), $schema.expect($attribute)),
                )+] }),
            )+];

            fn set(features: &Features, _kind: &str, values: &mut Values) {
                $($(
                    let id = const { $schema.expect($attribute) };
                    part!(set $part, values, id, features, $feature);
                    let feature = features.0.get($feature);
                    let json = feature.and_then(|feature| feature.get(part!(member $part)));
                    note_unread(values, id, json.or(feature.filter(|json| !json.is_object())));
                )+)+
            }
        }
    };
}

/// Expands to the code for one part of a feature. Depending on the first word, this is the function
/// that creates the attribute, the name of the member, or the statement that sets the attribute.
macro_rules! part {
    (attribute text) => {
        Attribute::text
    };
    // `number` or `confidence`.
    (attribute $number:ident) => {
        Attribute::number
    };
    (member confidence) => {
        "confidence"
    };
    // `text` or `number`.
    (member $name:ident) => {
        "name"
    };
    (set text, $values:ident, $id:ident, $features:ident, $feature:literal) => {
        $values.text($id, $features.text($feature))
    };
    // This is `number` or `confidence`, which is also the name of the function of `Features`.
    (set $number:ident, $values:ident, $id:ident, $features:ident, $feature:literal) => {
        $values.number($id, $features.$number($feature))
    };
}

tested_features! {
    /// The attributes in the features of a face event.
    FaceFeatures in FACE_EVENTS {
        "liveness": confidence as "liveness_confidence", text as "liveness";
        "headpose_yaw_angle": number as "headpose_yaw_angle";
        "headpose_pitch_angle": number as "headpose_pitch_angle";
        "age": number as "age";
        "gender": text as "gender";
        "glasses": text as "glasses";
        "emotions": text as "emotions";
        "beard": text as "beard";
        "medmask": text as "medmask";
    }
}

tested_features! {
    /// The attributes in the features of a body event.
    BodyFeatures in BODY_EVENTS {
        "liveness": confidence as "liveness_confidence";
        "headwear": text as "headwear";
        "upper_clothes": text as "upper_clothes";
        "detailed_upper_clothes": text as "detailed_upper_clothes";
        "top_color": text as "top_color";
        "lower_clothes": text as "lower_clothes";
        "bottom_color": text as "bottom_color";
        "bag_hand": text as "bag_hand";
        "bag_ground": text as "bag_ground";
        "bag_back": text as "bag_back";
        "vest_type": text as "vest_type", confidence as "vest_type_score";
        "helmet_type": text as "helmet_type", confidence as "helmet_type_score";
        "age_group": text as "age_group", confidence as "age_group_score";
        "gender": text as "gender", confidence as "gender_score";
    }
}

tested_features! {
    /// The attributes in the features of a vehicle event.
    CarFeatures in CAR_EVENTS {
        "liveness": confidence as "liveness_confidence";
        "category": text as "category_type", confidence as "category_confidence";
        "color": text as "color";
        "body": text as "body";
        "make": text as "make";
        "model": text as "model";
        "license_plate_number": text as "license_plate_number";
        "license_plate_country": text as "license_plate_country";
        "license_plate_region": text as "license_plate_region";
        "license_plate_number_color": text as "license_plate_color", confidence as "license_plate_color_confidence";
        "special_vehicle_type": text as "special_vehicle_type";
        "weight_type": text as "weight_type", confidence as "weight_type_confidence";
        "orientation": text as "orientation", confidence as "orientation_confidence";
    }
}
