//! What the values of an event imply for its other fields.

/// The id of the list of those who are not on any other list. A new event is on it.
pub(super) const UNMATCHED_LIST: i64 = -1;

/// Implements the methods that the setters of an event call.
macro_rules! implied_values {
    ($event:ident) => {
        impl $event {
            /// Sets the date of the acknowledgement: an event is acknowledged when it is created.
            fn acknowledge(&mut self) {
                let is_acknowledged = self.acknowledged == $crate::model::Field::Value(true);
                if is_acknowledged && self.acknowledged_date.is_null() {
                    self.acknowledged_date = self.created_date.clone();
                }
            }

            /// Removes the list of those who are not on any other list if the event is matched.
            fn leave_unmatched_list(&mut self) {
                use $crate::dialect::findface::implied::UNMATCHED_LIST;

                let is_matched = self.matched == $crate::model::Field::Value(true);
                if is_matched && self.matched_lists == [UNMATCHED_LIST].into() {
                    self.matched_lists = $crate::model::List::default().into();
                }
            }
        }
    };
}

pub(super) use implied_values;
