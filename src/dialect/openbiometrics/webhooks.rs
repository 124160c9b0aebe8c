use std::fmt;

use super::{
    Registered, Registration, RegistrationError, Removed, UrlRule, registration::CREATED_AT, signer,
};
use crate::{
    Notifier, RegistryError, WebhookId,
    base::random::fresh_seed,
    model::Timestamp,
    signature::{HmacSha256, Secret},
};

/// The webhooks of an OpenBiometrics engine on a [`Notifier`], as its REST API registers, lists and
/// removes them. What a host's handlers of that API call.
///
/// Webhooks that the host registers otherwise are left alone: those whose metadata does not hold
/// what an answer tells, `created_at` and `event_types`, or whose filter is of another table. It
/// holds a clone of the notifier, so drop it, too, for the drivers to end.
///
/// ```
/// use recohook::clock::ThreadClock;
/// use recohook::openbiometrics::Webhooks;
/// # use recohook::{Notifier, async_trait, bytes::Bytes, http};
/// # use recohook::transport::{Body, Context, Transport, TransportError};
/// # struct Sink;
/// # #[async_trait]
/// # impl Transport for Sink {
/// #     async fn send(&self, _: http::Request<Bytes>, _: &Context)
/// #         -> Result<http::Response<Body>, TransportError> {
/// #         Ok(http::Response::new(Body::empty()))
/// #     }
/// # }
/// # let notifier = Notifier::new(Sink, ThreadClock::new());
/// let webhooks = Webhooks::new(&notifier);
///
/// // POST
/// let body = r#"{"url": "https://example.com/hook", "event_types": ["face_matched"]}"#;
/// let answer = webhooks.create(&serde_json::from_str(body)?)?;
/// assert!(answer.id.starts_with("wh_"));
///
/// // GET, DELETE
/// assert_eq!(webhooks.list(), [answer.clone()]);
/// let answer = webhooks.delete(&answer.id)?;
/// assert!(serde_json::to_string(&answer)?.starts_with(r#"{"removed":"wh_"#));
///
/// let body = r#"{"url": "http://example.com/hook", "event_types": ["face_matched"]}"#;
/// assert!(webhooks.create(&serde_json::from_str(body)?).is_err(), "https is asked for");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks {
    notifier: Notifier,
    rule: UrlRule,
    scheme: fn(&Secret) -> HmacSha256,
}

impl Webhooks {
    /// Those on `notifier`.
    pub fn new(notifier: &Notifier) -> Self {
        Self { notifier: notifier.clone(), rule: UrlRule::default(), scheme: signer }
    }

    /// Sets which URLs may be registered. Default: `https` alone.
    #[must_use]
    pub fn with_url_rule(mut self, rule: UrlRule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets how deliveries are signed. Default: [`signer`], as documented.
    #[must_use]
    pub fn with_scheme(mut self, scheme: fn(&Secret) -> HmacSha256) -> Self {
        self.scheme = scheme;
        self
    }

    /// Registers a webhook under a new id. The date is written with `+00:00`, as the documented ones
    /// are, and microseconds.
    ///
    /// # Errors
    /// Where it describes none: see [`RegistrationError`].
    pub fn create(&self, registration: &Registration) -> Result<Registered, RegistrationError> {
        self.insert(registration, None, &Timestamp::from(self.notifier.wall()).with_offset())
    }

    /// Registers a webhook as it was before: under the id and the date that an answer told. The
    /// secret is not in the answer: the host keeps it, in a safe place.
    ///
    /// # Errors
    /// Where the id is taken, or it describes no webhook.
    pub fn restore(
        &self,
        registered: &Registered,
        secret: Option<Secret>,
    ) -> Result<(), RegistrationError> {
        let mut registration = Registration::new(&registered.url, registered.event_types.clone());
        registration.secret = secret;
        self.insert(&registration, Some(&registered.id), &registered.created_at)?;
        Ok(())
    }

    /// All webhooks that were registered in this way, by when that was.
    pub fn list(&self) -> Vec<Registered> {
        let webhooks = self.notifier.webhooks();
        let registered = webhooks.iter().map(|(id, webhook)| Registered::of(id.as_str(), webhook));
        let mut list: Vec<_> = registered.flatten().collect();
        list.sort_by(|a, b| {
            (a.created_at.to_system_time(), &a.id).cmp(&(b.created_at.to_system_time(), &b.id))
        });
        list
    }

    /// Removes a webhook, as [`Notifier::remove`] does.
    ///
    /// # Errors
    /// Where there is none of this id that was registered in this way.
    pub fn delete(&self, id: &str) -> Result<Removed, RegistrationError> {
        let found = self.notifier.webhook(id).and_then(|webhook| Registered::of(id, &webhook));
        found.ok_or_else(|| RegistryError::Unknown { id: WebhookId::from(id) })?;
        self.notifier.remove(id)?;
        Ok(Removed { removed: id.to_owned() })
    }

    fn insert(
        &self,
        registration: &Registration,
        id: Option<&str>,
        created_at: &Timestamp,
    ) -> Result<Registered, RegistrationError> {
        let webhook = registration.signed_by(self.scheme, self.rule)?;
        let webhook = webhook.with_metadata(CREATED_AT, created_at.as_str());
        // 48 random bits are taken too rarely to look for others.
        let id = id.map_or_else(new_id, str::to_owned);
        let answer = Registered {
            id: id.clone(),
            url: registration.url.clone(),
            event_types: registration.event_types.clone(),
            created_at: created_at.clone(),
        };
        self.notifier.insert(id, webhook)?;
        Ok(answer)
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// An id in the form of the documented ones.
fn new_id() -> String {
    format!("wh_{:012x}", fresh_seed() >> 16)
}
