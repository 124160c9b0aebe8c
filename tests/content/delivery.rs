//! One bad item, or a byte order mark, does not cost a delivery.
