//! The handle that a host uses to publish, and the drivers that send.
//!
//! # State and locks
//!
//! A thread takes these locks in the order of this table, and holds none of them while the host's
//! code runs.
//!
//! | lock | guards | taken by | held for |
//! |---|---|---|---|
//! | router | the filters of all webhooks | changes of the registry, `webhooks` | a whole change |
//! | thread cache | the routes that one thread read last | that thread; a change of the registry | a match |
//! | thread caches | the list of all thread caches | a thread that reads for the first time; a change | a copy of the list |
//! | routes | the current routes | a thread whose cache is empty; a change | a clone |
//! | state | the dispatcher, the drivers ([`driver_set`]), the waits for a flush or the shutdown ([`shutdown`]) | everything that queues, sends, settles, waits or counts | a few steps of the dispatcher |
//! | reports | the reports and the wakers of their readers | changes of the state, readers of reports | a few reports |
//!
//! There are also three atomics: `NotifierInner::closed`, the number of subscriptions, and the
//! total size of all payloads. The last section describes what they guarantee.
//!
//! # Invariants
//!
//! Debug builds assert the invariants that are marked with *.
//!
//! 1. Only `NotifierInner::with_state` changes the state. After the change, it takes the wakers of
//!    the tasks that the change affects, under the same lock, and wakes them after unlocking. The
//!    only exception is [`DispatcherAccess`](crate::engine::DispatcherAccess). A change of the
//!    registry accesses the dispatcher in single steps and ends with an empty `with_state`.
//! 2. A driver is parked at most once *, and only while it is live *. It checks for work and parks
//!    under a single acquisition of the lock. It sleeps until the moment that is recorded with it,
//!    or until an earlier one.
//! 3. While the state is unlocked and a driver is parked, one of the following holds: the
//!    dispatcher has neither work nor a timer before the earliest moment of a parked driver, a
//!    driver has been unparked and has not asked the dispatcher for work since, or a thread is
//!    about to end its change of the registry.
//! 4. A wait is listed at most once *, and only until it is over. It is over when its flush is
//!    done, when the shutdown is finished, or when there is no live driver.
//! 5. The shutdown finishes only once. From then on, the dispatcher is closed and nothing is
//!    pending *.
//! 6. Every attempt that the dispatcher hands out has one lease. The lease either reports the
//!    outcome or, if it is dropped before that, abandons the attempt. It does so exactly once *.
//! 7. A timeout runs only while its attempt is in flight *.
//! 8. `NotifierInner::closed` is set under the lock of the state, after the dispatcher has been
//!    closed.
//! 9. Reports enter the ring in the order in which their events happened.
//! 10. Once a change of the registry has returned, no thread reads routes from before the change.
//! 11. Locks are taken in the order above *, and no lock is held while the host's code runs *.
//!
//! # Why no wake-up is lost
//!
//! *Drivers.* Only a change of the state creates work or an earlier timer. At the end of each
//! change, the parked drivers are checked under the same lock (1). If no driver is parked, all of
//! them are awake and ask for work before they park (2). Otherwise one driver is unparked and
//! woken. This suffices, because asking for work is itself a change, which wakes the next driver if
//! there is more to do. If the driver is dropped before it asks, its removal is such a change. If
//! the driver was already awake, because of a response or a timeout, its waker makes the executor
//! poll it once more. If work becomes due merely because time passes, the driver with the earliest
//! moment wakes by itself (3). If that driver is removed, its moment is earlier than the moments of
//! the others, and one of them is woken.
//!
//! *Waits.* Whether a wait is over depends only on the state. A task checks that its wait is not
//! over and lists it under a single acquisition of the lock (4). The change that ends the wait
//! removes it from the list and wakes the task.
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
//! attributes and the encoding of notifications, the transport, the clock, signers, the dead-letter
//! handler, waking, cloning and dropping wakers, and dropping anything that the host has passed to
//! the crate.
//!
//! # Why routes are current after a change
//!
//! A change replaces the current routes and then clears every thread cache (`RouteCache::set`). A
//! thread cache is listed before it is filled for the first time. It is filled with the current
//! routes under its own lock. If a cache contains old routes, they were read before the change
//! replaced them. The cache is then in the list, and the change waits for its lock and clears it.
//! Therefore a read that begins after the change has returned finds either an empty cache or the
//! new routes (10).
//!
//! A publisher that used the old routes may still queue a notification for webhooks that are about
//! to be removed. These webhooks are removed from the dispatcher only after all thread caches have
//! been cleared. If the publisher finds that one of them is missing, it therefore matches again
//! with the new routes. If one webhook replaces another, one of the two gets the notification.
//!
//! # What the atomics guarantee
//!
//! `closed` spares publishers a match after the shutdown. A publisher that does not see it yet asks
//! the dispatcher, which refuses the notification. `closed` is set before `shutdown` returns, so
//! every later call to `publish` is refused at once. A subscription that begins while an event
//! happens may miss the event, but an earlier subscription does not. The bytes of each payload are
//! taken and returned atomically, and their total never exceeds its limit.

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
