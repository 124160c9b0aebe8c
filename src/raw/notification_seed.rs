use std::{fmt, ptr};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::{
    any_id::AnyId,
    extracted::{Found, Label},
    format::{Format, Topics},
    member::{Members, Shape},
    scalar::{ReadScalar, Scalar},
    skip::Skipped,
    topic::{IdType, Topic},
    value::{read_member, twice, within},
};

/// Reads one notification by the table of a topic, and tells of which topic it is.
///
/// Where that is another, or where the topic is a guess and something does not fit it, what was
/// found is of no use.
pub(super) struct Pass<'r> {
    pub(super) format: &'static Format,
    pub(super) topic: &'static Topic,
    pub(super) found: &'r mut Found,
}

impl Pass<'_> {
    fn read_label<'de, A>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error>
    where
        A: MapAccess<'de>,
    {
        let name = self.format.labels[place];
        let labels = &mut self.found.labels;
        if labels.told[place] != Label::Missing {
            labels.twice = Some(name);
        }
        let read = map.next_value_seed(ReadScalar { is_reference: false });
        labels.told[place] = match read.map_err(|error| within(name, error))? {
            Scalar::Null => Label::Null,
            Scalar::Text(text) => {
                let start = labels.texts.len();
                labels.texts.push_str(&text);
                Label::Text(start, labels.texts.len())
            }
            other => {
                // Of several topics, one may take it.
                if matches!(self.format.topics, Topics::One(topic) if !topic.members.is_lenient()) {
                    let error = A::Error::invalid_type(other.unexpected(), &"a string");
                    return Err(within(name, error));
                }
                Label::Other
            }
        };
        Ok(())
    }

    fn read_id<'de, A>(&mut self, name: &str, seen: bool, map: &mut A) -> Result<(), A::Error>
    where
        A: MapAccess<'de>,
    {
        let is_strict = !self.topic.members.is_lenient();
        if seen && is_strict {
            self.found.misfit(|| twice(name))?;
        }
        self.found.id.clear();
        let id_type = self.topic.id.id_type;
        if id_type == IdType::Any {
            let read = map.next_value_seed(AnyId(&mut self.found.id));
            return read.map_err(|error| within(name, error));
        }
        let read = map.next_value_seed(ReadScalar { is_reference: false });
        match (read.map_err(|error| within(name, error))?, id_type) {
            (Scalar::Text(id), IdType::Text | IdType::TextOrInteger) => {
                self.found.id.push_str(&id);
            }
            (Scalar::Int(id), IdType::Integer | IdType::TextOrInteger) => {
                AnyId(&mut self.found.id).tell(id);
            }
            (_, _) if !is_strict => {}
            (other, id_type) => self.found.misfit(|| {
                within(name, A::Error::invalid_type(other.unexpected(), &id_type.expected()))
            })?,
        }
        Ok(())
    }

    /// What can be told once all members were seen.
    fn finish<E: Error>(self, has_id: bool) -> Result<&'static Topic, E> {
        let Self { format, topic, found } = self;
        let told = found.labels.topic(format);
        if !ptr::eq(told, topic) || found.is_misfit {
            return Ok(told);
        }
        if let Some(name) = found.labels.twice
            && !topic.members.is_lenient()
        {
            return Err(twice(name));
        }
        if let Some(name) = topic.id.member()
            && topic.id.is_required
            && !has_id
        {
            return Err(E::missing_field(name));
        }
        found.settle(format, topic);
        Ok(told)
    }
}

impl<'de> DeserializeSeed<'de> for Pass<'_> {
    type Value = &'static Topic;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<&'static Topic, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pass<'_> {
    type Value = &'static Topic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification, an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<&'static Topic, A::Error> {
        self.found.begin(self.topic);
        let members = &self.topic.members;
        let id = self.topic.id.member();
        let (mut seen, mut has_id) = (0, false);
        let keys = Keys { labels: self.format.labels, id, members };
        while let Some(key) = map.next_key_seed(keys)? {
            match key {
                Key::Label(place) => self.read_label(place, &mut map)?,
                Key::Id => {
                    self.read_id(id.unwrap_or_default(), has_id, &mut map)?;
                    has_id = true;
                }
                Key::Member(place) => {
                    self.found.has_presence_flag |=
                        matches!(members.at(place).shape(), Shape::PresenceFlag);
                    read_member(members, place, &mut seen, &mut map, self.found)?;
                }
                Key::Unknown => {
                    let Skipped = map.next_value()?;
                }
            }
        }
        self.finish(has_id)
    }
}

/// What a member of a notification is.
enum Key {
    Label(usize),
    Id,
    Member(usize),
    Unknown,
}

#[derive(Clone, Copy)]
struct Keys {
    labels: &'static [&'static str],
    id: Option<&'static str>,
    members: &'static Members,
}

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Key, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        if let Some(place) = self.labels.iter().position(|label| *label == key) {
            return Ok(Key::Label(place));
        }
        if self.id == Some(key) {
            return Ok(Key::Id);
        }
        Ok(self.members.find(key).map_or(Key::Unknown, Key::Member))
    }
}
