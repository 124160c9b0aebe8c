use std::{
    fmt,
    marker::PhantomData,
    sync::atomic::{AtomicI64, Ordering},
};

use super::{
    Registration, RegistrationError,
    registration::{CREATED_BY, CREATED_DATE, MODIFIED_DATE},
};
use crate::{
    Notifier, Profile, RegistryError, Webhook, WebhookId, filter::Table, model::Timestamp,
};

/// The webhooks of one system on a [`Notifier`], as its REST API registers, lists, changes and
/// deletes them. What a host's handlers of that API call.
///
/// [`security::webhooks`](super::security::webhooks) and its like make one. Ids are numbers,
/// counted up from the largest there is. Webhooks that the host registers otherwise are left alone:
/// those that are under no such id, or have a filter of another table.
///
/// Nothing is kept beyond the process: a host that keeps the answers hands them to
/// [`restore`](Self::restore) when it starts. It holds a clone of the notifier, so drop it, too, for
/// the drivers to end.
///
/// ```
/// use recohook::clock::ThreadClock;
/// use recohook::findface::security;
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
/// let webhooks = security::webhooks(&notifier);
///
/// // POST
/// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/", "filters": {}}"#;
/// let answer = webhooks.create(&serde_json::from_str(body)?)?;
/// assert_eq!((answer.id, answer.active, answer.batch_size), (Some(1), true, 1));
///
/// // GET, PUT, DELETE
/// assert_eq!(webhooks.list(), [answer.clone()]);
/// let mut changed = answer;
/// changed.active = false;
/// assert!(!webhooks.update(1, &changed)?.active);
/// webhooks.delete(1)?;
/// assert_eq!(webhooks.get(1), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks<R> {
    notifier: Notifier,
    table: &'static Table,
    profile: Profile,
    last: AtomicI64,
    objects: PhantomData<fn() -> R>,
}

/// A registration object.
pub trait Object: Sized {
    /// The id, if it has one.
    fn id(&self) -> Option<i64>;

    /// The webhook that it describes.
    ///
    /// # Errors
    /// Where it describes none.
    fn to_webhook(
        &self,
        table: &'static Table,
        profile: Profile,
    ) -> Result<Webhook, RegistrationError>;

    /// Changes a webhook to what it says.
    ///
    /// # Errors
    /// Where it describes none.
    fn apply_to(&self, webhook: Webhook) -> Result<Webhook, RegistrationError>;

    /// The object that describes a webhook.
    fn from_webhook(id: i64, webhook: &Webhook) -> Self;

    /// Puts what clients cannot change into the webhook's metadata.
    fn keep_read_only(&self, webhook: Webhook) -> Webhook;
}

impl<R: Object> Webhooks<R> {
    pub(super) fn new(notifier: &Notifier, table: &'static Table, profile: Profile) -> Self {
        let last = AtomicI64::new(0);
        let new = Self { notifier: notifier.clone(), table, profile, last, objects: PhantomData };
        new.count_from_registered();
        new
    }

    /// Sets the filter keys. Default: those of the system.
    #[must_use]
    pub fn with_table(mut self, table: &'static Table) -> Self {
        self.table = table;
        self
    }

    /// Sets the delivery profile that new webhooks get, but for what the object says. Default: that
    /// of the system.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Registers a webhook under the next id, and gives back the object with what it was given.
    /// What the object says of its read-only fields counts for nothing.
    ///
    /// # Errors
    /// Where the object describes no webhook: see [`RegistrationError`].
    pub fn create(&self, object: &R) -> Result<R, RegistrationError> {
        let webhook = object.to_webhook(self.table, self.profile.clone())?;
        self.insert(webhook)
    }

    /// All webhooks, by their ids.
    pub fn list(&self) -> Vec<R> {
        let webhooks = self.notifier.webhooks().into_iter();
        let mut numbered: Vec<_> = webhooks
            .filter_map(|(id, webhook)| {
                Some((number(&id).filter(|_| self.owns(&webhook))?, webhook))
            })
            .collect();
        numbered.sort_by_key(|(id, _)| *id);
        numbered.iter().map(|(id, webhook)| R::from_webhook(*id, webhook)).collect()
    }

    /// The webhook of this id.
    pub fn get(&self, id: i64) -> Option<R> {
        self.find(id).ok().map(|webhook| R::from_webhook(id, &webhook))
    }

    /// Changes a webhook to what the object says: its queue and account stay, as do headers,
    /// signers and what else the object does not say.
    ///
    /// # Errors
    /// Where there is none of this id, or the object describes none: see [`RegistrationError`].
    pub fn update(&self, id: i64, object: &R) -> Result<R, RegistrationError> {
        let webhook = object.apply_to(self.find(id)?)?.with_metadata(MODIFIED_DATE, self.now());
        let answer = R::from_webhook(id, &webhook);
        self.notifier.update(id, webhook)?;
        Ok(answer)
    }

    /// Removes a webhook, as [`Notifier::remove`] does.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn delete(&self, id: i64) -> Result<(), RegistrationError> {
        self.find(id)?;
        Ok(self.notifier.remove(id)?)
    }

    /// Registers a webhook as an answer told it: under its id, with its read-only fields.
    ///
    /// # Errors
    /// Where the object has no id, the id is taken, or it describes no webhook.
    pub fn restore(&self, object: &R) -> Result<(), RegistrationError> {
        let id = object.id().ok_or(RegistrationError::NoId)?;
        let webhook = object.to_webhook(self.table, self.profile.clone())?;
        self.notifier.insert(id, object.keep_read_only(webhook))?;
        self.last.fetch_max(id, Ordering::Relaxed);
        Ok(())
    }

    fn insert(&self, webhook: Webhook) -> Result<R, RegistrationError> {
        let now = self.now();
        let webhook = webhook.with_metadata(CREATED_DATE, &now).with_metadata(MODIFIED_DATE, now);
        loop {
            let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            let answer = R::from_webhook(id, &webhook);
            match self.notifier.insert(id, webhook.clone()) {
                Ok(()) => return Ok(answer),
                // The host has registered one of this id itself.
                Err(RegistryError::Taken { .. }) => self.count_from_registered(),
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// The webhook of this id, if it is one of these.
    fn find(&self, id: i64) -> Result<Webhook, RegistryError> {
        let webhook = self.notifier.webhook(id).filter(|webhook| self.owns(webhook));
        webhook.map(|found| (*found).clone()).ok_or(RegistryError::Unknown { id: id.into() })
    }

    fn owns(&self, webhook: &Webhook) -> bool {
        std::ptr::eq(webhook.filter().table(), self.table)
    }

    fn count_from_registered(&self) {
        let largest = self.notifier.webhooks().iter().filter_map(|(id, _)| number(id)).max();
        self.last.fetch_max(largest.unwrap_or(0), Ordering::Relaxed);
    }

    fn now(&self) -> String {
        Timestamp::from(self.notifier.wall()).as_str().to_owned()
    }
}

impl Webhooks<Registration> {
    /// As [`create`](Self::create), for the user of this id, which the object then names as
    /// `created_by`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_by(
        &self,
        user: i64,
        object: &Registration,
    ) -> Result<Registration, RegistrationError> {
        let webhook = object.to_webhook(self.table, self.profile.clone())?;
        self.insert(webhook.with_metadata(CREATED_BY, user.to_string()))
    }
}

impl<R> fmt::Debug for Webhooks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("profile", &self.profile)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// The number that an id stands for, if it is the text that the number is written as.
fn number(id: &WebhookId) -> Option<i64> {
    let number = id.as_str().parse().ok().filter(|number| *number > 0)?;
    (WebhookId::from(number) == *id).then_some(number)
}
