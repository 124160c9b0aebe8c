use crate::dialect::string_enum::string_enum;

string_enum! {
    /// How an object was tracked when the event was created (documented; the meaning of the values
    /// is inferred).
    BsType {
        /// One event for a whole track, created from the best moment of the track.
        Overall = "overall",
        /// Events that are created while the track is still in progress.
        Realtime = "realtime",
    }
}

string_enum! {
    /// The kind of event, which is its `event_model_class` (documented).
    EventModelClass {
        /// An object was seen.
        EventCreated = "event_created",
    }
}

// Events use `event_model_class` instead, so this enumeration does not contain `event_created`.
string_enum! {
    /// The kind of an episode or counter notification (inferred from FindFace Security 2020).
    EventType {
        /// An episode began with its first event.
        EpisodeOpen = "episode_open",
        /// An event was added to an open episode.
        EpisodeEvent = "episode_event",
        /// An episode ended.
        EpisodeClose = "episode_close",
        /// A counter created a record.
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
    /// The section of a webhook's filters to which a notification belongs (documented).
    WebhookType {
        /// Face events.
        FaceEvents = "face_events",
        /// Body events.
        BodyEvents = "body_events",
        /// Vehicle events.
        CarEvents = "car_events",
        /// Person episodes.
        HumanEpisodes = "human_episodes",
        /// Vehicle episodes.
        CarEpisodes = "car_episodes",
        /// Counter records.
        Counters = "counters",
        /// Area activations and area records.
        Areas = "areas",
    }
}
