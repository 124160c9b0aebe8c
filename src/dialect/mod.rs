//! The wire formats of the recognition systems, one folder for each. Outside this folder, only the
//! `pub use` in `src/lib.rs` names a system.
//!
//! The files next to the folders contain the parts that the systems share. To add a system, start
//! with the docs of the macro [`model!`](model::model).

mod attributes;
mod delivery;
#[cfg(test)]
mod describe;
mod empty_list;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "the macros declare more than the tests call")]
mod example;
pub mod faceio;
mod field;
pub mod findface;
mod json_object;
mod json_schema;
mod json_writer;
mod list;
pub mod model;
mod notification;
mod number_in_text;
pub mod openbiometrics;
mod parse_error;
mod parsed_items;
mod reference;
mod registration_error;
mod render;
mod string_enum;
mod timestamp;
