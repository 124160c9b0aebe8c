use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT},
};

use super::{Webhook, WebhookError};
use crate::base::{HeaderCase, HeaderError, header};

/// Methods that read and set the headers of each request. Signers add further headers of their own.
impl Webhook {
    /// Returns the headers that are the same in every request.
    ///
    /// The headers that are generated for each request are not included. Those contain the
    /// delivery's id, the notification's kind and id, and the signatures.
    pub fn headers(&self) -> &HeaderMap {
        &self.extras.headers
    }

    /// Sets a header of every request, replacing any header with the same name. HTTP/1.1 requests
    /// contain the name [as it is spelled](crate::transport::HeaderCase) here.
    ///
    /// By default, `Content-Type` is `application/json`, and `User-Agent` is the name and version
    /// of this crate. `Debug` hides the values of all headers except `Accept`, `Content-Type` and
    /// `User-Agent`, because they may be credentials.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// assert_eq!(webhook.headers()["content-type"], "application/json");
    ///
    /// let webhook = webhook.with_header("X-Api-Key", "abc")?;
    /// assert_eq!(webhook.headers()["x-api-key"], "abc");
    /// assert!(!format!("{webhook:?}").contains("abc"));
    /// # Ok::<(), recohook::WebhookError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`WebhookError::Header`] with the reason:
    ///
    /// - [`HeaderError::Name`] if `name` is not a valid header name.
    /// - [`HeaderError::Value`] if `value` begins or ends with whitespace, or contains anything but
    ///   visible ASCII characters, spaces and tabs.
    /// - [`HeaderError::Reserved`] if the header describes the connection or the length of the
    ///   body, because the transport sets it.
    /// - [`HeaderError::TooMany`] if there are tens of thousands of headers.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, WebhookError> {
        let (parsed, value) = fixed_header(name, value)?;
        Arc::make_mut(&mut self.extras_mut().headers)
            .try_insert(parsed, value)
            .map_err(|_| HeaderError::TooMany)?;
        self.spell(name);
        Ok(self)
    }

    /// Sets the `User-Agent`. Default: the name and version of this crate.
    ///
    /// ```
    /// use recohook::{Filter, Webhook, findface::security::FILTERS};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// assert!(webhook.headers()["user-agent"].to_str()?.starts_with("recohook/"));
    /// let webhook = webhook.with_user_agent("gatekeeper/2.1")?;
    /// assert_eq!(webhook.headers()["user-agent"], "gatekeeper/2.1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`WebhookError::Header`] with [`HeaderError::Value`] if `value` begins or ends with
    /// whitespace, or contains anything but visible ASCII characters, spaces and tabs.
    pub fn with_user_agent(self, value: &str) -> Result<Self, WebhookError> {
        self.with_header("User-Agent", value)
    }

    /// Returns the name of the header that contains the delivery's id, if there is one.
    pub fn delivery_id_header(&self) -> Option<&HeaderName> {
        self.extras.delivery_id.as_ref().or(self.profile.delivery_id_header())
    }

    /// Sends the [`DeliveryId`](crate::DeliveryId) in this header. By default, it is not sent.
    ///
    /// It replaces the header that the [profile](crate::Profile::with_delivery_id_header) names.
    /// The id is the same in all attempts of a delivery. A receiver needs it to recognise a
    /// delivery that it has already processed, because its response may have been lost.
    ///
    /// ```
    /// use recohook::http::{HeaderMap, StatusCode};
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_delivery_id_header("x-delivery")?;
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    ///
    /// let first = engine.poll_request(now, wall).expect("a request is due");
    /// let failed = StatusCode::SERVICE_UNAVAILABLE;
    /// engine.handle_response(first.attempt_id(), failed, &HeaderMap::new(), now, wall);
    /// let later = engine.poll_timeout().expect("it is retried");
    /// let second = engine.poll_request(later, wall).expect("the retry is due");
    /// let id = |outgoing: &recohook::Outgoing| outgoing.request().headers()["x-delivery"].clone();
    /// assert_eq!(id(&first), id(&second));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`WebhookError::Header`] with the reason:
    ///
    /// - [`HeaderError::Name`] if `name` is not a valid header name.
    /// - [`HeaderError::Reserved`] if the crate or the transport sets this header.
    pub fn with_delivery_id_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.extras_mut().delivery_id = Some(header::generated_name(name)?);
        self.spell(name);
        Ok(self)
    }

    /// Returns the name of the header that contains the notification's kind, if there is one.
    pub fn kind_header(&self) -> Option<&HeaderName> {
        self.profile.kind_header()
    }

    /// Sends the notification's [`kind`](crate::Notification::kind) in this header. By default, it
    /// is not sent.
    ///
    /// See [`Profile::with_kind_header`](crate::Profile::with_kind_header).
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_kind_header("x-kind")?;
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// assert_eq!(outgoing.request().headers()["x-kind"], "event_created");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`WebhookError::Header`] with the reason:
    ///
    /// - [`HeaderError::Name`] if `name` is not a valid header name.
    /// - [`HeaderError::Reserved`] if the crate or the transport sets this header.
    pub fn with_kind_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.profile = self.profile.with_kind_header(name)?;
        Ok(self)
    }

    /// Returns the name of the header that contains the notification's id, if there is one.
    pub fn id_header(&self) -> Option<&HeaderName> {
        self.profile.id_header()
    }

    /// Sends the notification's [`id`](crate::Notification::id) in this header. By default, it is
    /// not sent.
    ///
    /// See [`Profile::with_id_header`](crate::Profile::with_id_header).
    ///
    /// # Errors
    /// Fails as [`with_kind_header`](Self::with_kind_header) does.
    pub fn with_id_header(mut self, name: &str) -> Result<Self, WebhookError> {
        self.profile = self.profile.with_id_header(name)?;
        Ok(self)
    }

    /// Stops sending the notification's kind and id in headers.
    ///
    /// Use it to change a system's profile for a receiver that expects batches.
    #[must_use]
    pub fn without_notification_headers(mut self) -> Self {
        self.profile = self.profile.without_notification_headers();
        self
    }

    /// Stores how the name of a header is spelled.
    pub(super) fn spell(&mut self, name: &str) {
        Arc::make_mut(&mut self.extras).spellings.add(name, self.profile.spellings());
    }

    /// Returns how the names of headers are spelled, or `None` if all are in title case.
    pub(crate) fn header_case(&self) -> Option<HeaderCase> {
        HeaderCase::new(&self.extras.spellings, self.profile.spellings())
    }

    /// Returns the name of a header that the webhook sets twice, if any. The headers of signers are
    /// not checked, because their names are not known until a request is signed.
    pub(crate) fn duplicate_header(&self) -> Option<&HeaderName> {
        // `HeaderName` is always in lower case, so names that differ only in case are found as
        // well.
        let encoding = self.profile.is_compressed().then_some(&CONTENT_ENCODING);
        let generated = [encoding, self.delivery_id_header(), self.kind_header(), self.id_header()];
        let duplicate = |at: usize| {
            generated[at].filter(|name| {
                self.headers().contains_key(*name) || generated[..at].contains(&Some(*name))
            })
        };
        (0..generated.len()).find_map(duplicate)
    }
}

/// Parses a header that is the same in every request.
pub(super) fn fixed_header(
    name: &str,
    value: &str,
) -> Result<(HeaderName, HeaderValue), HeaderError> {
    let name = header::name(name)?;
    let mut value = header::value(&name, value)?;
    // `Debug` of the header map does not show sensitive values.
    value.set_sensitive(!NOT_SENSITIVE.contains(&name));
    Ok((name, value))
}

/// Replaces the headers of one profile by those of another. Headers that the webhook has changed
/// since it took the first profile stay.
pub(super) fn replace_headers(headers: &mut Arc<HeaderMap>, from: &HeaderMap, to: &HeaderMap) {
    let headers = Arc::make_mut(headers);
    let default = default_headers();
    for (name, value) in from {
        if headers.get(name) == Some(value) {
            match default.get(name) {
                Some(value) => drop(headers.insert(name.clone(), value.clone())),
                None => drop(headers.remove(name)),
            }
        }
    }
    for (name, value) in to {
        // A map that cannot hold the header has tens of thousands of others. Then the webhook
        // cannot be registered, because they exceed the limit for headers.
        drop(headers.try_insert(name.clone(), value.clone()));
    }
}

/// Returns the default headers of a webhook.
pub(super) fn default_headers() -> HeaderMap {
    let user_agent = concat!("recohook/", env!("CARGO_PKG_VERSION"));
    let headers = [(CONTENT_TYPE, "application/json"), (USER_AGENT, user_agent)];
    HeaderMap::from_iter(headers.map(|(name, value)| (name, HeaderValue::from_static(value))))
}

/// The headers whose values `Debug` shows. All others may contain credentials.
const NOT_SENSITIVE: [HeaderName; 3] = [ACCEPT, CONTENT_TYPE, USER_AGENT];
