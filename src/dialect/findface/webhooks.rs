use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::Value;

use super::{
    Filters, Registration, RegistrationError, UnknownFields,
    registration::{CREATED_BY, CREATED_DATE, MODIFIED_DATE},
    registration_object::{RegistrationChanges, RegistrationObject},
};
use crate::{
    base::WebhookId,
    dialect::json_schema::DIALECT,
    dialect::model::Timestamp,
    filter::{Filter, Table},
    signature::{HmacSha256, Secret},
    webhook::{Profile, Registrar, RegistryError, Webhook},
};

/// The registry behind the REST API of a system. It creates, lists, changes and deletes webhooks as
/// the API does. Call it in the handlers of the host's API.
///
/// [`security::webhooks`](super::security::webhooks) and the functions of the same name for the
/// other systems return a registry. The host owns the registry and passes a [`Registrar`] to each
/// call. For a notifier, pass `&mut &notifier` to make changes and `&&notifier` to read. For an
/// engine, pass the registrar that [`Engine::registrar`](crate::Engine::registrar) returns.
///
/// Ids increase by one, and ids that are taken are skipped. The registry never reuses an id that it
/// has created, restored, listed, returned, changed or deleted. If `create` is called before any of
/// this has happened, ids start above the largest registered id.
///
/// The registry does not touch webhooks that the host registers by other means. A webhook belongs
/// to the registry only if its id is a positive integer and its filter uses the same filter keys.
///
/// Filters are parsed with the registrar's [limits](crate::Limits). The read-only fields are stored
/// in the webhooks' metadata under the keys `created_by`, `created_date` and `modified_date`.
///
/// The registry does not store anything beyond the lifetime of the process. To keep webhooks across
/// restarts, store the answers and [`last_id`](Self::last_id). When the host starts, pass them to
/// [`restore`](Self::restore) and [`with_last_id`](Self::with_last_id).
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
/// let answer = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?)?;
/// assert_eq!((answer.id, answer.active, answer.batch_size), (Some(1), true, 1));
///
/// // GET, PUT, PATCH, DELETE
/// assert_eq!(webhooks.list(&registrar), [answer.clone()]);
/// let mut changed = answer;
/// changed.active = false;
/// assert!(!webhooks.update(&mut registrar, 1, &changed)?.active);
/// let changes = webhooks.read_changes(br#"{"active": true}"#)?;
/// assert!(webhooks.patch(&mut registrar, 1, &changes)?.active);
/// webhooks.delete(&mut registrar, 1)?;
/// assert_eq!(webhooks.get(&registrar, 1), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A filter can be valid and still not match what its author intended. A host can add warnings to
/// the answer:
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
/// let answer = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?)?;
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
    unknown: UnknownFields,
    /// The largest id seen so far, or 0 if none has been seen. It never decreases.
    ///
    /// Accesses use relaxed ordering, because callers only need distinct ids and no other memory
    /// depends on this value.
    last: AtomicI64,
    objects: PhantomData<fn() -> R>,
}

impl<R: RegistrationObject> Webhooks<R> {
    /// Creates a registry of webhooks that use these filter keys. New webhooks get this profile.
    pub(super) fn new(table: &'static Table, profile: Profile) -> Self {
        Self {
            table,
            profile,
            unknown: UnknownFields::default(),
            last: AtomicI64::new(0),
            objects: PhantomData,
        }
    }

    /// Sets the filter keys. Default: the filter keys of the system.
    ///
    /// After this, webhooks that were registered with different filter keys no longer belong to the
    /// registry.
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

    /// Sets the delivery profile of new webhooks. The registration object overrides the batch size
    /// and the attempts. Default: the profile of the system.
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

    /// Sets what the registry does with fields that the API does not have. This concerns
    /// [`read`](Self::read) and [`read_changes`](Self::read_changes). Default:
    /// [`UnknownFields::Ignore`].
    ///
    /// ```
    /// use recohook::findface::{UnknownFields, security};
    ///
    /// let body = br#"{"name": "gate", "url": "http://127.0.0.1:8888/", "filters": {}, "activ": 1}"#;
    /// assert!(security::webhooks().read(body).is_ok());
    /// let strict = security::webhooks().with_unknown_fields(UnknownFields::Refuse);
    /// assert_eq!(
    ///     strict.read(body).unwrap_err().to_string(),
    ///     r#"at /activ: unknown field; did you mean "active"?"#,
    /// );
    /// ```
    #[must_use]
    pub fn with_unknown_fields(mut self, unknown: UnknownFields) -> Self {
        self.unknown = unknown;
        self
    }

    /// Sets the largest id that was ever assigned, as [`last_id`](Self::last_id) returned it before
    /// a restart. Later ids are larger. A smaller value than the current one has no effect.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks().with_last_id(2);
    /// let object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// assert_eq!(webhooks.create(&mut registrar, &object)?.id, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_last_id(self, id: i64) -> Self {
        self.saw(id);
        self
    }

    /// Returns the largest id that the registry has assigned or seen, or 0 if there is none.
    ///
    /// Store it with the answers after each [`create`](Self::create), and pass it to
    /// [`with_last_id`](Self::with_last_id) when the host starts. Otherwise the id of a deleted
    /// webhook may be assigned again after a restart. Its statistics and stored notifications would
    /// then appear to belong to the new webhook.
    pub fn last_id(&self) -> i64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Reads the body of a `POST` or `PUT` request. A byte order mark before the object is skipped.
    ///
    /// Errors name the field as a JSON Pointer and say what the API expects. A host whose web
    /// framework reads the body with serde can use `Deserialize` instead. Its errors are those of
    /// `serde_json`, and it refuses unknown fields.
    ///
    /// ```
    /// use recohook::findface::security;
    ///
    /// let body = br#"{"name": "gate", "url": "http://127.0.0.1:8888/", "filters": {}, "batch_size": "10"}"#;
    /// assert_eq!(
    ///     security::webhooks().read(body).unwrap_err().to_string(),
    ///     "at /batch_size: expected an integer of 1 or more, found a string",
    /// );
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not a JSON object, or if a field is missing,
    /// appears twice or has the wrong type.
    pub fn read(&self, text: &[u8]) -> Result<R, RegistrationError> {
        R::read(text, self.unknown)
    }

    /// Reads the body of a `PATCH` request, as [`read`](Self::read) does.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not a JSON object, or if a field appears
    /// twice or has the wrong type.
    pub fn read_changes(&self, text: &[u8]) -> Result<R::Changes, RegistrationError> {
        R::Changes::read(text, self.unknown)
    }

    /// Returns the JSON Schema of the registration object, in the dialect 2020-12. It contains the
    /// schema of the filters. Use it in forms, and in the OpenAPI document of the host's API.
    ///
    /// ```
    /// use recohook::findface::security;
    ///
    /// let schema = security::webhooks().json_schema();
    /// assert_eq!(schema["properties"]["batch_size"]["minimum"], 1);
    /// assert_eq!(schema["properties"]["id"]["readOnly"], true);
    /// assert!(schema["properties"]["filters"]["properties"]["events"].is_object());
    /// ```
    pub fn json_schema(&self) -> Value {
        // Only the whole schema states its dialect.
        let mut filters = self.table.json_schema();
        filters.as_object_mut().and_then(|filters| filters.remove("$schema"));
        let mut schema = R::schema(filters);
        schema["$schema"] = DIALECT.into();
        schema
    }

    /// Registers a webhook under the next id and returns the object with its id and dates. The
    /// read-only fields of `object` are ignored.
    ///
    /// If the registry has not used any id yet, the call lists all of the registrar's webhooks to
    /// find the largest id.
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
        // From now on, a client may know these ids. They are sorted, so the last one is the
        // largest.
        if let Some((largest, _)) = numbered.last() {
            self.saw(*largest);
        }
        numbered.iter().map(|(id, webhook)| R::from_webhook(*id, webhook)).collect()
    }

    /// Returns the webhook with this id, or `None` if this registry has no such webhook.
    pub fn get(&self, registrar: &impl Registrar, id: i64) -> Option<R> {
        self.find(registrar, id).ok().map(|webhook| R::from_webhook(id, &webhook))
    }

    /// Replaces all writable fields of a webhook with those of `object` and returns the new object.
    /// A field that the client omitted gets its default value.
    ///
    /// The queue and the statistics are kept, as is everything that the object does not describe,
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
    /// let answer = webhooks.update(&mut registrar, 1, &webhooks.read(body.as_bytes())?)?;
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
        // The filters are parsed once, outside the closure, because the closure may run several
        // times.
        let filter = self.read_filters(registrar, object.filters())?;
        self.change(registrar, id, |webhook| object.put(webhook, filter.clone()))
    }

    /// Changes the fields of a webhook that are present in `changes` and returns the new object. If
    /// two calls change different fields at the same time, both changes take effect.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no webhook with this id, or if the result is
    /// invalid.
    pub fn patch(
        &self,
        registrar: &mut impl Registrar,
        id: i64,
        changes: &R::Changes,
    ) -> Result<R, RegistrationError> {
        let filters = changes.filters();
        let filter = filters.map(|filters| self.read_filters(registrar, filters)).transpose()?;
        self.change(registrar, id, |webhook| changes.put(webhook, filter.clone()))
    }

    /// Sets or removes the key with which deliveries are signed with [`HmacSha256`] (ours: the
    /// systems sign nothing). All signers of the webhook are replaced, including those that the
    /// host has added. The change takes effect with the next attempt.
    ///
    /// ```
    /// use recohook::findface::{Filters, Registration, security};
    /// use recohook::signature::Secret;
    /// use recohook::{Engine, Moment, Registrar};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks();
    /// let object = Registration::new("gate", "http://127.0.0.1:8888/", Filters::default());
    /// webhooks.create(&mut registrar, &object)?;
    /// webhooks.set_secret(&mut registrar, 1, Some(&Secret::new("key")?))?;
    /// assert_eq!(registrar.get(1).expect("registered").signers().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if there is no webhook with this id.
    pub fn set_secret(
        &self,
        registrar: &mut impl Registrar,
        id: i64,
        secret: Option<&Secret>,
    ) -> Result<(), RegistrationError> {
        self.change(registrar, id, |webhook| {
            let webhook = webhook.without_signers();
            Ok(match secret {
                Some(secret) => webhook.with_signer(HmacSha256::new(secret)),
                None => webhook,
            })
        })?;
        Ok(())
    }

    /// Removes a webhook and drops its queue, as [`Registrar::remove`] does. The id is never
    /// reused.
    ///
    /// The check that the webhook belongs to this registry and the removal are two steps. If
    /// another thread removes the webhook and registers a different one under the same id in
    /// between, the new one is removed.
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

    /// Registers a webhook again from an earlier answer, with the same id and read-only fields. Ids
    /// that are assigned later are larger.
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
    /// Returns a [`RegistrationError`] if the object has no id, if the id is below 1 or already
    /// taken, or if the object is invalid.
    pub fn restore(
        &self,
        registrar: &mut impl Registrar,
        object: &R,
    ) -> Result<(), RegistrationError> {
        let id = object.id().ok_or(RegistrationError::NoId)?;
        if id < 1 {
            return Err(RegistrationError::Id { id });
        }
        // Only `restore` keeps the read-only fields. In objects that a client sends, they are
        // ignored.
        let webhook = object.keep_read_only(self.make(registrar, object)?);
        registrar.insert(id, webhook)?;
        self.saw(id);
        Ok(())
    }

    fn make(&self, registrar: &impl Registrar, object: &R) -> Result<Webhook, RegistrationError> {
        object.make(self.read_filters(registrar, object.filters())?, self.profile.clone())
    }

    fn read_filters(
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
            // The answer is created before the webhook is registered rather than read back
            // afterwards. It therefore describes the webhook as it was registered, even if another
            // thread changes or removes it immediately.
            let answer = R::from_webhook(id, &webhook);
            match registrar.insert(id, webhook.clone()) {
                Ok(()) => return Ok(answer),
                // Since the ids were last read, the host has registered this id itself. The next
                // iteration uses an id above all ids that are in use by then.
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
        // The closure may run again if another thread changes the webhook in the meantime (see
        // `Registrar::modify`), so it must not consume anything.
        let webhook = registrar.modify(id, |webhook| {
            self.check_owned(id, webhook)?;
            Ok::<_, RegistrationError>(
                change(webhook.clone())?.with_metadata(MODIFIED_DATE, now.clone()),
            )
        })?;
        self.saw(id);
        Ok(R::from_webhook(id, &webhook))
    }

    /// Takes the next id. If the registration fails after this, the id is lost, so ids can have
    /// gaps.
    fn next_id(&self, registrar: &impl Registrar) -> Result<i64, RegistrationError> {
        if self.last.load(Ordering::Relaxed) == 0 {
            self.see_registered(registrar);
        }
        let next = |last: i64| last.checked_add(1);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        last.ok().and_then(next).ok_or(RegistrationError::NoIdLeft)
    }

    /// Returns the webhook with this id if it belongs to this registry.
    fn find(&self, registrar: &impl Registrar, id: i64) -> Result<Arc<Webhook>, RegistryError> {
        let webhook = registrar.get(id).ok_or(RegistryError::Unknown { id: id.into() })?;
        self.check_owned(id, &webhook)?;
        self.saw(id);
        Ok(webhook)
    }

    fn check_owned(&self, id: i64, webhook: &Webhook) -> Result<(), RegistryError> {
        if self.owns(webhook) { Ok(()) } else { Err(RegistryError::Unknown { id: id.into() }) }
    }

    /// Returns `true` if a webhook belongs to this registry. It belongs to the registry if its
    /// filter was parsed with the same table. Tables are compared by address, because two systems
    /// could have equal tables.
    fn owns(&self, webhook: &Webhook) -> bool {
        std::ptr::eq(webhook.filter().table(), self.table)
    }

    /// Records all ids that are in use, including those of webhooks that do not belong to this
    /// registry.
    fn see_registered(&self, registrar: &impl Registrar) {
        let largest = registrar.list().iter().filter_map(|(id, _)| number(id)).max();
        self.saw(largest.unwrap_or(0));
    }

    /// Records that an id is in use, so that it is not assigned again.
    fn saw(&self, id: i64) {
        self.last.fetch_max(id, Ordering::Relaxed);
    }
}

impl Webhooks<Registration> {
    /// Registers a webhook as [`create`](Self::create) does, on behalf of the user with the id
    /// `user`. The returned object contains this id as `created_by`.
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
}

impl<R> fmt::Debug for Webhooks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("profile", &self.profile)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// Returns the id as a number, or `None` if it is not a positive integer.
fn number(id: &WebhookId) -> Option<i64> {
    let number = id.as_str().parse().ok().filter(|number| *number > 0)?;
    // `+7` and `07` parse as 7 but are different ids.
    (WebhookId::from(number) == *id).then_some(number)
}

/// Returns the current time in the format of the date fields.
fn now(registrar: &impl Registrar) -> String {
    Timestamp::from(registrar.now()).as_str().to_owned()
}
