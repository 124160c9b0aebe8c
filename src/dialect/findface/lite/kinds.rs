use crate::dialect::string_enum::string_enum;

string_enum! {
    /// The type of object that was seen (documented).
    EventType {
        /// A face.
        Face = "face",
        /// A car.
        Car = "car",
        /// A license plate.
        LicensePlate = "license_plate",
    }
}

string_enum! {
    /// Which recognition results become events (documented).
    BsType {
        /// Only the best result at a particular time.
        Overall = "overall",
        /// All results. It is not documented whether the best result of a track is among them.
        Realtime = "realtime",
    }
}

string_enum! {
    /// Whether a face wears a medical mask (documented).
    MedmaskName {
        /// The face does not wear a mask.
        None = "none",
        /// The mask is worn correctly.
        Correct = "correct",
        /// The mask is worn incorrectly.
        Incorrect = "incorrect",
    }
}

string_enum! {
    /// Which side of a car is visible (documented).
    OrientationName {
        /// The rear.
        Back = "back",
        /// A side.
        Side = "side",
        /// The front.
        Front = "front",
    }
}

string_enum! {
    /// What a car is used for (documented).
    SpecialTypeName {
        /// An ordinary car.
        NotSpecial = "not_special",
        /// A police car.
        Police = "police",
        /// An ambulance.
        Ambulance = "ambulance",
        /// A car of a road service.
        RoadService = "road_service",
        /// A car of a gas service.
        GasService = "gas_service",
        /// A car of a rescue service.
        RescueService = "rescue_service",
        /// Any other special car.
        OtherSpecial = "other_special",
        /// A taxi.
        Taxi = "taxi",
        /// Public transport.
        RouteTransport = "route_transport",
        /// A shared car.
        CarSharing = "car_sharing",
        /// A military vehicle.
        Military = "military",
    }
}

string_enum! {
    /// How well the license plate of a car can be seen (documented).
    LicensePlateVisibilityName {
        /// A part of the plate is visible, but not its text.
        PartlyVisibleNoText = "partly_visible_no_text",
        /// The whole plate is visible, but not its text.
        FullyVisibleNoText = "fully_visible_no_text",
        /// The plate is not visible.
        Invisible = "invisible",
        /// A part of the plate is visible, with its text.
        PartlyVisible = "partly_visible",
        /// The whole plate is visible, with its text.
        FullyVisible = "fully_visible",
    }
}
