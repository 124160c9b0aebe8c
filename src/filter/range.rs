use crate::attribute::AttributeId;

/// The inclusive range in which a number must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRange {
    pub(crate) attribute: AttributeId,
    pub(crate) min: f64,
    pub(crate) max: f64,
}
