//! What a dispatcher does, seen through its public face alone.

mod bounds;
mod overflow;
mod registry;
mod retry_after;
mod rig;
