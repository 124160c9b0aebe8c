//! The handle through which a host publishes notifications, and the drivers that send them.
//!
//! # State and locks
//!
//! A thread takes these locks in the order of this table, and holds none of them while the host's
//! code runs.
//!
//! | lock | guards | taken by | held for |
//! |---|---|---|---|
//! | router | the filters of all webhooks | changes to the registry, `webhooks` | a whole change |
//! | thread cache | the routes that one thread read last | that thread; a change to the registry | a match |
//! | thread caches | the list of all thread caches | a thread that reads for the first time; a change | a copy of the list |
//! | routes | the current routes | a thread whose cache is empty; a change | a clone |
//! | state | the dispatcher, the drivers ([`driver_set`]), the waits for a flush or the shutdown ([`shutdown`]) | everything that queues, sends, settles, waits or counts | a few steps of the dispatcher |
//! | reports | the reports and the wakers of their readers | changes to the state, readers of reports | a few reports |
//!
//! There are also three atomics: `NotifierInner::closed`, the number of subscriptions, and the
//! total size of all payloads. The last section describes what they guarantee.
//!
//! # Invariants
//!
//! Debug builds assert the invariants that are marked with *.
//!
//! 1. Only `NotifierInner::with_state` changes the state. Under the same lock, it then takes the
//!    wakers of the tasks that the change affects, and wakes them after unlocking. The only
//!    exception is [`DispatcherAccess`](crate::engine::DispatcherAccess), through which a change to
//!    the registry accesses the dispatcher in single steps. Such a change ends with an empty call
//!    to `with_state`.
//! 2. A driver is parked at most once *, and only while it is live *. It checks for work and parks
//!    under a single acquisition of the lock. It never sleeps beyond the moment recorded for it.
//! 3. While the state is unlocked and a driver is parked, at least one of the following holds:
//!    - The dispatcher has neither work nor a timer that expires before the earliest moment at
//!      which a parked driver wakes by itself.
//!    - A driver has been unparked and has not asked the dispatcher for work since.
//!    - A thread is about to end its change to the registry.
//! 4. A wait is listed at most once *, and only until it is over. It is over when its flush is
//!    done, when the shutdown is finished, or when there is no live driver.
//! 5. The shutdown finishes only once. From then on, the dispatcher is closed and nothing is
//!    pending *.
//! 6. Every attempt that the dispatcher hands out has one lease. The lease does exactly one of two
//!    things *: it reports the outcome or, if it is dropped first, abandons the attempt.
//! 7. A timeout runs only while its attempt is in flight *.
//! 8. `NotifierInner::closed` is set under the lock of the state, after the dispatcher has been
//!    closed.
//! 9. Reports enter the ring in the order in which their events happened.
//! 10. Once a change to the registry has returned, no thread reads routes from before the change.
//! 11. Locks are taken in the order above *, and no lock is held while the host's code runs *.
//!
//! # Why no wake-up is lost
//!
//! *Drivers.* Only a change to the state creates work or an earlier timer. At the end of each
//! change, the parked drivers are checked under the same lock (1). If no driver is parked, all
//! drivers are awake, and they ask for work before they park (2). Otherwise one driver is unparked
//! and woken if there is something for it to do. This suffices, because asking for work is itself a
//! change, and that change wakes the next driver if there is more to do. If the woken driver is
//! dropped before it asks, its removal is also a change. If it was already awake because of a
//! response or a timeout, its waker makes the executor poll it once more. If work becomes due
//! merely because time passes, the driver with the earliest moment wakes by itself (3). If that
//! driver is removed, the removal wakes another driver, unless one will wake by itself in time.
//!
//! *Waits.* Whether a wait is over depends only on the state. A task checks whether its wait is
//! over and, if it is not, lists the wait. It does both under a single acquisition of the lock (4).
//! The change that ends the wait removes it from the list and wakes the task.
//!
//! *Subscriptions.* A reader checks the ring for reports and stores its waker under a single
//! acquisition of the lock. A thread that adds a report or closes the ring takes all wakers and
//! wakes them.
//!
//! # Why there is no deadlock
//!
//! All threads take the locks in the same order (11), so they cannot wait for each other in a
//! circle. No lock is held across an `.await` or a call into the host's code, so every lock is
//! released soon, and the host's code may call the notifier. The host's code includes the
//! transport, the clock, signers, the dead-letter handler, and the attributes and encoding of
//! notifications. It also includes waking, cloning and dropping wakers, and dropping anything that
//! the host has passed to the crate.
//!
//! # Why routes are current after a change
//!
//! A change replaces the current routes and then clears every thread cache (`RouteCache::set`). A
//! thread cache is listed before it is filled for the first time. It is filled with the current
//! routes under its own lock. If a cache contains old routes, they were read before the change
//! replaced them. Such a cache is in the list by then, so the change waits for its lock and clears
//! it. Therefore a read that begins after the change has returned finds either an empty cache or
//! the new routes (10).
//!
//! A publisher that used the old routes may still queue a notification for webhooks that are about
//! to be removed. These webhooks are removed from the dispatcher only after all thread caches have
//! been cleared. Therefore a publisher that finds one of them missing matches again, and it does so
//! with the new routes. If one webhook replaces another, one of the two gets the notification.
//!
//! # What the atomics guarantee
//!
//! `closed` saves publishers from matching after the shutdown. A publisher that does not yet see
//! that it is set asks the dispatcher, which refuses the notification. `closed` is set before
//! `shutdown` returns, so every later call to `publish` is refused at once. A subscription that
//! begins while an event happens may miss the event, but an earlier subscription does not. The
//! bytes of each payload are taken from the budget and returned to it atomically, and the total
//! never exceeds the limit.

mod attempt;
mod driver;
mod driver_set;
mod handle;
mod inner;
mod next_action;
mod registrar;
mod route_cache;
mod shutdown;
mod timeouts;
mod wait;

pub use driver::Driver;
pub use handle::Notifier;
