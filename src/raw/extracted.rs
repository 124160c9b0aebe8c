use super::{
    format::{Format, Topics},
    topic::{KindSource, Place, Topic},
};
use crate::attribute::{Attribute, AttributeKind, Values};

/// What is read of a notification. It is kept between notifications, so that a warm reader
/// allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) values: Values,
    pub(super) id: String,
    pub(super) labels: Labels,
    /// Whether the [presence flag](Member::presence_flag) is there.
    pub(super) has_presence_flag: bool,
    /// Whether the topic is yet to be told: then what does not fit it is no error.
    pub(super) is_guess: bool,
    /// Whether something does not fit the topic that was guessed.
    pub(super) is_misfit: bool,
}

/// The members that tell the topic and the kind.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) texts: String,
    pub(super) told: [Label; Format::MAX_LABELS],
    /// One that stands twice.
    pub(super) twice: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Label {
    #[default]
    Missing,
    Null,
    /// Where its text begins and ends.
    Text(usize, usize),
    /// Of another type.
    Other,
}

impl Found {
    pub(super) fn begin(&mut self, topic: &Topic) {
        self.values.reset(topic.schema);
        topic.members.begin(&mut self.values);
        self.id.clear();
        self.labels.texts.clear();
        self.labels.told = [Label::Missing; Format::MAX_LABELS];
        self.labels.twice = None;
        self.has_presence_flag = false;
        self.is_misfit = false;
    }

    /// Something does not fit the topic: an error, unless the topic is a guess.
    pub(super) fn misfit<E>(&mut self, error: impl FnOnce() -> E) -> Result<(), E> {
        self.is_misfit = true;
        if self.is_guess { Ok(()) } else { Err(error()) }
    }

    /// Sets what depends on the kind.
    pub(super) fn settle(&mut self, format: &Format, topic: &Topic) {
        let Self { values, labels, has_presence_flag, .. } = self;
        let kind = labels.kind(format, topic, *has_presence_flag);
        topic.members.settle(kind.unwrap_or(""), values);
        if let Some(id) = topic.kind_attribute {
            match topic.schema.attribute(id).map(Attribute::kind) {
                Some(AttributeKind::Choice(_)) => values.choice(id, kind),
                _ => values.text(id, kind),
            }
        }
    }

    pub(super) fn id(&self, topic: &Topic) -> &str {
        match topic.id.place {
            Place::Member(_) => &self.id,
            Place::Attribute(id) => self.values.text_at(id),
        }
    }

    pub(super) fn kind(&self, format: &Format, topic: &Topic) -> &str {
        self.labels.kind(format, topic, self.has_presence_flag).unwrap_or("")
    }
}

impl Labels {
    /// The topic that they tell.
    pub(super) fn topic(&self, format: &Format) -> &'static Topic {
        match format.topics {
            Topics::One(topic) => topic,
            Topics::Several { other, .. } if self.told.contains(&Label::Other) => other,
            Topics::Several { choose, .. } => {
                let texts: [_; Format::MAX_LABELS] = std::array::from_fn(|place| self.text(place));
                choose(&texts[..format.labels.len()])
            }
        }
    }

    fn kind(&self, format: &Format, topic: &Topic, has_presence_flag: bool) -> Option<&str> {
        match topic.kind {
            KindSource::Fixed(kind) => Some(kind),
            KindSource::Labels(names) => {
                let place = |name| format.labels.iter().position(|label| label == name);
                names.iter().filter_map(place).find_map(|place| self.text(place))
            }
            KindSource::PresenceFlag { present, missing } => {
                Some(if has_presence_flag { present } else { missing })
            }
        }
    }

    fn text(&self, place: usize) -> Option<&str> {
        match self.told[place] {
            Label::Text(start, end) => self.texts.get(start..end),
            Label::Missing | Label::Null | Label::Other => None,
        }
    }
}
