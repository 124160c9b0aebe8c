use super::{Values, bit};
use crate::attribute::AttributeId;

/// The reason why an attribute has no value although the notification contains something in its
/// place. Only [`Filter::explain`](crate::Filter::explain) shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Unread {
    /// An empty list.
    EmptyList,
    /// A value of another type. The text describes it, such as "a text".
    OtherType(&'static str),
    /// The attribute is not read in notifications of this kind.
    OtherKind,
}

impl Values {
    /// Records why an attribute has no value. The record counts only as long as it has none.
    ///
    /// This is optional. It makes explanations more precise and has no effect on filters. An empty
    /// list is recorded by the setters of lists.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, AttributeId, Schema, Unread, Values};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::number("speed")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    /// const SPEED: AttributeId = PASSAGES.expect("speed");
    ///
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.set_unread(SPEED, Unread::OtherType("a text"));
    /// let explanation = Filter::parse(r#"{"speed_gte": 3}"#, &FILTERS)?.explain(&values);
    /// assert!(explanation.to_string().ends_with("speed is a text, not a number\n"));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn set_unread(&mut self, id: AttributeId, reason: Unread) {
        self.forget_unread(id);
        match reason {
            Unread::EmptyList => self.empty_lists |= bit(id),
            reason => self.unread.push((id, reason)),
        }
    }

    /// Returns why an attribute has no value, if that was recorded.
    pub(crate) fn unread(&self, id: AttributeId) -> Option<Unread> {
        if self.is_present(id) {
            return None;
        }
        if self.empty_lists & bit(id) != 0 {
            return Some(Unread::EmptyList);
        }
        self.unread.iter().find(|(of, _)| *of == id).map(|(_, reason)| *reason)
    }

    /// Removes the record of an attribute.
    pub(super) fn forget_unread(&mut self, id: AttributeId) {
        self.empty_lists &= !bit(id);
        // The list is nearly always empty.
        if !self.unread.is_empty() {
            self.unread.retain(|(of, _)| *of != id);
        }
    }
}
