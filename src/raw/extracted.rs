use super::{
    format::{Format, Topics},
    topic::{IdSource, KindSource, Topic},
};
use crate::attribute::{Attribute, AttributeKind, Values};

/// What is read of a notification. It is kept between notifications, so that a warm reader
/// allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    pub(super) values: Values,
    pub(super) id: String,
    pub(super) labels: Labels,
    /// Whether the [presence flag](super::Member::presence_flag) is there.
    pub(super) has_presence_flag: bool,
    /// Whether the topic is a guess. A mismatch is then not an error.
    pub(super) is_guess: bool,
    /// Whether something does not fit the topic that was guessed.
    pub(super) is_mismatch: bool,
}

/// The members that give the topic and the kind.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) texts: String,
    pub(super) values: [LabelValue; Format::MAX_LABELS],
    /// A label that occurs twice.
    pub(super) duplicate: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum LabelValue {
    #[default]
    Missing,
    Null,
    /// Where its text begins and ends.
    Text(usize, usize),
    /// Of another type.
    Other,
}

impl Extracted {
    pub(super) fn reset(&mut self, topic: &Topic) {
        self.values.reset(topic.schema);
        topic.members.reset(&mut self.values);
        self.id.clear();
        self.labels.texts.clear();
        self.labels.values = [LabelValue::Missing; Format::MAX_LABELS];
        self.labels.duplicate = None;
        self.has_presence_flag = false;
        self.is_mismatch = false;
    }

    /// Something does not fit the topic: an error, unless the topic is a guess.
    pub(super) fn mismatch<E>(&mut self, error: impl FnOnce() -> E) -> Result<(), E> {
        self.is_mismatch = true;
        if self.is_guess { Ok(()) } else { Err(error()) }
    }

    /// Sets what depends on the kind.
    pub(super) fn apply_kind(&mut self, format: &Format, topic: &Topic) {
        let Self { values, labels, has_presence_flag, .. } = self;
        let kind = labels.kind(format, topic, *has_presence_flag);
        topic.members.apply_kind(kind.unwrap_or(""), values);
        if let Some(id) = topic.kind_attribute {
            match topic.schema.attribute(id).map(Attribute::kind) {
                Some(AttributeKind::Choice(_)) => values.choice(id, kind),
                _ => values.text(id, kind),
            }
        }
    }

    pub(super) fn id(&self, topic: &Topic) -> &str {
        match topic.id.source {
            IdSource::Member(_) => &self.id,
            IdSource::Attribute(id) => self.values.text_at(id),
        }
    }

    pub(super) fn kind(&self, format: &Format, topic: &Topic) -> &str {
        self.labels.kind(format, topic, self.has_presence_flag).unwrap_or("")
    }
}

impl Labels {
    /// The topic that they give.
    pub(super) fn topic(&self, format: &Format) -> &'static Topic {
        match format.topics {
            Topics::One(topic) => topic,
            Topics::Several { other, .. } if self.values.contains(&LabelValue::Other) => other,
            Topics::Several { choose, .. } => {
                let texts: [_; Format::MAX_LABELS] = std::array::from_fn(|index| self.text(index));
                choose(&texts[..format.labels.len()])
            }
        }
    }

    fn kind(&self, format: &Format, topic: &Topic, has_presence_flag: bool) -> Option<&str> {
        match topic.kind {
            KindSource::Fixed(kind) => Some(kind),
            KindSource::Labels(names) => {
                let index = |name| format.labels.iter().position(|label| label == name);
                names.iter().filter_map(index).find_map(|index| self.text(index))
            }
            KindSource::PresenceFlag { present, missing } => {
                Some(if has_presence_flag { present } else { missing })
            }
        }
    }

    fn text(&self, index: usize) -> Option<&str> {
        match self.values[index] {
            LabelValue::Text(start, end) => self.texts.get(start..end),
            LabelValue::Missing | LabelValue::Null | LabelValue::Other => None,
        }
    }
}
