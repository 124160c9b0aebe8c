//! What each recognition system puts on the wire. Nothing outside this folder knows one by name.

mod delivery;
mod field;
pub mod findface;
pub mod model;
mod reference;
#[cfg(test)]
mod seen;
mod timestamp;
mod words;
