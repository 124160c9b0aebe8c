//! recohook
pub mod attribute;
pub mod clock;
pub mod dispatch;
mod failure;
mod id;
mod dialect;
pub mod filter;
mod index;
mod limits;
mod moment;
mod notification;
pub mod policy;
mod random;
pub mod signature;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

pub use async_trait::async_trait;
pub use bytes;
pub use clock::Clock;
pub use failure::FailureKind;
pub use http;
pub use id::{DeliveryId, WebhookId};
pub use dialect::findface;
pub use filter::Filter;
pub use index::FilterIndex;
pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
pub use transport::Transport;
