use crate::attribute::AttributeId;

/// The range in which a number must be, with both bounds included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRange {
    pub(crate) attribute: AttributeId,
    pub(crate) min: f64,
    pub(crate) max: f64,
}
