//! Every body on the inputs under `corpus/`, and on mutations of these.
//!
//! `RECOHOOK_FUZZ_SEED` sets the seed of the mutations and `RECOHOOK_FUZZ_RUNS` how many there are of
//! each target.
#![allow(clippy::print_stderr, reason = "the input of a failure is printed")]

use std::{fs, io, path::Path, thread};

use crate::{
    bodies,
    mutation::{Random, mutated},
};

/// A test for each target, named as the target is.
macro_rules! targets {
    ($($name:ident,)+) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name), bodies::$name::check);
            }
        )+

        #[test]
        fn every_corpus_has_a_target() {
            assert_eq!(names(Path::new(CORPUS)), [$(stringify!($name)),+]);
        }
    };
}

targets! {
    delivery,
    dispatcher,
    filter,
    raw,
    registration,
    retry_after,
    signature,
    url,
}

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");

fn run(target: &str, check: fn(&[u8])) {
    let corpus = corpus(target);
    for (file, input) in &corpus {
        checked(check, input, || format!("the file {file}"));
    }
    let inputs = Vec::from_iter(corpus.into_iter().map(|(_, input)| input));
    let seed = setting("RECOHOOK_FUZZ_SEED", 1);
    for round in 0..setting("RECOHOOK_FUZZ_RUNS", 3_000) {
        let input = mutated(&inputs, &mut Random::new(seed, round));
        checked(check, &input, || format!("round {round} of RECOHOOK_FUZZ_SEED={seed}"));
    }
}

/// Runs a body on an input. If it panics, prints where the input is from, and the input as the
/// literal of a byte string.
fn checked(check: fn(&[u8]), input: &[u8], origin: impl Fn() -> String) {
    let _on_panic = OnPanic(|| {
        eprintln!("the input is {}: b\"{}\"", origin(), input.escape_ascii());
    });
    check(input);
}

/// Does something when it is dropped by a panic.
struct OnPanic<F: Fn()>(F);

impl<F: Fn()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0();
        }
    }
}

/// The inputs of a target by the names of their files, in the order of these.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(CORPUS).join(target);
    let read = |name: String| {
        let input = fs::read(directory.join(&name)).expect("a file can be read");
        (name, input)
    };
    let corpus = Vec::from_iter(names(&directory).into_iter().map(read));
    assert!(!corpus.is_empty(), "there is no corpus of {target}");
    corpus
}

/// The names in a directory, in order: on its own it has another order on each machine.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let texts = entries.map(name).map(|name| name.into_string().expect("a name that is text"));
    let mut names = Vec::from_iter(texts);
    names.sort_unstable();
    names
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}
