//! What each recognition system puts on the wire. Nothing outside this folder knows one by name.

mod attributes;
mod delivery;
#[cfg(test)]
mod describe;
pub mod faceio;
mod field;
pub mod findface;
mod json_writer;
pub mod model;
mod notification;
pub mod openbiometrics;
mod reference;
mod registration_error;
mod render;
mod string_enum;
mod timestamp;
