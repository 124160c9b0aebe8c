use crate::dialect::string_enum::string_enum;

string_enum! {
    /// How an object was tracked when the event was made (documented; the meaning of the values is
    /// inferred).
    BsType {
        /// One event for a whole track, made of its best moment.
        Overall = "overall",
        /// Events while the track goes on.
        Realtime = "realtime",
    }
}

string_enum! {
    /// The kind of event: its `event_model_class` (documented).
    EventModelClass {
        /// An object was seen.
        EventCreated = "event_created",
    }
}

// Events have `event_model_class` instead, so this enumeration lacks `event_created`.
string_enum! {
    /// The kind of notification of an episode or a counter (inferred from FindFace Security 2020).
    EventType {
        /// An episode began with its first event.
        EpisodeOpen = "episode_open",
        /// An event was added to an open episode.
        EpisodeEvent = "episode_event",
        /// An episode ended.
        EpisodeClose = "episode_close",
        /// A counter wrote a record.
        CounterRecord = "counter_record",
    }
}

string_enum! {
    /// The type of object that was seen (`car` is documented, the others are inferred).
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
