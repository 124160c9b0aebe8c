use std::sync::{Arc, LazyLock};

use http::HeaderName;

use crate::{HeaderError, Rendering, header, policy::Policy};

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
    /// Shared by all webhooks that take the profile, and by their queues.
    policy: Arc<Policy>,
    framing: Framing,
    rendering: Rendering,
    kind_header: Option<Arc<HeaderName>>,
    id_header: Option<Arc<HeaderName>>,
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
        &self.policy
    }

    /// Sets the delivery policy. Default: [`Policy::default`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// How notifications become a body.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Sets how notifications become a body. Default: [`Framing::Array`].
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// How notifications that carry whole entities are written.
    pub fn rendering(&self) -> Rendering {
        self.rendering
    }

    /// Sets how notifications that carry whole entities are written. Default:
    /// [`Rendering::Full`].
    #[must_use]
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.rendering = rendering;
        self
    }

    /// The header that carries the notification's kind, if one does.
    pub fn kind_header(&self) -> Option<&HeaderName> {
        self.kind_header.as_deref()
    }

    /// Sends the notification's [`kind`](crate::Notification::kind) in a header of this name.
    /// Batches must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_kind_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.kind_header = Some(Arc::new(header::generated_name(name)?));
        Ok(self)
    }

    /// The header that carries the notification's id, if one does.
    pub fn id_header(&self) -> Option<&HeaderName> {
        self.id_header.as_deref()
    }

    /// Sends the notification's [`id`](crate::Notification::id) in a header of this name. Batches
    /// must then be of one. Default: none.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_id_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.id_header = Some(Arc::new(header::generated_name(name)?));
        Ok(self)
    }

    /// Sends neither the notification's kind nor its id in a header.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        self.kind_header = None;
        self.id_header = None;
        self
    }

    /// The policy, to be shared.
    pub(crate) fn shared_policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Whether a request can hold one notification only.
    pub(crate) fn is_single(&self) -> bool {
        self.framing == Framing::Object || self.kind_header.is_some() || self.id_header.is_some()
    }
}

impl Default for Profile {
    fn default() -> Self {
        static DEFAULT: LazyLock<Profile> = LazyLock::new(|| Profile {
            policy: Arc::default(),
            framing: Framing::default(),
            rendering: Rendering::default(),
            kind_header: None,
            id_header: None,
        });
        DEFAULT.clone()
    }
}
