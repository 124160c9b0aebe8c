use std::fmt;

use super::{
    Changes, Registered, Registration, RegistrationError, Removed, UnknownFields, UnknownTypes,
    UrlRule,
    registration::{CREATED_AT, with_types, with_url},
    signer,
};
use crate::{
    base::{WebhookId, random::fresh_seed},
    dialect::model::Timestamp,
    signature::{HmacSha256, Secret},
    webhook::{Registrar, RegistryError, Webhook},
};

/// The registry behind the REST API of an OpenBiometrics engine. It creates, lists and removes
/// webhooks as the API does. It can also change them (ours). Call it in the handlers of the host's
/// API.
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
/// let answer = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?)?;
/// assert!(answer.id.starts_with("wh_"));
///
/// // GET, DELETE
/// assert_eq!(webhooks.list(&registrar), [answer.clone()]);
/// assert_eq!(webhooks.get(&registrar, &answer.id), Some(answer.clone()));
/// let answer = webhooks.delete(&mut registrar, &answer.id)?;
/// assert!(serde_json::to_string(&answer)?.starts_with(r#"{"removed":"wh_"#));
///
/// let body = r#"{"url": "http://example.com/hook", "event_types": ["face_matched"]}"#;
/// let refused = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?);
/// assert!(refused.is_err(), "https is required");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks {
    rule: UrlRule,
    scheme: fn(&Secret) -> HmacSha256,
    types: UnknownTypes,
    fields: UnknownFields,
}

impl Webhooks {
    /// Creates a registry with the documented rules. Only `https` is allowed, and the signature is
    /// the documented one.
    pub fn new() -> Self {
        Self {
            rule: UrlRule::default(),
            scheme: signer,
            types: UnknownTypes::default(),
            fields: UnknownFields::default(),
        }
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

    /// Sets what the registry does with unknown event types. Default: it refuses them.
    ///
    /// ```
    /// use recohook::openbiometrics::{self, Registration, UnknownTypes};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = openbiometrics::webhooks();
    /// let wrong = Registration::new("https://example.com/", ["face_machted"]);
    /// assert_eq!(
    ///     webhooks.create(&mut registrar, &wrong).unwrap_err().to_string(),
    ///     r#"at /event_types/0: unknown event type "face_machted"; did you mean "face_matched"?"#,
    /// );
    /// let webhooks = webhooks.with_unknown_types(UnknownTypes::Keep);
    /// assert!(webhooks.create(&mut registrar, &wrong).is_ok());
    /// ```
    #[must_use]
    pub fn with_unknown_types(mut self, types: UnknownTypes) -> Self {
        self.types = types;
        self
    }

    /// Sets what [`read`](Self::read) and [`read_changes`](Self::read_changes) do with unknown
    /// fields. Default: they ignore them.
    #[must_use]
    pub fn with_unknown_fields(mut self, fields: UnknownFields) -> Self {
        self.fields = fields;
        self
    }

    /// Reads the body of a `POST` or `PUT` request. A byte order mark before the object is skipped.
    ///
    /// Errors name the field as a JSON Pointer. A host whose web framework reads the body with
    /// serde can use `Deserialize` instead. Its errors are those of `serde_json`, and it refuses
    /// unknown fields.
    ///
    /// ```
    /// let body = br#"{"url": "https://example.com/", "event_types": ["face_matched", 7]}"#;
    /// let error = recohook::openbiometrics::webhooks().read(body).unwrap_err();
    /// assert_eq!(error.to_string(), "at /event_types/1: expected a string, found 7");
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not a JSON object, or if a field is missing,
    /// appears twice or has the wrong type.
    pub fn read(&self, text: &[u8]) -> Result<Registration, RegistrationError> {
        Registration::read(text, self.fields)
    }

    /// Reads the body of a `PATCH` request, as [`read`](Self::read) does.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not a JSON object, or if a field appears
    /// twice or has the wrong type.
    pub fn read_changes(&self, text: &[u8]) -> Result<Changes, RegistrationError> {
        Changes::read(text, self.fields)
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
        self.types.check_all(&registration.event_types)?;
        // An id has 48 random bits. An id that is in use is not assigned. That a removed id is
        // assigned again is possible in theory: after a million registrations, the probability is
        // below 1 in 500.
        for _ in 1..MAX_IDS {
            match self.insert(registrar, registration, new_id(), &created_at) {
                Err(RegistrationError::Registry(RegistryError::Taken { .. })) => {}
                result => return result,
            }
        }
        self.insert(registrar, registration, new_id(), &created_at)
    }

    /// Replaces the URL and the event types of a webhook and returns the new answer. The system has
    /// no such request (ours).
    ///
    /// If `registration` has no secret, the webhook keeps its own, because no answer contains it.
    /// Otherwise works as [`set_secret`](Self::set_secret).
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if this registry has no webhook with this id, or if the
    /// registration is invalid.
    pub fn update(
        &self,
        registrar: &mut impl Registrar,
        id: &str,
        registration: &Registration,
    ) -> Result<Registered, RegistrationError> {
        let Registration { url, event_types, secret } = registration.clone();
        let changes = Changes { url: Some(url), event_types: Some(event_types), secret };
        self.patch(registrar, id, &changes)
    }

    /// Changes the fields of a webhook that are present in `changes` and returns the new answer.
    /// The system has no such request (ours).
    ///
    /// ```
    /// use recohook::openbiometrics::{self, EventType, Registration};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = openbiometrics::webhooks();
    /// let registration = Registration::new("https://example.com/", [EventType::FaceMatched]);
    /// let id = webhooks.create(&mut registrar, &registration)?.id;
    /// let changes = webhooks.read_changes(br#"{"event_types": ["line_crossed"]}"#)?;
    /// let answer = webhooks.patch(&mut registrar, &id, &changes)?;
    /// assert_eq!(answer.event_types, [EventType::LineCrossed]);
    /// assert_eq!(answer.url, "https://example.com/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if this registry has no webhook with this id, or if the
    /// result is invalid.
    pub fn patch(
        &self,
        registrar: &mut impl Registrar,
        id: &str,
        changes: &Changes,
    ) -> Result<Registered, RegistrationError> {
        self.types.check_all(changes.event_types.as_deref().unwrap_or_default())?;
        self.change(registrar, id, |mut webhook| {
            if let Some(url) = &changes.url {
                webhook = with_url(webhook, url, self.rule)?;
            }
            if let Some(event_types) = &changes.event_types {
                webhook = with_types(webhook, event_types)?;
            }
            Ok(match &changes.secret {
                Some(secret) => webhook.without_signers().with_signer((self.scheme)(secret)),
                None => webhook,
            })
        })
    }

    /// Sets or removes the key of the signature. All signers of the webhook are replaced, including
    /// those that the host has added. The system has no such request (ours).
    ///
    /// The change takes effect with the next attempt.
    ///
    /// ```
    /// use recohook::openbiometrics::{self, EventType, Registration};
    /// use recohook::signature::Secret;
    /// use recohook::{Engine, Moment, Registrar};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = openbiometrics::webhooks();
    /// let registration = Registration::new("https://example.com/", [EventType::FaceMatched]);
    /// let id = webhooks.create(&mut registrar, &registration)?.id;
    /// webhooks.set_secret(&mut registrar, &id, Some(&Secret::new("whsec_new")?))?;
    /// assert_eq!(registrar.get(&*id).expect("registered").signers().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if this registry has no webhook with this id.
    pub fn set_secret(
        &self,
        registrar: &mut impl Registrar,
        id: &str,
        secret: Option<&Secret>,
    ) -> Result<(), RegistrationError> {
        self.change(registrar, id, |webhook| {
            let webhook = webhook.without_signers();
            Ok(match secret {
                Some(secret) => webhook.with_signer((self.scheme)(secret)),
                None => webhook,
            })
        })?;
        Ok(())
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
    /// The check that the webhook belongs to this registry and the removal are two steps. If
    /// another thread removes the webhook and registers a different one under the same id in
    /// between, the new one is removed.
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

    fn change(
        &self,
        registrar: &mut impl Registrar,
        id: &str,
        change: impl Fn(Webhook) -> Result<Webhook, RegistrationError>,
    ) -> Result<Registered, RegistrationError> {
        let unknown = || RegistryError::Unknown { id: WebhookId::from(id) };
        let webhook = registrar.modify(id, |webhook| {
            Registered::of(id, webhook).ok_or_else(unknown)?;
            change(webhook.clone())
        })?;
        Ok(Registered::of(id, &webhook).ok_or_else(unknown)?)
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

/// The maximum number of ids that are tried for a new webhook. Even a second one is hardly ever
/// needed, so a registrar that refuses them all does not work.
const MAX_IDS: usize = 16;

/// Returns a new random id in the format of the documented ids.
fn new_id() -> String {
    format!("wh_{:012x}", fresh_seed() >> 16)
}

/// Creates the registry with the documented rules, as [`Webhooks::new`] does.
pub fn webhooks() -> Webhooks {
    Webhooks::new()
}
