use crate::dialect::string_enum::string_enum;

string_enum! {
    /// How an object was followed when the event was made (documented; what the words mean is
    /// inferred).
    BsType {
        /// One event for a whole track: its best moment.
        Overall = "overall",
        /// Events while the track goes on.
        Realtime = "realtime",
    }
}

string_enum! {
    /// What happened to an event, its `event_model_class` (documented).
    EventModelClass {
        /// Something was seen.
        EventCreated = "event_created",
    }
}

string_enum! {
    /// What happened to an episode or a counter (inferred from FindFace Security 2020).
    EventType {
        /// An episode began with its first event.
        EpisodeOpen = "episode_open",
        /// An event was added to an open episode.
        EpisodeEvent = "episode_event",
        /// An episode ended.
        EpisodeClose = "episode_close",
        /// A counter made a record.
        CounterRecord = "counter_record",
    }
}

string_enum! {
    /// What was seen (`car` is documented, the others are inferred).
    ObjectType {
        /// A face.
        Face = "face",
        /// A body.
        Body = "body",
        /// A vehicle.
        Car = "car",
    }
}

string_enum! {
    /// The section of a webhook's filters that a notification belongs to (documented).
    WebhookType {
        /// Events of faces.
        FaceEvents = "face_events",
        /// Events of bodies.
        BodyEvents = "body_events",
        /// Events of vehicles.
        CarEvents = "car_events",
        /// Episodes of people.
        HumanEpisodes = "human_episodes",
        /// Episodes of vehicles.
        CarEpisodes = "car_episodes",
        /// Counter records.
        Counters = "counters",
        /// Activations and records of areas.
        Areas = "areas",
    }
}
