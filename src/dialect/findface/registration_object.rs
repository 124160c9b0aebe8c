use super::{Filters, RegistrationError};
use crate::{
    filter::Filter,
    webhook::{Profile, Webhook},
};

/// A registration object.
pub trait RegistrationObject: Sized {
    /// The id, if it has one.
    fn id(&self) -> Option<i64>;

    /// What it wants.
    fn filters(&self) -> &Filters;

    /// The webhook that it describes, with its filters as they were read.
    ///
    /// # Errors
    /// Where it describes none.
    fn make(&self, filter: Filter, profile: Profile) -> Result<Webhook, RegistrationError>;

    /// Changes a webhook to what it says, with its filters as they were read.
    ///
    /// # Errors
    /// Where it describes none.
    fn put(&self, webhook: Webhook, filter: Filter) -> Result<Webhook, RegistrationError>;

    /// The object that describes a webhook.
    fn from_webhook(id: i64, webhook: &Webhook) -> Self;

    /// Puts what clients cannot change into the webhook's metadata.
    fn keep_read_only(&self, webhook: Webhook) -> Webhook;
}
