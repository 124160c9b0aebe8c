use std::{fmt, ptr};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::{
    any_id_seed::AnyIdSeed,
    extracted::{Extracted, LabelValue},
    format::{Format, Topics},
    member::Shape,
    member_seed::{duplicate_field, in_member, read_member},
    members::Members,
    scalar::{Scalar, ScalarSeed},
    skip::Skipped,
    topic::{IdType, Topic},
};

/// Reads a notification as described by a topic, and returns the topic that the labels determine.
///
/// The extracted values must not be used if the returned topic is not `topic`, or if `topic` is a
/// guess and something does not match it.
pub(super) struct NotificationSeed<'r> {
    pub(super) format: &'static Format,
    pub(super) topic: &'static Topic,
    pub(super) extracted: &'r mut Extracted,
}

impl NotificationSeed<'_> {
    /// Reads the value of the label at `index`.
    ///
    /// # Errors
    /// Returns an error if the value is neither a string nor null, unless the format has several
    /// topics or its topic is lenient.
    fn read_label<'de, A>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error>
    where
        A: MapAccess<'de>,
    {
        let name = self.format.labels[index];
        let labels = &mut self.extracted.labels;
        if labels.values[index] != LabelValue::Missing {
            labels.duplicate = Some(name);
        }
        let read = map.next_value_seed(ScalarSeed { is_reference: false });
        labels.values[index] = match read.map_err(|error| in_member(name, error))? {
            Scalar::Null => LabelValue::Null,
            Scalar::Text(text) => {
                let start = labels.texts.len();
                labels.texts.push_str(&text);
                LabelValue::Text(start, labels.texts.len())
            }
            other => {
                // If there are several topics, such a label is not an error: the notification
                // belongs to the topic `other`.
                if matches!(self.format.topics, Topics::One(topic) if !topic.members.is_lenient()) {
                    let error = A::Error::invalid_type(other.unexpected(), &"a string");
                    return Err(in_member(name, error));
                }
                LabelValue::Other
            }
        };
        Ok(())
    }

    /// Reads the id. `seen` is true if an id has already been read from the notification.
    ///
    /// # Errors
    /// Returns an error if the id has the wrong type or occurs twice, unless the topic is lenient
    /// or a guess.
    fn read_id<'de, A>(&mut self, name: &str, seen: bool, map: &mut A) -> Result<(), A::Error>
    where
        A: MapAccess<'de>,
    {
        let is_strict = !self.topic.members.is_lenient();
        if seen && is_strict {
            self.extracted.mismatch(|| duplicate_field(name))?;
        }
        // In a lenient topic, the last id counts, even if it is null.
        self.extracted.id.clear();
        let id_type = self.topic.id.id_type;
        if id_type == IdType::Any {
            let read = map.next_value_seed(AnyIdSeed(&mut self.extracted.id));
            return read.map_err(|error| in_member(name, error));
        }
        let read = map.next_value_seed(ScalarSeed { is_reference: false });
        match (read.map_err(|error| in_member(name, error))?, id_type) {
            (Scalar::Text(id), IdType::Text | IdType::TextOrInteger) => {
                self.extracted.id.push_str(&id);
            }
            (Scalar::Int(id), IdType::Integer | IdType::TextOrInteger) => {
                AnyIdSeed(&mut self.extracted.id).append(id);
            }
            // The id stays empty.
            (_, _) if !is_strict => {}
            (other, id_type) => self.extracted.mismatch(|| {
                in_member(name, A::Error::invalid_type(other.unexpected(), &id_type.expected()))
            })?,
        }
        Ok(())
    }

    /// Performs the checks that are possible only after all members have been read, and returns the
    /// topic that the labels determine.
    ///
    /// # Errors
    /// Returns an error if the topic is strict and a label occurs twice, or if a required id is
    /// missing.
    fn finish<E: Error>(self, has_id: bool) -> Result<&'static Topic, E> {
        let Self { format, topic, extracted } = self;
        let actual = extracted.labels.topic(format);
        // In this case the reader reads the text again, and the errors found with the wrong topic
        // are meaningless.
        if !ptr::eq(actual, topic) || extracted.is_mismatch {
            return Ok(actual);
        }
        if let Some(name) = extracted.labels.duplicate
            && !topic.members.is_lenient()
        {
            return Err(duplicate_field(name));
        }
        if let Some(name) = topic.id.member()
            && topic.id.is_required
            && !has_id
        {
            return Err(E::missing_field(name));
        }
        extracted.apply_kind(format, topic);
        Ok(actual)
    }
}

impl<'de> DeserializeSeed<'de> for NotificationSeed<'_> {
    type Value = &'static Topic;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<&'static Topic, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NotificationSeed<'_> {
    type Value = &'static Topic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification, an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<&'static Topic, A::Error> {
        self.extracted.reset(self.topic);
        let members = &self.topic.members;
        let id = self.topic.id.member();
        let (mut seen, mut has_id) = (0, false);
        let keys = NotificationKeySeed { labels: self.format.labels, id, members };
        while let Some(key) = map.next_key_seed(keys)? {
            match key {
                NotificationKey::Label(index) => self.read_label(index, &mut map)?,
                // This key is returned only if `id` is `Some`.
                NotificationKey::Id => {
                    self.read_id(id.unwrap_or_default(), has_id, &mut map)?;
                    has_id = true;
                }
                NotificationKey::Member(index) => {
                    self.extracted.has_presence_flag |=
                        matches!(members.at(index).shape(), Shape::PresenceFlag);
                    read_member(members, index, &mut seen, &mut map, self.extracted)?;
                }
                NotificationKey::Unknown => {
                    let Skipped = map.next_value()?;
                }
            }
        }
        self.finish(has_id)
    }
}

/// A key in a notification.
enum NotificationKey {
    /// The label at this index in the format.
    Label(usize),
    Id,
    /// The member at this index in the topic.
    Member(usize),
    /// A member that is skipped.
    Unknown,
}

/// Finds the label or member that a key names. The key is compared in place, without a copy.
#[derive(Clone, Copy)]
struct NotificationKeySeed {
    labels: &'static [&'static str],
    id: Option<&'static str>,
    members: &'static Members,
}

impl<'de> DeserializeSeed<'de> for NotificationKeySeed {
    type Value = NotificationKey;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<NotificationKey, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NotificationKeySeed {
    type Value = NotificationKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<NotificationKey, E> {
        // `Topic::new` and `Topic::check` ensure that a name refers to at most one of these: a
        // label, the id or a member.
        if let Some(index) = self.labels.iter().position(|label| *label == key) {
            return Ok(NotificationKey::Label(index));
        }
        if self.id == Some(key) {
            return Ok(NotificationKey::Id);
        }
        Ok(self.members.find(key).map_or(NotificationKey::Unknown, NotificationKey::Member))
    }
}
