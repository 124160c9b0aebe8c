//! recohook
pub mod attribute;
pub mod clock;
mod dialect;
pub mod dispatch;
mod failure;
pub mod filter;
mod id;
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
pub use dialect::{findface, model};
pub use failure::FailureKind;
pub use filter::Filter;
pub use http;
pub use id::{DeliveryId, WebhookId};
pub use index::FilterIndex;
pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
pub use transport::Transport;
