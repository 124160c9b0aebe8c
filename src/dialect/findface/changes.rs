use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    Filters, RegistrationError,
    registration::{
        ATTEMPTS, BATCH_SIZE, FIELDS, with_attempts, with_batch_size, with_name, with_url,
    },
    registration_object::RegistrationChanges,
};
use crate::{
    base::Limits,
    dialect::json_object::{JsonObject, UnknownFields},
    filter::Filter,
    webhook::Webhook,
};

/// The body of a `PATCH` request. It contains the webhook fields to change (inferred: the pages
/// document the registration object, and REST APIs of this type accept parts of it).
///
/// Each field has the same meaning and range as in a [`Registration`](super::Registration). A field
/// that is omitted does not change. A field that is null is an error. Read-only fields are accepted
/// and ignored.
///
/// ```
/// use recohook::findface::{Changes, security};
/// use recohook::{Filter, Webhook};
///
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&security::FILTERS))?;
/// let changes: Changes = serde_json::from_str(r#"{"active": false, "batch_size": 10}"#)?;
/// let webhook = changes.apply_to(webhook)?;
/// assert!(!webhook.is_active());
/// assert_eq!(webhook.policy().batch().max_items(), 10);
/// assert!(serde_json::from_str::<Changes>(r#"{"active": null}"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Changes {
    /// The title. It must have 2 to 100 characters.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// Whether the webhook is active.
    #[serde(deserialize_with = "given")]
    pub active: Option<bool>,
    /// The URL of the receiver. It must have at most 300 characters.
    #[serde(deserialize_with = "given")]
    pub url: Option<String>,
    /// The maximum number of notifications in a batch. It must be at least 1.
    #[serde(deserialize_with = "given")]
    pub batch_size: Option<usize>,
    /// The maximum number of attempts for each delivery. 0 means unlimited.
    #[serde(deserialize_with = "given")]
    pub send_attempts: Option<u32>,
    /// The new filters, which replace all old filters.
    #[serde(deserialize_with = "given")]
    pub filters: Option<Filters>,
    // Clients send back whole objects that they received. The read-only fields of these objects are
    // declared here, because `deny_unknown_fields` would otherwise refuse them.
    #[serde(rename = "id")]
    _id: IgnoredAny,
    #[serde(rename = "created_by")]
    _created_by: IgnoredAny,
    #[serde(rename = "created_date")]
    _created_date: IgnoredAny,
    #[serde(rename = "modified_date")]
    _modified_date: IgnoredAny,
}

impl Changes {
    /// Applies the changes to `webhook` and returns the result. The filters are parsed with the
    /// filter keys of the old filter and the default [`Limits`].
    ///
    /// ```
    /// use recohook::findface::{Changes, multi};
    /// use recohook::{Filter, Webhook, policy::Attempts};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&multi::FILTERS))?;
    /// let changes: Changes = serde_json::from_str(r#"{"send_attempts": 0}"#)?;
    /// let webhook = changes.apply_to(webhook)?;
    /// assert_eq!(webhook.policy().retry().attempts(), Attempts::Unlimited);
    /// assert_eq!(webhook.url_text(), "http://127.0.0.1:8888/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if a field is outside its documented range, if the URL
    /// cannot be used, or if the filters are invalid.
    pub fn apply_to(&self, webhook: Webhook) -> Result<Webhook, RegistrationError> {
        let (table, limits) = (webhook.filter().table(), Limits::default());
        let filter = self.filters.as_ref().map(|filters| filters.read(table, &limits));
        self.put(webhook, filter.transpose()?)
    }
}

impl RegistrationChanges for Changes {
    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let object = JsonObject::read(text, &FIELDS, unknown)?;
        Ok(Self {
            name: object.text("name")?,
            active: object.flag("active")?,
            url: object.text("url")?,
            batch_size: object.integer("batch_size", BATCH_SIZE)?,
            send_attempts: object.integer("send_attempts", ATTEMPTS)?,
            filters: Filters::of(&object),
            ..Self::default()
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
        // The order is the same as in `Registration::put`. If there are several errors, both
        // functions therefore report the same one.
        if let Some(name) = &self.name {
            webhook = with_name(webhook, name)?;
        }
        if let Some(active) = self.active {
            webhook = webhook.with_active(active);
        }
        if let Some(url) = &self.url {
            webhook = with_url(webhook, url)?;
        }
        if let Some(batch_size) = self.batch_size {
            webhook = with_batch_size(webhook, batch_size)?;
        }
        if let Some(attempts) = self.send_attempts {
            webhook = with_attempts(webhook, attempts);
        }
        if let Some(filter) = filter {
            // There is a filter only if there are filters.
            let filters = self.filters.clone().unwrap_or_else(|| (&filter).into());
            webhook = filters.put(webhook, filter);
        }
        Ok(webhook)
    }
}

/// Reads a field that is present and must have a value. A plain `Option` would accept null and
/// treat it as an omitted field.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}
