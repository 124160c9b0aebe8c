use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Changes, Filters, RegistrationError, registration_object::RegistrationObject};
use crate::{
    base::Limits,
    dialect::{
        json_object::{JsonObject, UnknownFields, required},
        model::Timestamp,
    },
    filter::{Filter, Table},
    policy::{Attempts, Batching, Policy},
    webhook::{Profile, Webhook},
};

/// The object that describes a webhook, as documented for the REST API of FindFace Multi 2.x. For
/// FindFace Security 2019 and 2020, the object is inferred, because their pages mention the same
/// settings without field names.
///
/// `created_by`, `created_date`, `id` and `modified_date` are read-only, so values that a client
/// sends for them are ignored. Unknown fields are an error for `Deserialize` (ours).
/// [`Webhooks::read`](super::Webhooks::read) ignores them by default, as the system does
/// (inferred).
///
/// ```
/// use recohook::findface::{Registration, security};
///
/// let text = r#"{
///     "name": "front gate", "active": true, "url": "http://127.0.0.1:8888/",
///     "batch_size": 10, "send_attempts": 3, "filters": {"events": {"matched": true}}
/// }"#;
/// let registration: Registration = serde_json::from_str(text)?;
/// let webhook = registration.to_webhook(&security::FILTERS, security::profile())?;
/// assert_eq!(webhook.policy().batch().max_items(), 10);
/// assert_eq!(Registration::from_webhook(2, &webhook).send_attempts, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Registration {
    /// The id, or `None` in a new object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The title. It must have 2 to 100 characters.
    pub name: String,
    /// Whether the webhook is active. Default: true (inferred).
    #[serde(default = "active")]
    pub active: bool,
    /// The `http` or `https` URL of the receiver. It must have at most 300 characters.
    pub url: String,
    /// The maximum number of notifications in a batch. It must be at least 1. Default: 1.
    #[serde(default = "batch_size")]
    pub batch_size: usize,
    /// The maximum number of attempts for each delivery. 0 means unlimited. Default: 10.
    #[serde(default = "send_attempts")]
    pub send_attempts: u32,
    /// The filters. This field is required. `{}` matches everything.
    pub filters: Filters,
    /// The id of the user who registered the webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<i64>,
    /// When the webhook was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_date: Option<Timestamp>,
    /// When the webhook was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_date: Option<Timestamp>,
}

impl Registration {
    /// Creates the object of a new webhook. It is active, has a batch size of 1 and allows 10
    /// attempts.
    ///
    /// Nothing is checked yet.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration};
    ///
    /// let object = Registration::new("front gate", "http://127.0.0.1:8888/", Filters::default());
    /// assert_eq!((object.batch_size, object.send_attempts), (1, 10));
    /// assert_eq!(object.id, None);
    /// ```
    pub fn new(
        name: impl Into<String>,
        url: impl Into<String>,
        filters: impl Into<Filters>,
    ) -> Self {
        Self {
            id: None,
            name: name.into(),
            active: active(),
            url: url.into(),
            batch_size: batch_size(),
            send_attempts: send_attempts(),
            filters: filters.into(),
            created_by: None,
            created_date: None,
            modified_date: None,
        }
    }

    /// Returns the webhook that the object describes, for a system with these filter keys and this
    /// profile. The object overrides the profile's batch size and attempts.
    ///
    /// The filters are parsed with the default [`Limits`].
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if a field is outside its documented range, if the URL
    /// cannot be used, or if the filters are invalid.
    pub fn to_webhook(
        &self,
        table: &'static Table,
        profile: Profile,
    ) -> Result<Webhook, RegistrationError> {
        self.make(self.filters.read(table, &Limits::default())?, profile)
    }

    /// Applies all writable fields of the object to `webhook` and returns the result. Everything
    /// else, such as headers, signers and the rest of the policy, stays the same.
    ///
    /// The filters are parsed with the filter keys of the old filter and the default [`Limits`].
    ///
    /// ```
    /// use recohook::findface::{Registration, security};
    /// use recohook::{Filter, Webhook};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&security::FILTERS))?
    ///     .with_header("X-Site", "north")?;
    /// let mut object = Registration::from_webhook(1, &webhook);
    /// object.name = "front gate".into();
    /// let webhook = object.apply_to(webhook)?;
    /// assert_eq!(webhook.name(), "front gate");
    /// assert_eq!(webhook.headers()["x-site"], "north");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails as [`to_webhook`](Self::to_webhook) does.
    pub fn apply_to(&self, webhook: Webhook) -> Result<Webhook, RegistrationError> {
        let filter = self.filters.read(webhook.filter().table(), &Limits::default())?;
        self.put(webhook, filter)
    }

    /// Returns the object that describes a webhook with the id `id`. The filters are those of the
    /// object that was last applied, as the client wrote them, without white space. They are in
    /// normal form if the host has set the filter itself.
    ///
    /// The user and the dates are taken from the webhook's metadata, if they are present there.
    pub fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        let kept = |key: &str| webhook.metadata().get(key);
        Self {
            id: Some(id),
            name: webhook.name().to_owned(),
            active: webhook.is_active(),
            url: webhook.url_text().to_owned(),
            batch_size: webhook.policy().batch().max_items(),
            send_attempts: attempts(webhook.policy()),
            filters: Filters::of_webhook(webhook),
            created_by: kept(CREATED_BY).and_then(|text| text.parse().ok()),
            created_date: kept(CREATED_DATE).map(|text| text.as_str().into()),
            modified_date: kept(MODIFIED_DATE).map(|text| text.as_str().into()),
        }
    }
}

/// The fields of the object.
pub(super) const FIELDS: [&str; 10] = [
    "id",
    "name",
    "active",
    "url",
    "batch_size",
    "send_attempts",
    "filters",
    CREATED_BY,
    CREATED_DATE,
    MODIFIED_DATE,
];

/// What errors say about the fields that are numbers.
pub(super) const INTEGER: &str = "an integer";
pub(super) const BATCH_SIZE: &str = "an integer of 1 or more";
pub(super) const ATTEMPTS: &str = "an integer from 0 to 4294967295";

/// The metadata keys under which the registry keeps the read-only fields.
pub(super) const CREATED_BY: &str = "created_by";
pub(super) const CREATED_DATE: &str = "created_date";
pub(super) const MODIFIED_DATE: &str = "modified_date";

impl RegistrationObject for Registration {
    type Changes = Changes;

    fn schema(filters: Value) -> Value {
        let read_only = |description: &str, schema: Value| json!({"description": description, "anyOf": [schema, {"type": "null"}], "readOnly": true});
        let date = || json!({"type": "string", "format": "date-time"});
        json!({
            "title": "Webhook",
            "description": "A webhook (documented for FindFace Multi, inferred for FindFace Security).",
            "type": "object",
            "properties": {
                "id": read_only("The id (documented).", json!({"type": "integer"})),
                "name": {"description": "The title (documented).", "type": "string"},
                "active": {
                    "description": "Whether the webhook is active (documented; the default is \
                                    inferred).",
                    "type": "boolean", "default": true,
                },
                "url": {
                    "description": "The http or https URL of the receiver (documented).",
                    "type": "string", "format": "uri",
                },
                "batch_size": {
                    "description": "The maximum number of notifications in a request (documented).",
                    "type": "integer", "minimum": 1, "default": 1,
                },
                "send_attempts": {
                    "description": "The maximum number of attempts for each delivery. 0 means \
                                    unlimited (documented).",
                    "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": 10,
                },
                "filters": filters,
                "created_by": read_only("The id of the user (documented).", json!({"type": "integer"})),
                "created_date": read_only("When it was created (documented).", date()),
                "modified_date": read_only("When it was last changed (documented).", date()),
            },
            "required": ["name", "url", "filters"],
        })
    }

    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let object = JsonObject::read(text, &FIELDS, unknown)?;
        let dates = |name| object.text(name).ok().flatten().map(|text| text.as_str().into());
        Ok(Self {
            // What a client sends in a read-only field is ignored, whatever it is.
            id: object.integer("id", INTEGER).ok().flatten(),
            name: required(object.text("name")?, "name")?,
            active: object.flag("active")?.unwrap_or_else(active),
            url: required(object.text("url")?, "url")?,
            batch_size: object.integer("batch_size", BATCH_SIZE)?.unwrap_or_else(batch_size),
            send_attempts: object.integer("send_attempts", ATTEMPTS)?.unwrap_or_else(send_attempts),
            filters: required(Filters::of(&object), "filters")?,
            created_by: object.integer("created_by", INTEGER).ok().flatten(),
            created_date: dates(CREATED_DATE),
            modified_date: dates(MODIFIED_DATE),
        })
    }

    fn id(&self) -> Option<i64> {
        self.id
    }

    fn filters(&self) -> &Filters {
        &self.filters
    }

    fn make(&self, filter: Filter, profile: Profile) -> Result<Webhook, RegistrationError> {
        // The length is checked before the URL is parsed, so that a long URL causes the same error
        // here as in `put`.
        check_length(&self.url)?;
        self.put(Webhook::new(&self.url, filter.clone())?.with_profile(profile), filter)
    }

    fn put(&self, webhook: Webhook, filter: Filter) -> Result<Webhook, RegistrationError> {
        let webhook = with_name(webhook, &self.name)?;
        let webhook = with_url(webhook, &self.url)?;
        let webhook = with_batch_size(webhook, self.batch_size)?;
        let webhook = with_attempts(webhook, self.send_attempts).with_active(self.active);
        Ok(self.filters.put(webhook, filter))
    }

    fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        Self::from_webhook(id, webhook)
    }

    fn keep_read_only(&self, mut webhook: Webhook) -> Webhook {
        let dates = [(CREATED_DATE, &self.created_date), (MODIFIED_DATE, &self.modified_date)];
        for (key, date) in dates {
            if let Some(date) = date {
                webhook = webhook.with_metadata(key, date.as_str());
            }
        }
        match self.created_by {
            Some(user) => webhook.with_metadata(CREATED_BY, user.to_string()),
            None => webhook,
        }
    }
}

/// Sets the title, which must have 2 to 100 characters (not bytes).
pub(super) fn with_name(webhook: Webhook, name: &str) -> Result<Webhook, RegistrationError> {
    let chars = name.chars().count();
    if !(2..=100).contains(&chars) {
        return Err(RegistrationError::Name { chars });
    }
    Ok(webhook.with_name(name))
}

/// Sets the URL, which must have at most 300 characters.
pub(super) fn with_url(webhook: Webhook, url: &str) -> Result<Webhook, RegistrationError> {
    check_length(url)?;
    Ok(webhook.with_url(url)?)
}

fn check_length(url: &str) -> Result<(), RegistrationError> {
    let chars = url.chars().count();
    if chars > 300 { Err(RegistrationError::UrlTooLong { chars }) } else { Ok(()) }
}

/// Sets the maximum number of notifications in a batch. The other bounds of a batch stay the same.
pub(super) fn with_batch_size(
    webhook: Webhook,
    batch_size: usize,
) -> Result<Webhook, RegistrationError> {
    // `Batching` has no setter for its maximum size, so the other bounds are copied.
    let old = webhook.policy().batch();
    let batch = Batching::at_most(batch_size)
        .and_then(|batch| batch.with_linger(old.linger()).with_max_bytes(old.max_bytes()))
        .map_err(|_| RegistrationError::BatchSize)?;
    let policy = webhook.policy().clone().with_batch(batch);
    Ok(webhook.with_policy(policy))
}

/// Sets the maximum number of attempts for each delivery. 0 means unlimited.
pub(super) fn with_attempts(webhook: Webhook, attempts: u32) -> Webhook {
    let policy = webhook.policy().clone();
    let retry = policy.retry().clone().with_attempts(super::attempts(attempts));
    webhook.with_policy(policy.with_retry(retry))
}

/// Returns the maximum number of attempts of a policy. 0 means unlimited.
pub(super) fn attempts(policy: &Policy) -> u32 {
    match policy.retry().attempts() {
        Attempts::Limited(most) => most.get(),
        Attempts::Unlimited => 0,
    }
}

// serde accepts a default only as a function.
pub(super) fn active() -> bool {
    true
}

fn batch_size() -> usize {
    1
}

pub(super) fn send_attempts() -> u32 {
    10
}
