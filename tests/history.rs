//! `History`: it keeps the most recent notifications, and many threads can write and read it.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
    thread,
};

use proptest::{collection::vec, option, prelude::*, sample::select};
use recohook::{
    EncodeError, History, Notification, Rendering,
    attribute::{Schema, Values},
};

static PASSAGES: Schema = Schema::new("passages", &[]);

const KINDS: [&str; 3] = ["in", "out", ""];

/// A notification that uses its history whenever host code runs. If the history held its lock
/// meanwhile, this would deadlock.
#[derive(Debug, Default)]
struct Passage {
    number: u64,
    kind: &'static str,
    history: Weak<History<Passage>>,
}

impl Passage {
    fn new(number: u64, kind: &'static str) -> Self {
        Self { number, kind, history: Weak::new() }
    }
}

impl Notification for Passage {
    fn schema(&self) -> &'static Schema {
        &PASSAGES
    }

    fn id(&self) -> Cow<'_, str> {
        self.number.to_string().into()
    }

    fn kind(&self) -> &str {
        if let Some(history) = self.history.upgrade() {
            history.push(Self::new(self.number, "nested"));
        }
        self.kind
    }

    fn attributes(&self, _: &mut Values) {}

    fn encode(&self, _: Rendering, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::new("a passage is only kept in a history"))
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(history) = self.history.upgrade() {
            assert!(history.len() <= history.capacity());
        }
    }
}

fn numbers(passages: &[Arc<Passage>]) -> Vec<u64> {
    passages.iter().map(|passage| passage.number).collect()
}

#[test]
fn a_history_without_capacity_keeps_nothing() {
    let history = History::new(0);
    history.push(Passage::default());
    assert!(history.is_empty());
    assert!(history.recent(usize::MAX, None).is_empty());
}

#[test]
fn a_history_of_trait_objects_returns_the_values_that_were_pushed() {
    let history: History<dyn Notification + Send + Sync> = History::new(2);
    let first: Arc<dyn Notification + Send + Sync> = Arc::new(Passage::new(1, "in"));
    history.push(Arc::clone(&first));
    history.push(Box::new(Passage::new(2, "out")) as Box<dyn Notification + Send + Sync>);
    assert!(Arc::ptr_eq(&history.recent(1, Some("in"))[0], &first));
    assert_eq!(format!("{history:?}"), "History { capacity: 2, len: 2, .. }");
}

proptest! {
    #[test]
    fn recent_returns_the_same_as_a_list_of_everything(
        capacity in 0..200_usize,
        kinds in vec(select(&KINDS[..]), 0..400),
        limit in prop_oneof![0..300_usize, Just(usize::MAX)],
        kind in option::of(select(vec!["in", "out", "", "neither"])),
    ) {
        let history = History::new(capacity);
        let mut all = Vec::new();
        for (number, of) in (0..).zip(kinds) {
            history.push(Passage::new(number, of));
            all.push((number, of));
            prop_assert_eq!(history.len(), all.len().min(capacity));
        }
        let kept = all.iter().rev().take(capacity);
        let wanted = kept.filter(|(_, of)| kind.is_none_or(|kind| *of == kind)).take(limit);
        let expected: Vec<u64> = wanted.map(|(number, _)| *number).collect();
        prop_assert_eq!(numbers(&history.recent(limit, kind)), expected);
    }
}

/// If this test deadlocks, the history holds its lock while it runs code of the host.
#[test]
fn host_code_does_not_run_under_the_lock() {
    let history = Arc::new(History::new(100));
    for number in 0..300 {
        history.push(Passage { number, kind: "in", history: Arc::downgrade(&history) });
    }
    // Each call of `kind` pushes another passage, which evicts one that the search has not reached.
    let found = numbers(&history.recent(usize::MAX, Some("in")));
    assert!(found.starts_with(&[299, 298, 297]));
    assert!(found.windows(2).all(|pair| pair[0] == pair[1] + 1), "{found:?}");
    assert!((64..100).contains(&found.len()), "{found:?}");
    assert_eq!(history.recent(usize::MAX, Some("nested")).len(), found.len());
}

#[test]
fn threads_can_write_and_read_at_the_same_time() {
    const WRITERS: u64 = 3;
    const EACH: u64 = 5000;
    let history = History::new(150);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let history = &history;
            scope.spawn(move || {
                for at in 0..EACH {
                    history.push(Passage::new(at, KINDS[writer as usize]));
                }
            });
        }
        for kind in KINDS {
            let history = &history;
            scope.spawn(move || {
                let mut newest = 0;
                // Read until one of the writers has finished.
                while history.recent(1, None).iter().all(|one| one.number < EACH - 1) {
                    let found = numbers(&history.recent(100, Some(kind)));
                    assert!(found.len() <= 100);
                    // The passages of one writer are in its order, without a gap.
                    assert!(found.windows(2).all(|pair| pair[0] == pair[1] + 1), "{found:?}");
                    assert!(found.first().is_none_or(|first| *first >= newest));
                    newest = found.first().copied().unwrap_or(newest);
                    thread::yield_now();
                }
            });
        }
    });
    let left = history.recent(usize::MAX, None);
    assert_eq!(left.len(), 150);
    assert_eq!(left[0].number, EACH - 1);
    for kind in KINDS {
        let found = numbers(&history.recent(usize::MAX, Some(kind)));
        assert!(found.iter().copied().eq((0..EACH).rev().take(found.len())));
    }
}

#[test]
fn a_full_history_allocates_nothing() {
    let history: History<Passage> = History::new(100);
    let passage = Arc::new(Passage::new(1, "in"));
    for _ in 0..100 {
        history.push(Arc::clone(&passage));
    }
    let allocations = allocation_counter::measure(|| {
        for _ in 0..1000 {
            history.push(Arc::clone(&passage));
        }
    });
    assert_eq!(allocations.count_total, 0);
    assert_eq!(Arc::strong_count(&passage), 101);
}
