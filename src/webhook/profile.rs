use std::sync::{Arc, LazyLock};

use http::HeaderName;

use crate::{
    base::{HeaderError, header},
    notification::Rendering,
    policy::Policy,
};

/// The settings for deliveries to one kind of receiver. They consist of the policy, the framing of
/// the body, the rendering of entities, and the headers that contain the notification's kind and
/// id.
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
    /// registered. If a kind is not a valid header value, the delivery ends with
    /// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest).
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
        self.settings_mut().kind_header = Some(header::generated_name(name)?);
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
        self.settings_mut().id_header = Some(header::generated_name(name)?);
        Ok(self)
    }

    /// Stops sending the notification's kind and id in headers.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        let settings = self.settings_mut();
        (settings.kind_header, settings.id_header) = (None, None);
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

    /// Returns a mutable reference to the settings. They are cloned first if other webhooks share
    /// them.
    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Default for Profile {
    fn default() -> Self {
        // Static, so that webhooks with the default profile also share their settings.
        static DEFAULT: LazyLock<Arc<Settings>> = LazyLock::new(Arc::default);
        Self { settings: Arc::clone(&DEFAULT) }
    }
}
