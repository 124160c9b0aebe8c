//! The registration objects of the REST APIs: how they are read and answered, their errors, and the
//! requests of the registered webhooks.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

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
