use super::topic::{KindSource, Topic};

/// The JSON of one system: its topics, and how to tell which of them a notification is of.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    pub(super) labels: &'static [&'static str],
    pub(super) topics: Topics,
}

#[derive(Clone, Copy)]
pub(super) enum Topics {
    One(&'static Topic),
    Several {
        list: &'static [&'static Topic],
        choose: fn(&[Option<&str>]) -> &'static Topic,
        other: &'static Topic,
    },
}

impl Format {
    /// The most members that can tell the topic or the kind.
    pub const MAX_LABELS: usize = 4;

    /// A format with one topic.
    ///
    /// # Panics
    /// Where the topic's kind is looked for in more than [`Self::MAX_LABELS`] members, or in one
    /// that is listed or is the id: in a `static`, a compile error.
    pub const fn of(topic: &'static Topic) -> Self {
        let labels: &[&str] = match topic.kind {
            KindSource::Labels(labels) => labels,
            KindSource::Fixed(_) | KindSource::PresenceFlag { .. } => &[],
        };
        assert!(labels.len() <= Self::MAX_LABELS, "a format has at most 4 labels");
        topic.check(labels);
        Self { labels, topics: Topics::One(topic) }
    }

    /// A format with several topics.
    ///
    /// `choose` is given the texts of the members called `labels`, `None` for one that is null or
    /// missing, and tells one of `topics` or `other`. A notification with a label of any other type
    /// is of the topic `other`, which should be [`lenient`](Topic::lenient).
    ///
    /// # Panics
    /// Where there are more than [`Self::MAX_LABELS`] labels, a topic lists one of them as a member
    /// or has it as its id, or looks for its kind in a member that is none of them: in a `static`, a
    /// compile error.
    pub const fn choosing(
        labels: &'static [&'static str],
        topics: &'static [&'static Topic],
        choose: fn(&[Option<&str>]) -> &'static Topic,
        other: &'static Topic,
    ) -> Self {
        assert!(labels.len() <= Self::MAX_LABELS, "a format has at most 4 labels");
        other.check(labels);
        let mut i = 0;
        while i < topics.len() {
            topics[i].check(labels);
            i += 1;
        }
        Self { labels, topics: Topics::Several { list: topics, choose, other } }
    }

    /// The topic to begin with.
    pub(super) fn first(&self) -> &'static Topic {
        match self.topics {
            Topics::One(topic) => topic,
            Topics::Several { list, other, .. } => list.first().unwrap_or(&other),
        }
    }

    pub(super) fn has_several_topics(&self) -> bool {
        matches!(self.topics, Topics::Several { .. })
    }
}

impl std::fmt::Debug for Topics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(topic) => f.debug_tuple("One").field(topic).finish(),
            Self::Several { list, other, .. } => {
                let mut debug = f.debug_struct("Several");
                debug.field("list", list).field("other", other).finish_non_exhaustive()
            }
        }
    }
}
