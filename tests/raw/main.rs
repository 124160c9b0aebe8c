//! Notifications as bytes: what is read of them, against the models; what is refused; what it
//! allocates.

mod allocations;
mod bodies;
mod errors;
mod json;
mod models;
mod own;
