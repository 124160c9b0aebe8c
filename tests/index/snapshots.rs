//! A clone of an index is a snapshot: changes of the original do not affect it, on any thread.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use recohook::{Filter, attribute::Values};

use crate::{
    dialects::{NATIVE, PASSAGES},
    model::{Indexed, Pool},
};

fn pool() -> Arc<Pool> {
    let texts = [
        r#"{"door_in": [1, 2, 3]}"#,
        r#"{"door": 1, "weight_gte": 0.5}"#,
        r#"{"zones_in": [1, 2]}"#,
        r#"{"tags_in": ["a", "b"], "granted": true}"#,
        r#"{"any": [{"door": 2}, {"zones": 1}]}"#,
        "{}",
    ];
    let filters = texts.map(|text| Filter::parse(text, &NATIVE).unwrap());
    let samples = (0..16).map(|at| {
        let mut values = Values::new();
        values.reset(&PASSAGES);
        values.int(PASSAGES.expect("door"), at % 4);
        values.ints(PASSAGES.expect("zones"), [at % 3, 1]);
        values.texts(PASSAGES.expect("tags"), ["b", "a", "b"]);
        values.bool(PASSAGES.expect("granted"), at % 5 > 0);
        values.number(PASSAGES.expect("weight"), at as f64 / 16.0);
        values
    });
    Arc::new(Pool::new(filters.into(), samples.collect()))
}

#[test]
fn a_clone_and_its_original_do_not_see_each_others_changes() {
    let mut original = Indexed::new(&pool());
    (0..600).for_each(|id| original.insert(id, id as usize));
    let mut clone = original.clone();
    let untouched = original.clone();
    for id in 0..600 {
        match id % 3 {
            0 => original.remove(id),
            1 => clone.remove(id),
            _ => clone.insert(id + 1000, id as usize + 1),
        }
        original.insert(-id, id as usize + 2);
    }
    [&original, &clone, &untouched].iter().for_each(|one| one.check_all());
    (0..600).for_each(|id| clone.remove(id));
    drop(original);
    clone.check_all();
    untouched.check_all();
}

/// There are few values, so buckets grow until they are split, and later become empty. A clone of
/// each stage must keep its filters.
#[test]
fn a_clone_keeps_buckets_that_the_original_splits_and_empties() {
    type Order = fn(i64) -> i64;
    let orders: [Order; 3] = [|at| at, |at| -at, |at| at * 7919 % 4001];
    for order in orders {
        let mut index = Indexed::new(&pool());
        let mut stages = Vec::new();
        for at in 0..4000 {
            index.insert(order(at), at as usize);
            if at % 256 == 128 {
                stages.push(index.clone());
            }
        }
        for at in 0..4000 {
            index.remove(order(at));
            if at % 256 == 0 {
                stages.push(index.clone());
            }
        }
        assert!(index.index.is_empty());
        stages.iter().for_each(Indexed::check_all);
    }
}

/// Ends the reader even if the writer panics. Otherwise the scope would wait for the reader
/// forever.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_clone_is_read_while_its_original_changes() {
    let mut original = Indexed::new(&pool());
    (0..300).for_each(|id| original.insert(id, id as usize));
    let (clones, received) = mpsc::channel::<Indexed>();
    let done = AtomicBool::new(false);
    let read = thread::scope(|scope| {
        let done = &done;
        let reader = scope.spawn(move || {
            let mut read = 0;
            for clone in received {
                clone.check_all();
                read += 1;
                // Reads the first clone again and again while the original changes. The other
                // clones are read after the changes.
                while !done.load(Ordering::Relaxed) && read == 1 {
                    clone.check_all();
                }
            }
            read
        });
        let end = SetOnDrop(done);
        for round in 0..40 {
            clones.send(original.clone()).expect("the reader is running");
            for id in 0..150 {
                match (id + round) % 3 {
                    0 => original.remove(id),
                    _ => original.insert(id, (id + round) as usize),
                }
            }
            original.check_all();
        }
        drop((end, clones));
        reader.join().expect("the reader does not panic")
    });
    assert_eq!(read, 40);
}
