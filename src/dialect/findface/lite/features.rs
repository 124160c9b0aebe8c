use serde_json::Number;

use super::{EVENTS, LicensePlateVisibilityName, MedmaskName, OrientationName, SpecialTypeName};
use crate::dialect::model::{Field, model};

model! {
    /// The features that were recognised in a face or car (inferred from the filter keys).
    ///
    /// ```
    /// use recohook::findface::lite::{Features, Orientation, OrientationName};
    ///
    /// let features = Features::empty()
    ///     .orientation(Orientation::new(OrientationName::Front, 0.9))
    ///     .license_plate_number("A123BC77");
    /// let written = serde_json::to_value(&features)?;
    /// assert_eq!(written["orientation"]["name"], "front");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Features in EVENTS {
        // No filter key tests the pose as a whole, so it has no flag.
        /// The pose of the head (inferred).
        headpose: Headpose => object,
        // Two filter keys test this field, one for each type of event.
        /// The number on the license plate, in a car event or a license plate event (inferred).
        license_plate_number: String => (text_by_kind
            "car" => "license_plate_number",
            "license_plate" => "license_plate_event_number"
        ),
        /// How well the license plate of a car can be seen (inferred).
        license_plate_visibility: LicensePlateVisibility => object_with_flag,
        /// The confidence that the face is that of a live person, from 0 to 1 (inferred).
        liveness: Number => number,
        /// Whether the face wears a medical mask (inferred).
        medmask: Medmask => object_with_flag,
        /// Which side of the car is visible (inferred).
        orientation: Orientation => object_with_flag,
        /// What the car is used for (inferred).
        special_type: SpecialType => object_with_flag,
    }
}

model! {
    /// The pose of a head, in degrees (inferred; the page says "angle of rotation in grades").
    Headpose in EVENTS {
        /// The rotation up or down.
        pitch: Number => number,
        /// The tilt towards a shoulder.
        roll: Number => number,
        /// The rotation to a side.
        yaw: Number => number,
    }
}

impl Headpose {
    /// Creates a pose from these angles, in degrees. NaN and the infinities become null.
    ///
    /// ```
    /// use recohook::findface::lite::Headpose;
    ///
    /// let pose = Headpose::new(3.5, -4.2, f64::NAN);
    /// assert_eq!(pose.yaw.as_f64(), Some(3.5));
    /// assert!(pose.roll.is_null());
    /// ```
    pub fn new(yaw: f64, pitch: f64, roll: f64) -> Self {
        Self::empty().pitch(pitch).roll(roll).yaw(yaw)
    }
}

/// Declares features that each have a name and a confidence. For example, `medmask: Medmask` in
/// [`Features`] becomes the attributes `medmask`, `medmask_name` and `medmask_confidence`.
///
/// `Medmask as "medmask" is MedmaskName` specifies the model, the prefix of its attributes, and the
/// type of its name.
macro_rules! named_features {
    ($($(#[doc = $doc:literal])* $name:ident as $attribute:literal is $names:ident,)+) => {
        $(
            model! {
                $(#[doc = $doc])*
                $name in EVENTS {
                    /// The confidence of the name, from 0 to 1 (inferred from the filter key).
                    confidence: Number => (number as concat!($attribute, "_confidence")),
                    /// The name that was recognised.
                    name: $names => (choice as concat!($attribute, "_name")),
                }
            }

            impl $name {
                /// Creates the feature from a name and a confidence from 0 to 1. NaN and the
                /// infinities become null.
                pub fn new(name: impl Into<Field<$names>>, confidence: f64) -> Self {
                    Self::empty().confidence(confidence).name(name)
                }
            }
        )+
    };
}

named_features! {
    /// Whether a face wears a medical mask (inferred).
    Medmask as "medmask" is MedmaskName,
    /// Which side of a car is visible (inferred).
    Orientation as "orientation" is OrientationName,
    /// What a car is used for (inferred).
    SpecialType as "special_type" is SpecialTypeName,
    /// How well the license plate of a car can be seen (inferred).
    LicensePlateVisibility as "license_plate_visibility" is LicensePlateVisibilityName,
}
