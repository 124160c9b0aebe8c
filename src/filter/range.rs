use crate::attribute::AttributeId;

/// Bounds of one number, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRange {
    pub(crate) attribute: AttributeId,
    pub(crate) min: f64,
    pub(crate) max: f64,
}
