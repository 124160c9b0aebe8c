//! Runs each body on the inputs in its folder of `corpus`, and on mutations of them.
//!
//! `RECOHOOK_FUZZ_SEED` sets the seed of the mutations. `RECOHOOK_FUZZ_RUNS` sets how many
//! mutations each target gets.
#![allow(clippy::print_stderr, reason = "prints the input if a test fails")]

use std::{fs, io, path::Path, thread};

use crate::{
    bodies,
    mutation::{Random, mutated},
};

/// Makes one test for each target, with the name of the target.
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
    target,
    url,
}

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");

fn run(target: &str, check: fn(&[u8])) {
    let corpus = corpus(target);
    for (file, input) in &corpus {
        check_input(check, input, || format!("file {file}"));
    }
    let inputs = Vec::from_iter(corpus.into_iter().map(|(_, input)| input));
    let seed = setting("RECOHOOK_FUZZ_SEED", 1);
    for round in 0..setting("RECOHOOK_FUZZ_RUNS", 3_000) {
        let input = mutated(&inputs, &mut Random::new(seed, round));
        check_input(check, &input, || format!("round {round} of RECOHOOK_FUZZ_SEED={seed}"));
    }
}

/// Runs a body on an input. If the body panics, prints the origin of the input, and the input as a
/// byte string literal.
fn check_input(check: fn(&[u8]), input: &[u8], origin: impl Fn() -> String) {
    let _on_panic = OnPanic(|| {
        eprintln!("failed on {}: b\"{}\"", origin(), input.escape_ascii());
    });
    check(input);
}

/// Calls a function if it is dropped by a panic.
struct OnPanic<F: Fn()>(F);

impl<F: Fn()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0();
        }
    }
}

/// Returns the inputs of a target with the names of their files, ordered by name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(CORPUS).join(target);
    let read = |name: String| {
        let input = fs::read(directory.join(&name)).expect("the file should be readable");
        (name, input)
    };
    let corpus = Vec::from_iter(names(&directory).into_iter().map(read));
    assert!(!corpus.is_empty(), "the corpus of {target} is empty");
    corpus
}

/// Returns the names in a directory, sorted, because the order of a directory differs between
/// machines.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let name = |entry: io::Result<fs::DirEntry>| {
        entry.expect("the directory should be readable").file_name()
    };
    let texts = entries.map(name).map(|name| name.into_string().expect("names should be UTF-8"));
    let mut names = Vec::from_iter(texts);
    names.sort_unstable();
    names
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
