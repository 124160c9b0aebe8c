use serde_json::Number;

use super::{EVENTS, LicensePlateVisibilityName, MedmaskName, OrientationName, SpecialTypeName};
use crate::dialect::model::{Field, model};

model! {
    /// What was recognised about a face or a car (inferred from the filter keys).
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
        /// How the face is turned (inferred).
        headpose: Headpose => object,
        /// The text of the license plate, of a car or of a license plate event (inferred).
        license_plate_number: String => (text_by_kind
            "car" => "license_plate_number",
            "license_plate" => "license_plate_event_number"
        ),
        /// How well the license plate of a car can be seen (inferred).
        license_plate_visibility: LicensePlateVisibility => object_with_flag,
        /// How sure it is that the face is a living one, 0 to 1 (inferred).
        liveness: Number => number,
        /// Whether the face wears a medical mask (inferred).
        medmask: Medmask => object_with_flag,
        /// Which side of the car is seen (inferred).
        orientation: Orientation => object_with_flag,
        /// What the car is used for (inferred).
        special_type: SpecialType => object_with_flag,
    }
}

model! {
    /// How a face is turned, in degrees (inferred; the page says "angle of rotation in grades").
    Headpose in EVENTS {
        /// Up or down.
        pitch: Number => number,
        /// To a shoulder.
        roll: Number => number,
        /// To a side.
        yaw: Number => number,
    }
}

impl Headpose {
    /// A pose by its angles in degrees; NaN and the infinities become null.
    pub fn new(yaw: f64, pitch: f64, roll: f64) -> Self {
        Self::empty().pitch(pitch).roll(roll).yaw(yaw)
    }
}

/// Declares features that have one of some names, and a confidence.
macro_rules! named_features {
    ($($(#[$doc:meta])* $name:ident as $attribute:literal is $word:ident,)+) => {
        $(
            model! {
                $(#[$doc])*
                $name in EVENTS {
                    /// How sure the name is, 0 to 1 (inferred from the filter key).
                    confidence: Number => (number as concat!($attribute, "_confidence")),
                    /// What it was recognised as.
                    name: $word => (choice as concat!($attribute, "_name")),
                }
            }

            impl $name {
                /// The feature by its name and its confidence; NaN and the infinities become null.
                pub fn new(name: impl Into<Field<$word>>, confidence: f64) -> Self {
                    Self::empty().confidence(confidence).name(name)
                }
            }
        )+
    };
}

named_features! {
    /// Whether a face wears a medical mask (inferred).
    Medmask as "medmask" is MedmaskName,
    /// Which side of a car is seen (inferred).
    Orientation as "orientation" is OrientationName,
    /// What a car is used for (inferred).
    SpecialType as "special_type" is SpecialTypeName,
    /// How well the license plate of a car can be seen (inferred).
    LicensePlateVisibility as "license_plate_visibility" is LicensePlateVisibilityName,
}
