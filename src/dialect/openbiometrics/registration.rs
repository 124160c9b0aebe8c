use serde::{Deserialize, Serialize};

use super::{EventType, FILTERS, RegistrationError, profile, signer, subscription};
use crate::{
    dialect::model::Timestamp,
    signature::{HmacSha256, Secret},
    webhook::Webhook,
};

/// The body of `POST /api/v1/events/webhooks` (documented). It holds the secret, and so is only
/// ever read.
///
/// ```
/// use recohook::openbiometrics::{Registration, UrlRule};
///
/// let text = r#"{
///     "url": "https://example.com/webhooks/biometrics",
///     "event_types": ["face_matched", "watchlist_alert", "liveness_passed"],
///     "secret": "whsec_your_signing_secret"
/// }"#;
/// let registration: Registration = serde_json::from_str(text)?;
/// let webhook = registration.to_webhook(UrlRule::Https)?;
/// assert_eq!(webhook.signers().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Registration {
    /// Where deliveries go.
    pub url: String,
    /// The types to subscribe to; at least one (inferred).
    pub event_types: Vec<EventType>,
    /// The key of the signature; without it, deliveries are not signed.
    #[serde(default)]
    pub secret: Option<Secret>,
}

/// A webhook as the REST API tells of it (documented); never with its secret (inferred from the
/// documented answers).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registered {
    /// The id: `wh_` and twelve hexadecimal digits in the documented answers.
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// The types that it subscribes to.
    pub event_types: Vec<EventType>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// The answer of `DELETE /api/v1/events/webhooks/{id}` (documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// The id of the webhook that is gone.
    pub removed: String,
}

/// Which URLs may be registered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum UrlRule {
    /// `https` alone (documented).
    #[default]
    Https,
    /// `http` too: for a receiver on the same host or in a network that the host trusts. Who
    /// listens on the way reads the events, and a signature does not hide them.
    HttpToo,
}

/// Under these keys a webhook's metadata holds what the answers tell and delivering does not need.
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const EVENT_TYPES: &str = "event_types";

impl Registration {
    /// What is to be registered, without a secret.
    pub fn new(
        url: impl Into<String>,
        event_types: impl IntoIterator<Item: Into<EventType>>,
    ) -> Self {
        let event_types = event_types.into_iter().map(Into::into).collect();
        Self { url: url.into(), event_types, secret: None }
    }

    /// Sets the key of the signature.
    #[must_use]
    pub fn with_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The webhook that it describes, with the documented [`profile`] and, where there is a secret,
    /// the documented [`signer`].
    ///
    /// # Errors
    /// Where the URL is not as the rule wants it or none that can be sent to, or no type is named:
    /// see [`RegistrationError`].
    pub fn to_webhook(&self, rule: UrlRule) -> Result<Webhook, RegistrationError> {
        self.signed_by(signer, rule)
    }

    /// As [`to_webhook`](Self::to_webhook), signed by another scheme.
    pub(super) fn signed_by(
        &self,
        scheme: fn(&Secret) -> HmacSha256,
        rule: UrlRule,
    ) -> Result<Webhook, RegistrationError> {
        if self.event_types.is_empty() {
            return Err(RegistrationError::NoEventTypes);
        }
        let filter =
            subscription(self.event_types.clone()).map_err(RegistrationError::EventTypes)?;
        let webhook = Webhook::new(&self.url, filter)?.with_profile(profile());
        if rule == UrlRule::Https && webhook.url().scheme_str() != Some("https") {
            return Err(RegistrationError::HttpsRequired);
        }
        let types = serde_json::to_string(&self.event_types).expect("texts are written as JSON");
        let webhook = webhook.with_metadata(EVENT_TYPES, types);
        Ok(match &self.secret {
            Some(secret) => webhook.with_signer(scheme(secret)),
            None => webhook,
        })
    }
}

impl Registered {
    /// What the API tells of a webhook that was made of a [`Registration`]; `None` of another.
    pub(super) fn of(id: &str, webhook: &Webhook) -> Option<Self> {
        if !std::ptr::eq(webhook.filter().table(), &FILTERS) {
            return None;
        }
        let kept = |key| webhook.metadata().get(key);
        Some(Self {
            id: id.to_owned(),
            url: webhook.url_text().to_owned(),
            event_types: serde_json::from_str(kept(EVENT_TYPES)?).ok()?,
            created_at: kept(CREATED_AT)?.as_str().into(),
        })
    }
}
