use http::StatusCode;

use super::PolicyError;

/// Which responses mean that a delivery has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Success {
    /// This status alone.
    Exactly(StatusCode),
    /// 200 to 299.
    #[default]
    Any2xx,
    /// Anything below 400.
    Below400,
    /// One of a set; made by [`Success::one_of`].
    OneOf(StatusSet),
}

/// A set of statuses that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(Box<[StatusCode]>);

impl Success {
    /// Any of `statuses`.
    ///
    /// # Errors
    /// [`PolicyError::NoStatus`] where there is none.
    pub fn one_of(statuses: impl IntoIterator<Item = StatusCode>) -> Result<Self, PolicyError> {
        let set: Box<[_]> = statuses.into_iter().collect();
        if set.is_empty() {
            return Err(PolicyError::NoStatus);
        }
        Ok(Self::OneOf(StatusSet(set)))
    }

    /// Whether `status` is a success.
    pub fn accepts(&self, status: StatusCode) -> bool {
        match self {
            Self::Exactly(one) => status == *one,
            Self::Any2xx => status.is_success(),
            Self::Below400 => status.as_u16() < 400,
            Self::OneOf(set) => set.0.contains(&status),
        }
    }
}
