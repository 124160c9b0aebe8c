//! recohook
pub mod attribute;
mod dialect;
mod limits;
mod moment;
mod notification;

pub use dialect::{findface, model};
pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
