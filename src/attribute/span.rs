/// The position of a text or a list in one of the buffers that [`Values`](super::Values) owns.
///
/// Each of its two fields has 32 bits, so a span fits into a 64-bit slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// Creates the span from `start` to `end`. Returns `None` if its start or its length does not
    /// fit into 32 bits.
    pub(super) fn new(start: usize, end: usize) -> Option<Self> {
        Some(Self { start: u32::try_from(start).ok()?, len: u32::try_from(end - start).ok()? })
    }

    /// Packs the span into a slot.
    pub(super) fn pack(self) -> u64 {
        u64::from(self.start) << 32 | u64::from(self.len)
    }

    /// Reads a span from a slot. A slot of 0 is an empty span.
    pub(super) fn unpack(slot: u64) -> Self {
        // Each cast keeps the half that `pack` wrote.
        Self { start: (slot >> 32) as u32, len: slot as u32 }
    }

    /// Returns this part of `text`, or an empty string if the span is out of bounds.
    pub(super) fn str_in(self, text: &str) -> &str {
        let start = self.start as usize;
        // A caller may ask for the text of an attribute of a different kind. The slot then contains
        // the bits of a number, the span can be anything, and indexing could panic.
        text.get(start..start.saturating_add(self.len as usize)).unwrap_or_default()
    }

    /// Returns this part of `arena`, or an empty slice if the span is out of bounds.
    pub(super) fn slice<T>(self, arena: &[T]) -> &[T] {
        let start = self.start as usize;
        arena.get(start..start.saturating_add(self.len as usize)).unwrap_or_default()
    }
}
