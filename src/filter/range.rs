use crate::attribute::AttributeId;

/// Bounds of one number, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) attribute: AttributeId,
    pub(crate) least: f64,
    pub(crate) most: f64,
}
