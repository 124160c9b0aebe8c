//! recohook
pub mod attribute;
mod limits;
mod moment;
mod notification;
pub mod policy;
mod random;

pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
