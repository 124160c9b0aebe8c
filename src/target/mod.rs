//! Decides where requests may go, so that a subscriber's URL does not reach into the host's network.
//!
//! A [`TargetPolicy`] belongs to the [`Config`](crate::Config). Registering a webhook checks its
//! URL. A name can lead anywhere, and can lead somewhere else later. Therefore whoever opens
//! connections checks the addresses of the name with the same policy, each time, and connects only
//! to addresses that were checked. `HyperTransport` does so. A host that sends requests itself
//! calls [`TargetPolicy::check_addresses`].
//!
//! ```
//! use recohook::target::TargetPolicy;
//! use recohook::{Config, Engine, Filter, Moment, Webhook, findface::security::FILTERS};
//!
//! let config = Config::default().with_target_policy(TargetPolicy::public());
//! let mut engine = Engine::with_config(config);
//! let webhook = Webhook::new("http://169.254.169.254/", Filter::everything(&FILTERS))?;
//! let error = engine.insert("front", webhook, Moment::ZERO).unwrap_err();
//! assert_eq!(error.kind(), "target_address");
//! # Ok::<(), recohook::WebhookError>(())
//! ```

mod class;
mod error;
mod network;
mod policy;

pub use class::AddressClass;
pub use error::TargetError;
pub use network::{Network, NetworkError};
#[cfg(feature = "hyper")]
pub(crate) use policy::HostPattern;
pub use policy::TargetPolicy;
