//! What a host registers: where notifications go, which ones, and how.

mod error;
mod target;

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

pub use error::WebhookError;

use crate::{Filter, Rendering, policy::Policy, signature::Signer};

/// A webhook: a receiver's URL, a filter, a delivery policy, and what each request carries.
///
/// ```
/// use recohook::findface::security;
/// use recohook::signature::{HmacSha256, Secret};
/// use recohook::{Filter, Webhook};
///
/// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
/// let webhook = Webhook::new("http://127.0.0.1:8888/hook", filter)?
///     .with_name("front gate")
///     .with_policy(security::policy())
///     .with_header("x-site", "north")?
///     .with_signer(HmacSha256::new(&Secret::new("a secret of the two of us")?));
/// assert!(webhook.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    name: String,
    url: Uri,
    filter: Filter,
    policy: Policy,
    rendering: Rendering,
    active: bool,
    headers: HeaderMap,
    delivery_id: Option<HeaderName>,
    signers: Vec<Arc<dyn Signer>>,
}

impl Webhook {
    /// A webhook that sends what `filter` wants to `url`, by the default [`Policy`].
    ///
    /// # Errors
    /// Where `url` is no absolute `http` or `https` URL that a request can be sent to: see
    /// [`WebhookError`].
    pub fn new(url: &str, filter: Filter) -> Result<Self, WebhookError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            header::USER_AGENT,
            HeaderValue::from_static(concat!("recohook/", env!("CARGO_PKG_VERSION"))),
        );
        Ok(Self {
            name: String::new(),
            url: target::parse(url)?,
            filter,
            policy: Policy::default(),
            rendering: Rendering::default(),
            active: true,
            headers,
            delivery_id: None,
            signers: Vec::new(),
        })
    }

    /// The title, for people. Empty by default.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the title.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Where requests go.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// Sets where requests go.
    ///
    /// # Errors
    /// As in [`new`](Self::new).
    pub fn with_url(mut self, url: &str) -> Result<Self, WebhookError> {
        self.url = target::parse(url)?;
        Ok(self)
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

    /// The delivery policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sets the delivery policy.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
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

    /// Whether it takes part. An inactive webhook matches nothing; what it has queued still goes
    /// out.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Sets whether it takes part. Default: true.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = active;
        self
    }

    /// The headers that each request carries, signatures aside.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Sets a header of each request, in place of one of the same name. `Content-Type` is
    /// `application/json` and `User-Agent` names this crate until set otherwise. Values are kept
    /// out of `Debug`, since they may be credentials.
    ///
    /// # Errors
    /// [`WebhookError::HeaderName`] and [`WebhookError::HeaderValue`] for what cannot stand in a
    /// header, [`WebhookError::ReservedHeader`] for what describes the connection or the length
    /// of the body, [`WebhookError::TooManyHeaders`].
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, WebhookError> {
        let header = HeaderName::try_from(name)
            .map_err(|_| WebhookError::HeaderName { name: name.to_owned() })?;
        if RESERVED.contains(&header) {
            return Err(WebhookError::ReservedHeader { name: header });
        }
        let mut value = Some(value)
            .filter(|value| value.is_ascii())
            .and_then(|value| HeaderValue::try_from(value).ok())
            .ok_or_else(|| WebhookError::HeaderValue { name: header.clone() })?;
        value.set_sensitive(!HARMLESS.contains(&header));
        self.headers.try_insert(header, value).map_err(|_| WebhookError::TooManyHeaders)?;
        Ok(self)
    }

    /// Sets the `User-Agent`.
    ///
    /// # Errors
    /// [`WebhookError::HeaderValue`] for what cannot stand in a header.
    pub fn with_user_agent(self, value: &str) -> Result<Self, WebhookError> {
        self.with_header(header::USER_AGENT.as_str(), value)
    }

    /// The header that carries the delivery's id, if one does.
    pub fn delivery_id_header(&self) -> Option<&HeaderName> {
        self.delivery_id.as_ref()
    }

    /// Sends the [`DeliveryId`](crate::DeliveryId) in a header of this name, so that receivers can
    /// tell a repeated delivery. Default: none.
    ///
    /// # Errors
    /// [`WebhookError::HeaderName`] and [`WebhookError::ReservedHeader`] as in
    /// [`with_header`](Self::with_header).
    pub fn with_delivery_id_header(mut self, name: &str) -> Result<Self, WebhookError> {
        let header = HeaderName::try_from(name)
            .map_err(|_| WebhookError::HeaderName { name: name.to_owned() })?;
        if RESERVED.contains(&header) || header == header::CONTENT_TYPE {
            return Err(WebhookError::ReservedHeader { name: header });
        }
        self.delivery_id = Some(header);
        Ok(self)
    }

    /// Adds a signature to each request. Several add theirs in turn.
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.signers.push(Arc::new(signer));
        self
    }

    /// What signs each request.
    pub fn signers(&self) -> &[Arc<dyn Signer>] {
        &self.signers
    }

    /// The bytes of the names and values of its own headers.
    pub(crate) fn header_bytes(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
    }
}

/// A URL's query may hold a token and a header credentials: neither is shown.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("name", &self.name)
            .field("url", &target::Redacted(&self.url))
            .field("active", &self.active)
            .field("filter", &format_args!("{}", self.filter))
            .field("policy", &self.policy)
            .field("rendering", &self.rendering)
            .field("headers", &self.headers)
            .field("delivery_id", &self.delivery_id)
            .field("signers", &self.signers.len())
            .finish()
    }
}

/// The transport's business: a wrong value would break the connection or smuggle a request.
const RESERVED: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// What holds no credentials, and is shown.
const HARMLESS: [HeaderName; 3] = [header::ACCEPT, header::CONTENT_TYPE, header::USER_AGENT];
