//! What a host registers: where notifications go, which ones, and how.

mod error;
mod profile;
mod registrar;
mod target_url;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};

pub use error::WebhookError;
pub use profile::{Framing, Profile};
pub use registrar::{Registrar, RegistryError, Replaced};
use target_url::{RedactedUrl, TargetUrl};

use crate::{
    attribute::{AttributeError, Values},
    base::{HeaderError, header},
    filter::{Explanation, Filter},
    notification::{Notification, Rendering},
    policy::Policy,
    signature::Signer,
};

/// A webhook: a receiver's URL, a filter, a delivery profile, and what each request carries.
///
/// Setters may be called in any order. What does not fit together, such as one name for two
/// headers, is refused where the webhook is registered: see
/// [`RegistryError`](crate::RegistryError).
///
/// ```
/// use recohook::findface::security;
/// use recohook::signature::{HmacSha256, Secret};
/// use recohook::{Filter, Webhook};
///
/// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
/// let webhook = Webhook::new("http://127.0.0.1:8888/hook", filter)?
///     .with_name("front gate")
///     .with_profile(security::profile())
///     .with_header("x-site", "north")?
///     .with_signer(HmacSha256::new(&Secret::new("a secret of the two of us")?));
/// assert!(webhook.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    target: TargetUrl,
    filter: Filter,
    profile: Profile,
    /// Shared by all webhooks that leave it as it is by default.
    extras: Arc<Extras>,
}

/// What many webhooks leave as it is by default.
#[derive(Clone)]
struct Extras {
    active: bool,
    name: Box<str>,
    /// Shared by all webhooks that have no others than the default ones.
    headers: Arc<HeaderMap>,
    delivery_id: Option<HeaderName>,
    signers: Vec<Arc<dyn Signer>>,
    metadata: BTreeMap<String, String>,
}

impl Webhook {
    /// A webhook that sends what `filter` wants to `url`, by the default [`Profile`].
    ///
    /// # Errors
    /// Where `url` is no absolute `http` or `https` URL that a request can be sent to: see
    /// [`WebhookError`].
    pub fn new(url: &str, filter: Filter) -> Result<Self, WebhookError> {
        Ok(Self {
            target: TargetUrl::parse(url)?,
            filter,
            profile: Profile::default(),
            extras: Arc::clone(&NO_EXTRAS),
        })
    }

    /// The title, for people. Empty by default.
    pub fn name(&self) -> &str {
        &self.extras.name
    }

    /// Sets the title.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.extras_mut().name = name.into().into_boxed_str();
        self
    }

    /// Where requests go.
    pub fn url(&self) -> &Uri {
        self.target.url()
    }

    /// Sets where requests go.
    ///
    /// # Errors
    /// As in [`new`](Self::new).
    pub fn with_url(mut self, url: &str) -> Result<Self, WebhookError> {
        self.target = TargetUrl::parse(url)?;
        Ok(self)
    }

    /// The text of the URL, as it was given: where [`url`](Self::url) has an empty path as `/`, it
    /// has none, and its scheme may have capitals.
    pub fn url_text(&self) -> &str {
        self.target.text()
    }

    /// What it wants.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Sets what it wants.
    #[must_use]
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Why its filter wants a notification or does not: for the person who asks why a receiver got
    /// nothing.
    ///
    /// It is the filter's word alone. That the webhook [is active](Self::is_active), and that its
    /// queue has room, is another matter.
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
    /// assert_eq!(
    ///     explanation.to_string(),
    ///     "not wanted: \"events\"\n  \
    ///        no   /events/camera_in [3]: camera is 4\n  \
    ///        yes  /events/matched true: matched is true\n",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where the notification contradicts its schema, which publishing it would tell, too.
    pub fn explain(&self, notification: &dyn Notification) -> Result<Explanation, AttributeError> {
        let mut values = Values::new();
        values.reset(notification.schema());
        notification.attributes(&mut values);
        match values.error() {
            Some(error) => Err(error.clone()),
            None => Ok(self.filter.explain(&values)),
        }
    }

    /// How it wants its deliveries.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Sets all of how it wants its deliveries: the policy, the framing, the rendering, and the
    /// headers of the notification's kind and id. The setters of these change it in part.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The delivery policy.
    pub fn policy(&self) -> &Policy {
        self.profile.policy()
    }

    /// Sets the delivery policy.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.profile = self.profile.with_policy(policy);
        self
    }

    /// How notifications become a body.
    pub fn framing(&self) -> Framing {
        self.profile.framing()
    }

    /// Sets how notifications become a body. Default: [`Framing::Array`].
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.profile = self.profile.with_framing(framing);
        self
    }

    /// How notifications that carry whole entities are written.
    pub fn rendering(&self) -> Rendering {
        self.profile.rendering()
    }

    /// Sets how notifications that carry whole entities are written. Default:
    /// [`Rendering::Full`].
    #[must_use]
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.profile = self.profile.with_rendering(rendering);
        self
    }

    /// Whether it takes part. An inactive webhook matches nothing; what it has queued still goes
    /// out.
    pub fn is_active(&self) -> bool {
        self.extras.active
    }

    /// Sets whether it takes part. Default: true.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        if active != self.is_active() {
            self.extras_mut().active = active;
        }
        self
    }

    /// The headers that each request carries, signatures aside.
    pub fn headers(&self) -> &HeaderMap {
        &self.extras.headers
    }

    /// Sets a header of each request, in place of one of the same name. `Content-Type` is
    /// `application/json` and `User-Agent` names this crate until set otherwise. Values are kept
    /// out of `Debug`, since they may be credentials.
    ///
    /// # Errors
    /// [`WebhookError::Header`]: [`HeaderError::Name`] and [`HeaderError::Value`] for what cannot
    /// stand in a header, [`HeaderError::Reserved`] for what describes the connection or the
    /// length of the body, [`HeaderError::TooMany`].
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, WebhookError> {
        let name = header::name(name)?;
        let mut value = header::value(&name, value)?;
        value.set_sensitive(!NOT_SENSITIVE.contains(&name));
        Arc::make_mut(&mut self.extras_mut().headers)
            .try_insert(name, value)
            .map_err(|_| HeaderError::TooMany)?;
        Ok(self)
    }

    /// Sets the `User-Agent`.
    ///
    /// # Errors
    /// [`HeaderError::Value`] for what cannot stand in a header.
    pub fn with_user_agent(self, value: &str) -> Result<Self, WebhookError> {
        self.with_header(USER_AGENT.as_str(), value)
    }

    /// The header that carries the delivery's id, if one does.
    pub fn delivery_id_header(&self) -> Option<&HeaderName> {
        self.extras.delivery_id.as_ref()
    }

    /// Sends the [`DeliveryId`](crate::DeliveryId) in a header of this name, so that receivers can
    /// tell a repeated delivery. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_delivery_id_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.extras_mut().delivery_id = Some(header::generated_name(name)?);
        Ok(self)
    }

    /// The header that carries the notification's kind, if one does.
    pub fn kind_header(&self) -> Option<&HeaderName> {
        self.profile.kind_header()
    }

    /// Sends the notification's [`kind`](crate::Notification::kind) in a header of this name.
    /// Batches must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_kind_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.profile = self.profile.with_kind_header(name)?;
        Ok(self)
    }

    /// The header that carries the notification's id, if one does.
    pub fn id_header(&self) -> Option<&HeaderName> {
        self.profile.id_header()
    }

    /// Sends the notification's [`id`](crate::Notification::id) in a header of this name. Batches
    /// must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_id_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.profile = self.profile.with_id_header(name)?;
        Ok(self)
    }

    /// Sends neither the notification's kind nor its id in a header.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        self.profile = self.profile.without_notification_headers();
        self
    }

    /// Adds a signature to each request. Several add theirs in turn.
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.extras_mut().signers.push(Arc::new(signer));
        self
    }

    /// What signs each request.
    pub fn signers(&self) -> &[Arc<dyn Signer>] {
        &self.extras.signers
    }

    /// What the host keeps with the webhook.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.extras.metadata
    }

    /// Keeps a text of the host's own with the webhook, in place of one of the same key: when it
    /// was registered, say, or by whom. It is never sent and `Debug` shows it. No limit bounds it:
    /// a host that takes it from others bounds it itself.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.extras_mut().metadata.insert(key.into(), value.into());
        self
    }

    /// A name that two of its headers have, signatures aside.
    pub(crate) fn duplicate_header(&self) -> Option<&HeaderName> {
        let made = [self.delivery_id_header(), self.kind_header(), self.id_header()];
        let twice = |at: usize| {
            made[at].filter(|name| {
                self.headers().contains_key(*name) || made[..at].contains(&Some(*name))
            })
        };
        (0..made.len()).find_map(twice)
    }

    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(&mut self.extras)
    }
}

/// A URL's query may hold a token and a header credentials: neither is shown.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

static NO_EXTRAS: LazyLock<Arc<Extras>> = LazyLock::new(|| {
    let user_agent = concat!("recohook/", env!("CARGO_PKG_VERSION"));
    let headers = [(CONTENT_TYPE, "application/json"), (USER_AGENT, user_agent)];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Arc::new(Extras {
        active: true,
        name: Box::default(),
        headers: Arc::new(HeaderMap::from_iter(headers)),
        delivery_id: None,
        signers: Vec::new(),
        metadata: BTreeMap::new(),
    })
});

/// What holds no credentials, and is shown.
const NOT_SENSITIVE: [HeaderName; 3] = [ACCEPT, CONTENT_TYPE, USER_AGENT];
