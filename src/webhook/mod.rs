//! What a host registers: the URL that notifications are sent to, the filter that selects them, and
//! the profile that decides how they are sent.

mod error;
mod headers;
mod profile;
mod registrar;
mod target_url;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

use http::{HeaderMap, HeaderName, Uri};

pub use error::WebhookError;
use headers::default_headers;
pub use profile::{Framing, Profile};
pub use registrar::{Registrar, RegistryError, Replaced};
use target_url::{RedactedUrl, TargetUrl};

use crate::{
    attribute::{AttributeError, Values},
    filter::{Explanation, Filter},
    notification::{Notification, Rendering},
    policy::Policy,
    signature::Signer,
};

/// A webhook: the URL of a receiver, the filter that selects its notifications, and how they are
/// delivered.
///
/// It is a plain value. It takes effect when it is registered, with
/// [`Notifier::insert`](crate::Notifier::insert) or [`Engine::insert`](crate::Engine::insert).
///
/// Setters may be called in any order. Registering checks that the parts fit together, for example
/// that no two headers have the same name: see [`RegistryError`].
///
/// ```
/// use recohook::findface::security;
/// use recohook::signature::{HmacSha256, Secret};
/// use recohook::{Engine, Filter, Moment, Webhook};
///
/// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
/// let webhook = Webhook::new("http://127.0.0.1:8888/hook", filter)?
///     .with_name("front gate")
///     .with_profile(security::profile())
///     .with_header("x-site", "north")?
///     .with_signer(HmacSha256::new(&Secret::new("a secret that the receiver knows")?));
///
/// let mut engine = Engine::new();
/// engine.insert(1, webhook, Moment::ZERO)?;
/// let receipt = engine.publish(&security::Event::new("42").matched(true), Moment::ZERO)?;
/// assert_eq!(receipt.queued, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    target: TargetUrl,
    filter: Filter,
    profile: Profile,
    /// Shared by all webhooks that change none of it, which keeps the many simple ones small.
    extras: Arc<Extras>,
}

/// The settings that many webhooks leave at their defaults.
#[derive(Clone)]
struct Extras {
    active: bool,
    name: Box<str>,
    /// Shared by all webhooks that have only the default headers.
    headers: Arc<HeaderMap>,
    delivery_id: Option<HeaderName>,
    // In `Arc`s, so that a webhook can be cloned although signers cannot.
    signers: Vec<Arc<dyn Signer>>,
    // Sorted, so that `Debug` writes it in the same order each time.
    metadata: BTreeMap<String, String>,
}

impl Webhook {
    /// Creates a webhook with the default [`Profile`]. It sends the notifications that match
    /// `filter` to `url`.
    ///
    /// The URL must be absolute, with the scheme `http` or `https`, and without credentials and
    /// fragment. Its path and query are sent as they are given, so they must be percent-encoded.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let everything = Filter::everything(&FILTERS);
    /// assert!(Webhook::new("https://hooks.example/a?site=north", everything.clone()).is_ok());
    ///
    /// let error = Webhook::new("/a?site=north", everything).unwrap_err();
    /// assert_eq!(error.to_string(), "the URL must be absolute, such as http://host:port/path");
    /// ```
    ///
    /// # Errors
    /// Returns a [`WebhookError`] if no request can be sent to `url`. Each variant but
    /// [`Header`](WebhookError::Header) is one reason.
    pub fn new(url: &str, filter: Filter) -> Result<Self, WebhookError> {
        Ok(Self {
            target: TargetUrl::parse(url)?,
            filter,
            profile: Profile::default(),
            extras: Arc::clone(&NO_EXTRAS),
        })
    }

    /// Returns the name. Default: empty.
    pub fn name(&self) -> &str {
        &self.extras.name
    }

    /// Sets a name for people to read. It need not be unique, and it is not sent.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.extras_mut().name = name.into().into_boxed_str();
        self
    }

    /// Returns the URL that requests are sent to.
    pub fn url(&self) -> &Uri {
        self.target.url()
    }

    /// Sets the URL that requests are sent to.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does.
    pub fn with_url(mut self, url: &str) -> Result<Self, WebhookError> {
        self.target = TargetUrl::parse(url)?;
        Ok(self)
    }

    /// Returns the text of the URL, byte for byte as it was given.
    ///
    /// [`url`](Self::url) is normalised: its scheme is in lower case, and an empty path is `/`.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("HTTP://hooks.example", Filter::everything(&FILTERS))?;
    /// assert_eq!(webhook.url_text(), "HTTP://hooks.example");
    /// assert_eq!(webhook.url().to_string(), "http://hooks.example/");
    /// # Ok::<(), recohook::WebhookError>(())
    /// ```
    pub fn url_text(&self) -> &str {
        self.target.text()
    }

    /// Returns the filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Sets the filter.
    #[must_use]
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Explains why the filter matches a notification or does not, for a person who asks why a
    /// receiver got nothing.
    ///
    /// Only the filter is explained. The webhook may also be [inactive](Self::is_active) or paused,
    /// or its queue may be full. It is slow: it reads the filter's text again, and allocates.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Filter, Webhook};
    ///
    /// let filter = Filter::parse(r#"{"events": {"camera_in": [3], "matched": true}}"#, &FILTERS)?;
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", filter)?;
    ///
    /// let explanation = webhook.explain(&Event::new("42").camera(4).matched(true))?;
    /// assert!(!explanation.is_match());
    /// let verdicts = explanation.verdicts().expect("the filter has a section for events");
    /// let failed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.holds()).collect();
    /// assert_eq!(failed.len(), 1);
    /// assert_eq!(failed[0].pointer(), "/events/camera_in");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the notification sets an attribute that its schema does not allow.
    /// Publishing it fails with the same error.
    pub fn explain(&self, notification: &dyn Notification) -> Result<Explanation, AttributeError> {
        let mut values = Values::new();
        values.reset(notification.schema());
        notification.attributes(&mut values);
        match values.error() {
            Some(error) => Err(error.clone()),
            None => Ok(self.filter.explain(&values)),
        }
    }

    /// Returns the delivery profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Sets the delivery profile: the policy, the framing, the rendering, and the headers with the
    /// notification's kind and id. Default: [`Profile::default`].
    ///
    /// It replaces what the setters of these parts have set before. Call those afterwards.
    ///
    /// ```
    /// use recohook::openbiometrics::{self, EventType};
    /// use recohook::{Framing, Webhook, policy::Policy};
    ///
    /// let filter = openbiometrics::subscription([EventType::FaceMatched])?;
    /// let webhook = Webhook::new("https://hooks.example/", filter)?
    ///     .with_profile(openbiometrics::profile())
    ///     .with_policy(Policy::default());
    /// assert_eq!(webhook.framing(), Framing::Object);
    /// assert_eq!(webhook.policy(), &Policy::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Returns the delivery policy.
    pub fn policy(&self) -> &Policy {
        self.profile.policy()
    }

    /// Sets the delivery policy. Default: [`Policy::default`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.profile = self.profile.with_policy(policy);
        self
    }

    /// Returns how notifications become the body of a request.
    pub fn framing(&self) -> Framing {
        self.profile.framing()
    }

    /// Sets how notifications become the body of a request. Default: [`Framing::Array`].
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Framing, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// engine.insert("array", webhook.clone(), now)?;
    /// engine.insert("object", webhook.with_framing(Framing::Object), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    ///
    /// let mut next = || engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// assert_eq!((next().request().body()[0], next().request().body()[0]), (b'[', b'{'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.profile = self.profile.with_framing(framing);
        self
    }

    /// Returns how notifications write the entities that they refer to.
    pub fn rendering(&self) -> Rendering {
        self.profile.rendering()
    }

    /// Sets how notifications write the entities that they refer to. Default: [`Rendering::Full`].
    #[must_use]
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.profile = self.profile.with_rendering(rendering);
        self
    }

    /// Returns whether the webhook is active. An inactive webhook matches no notification. What it
    /// has queued is still sent.
    pub fn is_active(&self) -> bool {
        self.extras.active
    }

    /// Sets whether the webhook is active. Default: `true`.
    ///
    /// To keep queueing without sending, [pause](crate::Registrar::pause) the webhook instead.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// engine.insert(1, webhook.with_active(false), now)?;
    /// assert_eq!(engine.publish(&Event::new("42"), now)?.matched, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        // Only a change pays for a copy of the shared settings.
        if active != self.is_active() {
            self.extras_mut().active = active;
        }
        self
    }

    /// Adds a signer of each request.
    ///
    /// Several signers sign in the order in which they were added. Each must use headers of its
    /// own: otherwise deliveries end as
    /// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest).
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::signature::{HmacSha256, Received, Secret, Verifier};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let scheme = HmacSha256::new(&Secret::new("a secret that the receiver knows")?);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_signer(scheme.clone());
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// let request = outgoing.request();
    /// scheme.verify(&Received::new(request.headers(), request.body()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.extras_mut().signers.push(Arc::new(signer));
        self
    }

    /// Returns the signers, in the order in which they were added.
    pub fn signers(&self) -> &[Arc<dyn Signer>] {
        &self.extras.signers
    }

    /// Returns the texts that the host keeps with the webhook.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.extras.metadata
    }

    /// Keeps a text with the webhook, such as when it was registered or by whom. Replaces the text
    /// with the same key.
    ///
    /// Metadata is never sent, and `Debug` shows it. No limit applies to it: a host that accepts it
    /// from clients must check its size.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_metadata("owner", "security desk");
    /// assert_eq!(webhook.metadata()["owner"], "security desk");
    /// # Ok::<(), recohook::WebhookError>(())
    /// ```
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.extras_mut().metadata.insert(key.into(), value.into());
        self
    }

    /// Returns the extras, copied first if other webhooks share them.
    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(&mut self.extras)
    }
}

/// Shows neither the query of the URL, which may contain a token, nor header values that may be
/// credentials.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Destructured, so that a new field is not forgotten here.
        let Extras { active, name, headers, delivery_id, signers, metadata } = &*self.extras;
        f.debug_struct("Webhook")
            .field("name", name)
            .field("url", &RedactedUrl(self.url()))
            .field("active", active)
            .field("filter", &format_args!("{}", self.filter))
            .field("profile", &self.profile)
            .field("headers", headers)
            .field("delivery_id", delivery_id)
            .field("signers", &signers.len())
            .field("metadata", metadata)
            .finish()
    }
}

/// The extras of a webhook that changes none of them.
static NO_EXTRAS: LazyLock<Arc<Extras>> = LazyLock::new(|| {
    Arc::new(Extras {
        active: true,
        name: Box::default(),
        headers: Arc::new(default_headers()),
        delivery_id: None,
        signers: Vec::new(),
        metadata: BTreeMap::new(),
    })
});
