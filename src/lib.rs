//! recohook
pub mod attribute;
mod dialect;
pub mod filter;
mod index;
mod limits;
mod moment;
mod notification;

pub use dialect::findface;
pub use filter::Filter;
pub use index::FilterIndex;
pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
