use crate::dialect::string_enum::string_enum;

string_enum! {
    /// How a face was tracked when the event was created (documented; the meaning of the values is
    /// inferred).
    BsType {
        /// One event for a whole track, created from the best moment of the track.
        Overall = "overall",
        /// Events that are created while the track is still in progress.
        Realtime = "realtime",
    }
}

string_enum! {
    /// The kind of notification (documented).
    EventType {
        /// A face was seen.
        EventCreated = "event_created",
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
    /// The section of a webhook's filters to which a notification belongs (documented).
    WebhookType {
        /// Events.
        Events = "events",
        /// Episodes.
        Episodes = "episodes",
        /// Counter records.
        Counters = "counters",
    }
}
