use crate::{
    attribute::Values,
    filter::{intersects, tests_hold},
};

/// What the index itself tests, besides the packed tests of a program. It comes before them, in
/// words of its own.
///
/// The first word is negative, which no header of a packed test is. It holds the number of
/// `dedup_keys`, and whether the two words of `presence` come between it and them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prologue<'a> {
    /// The attributes that must be present and those that must not, as far as the mask of the row
    /// does not say it.
    pub(super) presence: Option<[u64; 2]>,
    /// Sorted values. If a member of the notification's list before the one that found the row is
    /// one of them, the row was found by that member, and this time it does not count.
    pub(super) dedup_keys: &'a [i64],
}

impl<'a> Prologue<'a> {
    const FLAG: i64 = i64::MIN;
    const PRESENCE: i64 = 1 << 62;

    /// How many words it takes.
    pub(super) fn len(&self) -> usize {
        if self.is_empty() {
            0
        } else {
            1 + self.presence.map_or(0, |words| words.len()) + self.dedup_keys.len()
        }
    }

    /// Whether it tests nothing, and takes no words.
    fn is_empty(&self) -> bool {
        self.presence.is_none() && self.dedup_keys.is_empty()
    }

    /// Writes it at the beginning of `code`, which is empty.
    pub(super) fn pack(self, code: &mut Vec<i64>) {
        debug_assert!(code.is_empty(), "a prologue comes before all tests");
        if self.is_empty() {
            return;
        }
        let presence = if self.presence.is_some() { Self::PRESENCE } else { 0 };
        code.push(Self::FLAG | presence | self.dedup_keys.len() as i64);
        code.extend(self.presence.into_iter().flatten().map(u64::cast_signed));
        code.extend(self.dedup_keys);
    }

    /// Splits the prologue from the packed tests behind it.
    #[inline]
    pub(super) fn split(code: &'a [i64]) -> (Self, &'a [i64]) {
        match code {
            [flags, rest @ ..] if *flags < 0 => Self::unpack(*flags, rest),
            tests => (Self::default(), tests),
        }
    }

    #[inline]
    fn unpack(flags: i64, rest: &'a [i64]) -> (Self, &'a [i64]) {
        let (presence, rest) = match rest {
            [required, absent, rest @ ..] if flags & Self::PRESENCE != 0 => {
                (Some([required, absent].map(|words| words.cast_unsigned())), rest)
            }
            rest => (None, rest),
        };
        let len = flags & !(Self::FLAG | Self::PRESENCE);
        let (dedup_keys, tests) = rest.split_at(len as usize);
        (Self { presence, dedup_keys }, tests)
    }
}

/// Whether all tests in the code of a row hold. `preceding` are the members of the notification's
/// list before the one that found the row.
#[inline]
pub(super) fn code_holds(code: &[i64], values: &Values, preceding: &[i64]) -> bool {
    let (Prologue { presence, dedup_keys }, tests) = Prologue::split(code);
    presence.is_none_or(|[required, absent]| values.present() & (required | absent) == required)
        && tests_hold(tests, values)
        && (preceding.is_empty() || !intersects(dedup_keys, preceding))
}
