use crate::dialect::string_enum::string_enum;

string_enum! {
    /// What was seen (documented).
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
    /// Which results of recognition become events (documented).
    BsType {
        /// Only the best result of a particular time.
        Overall = "overall",
        /// All results. Whether the best one of a track is among them is not documented.
        Realtime = "realtime",
    }
}

string_enum! {
    /// Whether a face wears a medical mask (documented).
    MedmaskName {
        /// There is none.
        None = "none",
        /// It is put on correctly.
        Correct = "correct",
        /// It is put on incorrectly.
        Incorrect = "incorrect",
    }
}

string_enum! {
    /// Which side of a car is seen (documented).
    OrientationName {
        /// Its rear.
        Back = "back",
        /// Its side.
        Side = "side",
        /// Its front.
        Front = "front",
    }
}

string_enum! {
    /// What a car is used for (documented).
    SpecialTypeName {
        /// An ordinary car.
        NotSpecial = "not_special",
        /// Police.
        Police = "police",
        /// An ambulance.
        Ambulance = "ambulance",
        /// A road service.
        RoadService = "road_service",
        /// A gas service.
        GasService = "gas_service",
        /// A rescue service.
        RescueService = "rescue_service",
        /// A special car that is none of the others.
        OtherSpecial = "other_special",
        /// A taxi.
        Taxi = "taxi",
        /// Public transport.
        RouteTransport = "route_transport",
        /// A shared car.
        CarSharing = "car_sharing",
        /// Military.
        Military = "military",
    }
}

string_enum! {
    /// How well the license plate of a car can be seen (documented).
    LicensePlateVisibilityName {
        /// In part, without its text.
        PartlyVisibleNoText = "partly_visible_no_text",
        /// Wholly, without its text.
        FullyVisibleNoText = "fully_visible_no_text",
        /// Not at all.
        Invisible = "invisible",
        /// In part, with its text.
        PartlyVisible = "partly_visible",
        /// Wholly, with its text.
        FullyVisible = "fully_visible",
    }
}
