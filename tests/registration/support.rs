//! Shared helpers: a notifier whose clock stands still and whose receiver accepts everything.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use futures::{executor::LocalPool, task::LocalSpawnExt};
use recohook::{
    Clock, Config, Moment, Notification, Notifier, Transport, async_trait,
    bytes::Bytes,
    findface::{self, Changes, Registration, RegistrationError, lite},
    http::{Request, Response},
    openbiometrics::{self, Registered, Removed},
    signature::Secret,
    transport::{Body, Context, TransportError},
};
use serde_json::Value;

pub(crate) struct World {
    pub(crate) notifier: Notifier,
    wall: Arc<Mutex<SystemTime>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    pool: LocalPool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_config(Config::default())
    }

    pub(crate) fn with_config(config: Config) -> Self {
        let wall = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH));
        let requests = Arc::default();
        let receiver = Receiver(Arc::clone(&requests));
        let notifier = Notifier::with_config(receiver, Still(Arc::clone(&wall)), config);
        let pool = LocalPool::new();
        pool.spawner().spawn_local(notifier.driver()).unwrap();
        Self { notifier, wall, requests, pool }
    }

    /// Sets the wall clock to a number of seconds after the start of 1970.
    pub(crate) fn set_seconds(&self, seconds: u64) {
        *self.wall.lock().unwrap() = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    }

    /// Publishes a notification and returns the requests that are sent.
    pub(crate) fn deliver(&mut self, notification: &dyn Notification) -> Vec<Request<Bytes>> {
        self.notifier.publish(notification).unwrap();
        self.sent()
    }

    /// Sends everything that is pending and returns the requests.
    pub(crate) fn sent(&mut self) -> Vec<Request<Bytes>> {
        let stats = self.pool.run_until(self.notifier.flush(Duration::from_secs(60)));
        assert_eq!(stats.pending(), 0);
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

struct Still(Arc<Mutex<SystemTime>>);

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::ZERO
    }

    fn wall(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    async fn sleep_until(&self, _: Moment) {
        futures::future::pending().await
    }
}

struct Receiver(Arc<Mutex<Vec<Request<Bytes>>>>);

#[async_trait]
impl Transport for Receiver {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: &Context,
    ) -> Result<Response<Body>, TransportError> {
        self.0.lock().unwrap().push(request);
        Ok(Response::new(Body::empty()))
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Reads an object from the text of a JSON value.
pub(crate) fn object<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_str(&value.to_string()).unwrap()
}

/// Writes an object as text and reads it again.
pub(crate) fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned>(object: &T) -> T {
    serde_json::from_str(&serde_json::to_string(object).unwrap()).unwrap()
}

pub(crate) fn written(object: &impl serde::Serialize) -> Value {
    serde_json::to_value(object).unwrap()
}

/// A REST registry, with the registrar that is passed to each of its calls.
#[derive(Debug)]
pub(crate) struct Api<W> {
    webhooks: W,
    notifier: Notifier,
}

/// Returns `webhooks` with `notifier` as its registrar.
pub(crate) fn on<W>(notifier: &Notifier, webhooks: W) -> Api<W> {
    Api { webhooks, notifier: notifier.clone() }
}

macro_rules! api {
    ($object:ty) => {
        impl Api<findface::Webhooks<$object>> {
            pub(crate) fn create(&self, object: &$object) -> Result<$object, RegistrationError> {
                self.webhooks.create(&mut &self.notifier, object)
            }

            pub(crate) fn list(&self) -> Vec<$object> {
                self.webhooks.list(&&self.notifier)
            }

            pub(crate) fn get(&self, id: i64) -> Option<$object> {
                self.webhooks.get(&&self.notifier, id)
            }

            pub(crate) fn update(
                &self,
                id: i64,
                object: &$object,
            ) -> Result<$object, RegistrationError> {
                self.webhooks.update(&mut &self.notifier, id, object)
            }

            pub(crate) fn delete(&self, id: i64) -> Result<(), RegistrationError> {
                self.webhooks.delete(&mut &self.notifier, id)
            }

            pub(crate) fn restore(&self, object: &$object) -> Result<(), RegistrationError> {
                self.webhooks.restore(&mut &self.notifier, object)
            }
        }
    };
}

api!(Registration);
api!(lite::Registration);

impl Api<findface::Webhooks<Registration>> {
    pub(crate) fn create_by(
        &self,
        user: i64,
        object: &Registration,
    ) -> Result<Registration, RegistrationError> {
        self.webhooks.create_by(&mut &self.notifier, user, object)
    }

    pub(crate) fn patch(
        &self,
        id: i64,
        changes: &Changes,
    ) -> Result<Registration, RegistrationError> {
        self.webhooks.patch(&mut &self.notifier, id, changes)
    }
}

impl Api<openbiometrics::Webhooks> {
    pub(crate) fn create(
        &self,
        registration: &openbiometrics::Registration,
    ) -> Result<Registered, RegistrationError> {
        self.webhooks.create(&mut &self.notifier, registration)
    }

    pub(crate) fn list(&self) -> Vec<Registered> {
        self.webhooks.list(&&self.notifier)
    }

    pub(crate) fn delete(&self, id: &str) -> Result<Removed, RegistrationError> {
        self.webhooks.delete(&mut &self.notifier, id)
    }

    pub(crate) fn restore(
        &self,
        registered: &Registered,
        secret: Option<Secret>,
    ) -> Result<(), RegistrationError> {
        self.webhooks.restore(&mut &self.notifier, registered, secret)
    }
}
