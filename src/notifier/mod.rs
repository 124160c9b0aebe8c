//! The handle that a host publishes to, and the drivers that send.
//!
//! # State and locks
//!
//! A thread takes these locks in the order of this table, and holds none while the host's code
//! runs.
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
//! bytes of all payloads. The last section says what they guarantee.
//!
//! # Invariants
//!
//! Debug builds assert the invariants that are marked with *.
//!
//! 1. Only `NotifierInner::with_state` changes the state. Under the same lock, after the change, it
//!    takes the wakers of the tasks that the change concerns, and wakes them after unlocking.
//!    [`DispatcherAccess`](crate::engine::DispatcherAccess) is the exception: a change of the
//!    registry accesses the dispatcher in single steps, and ends with an empty `with_state`.
//! 2. A driver is parked at most once *, and only while it lives *. It parks under the same lock
//!    under which the dispatcher had no work for it. It sleeps until the moment that is recorded
//!    with it, or until an earlier one.
//! 3. While the state is unlocked and a driver is parked, one of these is true: the dispatcher has
//!    no work, and no timer before the earliest moment of a parked driver; a driver was unparked
//!    and has not asked the dispatcher for work since; a thread is about to end its change of the
//!    registry.
//! 4. A wait is listed at most once *, and only until it is over. It is over when its flush is
//!    done, when the shutdown is finished, or when no driver lives.
//! 5. The shutdown finishes once. From then on the dispatcher is closed and nothing is pending *.
//! 6. Every attempt that the dispatcher has handed out has one lease. The lease reports the outcome
//!    or, if it is dropped first, abandons the attempt. It does so once *.
//! 7. A timeout runs only while its attempt is under way *.
//! 8. `NotifierInner::closed` is set under the lock of the state, after the dispatcher was closed.
//! 9. Reports enter the ring in the order in which their events happened.
//! 10. Once a change of the registry has returned, no thread reads routes from before it.
//! 11. Locks are taken in the order above *, and none is held while the host's code runs *.
//!
//! # Why no wake-up is lost
//!
//! *Drivers.* Only a change of the state brings work, or an earlier timer. Each change ends with a
//! look at the parked drivers, under the same lock (1). If no driver is parked, all of them are
//! awake, and ask for work before they park (2). Otherwise one is unparked and woken.
//! One is enough: when it asks for work, that is a change as well, which wakes the next driver if
//! there is more to do. If it is dropped before it asks, its leaving is such a change. If it was
//! awake already, for a response or a timeout, its waker makes the executor poll it once more. If
//! time alone brings the work, the driver with the earliest moment wakes by itself (3). If that
//! driver leaves, its moment is earlier than those of the others, and one of them is woken.
//!
//! *Waits.* Whether a wait is over depends only on the state. A wait is listed under the same lock
//! under which it was not over (4). The change that ends it removes it from the list and wakes it.
//!
//! *Subscriptions.* A reader leaves its waker under the same lock under which the ring had no
//! report for it. A thread that adds a report, or closes the ring, takes all wakers and wakes them.
//!
//! # Why there is no deadlock
//!
//! All threads take the locks in one order (11), so they cannot wait for each other in a circle. No
//! lock is held across an `.await` or a call of the host's code, so every lock is released soon,
//! and the host's code may call the notifier. The host's code is: the attributes and the encoding
//! of notifications, the transport, the clock, signers, the dead-letter handler, wakers with their
//! clones and drops, and the drop of everything that the host has handed over.
//!
//! # Why routes are current after a change
//!
//! A change replaces the current routes and then clears every thread cache (`RouteCache::set`). A
//! thread cache is listed before it is filled for the first time. It is filled with the current
//! routes, under its own lock. So if a cache holds old routes, they were read before the change
//! replaced them. Then the cache is in the list, and the change waits for its lock and clears it.
//! Therefore a read that begins after the change has returned finds an empty cache or new routes
//! (10).
//!
//! A publisher that matched by the old routes may still queue for webhooks that are about to be
//! removed. They are removed from the dispatcher only after all thread caches are clear. So if the
//! publisher finds one of them gone, it matches again, by the new routes. If one webhook replaces
//! another, one of the two gets the notification.
//!
//! # What the atomics guarantee
//!
//! `closed` saves publishers a match after the shutdown. A publisher that does not see it yet asks
//! the dispatcher, which refuses. It is set before `shutdown` returns, so every later publish is
//! refused at once. A subscription that begins while an event happens may miss the event. One that
//! began before does not. The bytes of payloads are taken and given back one by one, and never
//! exceed their bound.

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
