//! FindFace Security 4.2 and later, as documented in 2020: events, episodes, counters.

mod schema;

pub use schema::{COUNTERS, EPISODES, EVENTS};
