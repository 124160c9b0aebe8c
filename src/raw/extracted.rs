use super::{
    format::{Format, Topics},
    topic::{IdSource, KindSource, Topic},
};
use crate::attribute::{Attribute, AttributeKind, Values};

/// Everything that a reader extracts from a notification.
///
/// A reader keeps one and fills it again, so that it allocates nothing once warm.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    pub(super) values: Values,
    /// The id, if it is a member. Empty if it is an attribute.
    pub(super) id: String,
    pub(super) labels: Labels,
    /// Whether the [presence flag](super::Member::presence_flag) is there.
    pub(super) has_presence_flag: bool,
    /// Whether the topic is a guess. A mismatch is then not an error.
    pub(super) is_guess: bool,
    /// Whether something does not fit the topic. If the topic is the right one after all, the text
    /// is read again to get the error.
    pub(super) is_mismatch: bool,
}

/// The values of the members that give the topic and the kind.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// The texts of all labels, one after the other. One buffer, so that it is allocated once.
    pub(super) texts: String,
    /// The value of each label, in the order of the format.
    pub(super) values: [LabelValue; Format::MAX_LABELS],
    /// A label that occurs twice. This is an error only if the topic is strict, which is not known
    /// before all labels are read.
    pub(super) duplicate: Option<&'static str>,
}

/// The value of a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum LabelValue {
    #[default]
    Missing,
    Null,
    /// A text: its start and its end in [`Labels::texts`].
    Text(usize, usize),
    /// A value of any other type.
    Other,
}

impl Extracted {
    /// Forgets the last notification, and prepares for one of `topic`. `is_guess` stays.
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

    /// Records that something does not fit the topic.
    ///
    /// # Errors
    /// Returns the error unless the topic is a guess.
    pub(super) fn mismatch<E>(&mut self, error: impl FnOnce() -> E) -> Result<(), E> {
        self.is_mismatch = true;
        if self.is_guess { Ok(()) } else { Err(error()) }
    }

    /// Sets the attributes that depend on the kind, once all members are read.
    pub(super) fn apply_kind(&mut self, format: &Format, topic: &Topic) {
        let Self { values, labels, has_presence_flag, .. } = self;
        let kind = labels.kind(format, topic, *has_presence_flag);
        // A notification without a kind has the kind "".
        topic.members.apply_kind(kind.unwrap_or(""), values);
        if let Some(id) = topic.kind_attribute {
            // `Topic::with_kind_attribute` allows a text or a choice.
            match topic.schema.attribute(id).map(Attribute::kind) {
                Some(AttributeKind::Choice(_)) => values.choice(id, kind),
                _ => values.text(id, kind),
            }
        }
    }

    /// Returns the id. Empty if there is none.
    pub(super) fn id(&self, topic: &Topic) -> &str {
        match topic.id.source {
            IdSource::Member(_) => &self.id,
            IdSource::Attribute(id) => self.values.text_at(id),
        }
    }

    /// Returns the kind. Empty if there is none.
    pub(super) fn kind(&self, format: &Format, topic: &Topic) -> &str {
        self.labels.kind(format, topic, self.has_presence_flag).unwrap_or("")
    }
}

impl Labels {
    /// Returns the topic that the labels give.
    pub(super) fn topic(&self, format: &Format) -> &'static Topic {
        match format.topics {
            Topics::One(topic) => topic,
            Topics::Several { other, .. } if self.values.contains(&LabelValue::Other) => other,
            // An array on the stack instead of a list. The format has at most that many labels.
            Topics::Several { choose, .. } => {
                let texts: [_; Format::MAX_LABELS] = std::array::from_fn(|index| self.text(index));
                choose(&texts[..format.labels.len()])
            }
        }
    }

    /// Returns the kind, or `None` if no label of the topic is a text.
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

    /// Returns the text of a label, or `None` if it is not a text.
    fn text(&self, index: usize) -> Option<&str> {
        match self.values[index] {
            LabelValue::Text(start, end) => self.texts.get(start..end),
            LabelValue::Missing | LabelValue::Null | LabelValue::Other => None,
        }
    }
}
