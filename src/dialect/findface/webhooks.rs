use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{
    Changes, Filters, Registration, RegistrationError,
    registration::{CREATED_BY, CREATED_DATE, MODIFIED_DATE},
    registration_object::RegistrationObject,
};
use crate::{
    base::WebhookId,
    dialect::model::Timestamp,
    filter::{Filter, Table},
    webhook::{Profile, Registrar, RegistryError, Webhook},
};

/// The registry behind a system's REST API. It creates, lists, changes and deletes webhooks as the
/// API does. The handlers of the host's API call it.
///
/// [`security::webhooks`](super::security::webhooks) and the functions of that name in the other
/// systems return one. The host keeps it, and passes a [`Registrar`] in each call. For a notifier,
/// pass `&mut &notifier` to change something and `&&notifier` to read. For an engine, call
/// [`Engine::registrar`](crate::Engine::registrar).
///
/// Ids count up by one. The first `create` starts above the largest registered id. The registry
/// never reuses an id that it has created, restored, listed, returned, changed or deleted. It does
/// not touch webhooks that the host registers by other means: those whose id is not a positive
/// integer, or whose filter has other filter keys.
///
/// Filters are read within the registrar's [limits](crate::Limits). The read-only fields are in the
/// webhooks' metadata, under their names: `created_by`, `created_date`, `modified_date`.
///
/// Nothing outlives the process. A host that stores the answers passes them to
/// [`restore`](Self::restore) when it starts.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Engine, Moment};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhooks = security::webhooks();
///
/// // POST
/// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/", "filters": {}}"#;
/// let answer = webhooks.create(&mut registrar, &serde_json::from_str(body)?)?;
/// assert_eq!((answer.id, answer.active, answer.batch_size), (Some(1), true, 1));
///
/// // GET, PUT, PATCH, DELETE
/// assert_eq!(webhooks.list(&registrar), [answer.clone()]);
/// let mut changed = answer;
/// changed.active = false;
/// assert!(!webhooks.update(&mut registrar, 1, &changed)?.active);
/// let changes = serde_json::from_str(r#"{"active": true}"#)?;
/// assert!(webhooks.patch(&mut registrar, 1, &changes)?.active);
/// webhooks.delete(&mut registrar, 1)?;
/// assert_eq!(webhooks.get(&registrar, 1), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A valid filter is not always the filter that its author meant. A host can add warnings to its
/// answer:
///
/// ```
/// use recohook::findface::security;
/// use recohook::Registrar;
/// use recohook::{Engine, Moment};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhooks = security::webhooks();
/// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/",
///     "filters": {"counters": {"faces_gte": 5, "faces_lte": 3}}}"#;
/// let answer = webhooks.create(&mut registrar, &serde_json::from_str(body)?)?;
/// let webhook = registrar.get(answer.id.expect("it was given one")).expect("just registered");
/// let warnings = webhook.filter().lint();
/// assert_eq!(
///     warnings[0].to_string(),
///     "at /counters/faces_gte: no value passes this and /counters/faces_lte",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Webhooks<R> {
    table: &'static Table,
    profile: Profile,
    /// The largest id that was seen. 0 until there was one. It never decreases.
    ///
    /// Accesses are relaxed: callers only need different ids, and no other memory depends on it.
    last: AtomicI64,
    objects: PhantomData<fn() -> R>,
}

impl<R: RegistrationObject> Webhooks<R> {
    /// Returns a registry of webhooks with these filter keys and, when they are new, this profile.
    pub(super) fn new(table: &'static Table, profile: Profile) -> Self {
        Self { table, profile, last: AtomicI64::new(0), objects: PhantomData }
    }

    /// Sets the filter keys. Default: the filter keys of the system.
    ///
    /// Webhooks that were registered with other filter keys no longer belong to the registry.
    ///
    /// ```
    /// use recohook::findface::{Filters, lite};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let object = lite::Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// lite::webhooks().create(&mut registrar, &object)?;
    ///
    /// let other_keys = lite::webhooks().with_table(&lite::FILTERS_REALTIME_IS_ALL);
    /// assert!(other_keys.list(&registrar).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_table(mut self, table: &'static Table) -> Self {
        self.table = table;
        self
    }

    /// Sets the delivery profile of new webhooks. The object overrides the batch size and the
    /// attempts. Default: the profile of the system.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::{Registrar, Rendering};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// // Ids instead of whole entities.
    /// let profile = security::profile().with_rendering(Rendering::Compact);
    /// let webhooks = security::webhooks().with_profile(profile);
    /// let object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// webhooks.create(&mut registrar, &object)?;
    /// assert_eq!(registrar.get(1).map(|webhook| webhook.rendering()), Some(Rendering::Compact));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Registers a webhook under the next id, and returns the object with its id and dates. The
    /// read-only fields of `object` are ignored.
    ///
    /// The first call lists all webhooks of the registrar, to find the largest id.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the object is invalid, or if no id is left.
    pub fn create(
        &self,
        registrar: &mut impl Registrar,
        object: &R,
    ) -> Result<R, RegistrationError> {
        let webhook = self.make(registrar, object)?;
        self.insert(registrar, webhook)
    }

    /// Returns all webhooks of this registry, sorted by id.
    pub fn list(&self, registrar: &impl Registrar) -> Vec<R> {
        let mut numbered: Vec<_> = registrar
            .list()
            .into_iter()
            .filter_map(|(id, webhook)| {
                Some((number(&id).filter(|_| self.owns(&webhook))?, webhook))
            })
            .collect();
        numbered.sort_by_key(|(id, _)| *id);
        // A client can know these ids now. The last one is the largest, because they are sorted.
        if let Some((largest, _)) = numbered.last() {
            self.saw(*largest);
        }
        numbered.iter().map(|(id, webhook)| R::from_webhook(*id, webhook)).collect()
    }

    /// Returns the webhook with this id. Returns `None` if there is none, or if it does not belong
    /// to this registry.
    pub fn get(&self, registrar: &impl Registrar, id: i64) -> Option<R> {
        self.find(registrar, id).ok().map(|webhook| R::from_webhook(id, &webhook))
    }

    /// Replaces all writable fields of a webhook with those of `object`, and returns the new
    /// object. A field that the client left out gets its default value.
    ///
    /// The queue and the statistics stay, and so does everything that the object does not describe,
    /// such as headers and signers.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks();
    /// let mut object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// object.batch_size = 5;
    /// webhooks.create(&mut registrar, &object)?;
    ///
    /// let body = r#"{"name": "gate", "url": "http://127.0.0.1:8888/", "filters": {}}"#;
    /// let answer = webhooks.update(&mut registrar, 1, &serde_json::from_str(body)?)?;
    /// assert_eq!(answer.batch_size, 1, "the default, because the body has none");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no webhook with this id, or if the object is
    /// invalid.
    pub fn update(
        &self,
        registrar: &mut impl Registrar,
        id: i64,
        object: &R,
    ) -> Result<R, RegistrationError> {
        // Once, and outside of the closure, which can run several times.
        let filter = self.read(registrar, object.filters())?;
        self.change(registrar, id, |webhook| object.put(webhook, filter.clone()))
    }

    /// Removes a webhook and drops its queue, as [`Registrar::remove`] does. Its id is not used
    /// again.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks();
    /// let object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// webhooks.create(&mut registrar, &object)?;
    /// webhooks.delete(&mut registrar, 1)?;
    /// assert!(webhooks.delete(&mut registrar, 1).is_err());
    /// assert_eq!(webhooks.create(&mut registrar, &object)?.id, Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no webhook with this id.
    pub fn delete(&self, registrar: &mut impl Registrar, id: i64) -> Result<(), RegistrationError> {
        self.find(registrar, id)?;
        Ok(registrar.remove(id)?)
    }

    /// Registers a webhook as an earlier answer described it: under the same id, with the same
    /// read-only fields. Later ids are larger.
    ///
    /// ```
    /// use recohook::findface::{Registration, security};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks();
    /// let stored = r#"{"id": 7, "name": "gate", "url": "http://127.0.0.1:8888/", "filters": {},
    ///     "created_date": "2020-05-18T15:08:38Z"}"#;
    /// let stored: Registration = serde_json::from_str(stored)?;
    /// webhooks.restore(&mut registrar, &stored)?;
    /// assert_eq!(webhooks.get(&registrar, 7), Some(stored));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the object has no id or one below 1, if the id is taken,
    /// or if the object is invalid.
    pub fn restore(
        &self,
        registrar: &mut impl Registrar,
        object: &R,
    ) -> Result<(), RegistrationError> {
        let id = object.id().ok_or(RegistrationError::NoId)?;
        if id < 1 {
            return Err(RegistrationError::Id { id });
        }
        // Only here: from a client, read-only fields are ignored.
        let webhook = object.keep_read_only(self.make(registrar, object)?);
        registrar.insert(id, webhook)?;
        self.saw(id);
        Ok(())
    }

    fn make(&self, registrar: &impl Registrar, object: &R) -> Result<Webhook, RegistrationError> {
        object.make(self.read(registrar, object.filters())?, self.profile.clone())
    }

    fn read(
        &self,
        registrar: &impl Registrar,
        filters: &Filters,
    ) -> Result<Filter, RegistrationError> {
        filters.read(self.table, registrar.limits())
    }

    fn insert(
        &self,
        registrar: &mut impl Registrar,
        webhook: Webhook,
    ) -> Result<R, RegistrationError> {
        let now = now(registrar);
        let webhook = webhook.with_metadata(CREATED_DATE, &now).with_metadata(MODIFIED_DATE, now);
        loop {
            let id = self.next_id(registrar)?;
            // Before the webhook is registered, and not read back: the answer is what was
            // registered, also if somebody else changes or removes it at once.
            let answer = R::from_webhook(id, &webhook);
            match registrar.insert(id, webhook.clone()) {
                Ok(()) => return Ok(answer),
                // The host has registered this id itself since the ids were last read. The next
                // round goes above all ids that are in use by now.
                Err(RegistryError::Taken { .. }) => self.see_registered(registrar),
                Err(other) => return Err(other.into()),
            }
        }
    }

    fn change(
        &self,
        registrar: &mut impl Registrar,
        id: i64,
        change: impl Fn(Webhook) -> Result<Webhook, RegistrationError>,
    ) -> Result<R, RegistrationError> {
        let now = now(registrar);
        // The closure can run again if somebody else changes the webhook meanwhile: see
        // `Registrar::modify`. So it consumes nothing.
        let webhook = registrar.modify(id, |webhook| {
            self.check_owned(id, webhook)?;
            Ok::<_, RegistrationError>(
                change(webhook.clone())?.with_metadata(MODIFIED_DATE, now.clone()),
            )
        })?;
        self.saw(id);
        Ok(R::from_webhook(id, &webhook))
    }

    /// Takes the next id. An id is lost if registering fails after this; ids can have gaps.
    fn next_id(&self, registrar: &impl Registrar) -> Result<i64, RegistrationError> {
        if self.last.load(Ordering::Relaxed) == 0 {
            self.see_registered(registrar);
        }
        let next = |last: i64| last.checked_add(1);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        last.ok().and_then(next).ok_or(RegistrationError::NoIdLeft)
    }

    /// Returns the webhook with this id, if it belongs to this registry.
    fn find(&self, registrar: &impl Registrar, id: i64) -> Result<Arc<Webhook>, RegistryError> {
        let webhook = registrar.get(id).ok_or(RegistryError::Unknown { id: id.into() })?;
        self.check_owned(id, &webhook)?;
        self.saw(id);
        Ok(webhook)
    }

    fn check_owned(&self, id: i64, webhook: &Webhook) -> Result<(), RegistryError> {
        if self.owns(webhook) { Ok(()) } else { Err(RegistryError::Unknown { id: id.into() }) }
    }

    /// Returns whether a webhook belongs to this registry: its filter was read with the same table.
    /// Tables are compared by address, because two systems could have equal ones.
    fn owns(&self, webhook: &Webhook) -> bool {
        std::ptr::eq(webhook.filter().table(), self.table)
    }

    /// Records all ids in use, also of webhooks that belong to somebody else.
    fn see_registered(&self, registrar: &impl Registrar) {
        let largest = registrar.list().iter().filter_map(|(id, _)| number(id)).max();
        self.saw(largest.unwrap_or(0));
    }

    /// Records that an id is in use, so that it is not given out again.
    fn saw(&self, id: i64) {
        self.last.fetch_max(id, Ordering::Relaxed);
    }
}

impl Webhooks<Registration> {
    /// Registers a webhook for the user with this id, and otherwise as [`create`](Self::create)
    /// does. The object then has the user as `created_by`.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// let answer = security::webhooks().create_by(&mut registrar, 5, &object)?;
    /// assert_eq!(answer.created_by, Some(5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails as [`create`](Self::create) does.
    pub fn create_by(
        &self,
        registrar: &mut impl Registrar,
        user: i64,
        object: &Registration,
    ) -> Result<Registration, RegistrationError> {
        let webhook = self.make(registrar, object)?.with_metadata(CREATED_BY, user.to_string());
        self.insert(registrar, webhook)
    }

    /// Changes the fields of a webhook that `changes` names, and returns the new object. If two
    /// calls change different fields at the same time, both changes take effect.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no webhook with this id, or if the result is
    /// invalid.
    pub fn patch(
        &self,
        registrar: &mut impl Registrar,
        id: i64,
        changes: &Changes,
    ) -> Result<Registration, RegistrationError> {
        let filters = changes.filters.as_ref();
        let filter = filters.map(|filters| self.read(registrar, filters)).transpose()?;
        self.change(registrar, id, |webhook| changes.put(webhook, filter.clone()))
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

/// Returns the id as a positive number, if it is one.
fn number(id: &WebhookId) -> Option<i64> {
    let number = id.as_str().parse().ok().filter(|number| *number > 0)?;
    // `+7` and `07` parse as 7, but are other ids.
    (WebhookId::from(number) == *id).then_some(number)
}

/// Returns the time for the dates, as text.
fn now(registrar: &impl Registrar) -> String {
    Timestamp::from(registrar.now()).as_str().to_owned()
}
