use serde_json::{Map, Value};

use super::EVENTS;
use crate::{
    attribute::{Attribute, AttributeId, Values},
    dialect::{attributes::Attributes, model::Field},
    raw::Member,
};

/// Declares the keys of a match, each a `text` or a `number`.
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
            /// Reads the keys. One that is missing or of another type is `None`.
            pub(super) fn of(data: &'a Map<String, Value>) -> Self {
                Self { $($key: data.get(stringify!($key)).and_then(Value::$read),)+ }
            }
        }

        impl From<$name<'_>> for Field<Map<String, Value>> {
            /// Leaves out the keys that are `None`.
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

            const MEMBERS: &'static [Member] = &[$({
                const KEY: AttributeId = EVENTS.expect(stringify!($key));
                Member::by_kind(stringify!($key), &[(FACE_MATCHED, KEY), (WATCHLIST_ALERT, KEY)])
            },)+];

            fn set(data: &Map<String, Value>, kind: &str, values: &mut Values) {
                if matches!(kind, FACE_MATCHED | WATCHLIST_ALERT) {
                    let found = $name::of(data);
                    $(values.$kind(const { EVENTS.expect(stringify!($key)) }, found.$key);)+
                }
            }
        }
    };
}

/// The kinds of events that are a match.
const FACE_MATCHED: &str = "face_matched";
const WATCHLIST_ALERT: &str = "watchlist_alert";

matched! {
    /// The [`data`](field@super::Event::data) of a match: the four documented keys.
    Match {
        /// The id of the enrolled identity.
        identity_id: &'a str => text by as_str,
        /// The identity's label, such as a name.
        label: &'a str => text by as_str,
        /// The watch list.
        watchlist: &'a str => text by as_str,
        /// How alike the faces are, 0 to 1 (inferred).
        similarity: f64 => number by as_f64,
    }
}
