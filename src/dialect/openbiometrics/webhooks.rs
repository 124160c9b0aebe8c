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
/// webhooks as the API does. The handlers of the host's API call it.
///
/// The host keeps it, and passes a [`Registrar`] in each call. For a notifier, pass `&mut
/// &notifier` to change something and `&&notifier` to read. For an engine, call
/// [`Engine::registrar`](crate::Engine::registrar).
///
/// It does not touch webhooks that the host registers by other means: those whose metadata lacks
/// `created_at` or `event_types`, which the answers need, or whose filter has other filter keys.
///
/// Nothing outlives the process. A host that stores the answers and the secrets passes them to
/// [`restore`](Self::restore) when it starts.
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
    /// Returns a registry with the documented rules: `https` only, and the documented signature.
    pub fn new() -> Self {
        Self { rule: UrlRule::default(), scheme: signer }
    }

    /// Sets the URLs that may be registered. Default: only `https`.
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

    /// Sets the function that makes a signer from a webhook's secret. Default: [`signer`], as
    /// documented. For receivers that were written against the engine, use
    /// [`engine_signer`](super::engine_signer).
    #[must_use]
    pub fn with_scheme(mut self, scheme: fn(&Secret) -> HmacSha256) -> Self {
        self.scheme = scheme;
        self
    }

    /// Registers a webhook under a new id, and returns the answer of the API. Its date has
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
        // 48 random bits: an id that is taken is so rare that it is an error, not a second try.
        self.insert(registrar, registration, new_id(), &created_at)
    }

    /// Registers a webhook as an earlier answer described it: under the same id, with the same
    /// date. The answer does not have the secret, so the host must store the secret elsewhere.
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
        // By moment and not by text: a restored date can have another zone.
        list.sort_by(|a, b| {
            (a.created_at.to_system_time(), &a.id).cmp(&(b.created_at.to_system_time(), &b.id))
        });
        list
    }

    /// Returns the webhook with this id. Returns `None` if there is none, or if it does not belong
    /// to this registry.
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

/// Returns a new random id in the form of the documented ids.
fn new_id() -> String {
    format!("wh_{:012x}", fresh_seed() >> 16)
}
