use std::sync::{Arc, LazyLock};

use http::HeaderName;

use crate::{
    base::{HeaderError, header},
    notification::Rendering,
    policy::Policy,
};

/// How a kind of receiver wants its deliveries: the policy, the frame of the body, and the headers
/// that tell of the notification.
///
/// A [`Webhook`](crate::Webhook) takes it whole and can then change any part of it.
///
/// ```
/// use recohook::findface::security;
/// use recohook::policy::Policy;
/// use recohook::{Filter, Framing, Profile, Webhook};
///
/// let profile = Profile::default()
///     .with_policy(Policy::default())
///     .with_framing(Framing::Object)
///     .with_kind_header("X-Event-Type")?
///     .with_id_header("X-Event-ID")?;
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
///     .with_profile(profile)
///     .with_kind_header("X-Kind")?;
/// assert_eq!(webhook.framing(), Framing::Object);
/// assert_eq!(webhook.kind_header().expect("just set"), "x-kind");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Shared by all webhooks that take the profile.
    settings: Arc<Settings>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Settings {
    /// Shared by the queues of these webhooks, too.
    policy: Arc<Policy>,
    framing: Framing,
    rendering: Rendering,
    kind_header: Option<HeaderName>,
    id_header: Option<HeaderName>,
}

/// How the notifications of a batch become a body. There may be more ways later.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Framing {
    /// One JSON array of them all, of a single one too.
    #[default]
    Array,
    /// A single notification, as the JSON text that it is. Batches must then be of one.
    Object,
}

impl Profile {
    /// The delivery policy.
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// Sets the delivery policy. Default: [`Policy::default`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.settings_mut().policy = Arc::new(policy);
        self
    }

    /// How notifications become a body.
    pub fn framing(&self) -> Framing {
        self.settings.framing
    }

    /// Sets how notifications become a body. Default: [`Framing::Array`].
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.settings_mut().framing = framing;
        self
    }

    /// How notifications that carry whole entities are written.
    pub fn rendering(&self) -> Rendering {
        self.settings.rendering
    }

    /// Sets how notifications that carry whole entities are written. Default:
    /// [`Rendering::Full`].
    #[must_use]
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.settings_mut().rendering = rendering;
        self
    }

    /// The header that carries the notification's kind, if one does.
    pub fn kind_header(&self) -> Option<&HeaderName> {
        self.settings.kind_header.as_ref()
    }

    /// Sends the notification's [`kind`](crate::Notification::kind) in a header of this name.
    /// Batches must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_kind_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.settings_mut().kind_header = Some(header::generated_name(name)?);
        Ok(self)
    }

    /// The header that carries the notification's id, if one does.
    pub fn id_header(&self) -> Option<&HeaderName> {
        self.settings.id_header.as_ref()
    }

    /// Sends the notification's [`id`](crate::Notification::id) in a header of this name. Batches
    /// must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_id_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.settings_mut().id_header = Some(header::generated_name(name)?);
        Ok(self)
    }

    /// Sends neither the notification's kind nor its id in a header.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        let settings = self.settings_mut();
        (settings.kind_header, settings.id_header) = (None, None);
        self
    }

    /// The policy, to be shared.
    pub(crate) fn shared_policy(&self) -> &Arc<Policy> {
        &self.settings.policy
    }

    /// Whether a request can hold one notification only.
    pub(crate) fn is_single(&self) -> bool {
        let settings = &*self.settings;
        settings.framing == Framing::Object
            || settings.kind_header.is_some()
            || settings.id_header.is_some()
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Default for Profile {
    fn default() -> Self {
        static DEFAULT: LazyLock<Arc<Settings>> = LazyLock::new(Arc::default);
        Self { settings: Arc::clone(&DEFAULT) }
    }
}
