//! Types that do not depend on the rest of the crate.

pub(crate) mod budget;
pub(crate) mod calendar;
#[cfg(feature = "gzip")]
pub(crate) mod gzip;
pub(crate) mod header;
pub(crate) mod header_case;
pub(crate) mod host;
mod id;
pub(crate) mod json;
mod limits;
mod moment;
pub(crate) mod percent;
pub(crate) mod random;
pub(crate) mod sync;

pub use header::HeaderError;
pub use header_case::HeaderCase;
pub use host::HostError;
pub use id::{DeliveryId, WebhookId};
pub use limits::Limits;
pub use moment::Moment;
