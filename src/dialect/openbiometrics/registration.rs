use serde::{Deserialize, Serialize};

use super::{EventType, FILTERS, RegistrationError, profile, signer, subscription};
use crate::{
    dialect::model::Timestamp,
    signature::{HmacSha256, Secret},
    webhook::Webhook,
};

/// The body of `POST /api/v1/events/webhooks` (documented). It contains the secret, so it can be
/// read from JSON but not written. Unknown fields are an error.
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
    /// The URL of the receiver.
    pub url: String,
    /// The types of events to subscribe to. At least one is required (inferred).
    pub event_types: Vec<EventType>,
    /// The key of the signature. If it is `None`, deliveries are not signed.
    #[serde(default)]
    pub secret: Option<Secret>,
}

/// A webhook in the answers of the REST API (documented). It never contains the secret (inferred
/// from the documented answers).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registered {
    /// The id. In the documented answers it is `wh_` followed by twelve hexadecimal digits.
    pub id: String,
    /// The URL of the receiver.
    pub url: String,
    /// The types that the webhook subscribes to.
    pub event_types: Vec<EventType>,
    /// When the webhook was registered.
    pub created_at: Timestamp,
}

/// The answer to `DELETE /api/v1/events/webhooks/{id}` (documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// The id of the removed webhook.
    pub removed: String,
}

/// The URLs that may be registered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum UrlRule {
    /// Only `https` (documented).
    #[default]
    Https,
    /// `https` and `http`. Use this rule only for receivers on the same host or in a trusted
    /// network. A signature does not hide the events, so anybody between the host and the receiver
    /// can read them.
    HttpToo,
}

/// The metadata keys under which the registry keeps values that its answers need but a delivery
/// does not.
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const EVENT_TYPES: &str = "event_types";

impl Registration {
    /// Creates a body without a secret. Nothing is checked yet.
    pub fn new(
        url: impl Into<String>,
        event_types: impl IntoIterator<Item: Into<EventType>>,
    ) -> Self {
        let event_types = event_types.into_iter().map(Into::into).collect();
        Self { url: url.into(), event_types, secret: None }
    }

    /// Sets the key of the signature.
    ///
    /// ```
    /// use recohook::openbiometrics::{EventType, Registration, UrlRule};
    /// use recohook::signature::Secret;
    ///
    /// let registration = Registration::new("https://example.com/", [EventType::FaceMatched])
    ///     .with_secret(Secret::new("whsec_your_signing_secret")?);
    /// assert_eq!(registration.to_webhook(UrlRule::Https)?.signers().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Returns the webhook that the body describes. It has the documented [`profile`] and, if the
    /// body contains a secret, the documented [`signer`].
    ///
    /// ```
    /// use recohook::openbiometrics::{EventType, Registration, UrlRule};
    ///
    /// let registration = Registration::new("http://127.0.0.1:8888/", [EventType::FaceMatched]);
    /// let error = registration.to_webhook(UrlRule::Https).unwrap_err();
    /// assert_eq!(error.to_string(), "`url` must be https, unless the host allows http");
    /// assert!(registration.to_webhook(UrlRule::HttpToo).is_ok());
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no event type, if the URL cannot be used, or if
    /// `rule` does not allow the URL.
    pub fn to_webhook(&self, rule: UrlRule) -> Result<Webhook, RegistrationError> {
        self.signed_by(signer, rule)
    }

    /// Returns the webhook as [`to_webhook`](Self::to_webhook) does, but uses the signer that
    /// `scheme` creates.
    pub(super) fn signed_by(
        &self,
        scheme: fn(&Secret) -> HmacSha256,
        rule: UrlRule,
    ) -> Result<Webhook, RegistrationError> {
        // A webhook without types would be valid, but it would never get an event.
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
        // The answers list the types in the client's order, whereas the filter sorts them.
        let webhook = webhook.with_metadata(EVENT_TYPES, types);
        Ok(match &self.secret {
            Some(secret) => webhook.with_signer(scheme(secret)),
            None => webhook,
        })
    }
}

impl Registered {
    /// Returns the API's answer for a webhook. Returns `None` if the webhook was not created from a
    /// [`Registration`].
    pub(super) fn of(id: &str, webhook: &Webhook) -> Option<Self> {
        // The tables are compared by address, as in the registry of FindFace, because two systems
        // could have equal tables.
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
