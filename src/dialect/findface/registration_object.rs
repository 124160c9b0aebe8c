use serde_json::Value;

use super::{Filters, RegistrationError};
use crate::{
    dialect::json_object::UnknownFields,
    filter::Filter,
    webhook::{Profile, Webhook},
};

/// An object that describes a webhook in the REST API of a system.
///
/// [`Webhooks`](super::Webhooks) is generic over it. The trait is `pub` because it is a bound of a
/// public type, but hosts cannot name it because the module is private.
pub trait RegistrationObject: Sized {
    /// The body of a `PATCH` request.
    type Changes: RegistrationChanges;

    /// Reads the object from JSON text.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not JSON, or if a field is missing or has the
    /// wrong type.
    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError>;

    /// Returns the JSON Schema of the object. `filters` is the schema of its filters.
    fn schema(filters: Value) -> Value;

    /// Returns the id, or `None` if the object has none.
    fn id(&self) -> Option<i64>;

    /// Returns the filters.
    fn filters(&self) -> &Filters;

    /// Returns the webhook that the object describes. `filter` is the parsed form of the object's
    /// filters.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if a field is invalid.
    fn make(&self, filter: Filter, profile: Profile) -> Result<Webhook, RegistrationError>;

    /// Applies all writable fields of the object to a webhook. `filter` is the parsed form of the
    /// object's filters.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if a field is invalid.
    fn put(&self, webhook: Webhook, filter: Filter) -> Result<Webhook, RegistrationError>;

    /// Returns the object that describes a webhook with the id `id`.
    fn from_webhook(id: i64, webhook: &Webhook) -> Self;

    /// Copies the read-only fields of the object into the webhook's metadata.
    fn keep_read_only(&self, webhook: Webhook) -> Webhook;
}

/// The fields of a registration object that a `PATCH` request changes.
pub trait RegistrationChanges: Sized {
    /// Reads the changes from JSON text.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the text is not JSON, or if a field has the wrong type.
    fn read(text: &[u8], unknown: UnknownFields) -> Result<Self, RegistrationError>;

    /// Returns the new filters, or `None` if they do not change.
    fn filters(&self) -> Option<&Filters>;

    /// Applies the changes to a webhook. `filter` is the parsed form of the new filters.
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if a field is invalid.
    fn put(&self, webhook: Webhook, filter: Option<Filter>) -> Result<Webhook, RegistrationError>;
}
