//! Webhooks. A webhook consists of the URL that notifications are sent to, the filter that selects
//! them, and the profile that determines how they are sent.

mod error;
mod headers;
mod lint;
mod profile;
mod registrar;
mod target_url;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

use http::{Extensions, HeaderMap, HeaderName, Uri};

pub use error::WebhookError;
use headers::{default_headers, replace_headers};
pub use lint::WebhookWarning;
pub use profile::{Framing, HeaderFallback, Profile};
pub use registrar::{Registrar, RegistryError, Replaced};
use target_url::{RedactedUrl, TargetUrl};

use crate::{
    attribute::{AttributeError, Values},
    base::header_case::Spellings,
    filter::{Explanation, Filter},
    notification::{Notification, Rendering},
    policy::Policy,
    signature::Signer,
};

/// The URL of a receiver, the filter that selects its notifications, and the settings of their
/// delivery.
///
/// A webhook is a plain value. It takes effect when it is registered with
/// [`Notifier::insert`](crate::Notifier::insert) or [`Engine::insert`](crate::Engine::insert).
///
/// Setters may be called in any order, with one exception: call
/// [`with_profile`](Self::with_profile) first, because it replaces everything that a profile
/// contains. Registering a webhook checks that its settings are consistent. For example, no two
/// headers may have the same name (see [`RegistryError`]).
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
    /// Shared by all webhooks that change none of these settings, so that simple webhooks take
    /// little memory.
    extras: Arc<Extras>,
}

/// The settings that many webhooks leave at their defaults.
#[derive(Clone)]
struct Extras {
    active: bool,
    unknown_topics: bool,
    name: Box<str>,
    /// Shared by all webhooks that use only the default headers.
    headers: Arc<HeaderMap>,
    delivery_id: Option<HeaderName>,
    /// How the names of the webhook's and its signers' headers are spelled.
    spellings: Spellings,
    // Signers are in `Arc`s, because a webhook can be cloned but a signer cannot.
    signers: Vec<Arc<dyn Signer>>,
    // A sorted map, so that `Debug` always writes it in the same order.
    metadata: BTreeMap<String, String>,
    extensions: Extensions,
}

impl Webhook {
    /// Creates a webhook with the default [`Profile`]. It sends the notifications that match
    /// `filter` to `url`.
    ///
    /// The URL must be absolute, with the scheme `http` or `https`, and without credentials or a
    /// fragment. It may have up to 8,192 bytes. Its host is a name or an address. A name may contain
    /// underscores. Characters outside ASCII must be in punycode. An IPv4 address must be written as
    /// four decimal numbers.
    ///
    /// Bytes of the path and the query that a URL must not contain are percent-encoded once, here.
    /// What is encoded already does not change. A `%` without two hex digits becomes `%25`.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let everything = Filter::everything(&FILTERS);
    /// assert!(Webhook::new("https://hooks.example/a?site=north", everything.clone()).is_ok());
    ///
    /// let error = Webhook::new("/a?site=north", everything).unwrap_err();
    /// assert_eq!(error.kind(), "relative_url");
    /// ```
    ///
    /// # Errors
    /// Returns a [`WebhookError`] if no request can be sent to `url`. Every variant except
    /// [`Header`](WebhookError::Header) is a possible reason.
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

    /// Sets a human-readable name. It need not be unique and is not sent.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.extras_mut().name = name.into().into_boxed_str();
        self
    }

    /// Returns the normalised URL that requests are sent to.
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
    /// By contrast, the [`url`](Self::url) is normalised. Its scheme is in lower case, its host has
    /// no final dot, an empty path is `/`, and what a URL must not contain is percent-encoded.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("HTTP://hooks.example/é", Filter::everything(&FILTERS))?;
    /// assert_eq!(webhook.url_text(), "HTTP://hooks.example/é");
    /// assert_eq!(webhook.url().to_string(), "http://hooks.example/%C3%A9");
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

    /// Explains why the filter does or does not match a notification. Use it to find out why a
    /// receiver did not get a notification.
    ///
    /// Only the filter is explained. The webhook may also be [inactive](Self::is_active) or paused,
    /// or its queue may be full. This method is slow, because it parses the filter's text again and
    /// allocates.
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
    /// Publishing the notification fails with the same error.
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

    /// Sets the delivery profile, which consists of the policy, the framing, the rendering and the
    /// headers. Default: [`Profile::default`].
    ///
    /// Values that were set earlier for any of these parts are lost, so call the setters of the
    /// parts afterwards.
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
        let (from, to) = (self.profile.headers(), profile.headers());
        // Most profiles set no headers, and then the webhook keeps sharing its extras.
        if !from.is_empty() || !to.is_empty() {
            replace_headers(&mut Arc::make_mut(&mut self.extras).headers, from, to);
        }
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

    /// Returns how notifications are combined into the body of a request.
    pub fn framing(&self) -> Framing {
        self.profile.framing()
    }

    /// Sets how notifications are combined into the body of a request. Default: [`Framing::Array`].
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

    /// Returns whether the webhook is active. An inactive webhook does not match any notification.
    /// Notifications that it has already queued are still sent.
    pub fn is_active(&self) -> bool {
        self.extras.active
    }

    /// Sets whether the webhook is active. Default: `true`.
    ///
    /// To queue notifications without sending them, [pause](crate::Registrar::pause) the webhook
    /// instead.
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
        // The shared settings are copied only if the value changes.
        if active != self.is_active() {
            self.extras_mut().active = active;
        }
        self
    }

    /// Returns whether the webhook also gets notifications of unknown topics. Default: `false`.
    pub fn has_unknown_topics(&self) -> bool {
        self.extras.unknown_topics
    }

    /// Sets whether the webhook also gets every notification whose topic is not in the table of its
    /// filter. Default: `false`.
    ///
    /// The filter `{}` matches every notification that the table knows. A server that is upgraded
    /// can send a new kind of notification, which the table does not know. To get everything,
    /// future kinds included, register a webhook with this filter and this setting.
    ///
    /// ```
    /// use recohook::findface::security::{FILTERS, RAW};
    /// use recohook::{Engine, Filter, Moment, Webhook, raw::Reader};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// engine.insert("known", webhook.clone(), now)?;
    /// engine.insert("everything", webhook.with_unknown_topics(true), now)?;
    ///
    /// let mut reader = Reader::new(&RAW);
    /// let areas = reader.read(br#"{"id": 7, "webhook_type": "areas"}"#)?;
    /// assert_eq!(engine.publish(&areas, now)?.queued, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_unknown_topics(mut self, unknown_topics: bool) -> Self {
        // The shared settings are copied only if the value changes.
        if unknown_topics != self.has_unknown_topics() {
            self.extras_mut().unknown_topics = unknown_topics;
        }
        self
    }

    /// Adds a signer that signs every request.
    ///
    /// Several signers sign in the order in which they were added. Each must use different headers.
    /// Otherwise deliveries end with
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
        for name in signer.header_names() {
            self.spell(name);
        }
        self.extras_mut().signers.push(Arc::new(signer));
        self
    }

    /// Removes all signers, for example to set a new secret.
    ///
    /// ```
    /// use recohook::signature::{HmacSha256, Secret};
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_signer(HmacSha256::new(&Secret::new("old")?));
    /// assert!(webhook.without_signers().signers().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_signers(mut self) -> Self {
        self.extras_mut().signers.clear();
        self
    }

    /// Returns the signers, in the order in which they were added.
    pub fn signers(&self) -> &[Arc<dyn Signer>] {
        &self.extras.signers
    }

    /// Returns the strings that the host stores with the webhook.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.extras.metadata
    }

    /// Stores a string with the webhook, such as its registration date or the user who registered
    /// it. Replaces any string with the same key.
    ///
    /// Metadata is never sent. `Debug` shows it. Its size is not limited, so a host that accepts
    /// metadata from clients must check the size.
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

    /// Returns the values that each request carries for the transport.
    pub fn extensions(&self) -> &Extensions {
        &self.extras.extensions
    }

    /// Adds a value that each request carries for the transport, in its
    /// [`extensions`](http::Request::extensions). Replaces a value of the same type.
    ///
    /// A transport finds there what it has to do differently for this webhook. For example, the
    /// transport of the feature `rustls` uses a `transport::TlsConfig` that it finds. The value is
    /// not sent. It is cloned for each request, so put large values into an `Arc`.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// /// The network interface that a transport of the host uses.
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct Interface(&'static str);
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_extension(Interface("eth1"));
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// assert_eq!(outgoing.request().extensions().get(), Some(&Interface("eth1")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extras_mut().extensions.insert(value);
        self
    }

    /// Returns a mutable reference to the extras. They are cloned first if other webhooks share
    /// them.
    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(&mut self.extras)
    }
}

/// Shows neither the query of the URL, which may contain a token, nor header values that may be
/// credentials.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The extras are destructured, so that a new field is not forgotten here.
        let Extras {
            active,
            unknown_topics,
            name,
            headers,
            delivery_id,
            spellings: _,
            signers,
            metadata,
            extensions,
        } = &*self.extras;
        f.debug_struct("Webhook")
            .field("name", name)
            .field("url", &RedactedUrl(self.url()))
            .field("active", active)
            .field("unknown_topics", unknown_topics)
            .field("filter", &format_args!("{}", self.filter))
            .field("profile", &self.profile)
            .field("headers", headers)
            .field("delivery_id", delivery_id)
            .field("signers", &signers.len())
            .field("metadata", metadata)
            .field("extensions", &extensions.len())
            .finish()
    }
}

/// The default extras, which all webhooks share until they change one.
static NO_EXTRAS: LazyLock<Arc<Extras>> = LazyLock::new(|| {
    Arc::new(Extras {
        active: true,
        unknown_topics: false,
        name: Box::default(),
        headers: Arc::new(default_headers()),
        delivery_id: None,
        spellings: Spellings::default(),
        signers: Vec::new(),
        metadata: BTreeMap::new(),
        extensions: Extensions::new(),
    })
});
