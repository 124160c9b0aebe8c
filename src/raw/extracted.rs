use super::{
    format::{Format, Topics},
    topic::{IdSource, KindSource, Topic},
};
use crate::attribute::{Attribute, AttributeKind, Values};

/// Everything that a reader extracts from a notification.
///
/// A reader reuses one `Extracted` for all notifications and therefore soon stops allocating.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    pub(super) values: Values,
    /// The id if it is a member, or empty if it is an attribute.
    pub(super) id: String,
    pub(super) labels: Labels,
    /// Whether the [presence flag](super::Member::presence_flag) is present.
    pub(super) has_presence_flag: bool,
    /// Whether the topic is a guess. If it is, a mismatch is not an error.
    pub(super) is_guess: bool,
    /// Whether something does not match the topic. If the guess turns out to be right, the text is
    /// read again to get the error.
    pub(super) is_mismatch: bool,
}

/// The values of the members that determine the topic and the kind.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// The strings of all labels, one after another. They share one buffer to save allocations.
    pub(super) texts: String,
    /// The value of each label, in the order of the format.
    pub(super) values: [LabelValue; Format::MAX_LABELS],
    /// A label that occurs twice. This is an error only if the topic is strict, and the topic is
    /// not known until all labels have been read.
    pub(super) duplicate: Option<&'static str>,
}

/// The value of a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum LabelValue {
    #[default]
    Missing,
    Null,
    /// A string, given by its start and its end in [`Labels::texts`].
    Text(usize, usize),
    /// A value of any other type.
    Other,
}

impl Extracted {
    /// Clears everything but `is_guess`, and prepares for a notification of `topic`.
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

    /// Records that something does not match the topic.
    ///
    /// # Errors
    /// Returns the error unless the topic is a guess.
    pub(super) fn mismatch<E>(&mut self, error: impl FnOnce() -> E) -> Result<(), E> {
        self.is_mismatch = true;
        if self.is_guess { Ok(()) } else { Err(error()) }
    }

    /// Sets the attributes that depend on the kind. This method must be called after all members
    /// have been read.
    pub(super) fn apply_kind(&mut self, format: &Format, topic: &Topic) {
        let Self { values, labels, has_presence_flag, .. } = self;
        let kind = labels.kind(format, topic, *has_presence_flag);
        // A notification without a kind has the kind "".
        topic.members.apply_kind(kind.unwrap_or(""), values);
        if let Some(id) = topic.kind_attribute {
            // `Topic::with_kind_attribute` allows only these two kinds of attribute.
            match topic.schema.attribute(id).map(Attribute::kind) {
                Some(AttributeKind::Choice(_)) => values.choice(id, kind),
                _ => values.text(id, kind),
            }
        }
    }

    /// Returns the id, or an empty string if there is none.
    pub(super) fn id(&self, topic: &Topic) -> &str {
        match topic.id.source {
            IdSource::Member(_) => &self.id,
            IdSource::Attribute(id) => self.values.text_at(id),
        }
    }

    /// Returns the kind, or an empty string if there is none.
    pub(super) fn kind(&self, format: &Format, topic: &Topic) -> &str {
        self.labels.kind(format, topic, self.has_presence_flag).unwrap_or("")
    }
}

impl Labels {
    /// Returns the topic that the labels determine.
    pub(super) fn topic(&self, format: &Format) -> &'static Topic {
        match format.topics {
            Topics::One(topic) => topic,
            Topics::Several { other, .. } if self.values.contains(&LabelValue::Other) => other,
            // An array on the stack saves an allocation. A format has at most `MAX_LABELS` labels.
            Topics::Several { choose, .. } => {
                let texts: [_; Format::MAX_LABELS] = std::array::from_fn(|index| self.text(index));
                choose(&texts[..format.labels.len()])
            }
        }
    }

    /// Returns the kind, or `None` if no label of the topic is a string.
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

    /// Returns a label's text, or `None` if the label is not a string.
    fn text(&self, index: usize) -> Option<&str> {
        match self.values[index] {
            LabelValue::Text(start, end) => self.texts.get(start..end),
            LabelValue::Missing | LabelValue::Null | LabelValue::Other => None,
        }
    }
}
