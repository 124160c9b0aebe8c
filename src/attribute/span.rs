/// Where a text or a list lies in an arena of the values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// None where it lies beyond 2^32.
    pub(super) fn new(start: usize, end: usize) -> Option<Self> {
        Some(Self { start: u32::try_from(start).ok()?, len: u32::try_from(end - start).ok()? })
    }

    pub(super) fn pack(self) -> u64 {
        u64::from(self.start) << 32 | u64::from(self.len)
    }

    /// The part of a text; empty where it has none such.
    pub(super) fn str_in(self, text: &str) -> &str {
        let start = self.start as usize;
        text.get(start..start.saturating_add(self.len as usize)).unwrap_or_default()
    }

    pub(super) fn unpack(slot: u64) -> Self {
        Self { start: (slot >> 32) as u32, len: slot as u32 }
    }

    /// The part of an arena; empty where it has none such.
    pub(super) fn slice<T>(self, arena: &[T]) -> &[T] {
        let start = self.start as usize;
        arena.get(start..start.saturating_add(self.len as usize)).unwrap_or_default()
    }
}
