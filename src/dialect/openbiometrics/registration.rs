use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{EventType, FILTERS, RegistrationError, profile, signer, subscription};
use crate::{
    dialect::json_schema::DIALECT,
    dialect::{
        json_object::{JsonObject, UnknownFields, required},
        model::Timestamp,
        string_enum::StringEnum as _,
    },
    filter::{Filter, hint},
    signature::{HmacSha256, Secret},
    webhook::Webhook,
};

/// The body of `POST /api/v1/events/webhooks` (documented). It contains the secret, so it can be
/// read from JSON but not written. Unknown fields are an error for `Deserialize` (ours).
/// [`Webhooks::read`](super::Webhooks::read) ignores them by default, as the engine does
/// (inferred).
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

impl Registration {
    /// Returns the JSON Schema of the object, in the dialect 2020-12. Use it in forms, and in the
    /// OpenAPI document of the host's API.
    ///
    /// ```
    /// use recohook::openbiometrics::Registration;
    ///
    /// let schema = Registration::json_schema();
    /// assert_eq!(schema["properties"]["secret"]["writeOnly"], true);
    /// ```
    pub fn json_schema() -> Value {
        json!({
            "$schema": DIALECT,
            "title": "Webhook",
            "description": "A webhook (documented).",
            "type": "object",
            "properties": {
                "url": {
                    "description": "The https URL of the receiver (documented).",
                    "type": "string", "format": "uri",
                },
                "event_types": {
                    "description": "The types of events to subscribe to (documented). Other types \
                                    are refused (read).",
                    "type": "array", "items": {"enum": EventType::VALUES}, "minItems": 1,
                },
                "secret": {
                    "description": "The key of the signature (documented).",
                    "type": ["string", "null"], "writeOnly": true,
                },
            },
            "required": ["url", "event_types"],
        })
    }
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

/// What a registry does with event types that the system does not have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum UnknownTypes {
    /// Refuses them, as the project's own engine does (read in its source). There is no wildcard:
    /// to get all events, name all types.
    #[default]
    Refuse,
    /// Keeps them (ours), for hosts that publish events of their own types.
    Keep,
}

impl UnknownTypes {
    /// Checks an event type. `place` says in the error where the type is.
    pub(super) fn check(
        self,
        event_type: &EventType,
        place: impl FnOnce() -> String,
    ) -> Result<(), RegistrationError> {
        match event_type {
            EventType::Other(found) if self == Self::Refuse => {
                let hint = hint(found, EventType::VALUES.iter().copied().map(Cow::from));
                let (place, found) = (place(), found.clone());
                Err(RegistrationError::UnknownEventType { place, found, hint })
            }
            _ => Ok(()),
        }
    }

    /// Checks the event types of a registration.
    pub(super) fn check_all(self, event_types: &[EventType]) -> Result<(), RegistrationError> {
        let place = |at| move || format!("at /event_types/{at}");
        let mut types = event_types.iter().enumerate();
        types.try_for_each(|(at, one)| self.check(one, place(at)))
    }
}

/// The changes of a `PATCH` request. The system has no such request (ours).
///
/// A field that is `None` does not change.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Changes {
    /// The URL of the receiver.
    pub url: Option<String>,
    /// The types of events to subscribe to.
    pub event_types: Option<Vec<EventType>>,
    /// The new key of the signature.
    pub secret: Option<Secret>,
}

impl Changes {
    /// Reads the changes from JSON text.
    pub(super) fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let object = JsonObject::read(text, &["url", "event_types", "secret"], unknown)?;
        let types = object.texts("event_types")?;
        let secret = if object.is_null("secret") { None } else { object.text("secret")? };
        Ok(Self {
            url: object.text("url")?,
            event_types: types.map(|types| types.iter().map(|one| one.as_str().into()).collect()),
            secret: secret.map(Secret::new).transpose().map_err(RegistrationError::Secret)?,
        })
    }
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

    /// Reads the body from JSON text.
    pub(super) fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError> {
        let Changes { url, event_types, secret } = Changes::read(text, unknown)?;
        let (url, event_types) = (required(url, "url")?, required(event_types, "event_types")?);
        Ok(Self { url, event_types, secret })
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
        let webhook =
            Webhook::new(&self.url, Filter::everything(&FILTERS))?.with_profile(profile());
        let webhook = with_url(webhook, &self.url, rule)?;
        let webhook = with_types(webhook, &self.event_types)?;
        Ok(match &self.secret {
            Some(secret) => webhook.with_signer(scheme(secret)),
            None => webhook,
        })
    }
}

/// Sets the URL, if `rule` allows it.
pub(super) fn with_url(
    webhook: Webhook,
    url: &str,
    rule: UrlRule,
) -> Result<Webhook, RegistrationError> {
    let webhook = webhook.with_url(url)?;
    if rule == UrlRule::Https && webhook.url().scheme_str() != Some("https") {
        return Err(RegistrationError::HttpsRequired);
    }
    Ok(webhook)
}

/// Sets the types that the webhook subscribes to.
pub(super) fn with_types(
    webhook: Webhook,
    event_types: &[EventType],
) -> Result<Webhook, RegistrationError> {
    // A webhook without types would be valid, but it would never get an event.
    if event_types.is_empty() {
        return Err(RegistrationError::NoEventTypes);
    }
    let filter =
        subscription(event_types.iter().cloned()).map_err(RegistrationError::EventTypes)?;
    let types = serde_json::to_string(event_types).expect("texts are written as JSON");
    // The answers list the types in the client's order, whereas the filter sorts them.
    Ok(webhook.with_filter(filter).with_metadata(EVENT_TYPES, types))
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
