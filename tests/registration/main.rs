//! The registration objects of the REST APIs: what they read and answer, what they refuse, and what
//! then goes out.
#![allow(clippy::unwrap_used, reason = "the helpers of the tests are tests too")]

mod delivery;
mod findface;
mod ids;
mod lite;
mod openbiometrics;
mod patch;
mod registrar;
mod round_trip;
mod support;
mod update;
