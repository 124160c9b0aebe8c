use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    base::Limits,
    dialect::findface::{
        Filters, RegistrationError,
        registration::{ATTEMPTS, INTEGER, active, attempts, send_attempts, with_attempts},
        registration_object::{RegistrationChanges, RegistrationObject},
    },
    dialect::json_object::{JsonObject, UnknownFields, required},
    filter::{Filter, Table},
    webhook::{Profile, Webhook},
};

/// The object that describes a webhook. It is the body of a `POST /v1/webhooks/` request and
/// also of the answer (documented).
///
/// Unknown fields are an error for `Deserialize` (ours).
/// [`Webhooks::read`](crate::findface::Webhooks::read) ignores them by default, as the system does
/// (inferred).
///
/// ```
/// use recohook::findface::lite::{FILTERS, Registration, profile};
///
/// let text = r#"{"name": "test webhook", "target": "http://localhost/webhok_test",
///     "filters": {"camera_in": [1, 2], "matched": true}, "send_attempts": 3}"#;
/// let registration: Registration = serde_json::from_str(text)?;
/// let webhook = registration.to_webhook(&FILTERS, profile())?;
/// assert!(webhook.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Registration {
    /// The title.
    pub name: String,
    /// Whether the webhook is active. Default: true.
    #[serde(default = "active")]
    pub active: bool,
    /// The `http` or `https` URL of the receiver.
    pub target: String,
    /// The filters. `{}` matches everything. If they are omitted, they are `{}` (inferred).
    #[serde(default)]
    pub filters: Filters,
    /// The maximum number of attempts for each delivery. 0 means unlimited. Default: 10 (inferred
    /// from FindFace Multi).
    #[serde(default = "send_attempts")]
    pub send_attempts: u32,
    /// The id, or `None` in a new object. If a new object contains an id, the id is ignored
    /// (inferred). It is the last field, as in the documented answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
}

impl Registration {
    /// Creates the object of a new webhook. It is active and allows 10 attempts.
    ///
    /// Nothing is checked yet.
    ///
    /// ```
    /// use recohook::findface::{Filters, lite::Registration};
    ///
    /// let object = Registration::new("front gate", "http://127.0.0.1:8888/", Filters::default());
    /// assert_eq!(
    ///     serde_json::to_string(&object)?,
    ///     r#"{"name":"front gate","active":true,"target":"http://127.0.0.1:8888/","filters":{},"send_attempts":10}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(
        name: impl Into<String>,
        target: impl Into<String>,
        filters: impl Into<Filters>,
    ) -> Self {
        Self {
            name: name.into(),
            active: active(),
            target: target.into(),
            filters: filters.into(),
            send_attempts: send_attempts(),
            id: None,
        }
    }

    /// Returns the webhook that the object describes, with these filter keys and this profile. The
    /// object overrides the profile's attempts.
    ///
    /// The filters are parsed with the default [`Limits`].
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the target cannot be used as a URL, or if the filters are
    /// invalid.
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
    /// ```
    /// use recohook::findface::lite;
    /// use recohook::{Filter, Webhook};
    ///
    /// let filter = Filter::parse(r#"{"camera_in": 1}"#, &lite::FILTERS)?;
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", filter)?;
    /// let object = lite::Registration::from_webhook(7, &webhook);
    /// assert_eq!(object.id, Some(7));
    /// assert_eq!(object.filters.as_str(), r#"{"camera_in":[1]}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        Self {
            name: webhook.name().to_owned(),
            active: webhook.is_active(),
            target: webhook.url_text().to_owned(),
            filters: Filters::of_webhook(webhook),
            send_attempts: attempts(webhook.policy()),
            id: Some(id),
        }
    }
}

/// The fields of the object.
const FIELDS: [&str; 6] = ["name", "active", "target", "filters", "send_attempts", "id"];

impl RegistrationObject for Registration {
    type Changes = Changes;

    fn schema(filters: Value) -> Value {
        json!({
            "title": "Webhook",
            "description": "A webhook (documented).",
            "type": "object",
            "properties": {
                "name": {"description": "The title (documented).", "type": "string"},
                "active": {
                    "description": "Whether the webhook is active (documented).",
                    "type": "boolean", "default": true,
                },
                "target": {
                    "description": "The http or https URL of the receiver (documented).",
                    "type": "string", "format": "uri",
                },
                "filters": filters,
                "send_attempts": {
                    "description": "The maximum number of attempts for each delivery. 0 means \
                                    unlimited (documented; the default is inferred).",
                    "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": 10,
                },
                "id": {
                    "description": "The id (documented).",
                    "type": ["integer", "null"], "readOnly": true,
                },
            },
            "required": ["name", "target"],
        })
    }

    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let object = JsonObject::read(text, &FIELDS, unknown)?;
        Ok(Self {
            name: required(object.text("name")?, "name")?,
            active: object.flag("active")?.unwrap_or_else(active),
            target: required(object.text("target")?, "target")?,
            filters: Filters::of(&object).unwrap_or_default(),
            send_attempts: object.integer("send_attempts", ATTEMPTS)?.unwrap_or_else(send_attempts),
            // What a client sends in a read-only field is ignored, whatever it is.
            id: object.integer("id", INTEGER).ok().flatten(),
        })
    }

    fn id(&self) -> Option<i64> {
        self.id
    }

    fn filters(&self) -> &Filters {
        &self.filters
    }

    fn make(&self, filter: Filter, profile: Profile) -> Result<Webhook, RegistrationError> {
        self.put(Webhook::new(&self.target, filter.clone())?.with_profile(profile), filter)
    }

    // The lengths are not limited, because the limits of the other registration object come from
    // FindFace Multi.
    fn put(&self, webhook: Webhook, filter: Filter) -> Result<Webhook, RegistrationError> {
        let webhook = webhook.with_url(&self.target)?.with_name(&self.name);
        let webhook = with_attempts(webhook, self.send_attempts).with_active(self.active);
        Ok(self.filters.put(webhook, filter))
    }

    fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        Self::from_webhook(id, webhook)
    }

    /// Returns the webhook unchanged, because the object has no read-only fields besides the id.
    fn keep_read_only(&self, webhook: Webhook) -> Webhook {
        webhook
    }
}

/// The body of a `PATCH` request. It contains the webhook fields to change (ours: the page
/// documents no `PATCH`).
///
/// Each field has the same meaning as in a [`Registration`]. A field that is `None` does not
/// change.
///
/// ```
/// use recohook::findface::{Filters, lite};
/// use recohook::{Engine, Moment};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhooks = lite::webhooks();
/// let object = lite::Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
/// webhooks.create(&mut registrar, &object)?;
/// let changes = webhooks.read_changes(br#"{"active": false}"#)?;
/// assert!(!webhooks.patch(&mut registrar, 1, &changes)?.active);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Changes {
    /// The title.
    pub name: Option<String>,
    /// Whether the webhook is active.
    pub active: Option<bool>,
    /// The `http` or `https` URL of the receiver.
    pub target: Option<String>,
    /// The new filters, which replace all old filters.
    pub filters: Option<Filters>,
    /// The maximum number of attempts for each delivery. 0 means unlimited.
    pub send_attempts: Option<u32>,
}

impl RegistrationChanges for Changes {
    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let object = JsonObject::read(text, &FIELDS, unknown)?;
        Ok(Self {
            name: object.text("name")?,
            active: object.flag("active")?,
            target: object.text("target")?,
            filters: Filters::of(&object),
            send_attempts: object.integer("send_attempts", ATTEMPTS)?,
        })
    }

    fn filters(&self) -> Option<&Filters> {
        self.filters.as_ref()
    }

    fn put(
        &self,
        mut webhook: Webhook,
        filter: Option<Filter>,
    ) -> Result<Webhook, RegistrationError> {
        if let Some(target) = &self.target {
            webhook = webhook.with_url(target)?;
        }
        if let Some(name) = &self.name {
            webhook = webhook.with_name(name);
        }
        if let Some(attempts) = self.send_attempts {
            webhook = with_attempts(webhook, attempts);
        }
        if let Some(active) = self.active {
            webhook = webhook.with_active(active);
        }
        if let (Some(filters), Some(filter)) = (&self.filters, filter) {
            webhook = filters.put(webhook, filter);
        }
        Ok(webhook)
    }
}
