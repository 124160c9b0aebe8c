use crate::dialect::string_enum::string_enum;

string_enum! {
    /// How a face was tracked when the event was made (documented; the meaning of the values is
    /// inferred).
    BsType {
        /// One event for a whole track, made of its best moment.
        Overall = "overall",
        /// Events while the track goes on.
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
        /// A counter wrote a record.
        CounterRecord = "counter_record",
    }
}

string_enum! {
    /// The section of a webhook's filters that a notification belongs to (documented).
    WebhookType {
        /// Events.
        Events = "events",
        /// Episodes.
        Episodes = "episodes",
        /// Counter records.
        Counters = "counters",
    }
}
