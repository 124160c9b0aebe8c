//! The idle connections of a transport.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{Arc, Weak},
    time::Duration,
};

use http::uri::Authority;
use tokio::time::Instant;

#[cfg(feature = "rustls")]
use super::tls::TlsConfig;
use super::{
    connection::Connection,
    proxy::{Proxy, literal},
};
use crate::{
    base::sync::{Guarded, LockOrder, Mutex},
    target::{TargetError, TargetPolicy},
};

/// The connections that wait for their next request. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: PoolLimits,
    idle: Mutex<IdleConnections>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PoolLimits {
    pub(super) max_idle: usize,
    pub(super) max_idle_per_host: usize,
    pub(super) idle_timeout: Duration,
}

/// What connections must have in common so that one can serve the requests of another.
///
/// Authorities that differ only in case are different keys, because this makes a key cheap to hash.
#[derive(Clone, Debug)]
pub(super) struct PoolKey {
    pub(super) is_secure: bool,
    pub(super) authority: Authority,
    /// The configuration of the webhook, if it has its own.
    #[cfg(feature = "rustls")]
    pub(super) tls: Option<TlsConfig>,
    /// The proxy through which the connection leads, if there is one.
    pub(super) proxy: Option<Proxy>,
}

impl PoolKey {
    /// Returns the port if the URL contains none.
    pub(super) fn default_port(&self) -> u16 {
        if self.is_secure { 443 } else { 80 }
    }

    /// Returns the port of the receiver.
    pub(super) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(self.default_port())
    }

    /// Checks the address in the URL, if there is one. Through a proxy, no other is known.
    pub(super) fn check_literal(&self, policy: &TargetPolicy) -> Result<(), TargetError> {
        literal(self.authority.host()).map_or(Ok(()), |address| policy.check_addresses([address]))
    }

    fn proxy_address(&self) -> Option<usize> {
        self.proxy.as_ref().map(Proxy::address)
    }

    /// Identifies the TLS configuration.
    fn tls_address(&self) -> Option<usize> {
        #[cfg(feature = "rustls")]
        return self.tls.as_ref().map(TlsConfig::address);
        #[cfg(not(feature = "rustls"))]
        None
    }
}

impl PartialEq for PoolKey {
    fn eq(&self, other: &Self) -> bool {
        self.is_secure == other.is_secure
            && self.tls_address() == other.tls_address()
            && self.proxy_address() == other.proxy_address()
            && self.authority.as_str() == other.authority.as_str()
    }
}

impl Eq for PoolKey {}

impl Hash for PoolKey {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.is_secure.hash(hasher);
        self.tls_address().hash(hasher);
        self.proxy_address().hash(hasher);
        self.authority.as_str().hash(hasher);
    }
}

#[derive(Debug, Default)]
struct IdleConnections {
    /// The connections of each host, in the order in which they became idle. The reaper removes
    /// empty lists, which mostly fill up again before.
    hosts: HashMap<PoolKey, Vec<IdleConnection>>,
    /// The number of all connections.
    count: usize,
    /// Whether a task closes the connections that have been idle for too long.
    has_reaper: bool,
}

#[derive(Debug)]
struct IdleConnection {
    // In a `Box`, because lists of large values are slow to change.
    connection: Box<Connection>,
    since: Instant,
    closes_at: Instant,
}

impl Guarded for IdleConnections {
    const ORDER: LockOrder = LockOrder::Connections;
}

impl Pool {
    pub(super) fn new(limits: PoolLimits) -> Self {
        Self(Arc::new(Shared { limits, idle: Mutex::new(IdleConnections::default()) }))
    }

    /// Takes the connection to a host that became idle last.
    pub(super) fn take(&self, key: &PoolKey, now: Instant) -> Option<Box<Connection>> {
        let mut expired = Vec::new();
        let mut idle = self.0.idle.lock();
        let taken = idle.take(key, now, &mut expired);
        // Closing a connection is a call of the operating system.
        drop(idle);
        taken
    }

    /// Keeps a connection for the next request to its host.
    pub(super) fn put(&self, key: PoolKey, connection: Box<Connection>) {
        let (limits, now) = (&self.0.limits, Instant::now());
        let retires_at = connection.retires_at();
        // A timeout that no `Instant` can hold is longer than any age.
        let closes_at =
            now.checked_add(limits.idle_timeout).map_or(retires_at, |end| end.min(retires_at));
        if limits.max_idle_per_host == 0 || limits.max_idle == 0 || closes_at <= now {
            return;
        }
        let added = IdleConnection { connection, since: now, closes_at };
        let mut idle = self.0.idle.lock();
        let surplus = idle.put(key, added, limits);
        let needs_reaper = !std::mem::replace(&mut idle.has_reaper, true);
        drop(idle);
        drop(surplus);
        if needs_reaper {
            tokio::spawn(reap(Reaper { pool: Arc::downgrade(&self.0), is_active: true }));
        }
    }

    /// Closes the idle connections to a host.
    pub(super) fn close_host(&self, key: &PoolKey) {
        let mut idle = self.0.idle.lock();
        let closed = idle.hosts.remove(key);
        idle.count -= closed.as_ref().map_or(0, Vec::len);
        drop(idle);
    }

    /// Closes all idle connections. Returns whether there were any.
    // The map compares only the address of a TLS configuration.
    #[allow(clippy::mutable_key_type, reason = "a key does not change")]
    pub(super) fn close_all(&self) -> bool {
        let mut idle = self.0.idle.lock();
        let closed = std::mem::take(&mut idle.hosts);
        idle.count = 0;
        drop(idle);
        closed.values().any(|host| !host.is_empty())
    }
}

impl Shared {
    /// Closes the connections that are due at `now`. Returns when the next one is due, or `None` if
    /// there are none and the reaper ends.
    fn expire(&self, now: Instant) -> Option<Instant> {
        let mut expired = Vec::new();
        let mut idle = self.idle.lock();
        let next = idle.expire(now, &mut expired);
        // Decided under the lock, so that a connection that is put from now on gets a new reaper.
        idle.has_reaper = next.is_some();
        drop(idle);
        next
    }
}

impl IdleConnections {
    fn take(
        &mut self,
        key: &PoolKey,
        now: Instant,
        expired: &mut Vec<IdleConnection>,
    ) -> Option<Box<Connection>> {
        let host = self.hosts.get_mut(key)?;
        let mut taken = None;
        while taken.is_none()
            && let Some(last) = host.pop()
        {
            self.count -= 1;
            match last.closes_at > now {
                true => taken = Some(last.connection),
                false => expired.push(last),
            }
        }
        taken
    }

    /// Adds a connection. Returns the connections for which there is no room.
    fn put(
        &mut self,
        key: PoolKey,
        added: IdleConnection,
        limits: &PoolLimits,
    ) -> [Option<IdleConnection>; 2] {
        let host = self.hosts.entry(key).or_default();
        host.push(added);
        self.count += 1;
        let mut surplus = [None, None];
        if host.len() > limits.max_idle_per_host {
            surplus[0] = Some(host.remove(0));
            self.count -= 1;
        }
        if self.count > limits.max_idle {
            surplus[1] = self.remove_oldest();
        }
        surplus
    }

    /// Removes the connection that has been idle for the longest time.
    // The search is linear in the number of hosts. It runs only while all places are taken.
    fn remove_oldest(&mut self) -> Option<IdleConnection> {
        let hosts = self.hosts.values_mut().filter(|host| !host.is_empty());
        let oldest = hosts.min_by_key(|host| host[0].since)?.remove(0);
        self.count -= 1;
        Some(oldest)
    }

    /// Removes the connections that are to be closed at `now`. Returns when the next one is due.
    fn expire(&mut self, now: Instant, expired: &mut Vec<IdleConnection>) -> Option<Instant> {
        for host in self.hosts.values_mut() {
            expired.extend(host.extract_if(.., |one| one.closes_at <= now));
        }
        self.count -= expired.len();
        self.hosts.retain(|_, host| !host.is_empty());
        self.hosts.values().flatten().map(|one| one.closes_at).min()
    }
}

/// The right to close idle connections in the background. If it is dropped while it is active, for
/// example with the runtime of its task, another task may do so.
struct Reaper {
    pool: Weak<Shared>,
    is_active: bool,
}

/// Closes each connection that has been idle for too long, until there are none.
async fn reap(mut reaper: Reaper) {
    while let Some(pool) = reaper.pool.upgrade() {
        let next = pool.expire(Instant::now());
        drop(pool);
        let Some(next) = next else {
            reaper.is_active = false;
            return;
        };
        tokio::time::sleep_until(next).await;
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        if self.is_active
            && let Some(pool) = self.pool.upgrade()
        {
            pool.idle.lock().has_reaper = false;
        }
    }
}
