use super::topic::{KindSource, Topic};

/// A description of the JSON that a system sends: its topics, and how to find the topic of a
/// notification.
///
/// A [`Reader`](super::Reader) is created for a format. Each system in this crate has a format,
/// such as [`findface::security::RAW`](crate::findface::security::RAW). A host declares its own
/// format as a `static`, with [`Format::of`] or [`Format::choosing`].
///
/// ```
/// use recohook::{Filter, findface::security, raw::{Format, Reader}};
///
/// fn matches(filter: &Filter, format: &'static Format, bytes: &[u8]) -> bool {
///     Reader::new(format).read(bytes).is_ok_and(|one| filter.matches(one.values()))
/// }
///
/// let filter = Filter::parse(r#"{"counters": {"faces_gte": 3}}"#, &security::FILTERS)?;
/// let record = br#"{"id": 1, "webhook_type": "counters", "faces_count": 5}"#;
/// assert!(matches(&filter, &security::RAW, record));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The members of a notification that determine its topic or its kind. No topic lists them.
    pub(super) labels: &'static [&'static str],
    pub(super) topics: Topics,
}

/// The topics of a format.
#[derive(Clone, Copy)]
pub(super) enum Topics {
    One(&'static Topic),
    Several {
        list: &'static [&'static Topic],
        /// Returns the topic for the given label texts.
        choose: fn(&[Option<&str>]) -> &'static Topic,
        /// The topic of notifications with a label that is neither a string nor null.
        other: &'static Topic,
    },
}

impl Format {
    /// The maximum number of labels of a format.
    // A reader stores the labels in an array of this length, which saves an allocation.
    pub const MAX_LABELS: usize = 4;

    /// Creates a format with one topic.
    ///
    /// The labels of the format are the members, if any, in which the topic looks for the kind.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::raw::{Format, Id, Member, Reader, Topic};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static PASSAGE: Topic = Topic::new(
    ///     &PASSAGES,
    ///     Id::integer("id"),
    ///     &[Member::value("door", PASSAGES.expect("door"))],
    /// );
    /// static FORMAT: Format = Format::of(&PASSAGE);
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// assert_eq!(reader.read(br#"{"id": 7, "door": 3}"#)?.id(), "7");
    /// # Ok::<(), recohook::raw::RawError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if the topic looks for its kind in more than [`Self::MAX_LABELS`] members, in a
    /// member that it also lists, or in the member that is its id. In a `static` this is a compile
    /// error.
    pub const fn of(topic: &'static Topic) -> Self {
        let labels: &[&str] = match topic.kind {
            KindSource::Labels(labels) => labels,
            KindSource::Fixed(_) | KindSource::PresenceFlag { .. } => &[],
        };
        assert!(labels.len() <= Self::MAX_LABELS, "a format has at most 4 labels");
        topic.check(labels);
        Self { labels, topics: Topics::One(topic) }
    }

    /// Creates a format with several topics. `choose` returns the topic of a notification.
    ///
    /// `choose` is called with the texts of the members named in `labels`, in this order. The text
    /// is `None` if the label is null or missing. `choose` must return one of `topics`, or `other`.
    /// If a label is neither a string nor null, the topic is `other` and `choose` is not called.
    /// The topic `other` should be [`lenient`](Topic::lenient), because it is used for everything
    /// unexpected.
    ///
    /// ```
    /// # use recohook::{Notification, attribute::Schema, raw::*};
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// static ALARMS: Schema = Schema::new("alarms", &[]);
    /// static PASSAGE: Topic = Topic::new(&PASSAGES, Id::integer("id"), &[]);
    /// static ALARM: Topic = Topic::new(&ALARMS, Id::any("id").optional(), &[]).lenient();
    /// static FORMAT: Format = Format::choosing(&["type"], &[&PASSAGE], choose, &ALARM);
    ///
    /// fn choose(labels: &[Option<&str>]) -> &'static Topic {
    ///     if labels[0] == Some("passage") { &PASSAGE } else { &ALARM }
    /// }
    ///
    /// let mut reader = Reader::new(&FORMAT);
    /// let passage = reader.read(br#"{"id": 1, "type": "passage"}"#)?;
    /// assert_eq!(passage.schema().topic(), "passages");
    /// assert_eq!(reader.read(br#"{"type": 5}"#)?.schema().topic(), "alarms");
    /// # Ok::<(), RawError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if there are more than [`Self::MAX_LABELS`] labels, or if a topic uses a label as a
    /// listed member or as its id. Also panics if a topic looks for its kind in a member that is
    /// not a label. In a `static` this is a compile error.
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

    /// Returns the topic that a reader assumes for the first notification.
    pub(super) fn first(&self) -> &'static Topic {
        match self.topics {
            Topics::One(topic) => topic,
            Topics::Several { list, other, .. } => list.first().unwrap_or(&other),
        }
    }

    /// Returns whether the topic of a notification depends on its labels.
    pub(super) fn has_several_topics(&self) -> bool {
        matches!(self.topics, Topics::Several { .. })
    }
}

// Written by hand to leave `choose` out, because `Debug` could print only the address of the
// function.
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
