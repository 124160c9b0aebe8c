//! The memory of each engine's filters: the bytes that stay allocated, for each filter.
//!
//! This is a program of its own, because counting slows down engines that allocate while they
//! match. The JSON of the filters is not counted, except the parts of the text that an engine
//! keeps.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the number of filters, 10,000 by default. a-tree gets at most
//! 10,000 of them.
#![allow(clippy::print_stdout, reason = "the program prints its results")]

#[allow(dead_code, reason = "filters are only inserted")]
mod engine;
#[path = "../workload/mod.rs"]
mod workload;

use serde_json::Value;

use engine::{ATree, Cel, Compiled, Engine, Index, Linear, Wirefilter};
use workload::Random;

fn main() {
    let many = std::env::var("RECOHOOK_BENCH_FILTERS")
        .map_or(10_000, |many| many.parse().expect("RECOHOOK_BENCH_FILTERS must be a number"));
    println!("| workload | engine | filters | bytes per filter |\n|---|---|---|---|");
    let workloads: [(&str, fn(&mut Random) -> Value); 2] =
        [("spec", Random::filter), ("selective", Random::selective)];
    for (name, draw) in workloads {
        let mut random = Random(workload::FILTERS);
        let filters = Vec::from_iter((0..many).map(|_| draw(&mut random)));
        print::<Index>(name, &filters);
        print::<Compiled>(name, &filters);
        print::<Linear>(name, &filters);
        print::<Wirefilter>(name, &filters);
        print::<Cel>(name, &filters);
        print::<ATree>(name, &filters[..many.min(10_000)]);
    }
}

fn print<E: Engine>(workload: &str, filters: &[Value]) {
    let mut engine = None;
    let memory = allocation_counter::measure(|| engine = Some(E::new(filters)));
    let each = memory.bytes_current as f64 / filters.len() as f64;
    println!("| {workload} | {} | {} | {each:.0} |", E::NAME, filters.len());
}
