use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{
    Changes, Filters, Registration, RegistrationError,
    object::Object,
    registration::{CREATED_BY, CREATED_DATE, MODIFIED_DATE},
};
use crate::{
    Filter, Notifier, Profile, RegistryError, Webhook, WebhookId, filter::Table, model::Timestamp,
};

/// The webhooks of one system on a [`Notifier`], as its REST API registers, lists, changes and
/// deletes them. What a host's handlers of that API call.
///
/// [`security::webhooks`](super::security::webhooks) and its like make one, which the host keeps:
/// ids are numbers, counted up from the largest there is, and only the one that gave an id out
/// knows not to give it out again once its webhook is gone. Webhooks that the host registers
/// otherwise are left alone: those that are under no such id, or have a filter of another table.
///
/// The notifier's [limits](crate::Limits) bound the filters. The read-only fields stand in the
/// webhooks' metadata, under their names: `created_by`, `created_date`, `modified_date`.
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
/// // GET, PUT, PATCH, DELETE
/// assert_eq!(webhooks.list(), [answer.clone()]);
/// let mut changed = answer;
/// changed.active = false;
/// assert!(!webhooks.update(1, &changed)?.active);
/// assert!(webhooks.patch(1, &serde_json::from_str(r#"{"active": true}"#)?)?.active);
/// webhooks.delete(1)?;
/// assert_eq!(webhooks.get(1), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A filter can be right and still not be what its author meant. A host that wants to say so in its
/// answer asks the webhook:
///
/// ```
/// # use recohook::clock::ThreadClock;
/// # use recohook::findface::security;
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
/// # let webhooks = security::webhooks(&notifier);
/// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/",
///     "filters": {"counters": {"faces_gte": 5, "faces_lte": 3}}}"#;
/// let answer = webhooks.create(&serde_json::from_str(body)?)?;
/// let webhook = notifier.webhook(answer.id.expect("it was given one")).expect("just registered");
/// let warnings = webhook.filter().lint();
/// assert_eq!(
///     warnings[0].to_string(),
///     "at /counters/faces_gte: no value passes this and /counters/faces_lte",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks<R> {
    notifier: Notifier,
    table: &'static Table,
    profile: Profile,
    last: AtomicI64,
    /// Held while a webhook is read, changed and put back.
    changing: Mutex<()>,
    objects: PhantomData<fn() -> R>,
}

impl<R: Object> Webhooks<R> {
    pub(super) fn new(notifier: &Notifier, table: &'static Table, profile: Profile) -> Self {
        let new = Self {
            notifier: notifier.clone(),
            table,
            profile,
            last: AtomicI64::new(0),
            changing: Mutex::new(()),
            objects: PhantomData,
        };
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
        self.insert(self.make(object)?)
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
    /// signers and what else no such object says. A field that a client left out says its default.
    ///
    /// # Errors
    /// Where there is none of this id, or the object describes none: see [`RegistrationError`].
    pub fn update(&self, id: i64, object: &R) -> Result<R, RegistrationError> {
        let filter = self.read(object.filters())?;
        self.change(id, |webhook| object.put(webhook, filter))
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
    /// Where the object has no id or one below 1, the id is taken, or it describes no webhook.
    pub fn restore(&self, object: &R) -> Result<(), RegistrationError> {
        let id = object.id().ok_or(RegistrationError::NoId)?;
        if id < 1 {
            return Err(RegistrationError::Id { id });
        }
        self.notifier.insert(id, object.keep_read_only(self.make(object)?))?;
        self.last.fetch_max(id, Ordering::Relaxed);
        Ok(())
    }

    fn make(&self, object: &R) -> Result<Webhook, RegistrationError> {
        object.make(self.read(object.filters())?, self.profile.clone())
    }

    fn read(&self, filters: &Filters) -> Result<Filter, RegistrationError> {
        filters.read(self.table, self.notifier.limits())
    }

    fn insert(&self, webhook: Webhook) -> Result<R, RegistrationError> {
        let now = self.now();
        let webhook = webhook.with_metadata(CREATED_DATE, &now).with_metadata(MODIFIED_DATE, now);
        loop {
            let id = self.next_id()?;
            let answer = R::from_webhook(id, &webhook);
            match self.notifier.insert(id, webhook.clone()) {
                Ok(()) => return Ok(answer),
                // The host has registered one of this id itself.
                Err(RegistryError::Taken { .. }) => self.count_from_registered(),
                Err(other) => return Err(other.into()),
            }
        }
    }

    fn change(
        &self,
        id: i64,
        change: impl FnOnce(Webhook) -> Result<Webhook, RegistrationError>,
    ) -> Result<R, RegistrationError> {
        let now = self.now();
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let webhook = change(self.find(id)?)?.with_metadata(MODIFIED_DATE, now);
        let answer = R::from_webhook(id, &webhook);
        self.notifier.update(id, webhook)?;
        Ok(answer)
    }

    fn next_id(&self) -> Result<i64, RegistrationError> {
        let next = |last: i64| last.checked_add(1);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        last.ok().and_then(next).ok_or(RegistrationError::NoIdLeft)
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
        self.insert(self.make(object)?.with_metadata(CREATED_BY, user.to_string()))
    }

    /// Changes of a webhook what the changes name. Two at once lose nothing of one another.
    ///
    /// # Errors
    /// Where there is none of this id, or the changes describe none: see [`RegistrationError`].
    pub fn patch(&self, id: i64, changes: &Changes) -> Result<Registration, RegistrationError> {
        let filter = changes.filters.as_ref().map(|filters| self.read(filters)).transpose()?;
        self.change(id, |webhook| changes.put(webhook, filter))
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
