use std::fmt;

use super::{
    Registered, Registration, RegistrationError, Removed, UrlRule, registration::CREATED_AT, signer,
};
use crate::{
    base::{WebhookId, random::fresh_seed},
    dialect::model::Timestamp,
    signature::{HmacSha256, Secret},
    webhook::{Registrar, RegistryError},
};

/// The registry behind the REST API of an OpenBiometrics engine. It creates, lists and removes
/// webhooks as the API does. Call it in the handlers of the host's API.
///
/// The host owns the registry and passes a [`Registrar`] to each call. For a notifier, pass `&mut
/// &notifier` to make changes and `&&notifier` to read. For an engine, pass the registrar that
/// [`Engine::registrar`](crate::Engine::registrar) returns.
///
/// The registry does not touch webhooks that the host registers by other means. A webhook belongs
/// to the registry only if its filter uses the same filter keys and its metadata contains
/// `created_at` and `event_types`, which the answers need.
///
/// The registry does not store anything beyond the lifetime of the process. To keep webhooks across
/// restarts, store the answers and the secrets, and pass them to [`restore`](Self::restore) when
/// the host starts.
///
/// ```
/// use recohook::openbiometrics::Webhooks;
/// use recohook::{Engine, Moment};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhooks = Webhooks::new();
///
/// // POST
/// let body = r#"{"url": "https://example.com/hook", "event_types": ["face_matched"]}"#;
/// let answer = webhooks.create(&mut registrar, &serde_json::from_str(body)?)?;
/// assert!(answer.id.starts_with("wh_"));
///
/// // GET, DELETE
/// assert_eq!(webhooks.list(&registrar), [answer.clone()]);
/// assert_eq!(webhooks.get(&registrar, &answer.id), Some(answer.clone()));
/// let answer = webhooks.delete(&mut registrar, &answer.id)?;
/// assert!(serde_json::to_string(&answer)?.starts_with(r#"{"removed":"wh_"#));
///
/// let body = r#"{"url": "http://example.com/hook", "event_types": ["face_matched"]}"#;
/// let refused = webhooks.create(&mut registrar, &serde_json::from_str(body)?);
/// assert!(refused.is_err(), "https is required");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks {
    rule: UrlRule,
    scheme: fn(&Secret) -> HmacSha256,
}

impl Webhooks {
    /// Creates a registry with the documented rules. Only `https` is allowed, and the signature is
    /// the documented one.
    pub fn new() -> Self {
        Self { rule: UrlRule::default(), scheme: signer }
    }

    /// Sets which URLs may be registered. Default: only `https`.
    ///
    /// ```
    /// use recohook::openbiometrics::{EventType, Registration, UrlRule, Webhooks};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let local = Registration::new("http://127.0.0.1:8888/", [EventType::FaceMatched]);
    /// let webhooks = Webhooks::new().with_url_rule(UrlRule::HttpToo);
    /// assert!(webhooks.create(&mut registrar, &local).is_ok());
    /// ```
    #[must_use]
    pub fn with_url_rule(mut self, rule: UrlRule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets the function that creates a signer from a webhook's secret. Default: [`signer`], as
    /// documented. For receivers that were written against the engine, use
    /// [`engine_signer`](super::engine_signer).
    #[must_use]
    pub fn with_scheme(mut self, scheme: fn(&Secret) -> HmacSha256) -> Self {
        self.scheme = scheme;
        self
    }

    /// Registers a webhook under a new id and returns the API's answer. The date in the answer has
    /// microseconds and ends with `+00:00`, like the documented dates.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the registration is invalid.
    pub fn create(
        &self,
        registrar: &mut impl Registrar,
        registration: &Registration,
    ) -> Result<Registered, RegistrationError> {
        let created_at = Timestamp::from(registrar.now()).with_offset();
        // The id has 48 random bits. A collision is so unlikely that it is reported as an error
        // rather than retried.
        self.insert(registrar, registration, new_id(), &created_at)
    }

    /// Registers a webhook again from an earlier answer, with the same id and date. The answer does
    /// not contain the secret, so the host must store the secret separately.
    ///
    /// ```
    /// use recohook::openbiometrics::{Registered, Webhooks};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let stored: Registered = serde_json::from_str(r#"{
    ///     "id": "wh_a1b2c3d4e5f6", "url": "https://example.com/hook",
    ///     "event_types": ["face_matched"], "created_at": "2026-03-19T10:00:00+00:00"
    /// }"#)?;
    /// let webhooks = Webhooks::new();
    /// webhooks.restore(&mut registrar, &stored, None)?;
    /// assert_eq!(webhooks.get(&registrar, "wh_a1b2c3d4e5f6"), Some(stored));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the id is taken or the answer is invalid.
    pub fn restore(
        &self,
        registrar: &mut impl Registrar,
        registered: &Registered,
        secret: Option<Secret>,
    ) -> Result<(), RegistrationError> {
        let mut registration = Registration::new(&registered.url, registered.event_types.clone());
        registration.secret = secret;
        let id = registered.id.clone();
        self.insert(registrar, &registration, id, &registered.created_at)?;
        Ok(())
    }

    /// Returns all webhooks of this registry, sorted by date and then by id.
    pub fn list(&self, registrar: &impl Registrar) -> Vec<Registered> {
        let webhooks = registrar.list();
        let registered = webhooks.iter().map(|(id, webhook)| Registered::of(id.as_str(), webhook));
        let mut list: Vec<_> = registered.flatten().collect();
        // The dates are compared as moments rather than as text, because a restored date may have a
        // different time zone.
        list.sort_by(|a, b| {
            (a.created_at.to_system_time(), &a.id).cmp(&(b.created_at.to_system_time(), &b.id))
        });
        list
    }

    /// Returns the webhook with this id, or `None` if this registry has no such webhook.
    pub fn get(&self, registrar: &impl Registrar, id: &str) -> Option<Registered> {
        registrar.get(id).and_then(|webhook| Registered::of(id, &webhook))
    }

    /// Removes a webhook and drops its queue, as [`Registrar::remove`] does.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if this registry has no webhook with this id.
    pub fn delete(
        &self,
        registrar: &mut impl Registrar,
        id: &str,
    ) -> Result<Removed, RegistrationError> {
        // The registrar would also remove a webhook that does not belong to this registry.
        if self.get(registrar, id).is_none() {
            return Err(RegistryError::Unknown { id: WebhookId::from(id) }.into());
        }
        registrar.remove(id)?;
        Ok(Removed { removed: id.to_owned() })
    }

    fn insert(
        &self,
        registrar: &mut impl Registrar,
        registration: &Registration,
        id: String,
        created_at: &Timestamp,
    ) -> Result<Registered, RegistrationError> {
        let webhook = registration.signed_by(self.scheme, self.rule)?;
        let webhook = webhook.with_metadata(CREATED_AT, created_at.as_str());
        registrar.insert(id.as_str(), webhook)?;
        Ok(Registered {
            id,
            url: registration.url.clone(),
            event_types: registration.event_types.clone(),
            created_at: created_at.clone(),
        })
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// Returns a new random id in the format of the documented ids.
fn new_id() -> String {
    format!("wh_{:012x}", fresh_seed() >> 16)
}
