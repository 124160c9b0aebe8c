use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    Filters, RegistrationError,
    registration::{with_attempts, with_batch_size, with_name, with_url},
};
use crate::{base::Limits, filter::Filter, webhook::Webhook};

/// What a `PATCH` changes of a webhook: the fields that it names, each as in a
/// [`Registration`](super::Registration) (inferred: the pages document the object, and a REST API of
/// this make takes parts of it).
///
/// Read-only fields count for nothing. No field is null: what is to stay is left out.
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
    /// The title.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// Whether it takes part.
    #[serde(deserialize_with = "given")]
    pub active: Option<bool>,
    /// Where deliveries go.
    #[serde(deserialize_with = "given")]
    pub url: Option<String>,
    /// The most notifications of a batch.
    #[serde(deserialize_with = "given")]
    pub batch_size: Option<usize>,
    /// How many attempts a delivery gets, 0 for as many as it takes.
    #[serde(deserialize_with = "given")]
    pub send_attempts: Option<u32>,
    /// What it wants: all of it, in place of what it wanted.
    #[serde(deserialize_with = "given")]
    pub filters: Option<Filters>,
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
    /// Changes `webhook` in what they name, with filters read by the table of its filter.
    ///
    /// # Errors
    /// Where a field is outside of what is documented, the URL is none that can be sent to, or
    /// the filters cannot be read: see [`RegistrationError`].
    pub fn apply_to(&self, webhook: Webhook) -> Result<Webhook, RegistrationError> {
        let (table, limits) = (webhook.filter().table(), Limits::default());
        let filter = self.filters.as_ref().map(|filters| filters.read(table, &limits));
        self.put(webhook, filter.transpose()?)
    }

    pub(super) fn put(
        &self,
        mut webhook: Webhook,
        filter: Option<Filter>,
    ) -> Result<Webhook, RegistrationError> {
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
            webhook = webhook.with_filter(filter);
        }
        Ok(webhook)
    }
}

/// A field that is there, which must then have a value.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}
