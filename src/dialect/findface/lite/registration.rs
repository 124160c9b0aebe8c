use serde::{Deserialize, Serialize};

use crate::{
    base::Limits,
    dialect::findface::{
        Filters, RegistrationError,
        registration::{active, attempts, send_attempts, with_attempts},
        registration_object::RegistrationObject,
    },
    filter::{Filter, Table},
    webhook::{Profile, Webhook},
};

/// A webhook as `POST /v1/webhooks/` takes it and answers with it (documented).
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
    /// The id; absent from what is to be registered, and counts for nothing there (inferred).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The name.
    pub name: String,
    /// Whether it takes part; true where it is left out.
    #[serde(default = "active")]
    pub active: bool,
    /// Where deliveries go: an `http` or `https` URL.
    pub target: String,
    /// What it wants; everything where it is empty, or left out (inferred).
    #[serde(default)]
    pub filters: Filters,
    /// How many attempts a delivery gets, 0 for as many as it takes; 10 where it is left out
    /// (inferred from FindFace Multi).
    #[serde(default = "send_attempts")]
    pub send_attempts: u32,
}

impl Registration {
    /// What is to be registered: active, with 10 attempts.
    pub fn new(
        name: impl Into<String>,
        target: impl Into<String>,
        filters: impl Into<Filters>,
    ) -> Self {
        Self {
            id: None,
            name: name.into(),
            active: active(),
            target: target.into(),
            filters: filters.into(),
            send_attempts: send_attempts(),
        }
    }

    /// The webhook that it describes, with these filter keys and this profile.
    ///
    /// # Errors
    /// Where the target is no URL that can be sent to, or the filters cannot be read: see
    /// [`RegistrationError`].
    pub fn to_webhook(
        &self,
        table: &'static Table,
        profile: Profile,
    ) -> Result<Webhook, RegistrationError> {
        self.make(self.filters.read(table, &Limits::default())?, profile)
    }

    /// Changes `webhook` to what the object says, read with the table of its filter. What the object
    /// does not say stays.
    ///
    /// # Errors
    /// As [`to_webhook`](Self::to_webhook).
    pub fn apply_to(&self, webhook: Webhook) -> Result<Webhook, RegistrationError> {
        let filter = self.filters.read(webhook.filter().table(), &Limits::default())?;
        self.put(webhook, filter)
    }

    /// The object that describes a webhook. Filters are in normal form.
    pub fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        Self {
            id: Some(id),
            name: webhook.name().to_owned(),
            active: webhook.is_active(),
            target: webhook.url_text().to_owned(),
            filters: webhook.filter().into(),
            send_attempts: attempts(webhook.policy()),
        }
    }
}

impl RegistrationObject for Registration {
    fn id(&self) -> Option<i64> {
        self.id
    }

    fn filters(&self) -> &Filters {
        &self.filters
    }

    fn make(&self, filter: Filter, profile: Profile) -> Result<Webhook, RegistrationError> {
        self.put(Webhook::new(&self.target, filter.clone())?.with_profile(profile), filter)
    }

    fn put(&self, webhook: Webhook, filter: Filter) -> Result<Webhook, RegistrationError> {
        let webhook = webhook.with_url(&self.target)?.with_name(&self.name);
        Ok(with_attempts(webhook, self.send_attempts).with_active(self.active).with_filter(filter))
    }

    fn from_webhook(id: i64, webhook: &Webhook) -> Self {
        Self::from_webhook(id, webhook)
    }

    /// All that it has can be changed.
    fn keep_read_only(&self, webhook: Webhook) -> Webhook {
        webhook
    }
}
