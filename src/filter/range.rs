use crate::attribute::AttributeId;

/// The inclusive range within which a number must lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRange {
    pub(crate) attribute: AttributeId,
    pub(crate) min: f64,
    pub(crate) max: f64,
}
