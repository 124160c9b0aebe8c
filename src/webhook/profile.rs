use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderName};

use super::headers::fixed_header;
use crate::{
    base::{HeaderError, header, header_case::Spellings},
    notification::Rendering,
    policy::Policy,
};

/// The settings for deliveries to one kind of receiver. They consist of the policy, the framing of
/// the body, the rendering of entities, and the headers, such as those that contain the
/// notification's kind and id.
///
/// Each system has a profile, such as [`openbiometrics::profile`](crate::openbiometrics::profile).
/// A [`Webhook`](crate::Webhook) takes a whole profile and can then change any part of it.
///
/// Cloning a profile is cheap, and webhooks that use the same one share it.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Filter, Framing, Profile, Rendering, Webhook, policy::Policy};
///
/// let profile = Profile::default()
///     .with_framing(Framing::Object)
///     .with_kind_header("X-Event-Type")?
///     .with_id_header("X-Event-ID")?;
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
///     .with_profile(profile)
///     .with_kind_header("X-Kind")?;
/// assert_eq!(webhook.framing(), Framing::Object);
/// assert_eq!(webhook.kind_header().expect("just set"), "x-kind");
///
/// let default = Profile::default();
/// assert_eq!(default.policy(), &Policy::default());
/// assert_eq!(default.framing(), Framing::Array);
/// assert_eq!(default.rendering(), Rendering::Full);
/// assert!(default.kind_header().is_none() && default.id_header().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # A profile of a host
///
/// A host can define its own function, as the systems do. Some setters return a `Result`, but the
/// systems' functions do not, because an error with constant arguments is a mistake in the program.
/// Do the same: use `expect`, and call the function in a test.
///
/// ```
/// use recohook::findface::security::FILTERS;
/// use recohook::policy::{Attempts, Policy, Retry};
/// use recohook::{Filter, Framing, Profile, Webhook};
/// use std::{sync::LazyLock, time::Duration};
///
/// fn profile() -> Profile {
///     // Created once, so that all webhooks share it.
///     static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
///         let attempts = Attempts::at_most(5).expect("5 is not 0");
///         let policy = Policy::default()
///             .with_retry(Retry::default().with_attempts(attempts))
///             .with_timeout(Duration::from_secs(3))
///             .expect("3 seconds is not zero");
///         Profile::default()
///             .with_policy(policy)
///             .with_framing(Framing::Object)
///             .with_kind_header("X-Passage-Kind")
///             .expect("the name is valid and not reserved")
///     });
///     PROFILE.clone()
/// }
///
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
///     .with_profile(profile());
/// assert_eq!(webhook.policy().timeout(), Duration::from_secs(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Shared by all webhooks that use the profile, because a host may have 100,000 webhooks and
    /// only a few profiles.
    settings: Arc<Settings>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Settings {
    /// Shared with the dispatcher, which stores each webhook's policy.
    policy: Arc<Policy>,
    framing: Framing,
    rendering: Rendering,
    kind_header: Option<HeaderName>,
    id_header: Option<HeaderName>,
    delivery_id_header: Option<HeaderName>,
    header_fallback: HeaderFallback,
    signature_header: Option<HeaderName>,
    /// Headers of every request, besides the default headers of a webhook.
    headers: HeaderMap,
    #[cfg(feature = "gzip")]
    gzip_above: Option<usize>,
    /// How the names of all these headers are spelled.
    spellings: Spellings,
}

/// What happens to a header if the notification's kind or id contains characters that no header can
/// carry, such as a line break or a letter outside ASCII. The notification is delivered in any
/// case. Later releases may add variants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum HeaderFallback {
    /// Percent-encodes the text. Each byte of its UTF-8 form is written as in a URL, unless it is
    /// an ASCII letter, a digit or one of `-._~`.
    ///
    /// A text that a header can carry is sent as it is, even if it contains `%`.
    #[default]
    Encode,
    /// Leaves the header out.
    Omit,
}

/// The way in which the notifications of a batch are combined into the body of a request. Later
/// releases may add variants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Framing {
    /// A JSON array of all notifications, even if there is only one.
    #[default]
    Array,
    /// The JSON text of a single notification. The policy must then limit batches to a single
    /// notification, or the webhook cannot be registered.
    Object,
}

impl Profile {
    /// Returns the delivery policy.
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// Sets the delivery policy. Default: [`Policy::default`].
    ///
    /// ```
    /// use recohook::{openbiometrics, policy::Overflow};
    ///
    /// // A system's policy with one part changed.
    /// let policy = openbiometrics::policy().with_overflow(Overflow::DropOldest);
    /// let profile = openbiometrics::profile().with_policy(policy);
    /// assert_eq!(profile.policy().retry(), openbiometrics::policy().retry());
    /// ```
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.settings_mut().policy = Arc::new(policy);
        self
    }

    /// Returns how notifications are combined into the body of a request.
    pub fn framing(&self) -> Framing {
        self.settings.framing
    }

    /// Sets how notifications are combined into the body of a request. Default: [`Framing::Array`].
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.settings_mut().framing = framing;
        self
    }

    /// Returns how notifications write the entities that they refer to.
    pub fn rendering(&self) -> Rendering {
        self.settings.rendering
    }

    /// Sets how notifications write the entities that they refer to. Default: [`Rendering::Full`].
    #[must_use]
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.settings_mut().rendering = rendering;
        self
    }

    /// Returns the name of the header that contains the notification's kind, if there is one.
    pub fn kind_header(&self) -> Option<&HeaderName> {
        self.settings.kind_header.as_ref()
    }

    /// Sends the notification's [`kind`](crate::Notification::kind) in this header. By default, it
    /// is not sent.
    ///
    /// The policy must then limit batches to a single notification, or the webhook cannot be
    /// registered. If a header cannot carry the text, it is percent-encoded, unless
    /// [`with_header_fallback`](Self::with_header_fallback) says otherwise. If the headers are then
    /// longer than [`Limits::max_header_bytes`](crate::Limits::max_header_bytes), the delivery ends
    /// with [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest).
    ///
    /// ```
    /// use recohook::Profile;
    ///
    /// let profile = Profile::default().with_kind_header("X-Event-Type")?;
    /// assert_eq!(profile.kind_header().expect("just set"), "x-event-type");
    /// assert!(Profile::default().with_kind_header("Content-Type").is_err());
    /// # Ok::<(), recohook::HeaderError>(())
    /// ```
    ///
    /// # Errors
    /// - Returns [`HeaderError::Name`] if `name` is not a valid header name.
    /// - Returns [`HeaderError::Reserved`] if the crate or the transport sets this header.
    pub fn with_kind_header(mut self, name: &str) -> Result<Self, HeaderError> {
        let parsed = header::generated_name(name)?;
        let settings = self.settings_mut();
        settings.kind_header = Some(parsed);
        settings.spell(name);
        Ok(self)
    }

    /// Returns the name of the header that contains the notification's id, if there is one.
    pub fn id_header(&self) -> Option<&HeaderName> {
        self.settings.id_header.as_ref()
    }

    /// Sends the notification's [`id`](crate::Notification::id) in this header. By default, it is
    /// not sent.
    ///
    /// The same conditions apply as for [`with_kind_header`](Self::with_kind_header).
    ///
    /// # Errors
    /// Fails as [`with_kind_header`](Self::with_kind_header) does.
    pub fn with_id_header(mut self, name: &str) -> Result<Self, HeaderError> {
        let parsed = header::generated_name(name)?;
        let settings = self.settings_mut();
        settings.id_header = Some(parsed);
        settings.spell(name);
        Ok(self)
    }

    /// Returns what happens to a header that cannot carry the notification's kind or id.
    pub fn header_fallback(&self) -> HeaderFallback {
        self.settings.header_fallback
    }

    /// Sets what happens to a header that cannot carry the notification's kind or id. Default:
    /// [`HeaderFallback::Encode`].
    ///
    /// ```
    /// use recohook::openbiometrics::{self, Event, FILTERS};
    /// use recohook::{Engine, Filter, HeaderFallback, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let encode = openbiometrics::profile();
    /// let omit = openbiometrics::profile().with_header_fallback(HeaderFallback::Omit);
    /// for (id, profile) in [(1, encode), (2, omit)] {
    ///     let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    ///     engine.insert(id, webhook.with_profile(profile), now)?;
    /// }
    /// engine.publish(&Event::new("événement 1", "line_crossed", wall), now)?;
    ///
    /// let mut ids = Vec::new();
    /// while let Some(outgoing) = engine.poll_request(now, wall) {
    ///     let id = outgoing.request().headers().get("X-Event-ID");
    ///     ids.push(id.map(|id| id.to_str().expect("it is ASCII").to_owned()));
    /// }
    /// assert_eq!(ids, [Some("%C3%A9v%C3%A9nement%201".to_owned()), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_header_fallback(mut self, fallback: HeaderFallback) -> Self {
        self.settings_mut().header_fallback = fallback;
        self
    }

    /// Returns the name of the header that contains the delivery's id, if there is one.
    pub fn delivery_id_header(&self) -> Option<&HeaderName> {
        self.settings.delivery_id_header.as_ref()
    }

    /// Sends the [`DeliveryId`](crate::DeliveryId) in this header. By default, it is not sent.
    ///
    /// The id is the same in all attempts of a delivery, so a receiver can recognise a delivery
    /// that it has already processed. [`Webhook::with_delivery_id_header`] sets the header of a
    /// single webhook.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Filter, Webhook};
    ///
    /// let profile = security::profile().with_delivery_id_header("X-Delivery-ID")?;
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
    ///     .with_profile(profile);
    /// assert_eq!(webhook.delivery_id_header().expect("the profile sets it"), "x-delivery-id");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`Webhook::with_delivery_id_header`]: crate::Webhook::with_delivery_id_header
    ///
    /// # Errors
    /// Fails as [`with_kind_header`](Self::with_kind_header) does.
    pub fn with_delivery_id_header(mut self, name: &str) -> Result<Self, HeaderError> {
        let parsed = header::generated_name(name)?;
        let settings = self.settings_mut();
        settings.delivery_id_header = Some(parsed);
        settings.spell(name);
        Ok(self)
    }

    /// Returns the header that the system always sends and that a signer must set, if there is one.
    pub fn signature_header(&self) -> Option<&HeaderName> {
        self.settings.signature_header.as_ref()
    }

    /// States that the system always sends this header, which a signer must set. By default, there
    /// is no such header.
    ///
    /// The secret is different for each webhook, so a profile cannot contain the signer.
    /// [`Webhook::lint`](crate::Webhook::lint) warns about a webhook without signers.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, faceio};
    ///
    /// let webhook = Webhook::new("https://example.com/", Filter::everything(&faceio::FILTERS))?
    ///     .with_profile(faceio::profile());
    /// assert_eq!(
    ///     webhook.lint()[0].to_string(),
    ///     "the system always sends the header www-authenticate, but no signer sets it; add the \
    ///      system's signer",
    /// );
    /// # Ok::<(), recohook::WebhookError>(())
    /// ```
    ///
    /// # Errors
    /// Fails as [`with_kind_header`](Self::with_kind_header) does.
    pub fn with_signature_header(mut self, name: &str) -> Result<Self, HeaderError> {
        let parsed = header::generated_name(name)?;
        let settings = self.settings_mut();
        settings.signature_header = Some(parsed);
        settings.spell(name);
        Ok(self)
    }

    /// Returns the length in bytes above which bodies are compressed, if they are.
    #[cfg(feature = "gzip")]
    pub fn gzip_above(&self) -> Option<usize> {
        self.settings.gzip_above
    }

    /// Compresses each body that is longer than `bytes`. By default, none is compressed.
    ///
    /// The body is then sent in the gzip format ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952))
    /// with the header `Content-Encoding: gzip`, unless that would not be shorter. A signature
    /// covers the bytes that are sent, and all attempts of a delivery send the same bytes. The
    /// limits of a policy apply to the body before it is compressed.
    ///
    /// Use it only for receivers that decompress requests. The receivers of the documented systems
    /// do not expect to, because these systems document no compression.
    ///
    /// The thread that polls the driver or the engine compresses, once in each attempt.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Filter, Profile, Webhook};
    ///
    /// let profile = Profile::default().with_gzip_above(4096);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
    ///     .with_profile(profile);
    /// assert_eq!(webhook.profile().gzip_above(), Some(4096));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn with_gzip_above(mut self, bytes: usize) -> Self {
        self.settings_mut().gzip_above = Some(bytes);
        self
    }

    /// Returns whether some bodies are compressed.
    pub(super) fn is_compressed(&self) -> bool {
        #[cfg(feature = "gzip")]
        return self.gzip_above().is_some();
        #[cfg(not(feature = "gzip"))]
        false
    }

    /// Returns the headers that the profile sets in every request.
    pub fn headers(&self) -> &HeaderMap {
        &self.settings.headers
    }

    /// Sets a header of every request, such as `User-Agent` or `Accept`. It replaces a default
    /// header of the webhook with the same name.
    ///
    /// A webhook takes the headers when it takes the profile. After that, it can
    /// [change](crate::Webhook::with_header) them.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Filter, Webhook};
    ///
    /// // The headers of the client that the receivers are used to.
    /// let profile = security::profile()
    ///     .with_header("User-Agent", "Python/3.8 aiohttp/3.6.2")?
    ///     .with_header("Accept", "*/*")?;
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
    ///     .with_profile(profile);
    /// assert_eq!(webhook.headers()["accept"], "*/*");
    /// assert_eq!(webhook.headers()["content-type"], "application/json");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// - Returns [`HeaderError::Name`] if `name` is not a valid header name.
    /// - Returns [`HeaderError::Value`] if `value` begins or ends with whitespace, or contains
    ///   anything but visible ASCII characters, spaces and tabs.
    /// - Returns [`HeaderError::Reserved`] if the header describes the connection or the length of
    ///   the body, because the transport sets it.
    /// - Returns [`HeaderError::TooMany`] if there are tens of thousands of headers.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, HeaderError> {
        let (parsed, value) = fixed_header(name, value)?;
        let settings = self.settings_mut();
        settings.headers.try_insert(parsed, value).map_err(|_| HeaderError::TooMany)?;
        settings.spell(name);
        Ok(self)
    }

    /// Stops sending the notification's kind and id in headers.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        let settings = self.settings_mut();
        (settings.kind_header, settings.id_header) = (None, None);
        settings.forget_spellings();
        self
    }

    /// Returns the policy in the `Arc` that the dispatcher shares.
    pub(crate) fn shared_policy(&self) -> &Arc<Policy> {
        &self.settings.policy
    }

    /// Returns whether each request contains exactly one notification.
    pub(crate) fn is_single(&self) -> bool {
        let settings = &*self.settings;
        // A header can describe only one notification.
        settings.framing == Framing::Object
            || settings.kind_header.is_some()
            || settings.id_header.is_some()
    }

    /// Returns how the names of headers are spelled.
    pub(crate) fn spellings(&self) -> &Spellings {
        &self.settings.spellings
    }

    /// Returns a mutable reference to the settings. They are cloned first if other webhooks share
    /// them.
    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Settings {
    /// Stores how the name of a header is spelled.
    fn spell(&mut self, name: &str) {
        self.spellings.add(name, &Spellings::default());
        self.forget_spellings();
    }

    /// Removes the spellings of headers that the profile no longer has, because profiles with the
    /// same settings are equal.
    fn forget_spellings(&mut self) {
        let Self { kind_header, id_header, delivery_id_header, signature_header, headers, .. } =
            self;
        let names = [kind_header, id_header, delivery_id_header, signature_header];
        self.spellings.retain(|name| {
            let is_name = |known: &HeaderName| known.as_str().eq_ignore_ascii_case(name);
            headers.contains_key(name)
                || names.iter().any(|known| known.as_ref().is_some_and(is_name))
        });
    }
}

impl Default for Profile {
    fn default() -> Self {
        // Static, so that webhooks with the default profile also share their settings.
        static DEFAULT: LazyLock<Arc<Settings>> = LazyLock::new(Arc::default);
        Self { settings: Arc::clone(&DEFAULT) }
    }
}
