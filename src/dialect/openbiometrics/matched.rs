use serde_json::{Map, Value};

use super::EVENTS;
use crate::{
    attribute::{Attribute, AttributeId, Unread, Values},
    dialect::{
        attributes::{Attributes, note_unread},
        model::Field,
    },
    raw::Member,
};

/// Declares the keys of a match. A declaration specifies the type of a key, the kind of its
/// attribute, and the function of [`Value`] that reads the key.
///
/// [`model!`](crate::dialect::model::model) cannot declare them, because `data` is arbitrary JSON,
/// its keys belong to only two types of events, and a value of the wrong type must be kept.
macro_rules! matched {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$key_doc:meta])* $key:ident: $type:ty => $kind:ident by $read:ident,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Debug, Default)]
        pub struct $name<'a> {
            $($(#[$key_doc])* pub $key: Option<$type>,)+
        }

        impl<'a> $name<'a> {
            /// Reads the keys from `data`. A key that is missing or has the wrong type is `None`.
            pub(super) fn of(data: &'a Map<String, Value>) -> Self {
                Self { $($key: data.get(stringify!($key)).and_then(Value::$read),)+ }
            }
        }

        impl From<$name<'_>> for Field<Map<String, Value>> {
            /// Returns the data of an event with this match. Keys that are `None` are omitted.
            fn from(found: $name<'_>) -> Self {
                let mut data = Map::new();
                $(if let Some(value) = found.$key {
                    data.insert(stringify!($key).to_owned(), value.into());
                })+
                Self::Value(data)
            }
        }

        impl Attributes<Map<String, Value>> for $name<'_> {
            const ATTRIBUTES: &'static [Attribute] = &[$(Attribute::$kind(stringify!($key)),)+];

            // These members depend on the kind. A reader therefore ignores them in events of other
            // types, as `set` does.
            const MEMBERS: &'static [Member] = &[$({
                const KEY: AttributeId = EVENTS.expect(stringify!($key));
                Member::by_kind(stringify!($key), &[(FACE_MATCHED, KEY), (WATCHLIST_ALERT, KEY)])
            },)+];

            fn set(data: &Map<String, Value>, kind: &str, values: &mut Values) {
                let is_match = matches!(kind, FACE_MATCHED | WATCHLIST_ALERT);
                let found = if is_match { $name::of(data) } else { $name::default() };
                $({
                    const KEY: AttributeId = EVENTS.expect(stringify!($key));
                    let json = data.get(stringify!($key)).filter(|json| !json.is_null());
                    values.$kind(KEY, found.$key);
                    match json {
                        Some(_) if !is_match => values.set_unread(KEY, Unread::OtherKind),
                        json => note_unread(values, KEY, json),
                    }
                })+
            }
        }
    };
}

/// The event types that are matches.
const FACE_MATCHED: &str = "face_matched";
const WATCHLIST_ALERT: &str = "watchlist_alert";

matched! {
    /// The [`data`](field@super::Event::data) of a match. It consists of the four documented keys.
    ///
    /// ```
    /// use recohook::openbiometrics::{Event, EventType, Match};
    /// use std::time::SystemTime;
    ///
    /// let found = Match { label: Some("Alice"), similarity: Some(0.93), ..Match::default() };
    /// let event = Event::new("evt_1", EventType::FaceMatched, SystemTime::now()).data(found);
    /// assert_eq!(event.as_match(), Some(found));
    /// ```
    Match {
        /// The id of the enrolled identity.
        identity_id: &'a str => text by as_str,
        /// The label of the identity, such as a name.
        label: &'a str => text by as_str,
        /// The watch list.
        watchlist: &'a str => text by as_str,
        /// The similarity of the faces, from 0 to 1 (inferred).
        similarity: f64 => number by as_f64,
    }
}
